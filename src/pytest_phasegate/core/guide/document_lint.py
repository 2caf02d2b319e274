"""What is wrong with the documents of a feature: specification, guide and context, taken together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from posixpath import basename, dirname, join, normpath, relpath
from urllib.parse import unquote

from pytest_phasegate.core.guide.feature_documents import Role
from pytest_phasegate.core.guide.markdown.document import Document, Heading
from pytest_phasegate.core.guide.model import Diagnostic
from pytest_phasegate.core.project.settings import SPECIFICATION_SECTIONS, Settings
from pytest_phasegate.core.verdict.verdict import Severity

_LINK = r"\]\([ \t]*<?([^)\s<>]{1,1000})"
_DEFINITION = r" {0,3}\[[^\]^][^\]]{0,200}\]:[ \t]*<?([^\s<>]{1,1000})"
_ELSEWHERE = r"[A-Za-z][A-Za-z0-9+.-]*:|//"
_INLINE_CODE = r"(`+)[^`]{0,500}\1"
_ANCHOR = r"<a[ \t][^>]{0,200}?(?:id|name)=[\"']([^\"']{1,200})|\{#([\w-]{1,200})\}"
_OPEN = r"\b(TBD|TBC)\b|\[(NEEDS CLARIFICATION)\b[^\]]{0,500}\](?!\**[ \t]+markers?\b)"
_NO_WORD = r"[^\w\s-]"
_NUMBER = r"[^\w]*\d[\d.]*[.)]?\s+"
OTHER_FORMS = (
    ("Problem statement | Problem", "Architecture decisions | Decisions", "API design | API", "Integration points"),
    ("Problem statement | Problem", "Success criteria", "Technical approach", "Acceptance criteria"),
)
"""What else a whole specification may consist of: a technical one, and one that was agreed on by asking."""
_LOOKED_FOR = {
    Role.SPECIFICATION: "{slug}_spec.md, {slug}_technical_spec.md or {slug}_requirements.md",
    Role.CONTEXT: "{slug}_context.md or {slug}_design.md",
}

_OF_TOOLS = frozenset({"spec.md", "requirements.md"})
"""What spec-kit, Kiro and OpenSpec call the specification, which has the sections of their templates."""


class Surface:
    """What links may lead to; ``read`` gives a Markdown document of the repository, ``exists`` says what is there."""

    def __init__(self, read: Callable[[str], Document | None], exists: Callable[[str], bool]) -> None:
        self.exists = exists
        self._read = read
        self._anchors: dict[str, frozenset[str]] = {}

    def has_anchor(self, path: str, anchor: str, own: Document) -> bool:
        """Return whether a document has a heading or a mark of this name; one that is no Markdown may."""
        if path not in self._anchors:
            document = own if path == own.path else self._read(path)
            self._anchors[path] = _anchors_of(document) if document else frozenset()
        found = self._anchors[path]
        return anchor.lower() in found or not path.lower().endswith((".md", ".markdown"))


def remarks(
    documents: Mapping[Role, Sequence[Document]], slug: str, settings: Settings, surface: Surface
) -> Iterator[Diagnostic]:
    """Yield what is wrong with a feature's documents.

    Args:
        documents: The documents by what they are.
        slug: The feature's name.
        settings: Which sections a specification must have, and how long a document may be.
        surface: What links may lead to.
    """
    guide = next((each.path for each in documents.get(Role.GUIDE, ())), "")
    for role, names in _LOOKED_FOR.items():
        if guide and not documents.get(role):
            message = f"the feature has no {role}"
            fix = f"write one beside the guide: {names.format(slug=slug)}"
            yield Diagnostic("PG130", Severity.WARNING, message, guide, 1, fix=fix)
    yield from _sections(documents.get(Role.SPECIFICATION, ()), settings.documents.sections)
    for document in (each for some in documents.values() for each in some):
        yield from _links(document, surface)
        yield from _left_open(document)
        yield from _budget(document, settings.documents.budget)


def _links(document: Document, surface: Surface) -> Iterator[Diagnostic]:
    for line, target in _targets(document):
        if re.match(_ELSEWHERE, target):
            continue
        path, _, anchor = unquote(target).partition("#")
        path = path.partition("?")[0]
        place = normpath(join(dirname(document.path), path) if not path.startswith("/") else path[1:] or ".")
        meant = document.path if not path else place
        if meant.startswith(".."):
            why = "leads out of the repository"
        elif path and not surface.exists(place):
            why = "leads nowhere: there is no such file"
        elif anchor and not surface.has_anchor(meant, anchor, document):
            why = f"leads nowhere: {meant} has no heading for #{anchor}"
        else:
            continue
        from_root = path and not path.startswith("/") and surface.exists(normpath(path))
        fix = f"from here it is {relpath(path, dirname(document.path) or '.')}" if from_root else "correct it"
        yield Diagnostic("PG131", Severity.ERROR, f"the link {target} {why}", document.path, line, fix=fix)


def _targets(document: Document) -> Iterator[tuple[int, str]]:
    """Yield the links of a document with their lines; what stands in code is none."""
    for line, text in _prose(document):
        definition = re.match(_DEFINITION, text)
        yield from ((line, found) for found in re.findall(_LINK, text))
        if definition:
            yield line, definition[1]


def _prose(document: Document) -> Iterator[tuple[int, str]]:
    headings = {heading.line for heading in document.headings}
    for line, text in enumerate(document.lines, 1):
        if document.is_text(line) or line in headings:
            yield line, re.sub(_INLINE_CODE, " ", text) if "`" in text else text


def _anchors_of(document: Document) -> frozenset[str]:
    """Return the names that links into a document may use: GitHub's of headings, and those it marks itself."""
    found: dict[str, int] = {}
    names: set[str] = set()
    for heading in document.headings:
        name = re.sub(_NO_WORD, "", heading.text.lower()).strip().replace(" ", "-")
        number = found[name] = found.get(name, -1) + 1
        names.add(f"{name}-{number}" if number else name)
    for text in document.lines:
        if "<a" in text or "{#" in text:
            names.update(filter(None, (part.lower() for mark in re.findall(_ANCHOR, text) for part in mark)))
    return frozenset(names)


