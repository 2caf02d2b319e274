"""Read guides: pick the dialect that fits a document best, and say why a document is no guide."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from hashlib import sha256

from pytest_phasegate.core.guide.feature_documents import board, other_document
from pytest_phasegate.core.guide.issue import issue_named
from pytest_phasegate.core.guide.markdown.document import Dialect, Document, Heading, read_document
from pytest_phasegate.core.guide.model import MAX_PHASES, Diagnostic, Guide, slug_of
from pytest_phasegate.core.verdict.verdict import Severity, counted, listed
from pytest_phasegate.errors import GuideError

_NEAR_MISSES = 5
_WORDS = ("phase", "task", "stage", "step", "cycle", "milestone", "iteration", "part", "sprint")
_UNIT = re.compile(r"[^\w]{0,8}(\w+) #?(\d+[\w.]*)")


def read_guide(
    data: bytes, path: str, dialects: Iterable[Dialect], exists: Callable[[str], bool] | None = None
) -> Guide:
    """Read a guide with the dialect that fits it best; of equals, the one registered first.

    Nothing is raised: a document that cannot be read, or that holds no phase, is a guide without phases
    whose diagnostics say why.

    Args:
        data: The file's bytes.
        path: Its path relative to the repository, with ``/``.
        dialects: The dialects in the order of their registration.
        exists: Whether there is a file at a path from the repository's root.
    """
    document = read_document(data, path, exists) if exists else read_document(data, path)
    digest = f"sha256:{sha256(data).hexdigest()}"
    known = list(dialects)
    strengths = [(dialect.strength(document), -at) for at, dialect in enumerate(known)]
    fitting = (known[-at].read(document, path) for sure, at in sorted(strengths, reverse=True) if sure > 0)
    guide = next((guide for guide in fitting if guide.phases), None)
    return _limited(_named(guide, document, digest)) if guide else _no_guide(document, digest)


def _named(guide: Guide, document: Document, digest: str) -> Guide:
    """Return the guide with its digest and the issue that its front matter or its head names."""
    head = (*(f"{key}: {value}" for key, value in document.front.items()), *document.lines[: guide.phases[0].line])
    return replace(guide, digest=digest, issue=issue_named(head))


def _no_guide(document: Document, digest: str) -> Guide:
    diagnostics = list(document.diagnostics)
    if not any(each.severity is Severity.ERROR for each in diagnostics):
        diagnostics.append(_no_phase(document))
    return Guide(document.path, slug_of(document.path), document.title, "", digest, (), tuple(diagnostics))


def _no_phase(document: Document) -> Diagnostic:
    near = [f"line {heading.line}: {heading.text[:80]!r}" for heading in _near_misses(document)]
    other, kept = other_document(document.path, document.title), board(each.text for each in document.headings)
    found = other or kept or (f"headings that come near: {', '.join(near)}" if near else "")
    fix = "name that file" if other else "head each phase as '### Phase 1: Title'"
    return Diagnostic("PG101", Severity.ERROR, f"no phase found{found and f'; {found}'}", document.path, 1, fix=fix)


def _near_misses(document: Document) -> list[Heading]:
    near = [
        each for each in (*document.hidden, *document.headings) if each.text.lower().lstrip("*_ ").startswith(_WORDS)
    ]
    return (near or [each for each in document.headings if any(char.isdigit() for char in each.text)])[:_NEAR_MISSES]


def with_overlooked(guide: Guide, data: bytes) -> Guide:
    """Return the guide with a note of the headings that look like its units and are none."""
    document = read_document(data, guide.path)
    starts = [phase.line for phase in guide.phases]
    known = frozenset(starts)
    words = {_first_word(heading) for heading in document.headings if heading.line in known} - {""}
    read = {*known, *(each.line for each in guide.diagnostics)}
    again = {phase.id for phase in guide.phases if any(each.code == "PG108" for each in guide.diagnostics)}
    overlooked = [
        heading
        for heading in document.headings
        if heading.line not in read
        and _looks_like_a_phase(heading, words, guide, starts)
        and _id_of(heading) not in again  # a series that is ignored has been told
        and bisect_right(starts, heading.line)
        == bisect_right(starts, document.section_end(heading.line, heading.level) - 1)
    ]
    if not overlooked:
        return guide
    shown = listed([f"line {each.line}: {each.text[:60]!r}" for each in overlooked], _NEAR_MISSES)
    number = f"{counted(len(overlooked), 'heading')} {'look' if len(overlooked) > 1 else 'looks'}"
    message = f"{number} like a phase, and no phase was read from it: {shown}"
    fix = "write a colon behind the number, and the word of the other phases ahead of it, if it is one"
    note = Diagnostic("PG127", Severity.NOTE, message, guide.path, overlooked[0].line, fix=fix)
    return replace(guide, diagnostics=(*guide.diagnostics, note))


def _first_word(heading: Heading) -> str:
    found = _UNIT.match(heading.text)
    return found[1].casefold() if found else ""


def _id_of(heading: Heading) -> str:
    found = _UNIT.match(heading.text)
    return found[2].rstrip(".") if found else ""


def _is_part(heading: Heading, guide: Guide, starts: Sequence[int]) -> bool:
    """Whether a heading stands in the phase whose id its own begins with: ``Phase 2.1``, or ``2a``, in phase 2."""
    place = bisect_right(starts, heading.line) - 1
    found, own = _id_of(heading), guide.phases[place].id if place >= 0 else "#"
    behind = found.removeprefix(own)[:1]
    return found.startswith(own) and (behind == "." or behind.isalpha())


def _looks_like_a_phase(heading: Heading, words: set[str], guide: Guide, starts: Sequence[int]) -> bool:
    """Whether a heading begins like one: with the plan's word, and outside of phases and titles with another one."""
    word, place = _first_word(heading), bisect_right(starts, heading.line) - 1
    if word in words:
        return not _is_part(heading, guide, starts)
    inside = place >= 0 and heading.line <= guide.phases[place].end_line
    return word in _WORDS and heading.level > 1 and not inside