def _left_open(document: Document) -> Iterator[Diagnostic]:
    for line, text in _prose(document):
        for found in re.finditer(_OPEN, text):
            what = found[1] or f"[{found[2]}]"
            message = f"{what}: something is left open here"
            yield Diagnostic("PG133", Severity.ERROR, message, document.path, line, "decide it", found.start() + 1)


def _budget(document: Document, budget: int) -> Iterator[Diagnostic]:
    length = len(document.lines) - (not document.lines[-1]) if document.lines else 0
    if length > budget:
        message = f"the document has {length} lines, its budget is {budget}"
        fix = "split it, or move reference material into a document of its own"
        yield Diagnostic("PG134", Severity.WARNING, message, document.path, budget + 1, fix=fix)


def _sections(specifications: Sequence[Document], wanted: Iterable[str]) -> Iterator[Diagnostic]:
    """Yield the sections that none of the specifications has, and those that say nothing.

    ``A | B`` is a section that may be called either, and one whose name ends in ``?`` is only missed.
    """
    headings = [
        (document, heading, _plain(heading.text)) for document in specifications for heading in document.headings
    ]
    texts = [text for _, _, text in headings]
    if tuple(wanted) == SPECIFICATION_SECTIONS:
        tools = any(basename(each.path) in _OF_TOOLS for each in specifications)
        wanted = ("Requirements | User stories | User scenarios",) if tools else _nearest_form(texts)
    for section in wanted if specifications else ():
        names = _names(section)
        found = [(document, heading) for document, heading, text in headings if _is_called(text, names)]
        severity = Severity.WARNING if section.rstrip().endswith("?") else Severity.ERROR
        if not found:
            message = f"the specification has no section {names[0]!r}"
            fix = f"add '## {names[0]}'"
            yield Diagnostic("PG132", severity, message, specifications[0].path, 1, fix=fix)
        elif not any(_says_something(document, heading) for document, heading in found):
            document, heading = found[0]
            message = f"the section {names[0]!r} says nothing"
            yield Diagnostic("PG132", severity, message, document.path, heading.line, fix="write it")


def _nearest_form(headings: Sequence[str]) -> tuple[str, ...]:
    """Return the sections of the form that a specification with these headings is nearest to."""
    forms = (SPECIFICATION_SECTIONS, *OTHER_FORMS)
    return max(forms, key=lambda form: sum(any(_is_called(text, _names(one)) for text in headings) for one in form))


def _names(section: str) -> list[str]:
    return [each.strip() for each in section.rstrip("? ").split("|")]


def _plain(text: str) -> str:
    number = re.match(_NUMBER, text)
    words = re.sub(_NO_WORD, " ", text[number.end() :] if number else text).replace("-", " ")
    return f" {' '.join(words.lower().split())} "


def _is_called(heading: str, names: Iterable[str]) -> bool:
    """Return whether a heading holds one of the names; *non-functional* does not hold *functional*."""
    plain = (_plain(name) for name in names)
    return any(name in heading and f" non{name}" not in heading for name in plain)


def _says_something(document: Document, heading: Heading) -> bool:
    end = document.end_of(heading)
    inner = {each.line for each in document.headings}
    return any(document.lines[line - 1].strip() for line in range(heading.line + 1, end) if line not in inner)