def _limited(guide: Guide) -> Guide:
    if len(guide.phases) <= MAX_PHASES:
        return guide
    line = guide.phases[MAX_PHASES].line
    fault = Diagnostic("PG116", Severity.ERROR, f"the guide has more than {MAX_PHASES:,} phases", guide.path, line)
    return replace(guide, phases=guide.phases[:MAX_PHASES], diagnostics=(*guide.diagnostics, fault))


def require_phases(guide: Guide) -> Guide:
    """Return the guide if it has a phase.

    Raises:
        GuideError: It has none, or could not be read; the message says why.
    """
    if guide.phases:
        return guide
    errors = [each for each in guide.diagnostics if each.severity is Severity.ERROR]
    problem = "; ".join(f"{each.path}:{each.line}: {each.code} {each.message}" for each in errors)
    raise GuideError(problem, hint=next((each.fix for each in errors if each.fix), ""))


def unreadable(guide: Guide) -> bool:
    """Return whether the document could not even be read as text."""
    faults = {each.code for each in guide.diagnostics if each.severity is Severity.ERROR}
    return not guide.phases and bool(faults & {"PG102", "PG116"})


def guides_of(named: Iterable[Guide], globbed: Iterable[Guide]) -> tuple[Guide, ...]:
    """Return the guides to work with: those named must hold phases, those a glob found may be other documents.

    All that is kept of a phase is kept by its guide's slug, so where two are alike, each is its guide's path.

    Raises:
        GuideError: A named guide has no phase, or a file cannot be read.
    """
    wanted = [require_phases(guide) for guide in named]
    known = {guide.path for guide in wanted}
    for guide in globbed:
        if guide.path not in known and (guide.phases or unreadable(guide)):
            wanted.append(require_phases(guide))
            known.add(guide.path)
    slugs = [guide.slug for guide in wanted]
    return tuple(guide if slugs.count(guide.slug) == 1 else replace(guide, slug=guide.path) for guide in wanted)
