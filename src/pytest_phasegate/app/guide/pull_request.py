"""What others are told of the work: what a pull request is about, with its documents and runs, and a hand-over."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote

from pytest_phasegate.app.guide.overview import GuideOverview, KeptReport, PhaseOverview
from pytest_phasegate.app.guide.surroundings import Surroundings
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.core.commit import conventional
from pytest_phasegate.core.commit.conventional import Commit
from pytest_phasegate.core.coverage.measurement import Figure
from pytest_phasegate.core.criteria.feedback import Feedback
from pytest_phasegate.core.evidence.outcomes import RED
from pytest_phasegate.core.guide.feature_documents import Decision
from pytest_phasegate.core.guide.handoff import Gap, Gate, Modified, Results
from pytest_phasegate.core.guide.model import Guide
from pytest_phasegate.core.guide.progress import GuideProgress, PhaseProgress, State
from pytest_phasegate.core.project.paths import is_ours
from pytest_phasegate.core.verdict.judgement import CHECK
from pytest_phasegate.core.verdict.report import PhaseReport
from pytest_phasegate.core.verdict.verdict import Ruling
from pytest_phasegate.errors import RepositoryError

_CLOSING = re.compile(
    r"^(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)(?::\s*|\s+)((?:#|GH-)\d+|[A-Z][A-Z0-9]+-\d+)",
    re.IGNORECASE | re.MULTILINE,
)
_SCHEME = r"(?:https?://|ssh://|git://)?(?:[^@/]*@)?"
_REMOTE = re.compile(_SCHEME + r"([\w.-]+\.[\w.-]+)(?::\d+)?[/:]([\w.-]+(?:/[\w.-]+)+)")
_FORGES = {"github": "blob", "gitlab": "-/blob", "codeberg": "src/commit", "gitea": "src/commit"}
_GUIDE = re.compile(r"\s*(?:implementation)?\s*(?:guide|plan)\s*\Z", re.IGNORECASE)


class Written(NamedTuple):
    """A document of the feature: what it is to it, where it lies, its number of lines, and its web address."""

    role: str
    path: str
    lines: int
    address: str = ""


class Told(NamedTuple):
    """What the documents of a feature say."""

    problem: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
    documents: tuple[Written, ...] = ()


class Difference(NamedTuple):
    """What the commits of a pull request change."""

    commits: tuple[Commit, ...] = ()
    files: int = 0
    insertions: int = 0
    deletions: int = 0


class Ran(NamedTuple):
    """What the whole gate said of a phase on this very content, as it was kept."""

    phase: str
    at: int
    report: PhaseReport


class Part(NamedTuple):
    """One guide of a pull request."""

    progress: GuideProgress
    told: Told
    ran: tuple[Ran, ...] = ()


@dataclass(frozen=True, slots=True)
class PullRequest:
    """Everything that its text says. ``lacks`` says what is not proved; with it, it is a draft."""

    parts: tuple[Part, ...]
    difference: Difference
    content: str
    lacks: tuple[str, ...] = ()
    feedback: Feedback = field(default_factory=Feedback)

    @property
    def title(self) -> str:
        """The subject of its one commit, or the kind and scope of the first of a phase and what the guide is called."""
        guide = self.parts[0].progress.guide
        declared = [phase.commit for phase in guide.phases if phase.commit]
        if len(self.parts) == 1 and len(declared) == len(guide.phases) == 1:
            return declared[0]
        first = conventional.read_subject(declared[0]) if declared else None
        words = _GUIDE.sub("", guide.title).strip() or guide.slug.replace("_", " ")
        small = " ".join(one.lower() if one[1:].islower() else one for one in words.split())
        scope = f"({first.scope})" if first and first.scope else ""
        return f"{first.type if first else 'feat'}{scope}: {small}"

    @property
    def closes(self) -> tuple[str, ...]:
        """The issues that commits say they close; one they are merely about, where its guide is done."""
        said = [found for commit in self.difference.commits for found in _CLOSING.findall(commit.message)]
        done = all(part.progress.accepted for part in self.parts)
        return tuple(dict.fromkeys((*said, *(self._about if done else ()))))

    @property
    def refers(self) -> tuple[str, ...]:
        """The issues that commits are about, and do not close."""
        return tuple(one for one in self._about if one not in self.closes)

    @property
    def _about(self) -> tuple[str, ...]:
        values = (
            value.strip()
            for commit in self.difference.commits
            for key, value in commit.trailers
            if key.lower() in {"issue", "issues"}
        )
        return tuple(dict.fromkeys(one if not one.isdecimal() else f"#{one}" for one in values if one))


def web_address(origin: str, revision: str, path: str) -> str:
    """Return where a forge that we know shows a file; a token in the remote's address is left out."""
    found = _REMOTE.fullmatch(origin.rstrip("/").removesuffix(".git"))
    between = next((part for name, part in _FORGES.items() if found and name in found[1].lower()), None)
    return f"https://{found[1]}/{found[2]}/{between}/{revision}/{quote(path)}" if found and between else ""


def unproved(progress: Sequence[GuideProgress]) -> Iterator[tuple[Ruling, str]]:
    """Yield what keeps the work of these guides from being proved: phases that are begun and did not pass."""
    for one in progress:
        if not one.begun:
            yield Ruling.INCONCLUSIVE, f"{one.guide.path}: no phase is begun"
        for phase in one.phases:
            if phase.state in {State.ACTIVE, State.RED, State.FAILED, State.REGRESSED}:
                yield (
                    _ruling(phase),
                    f"{one.guide.path}: phase {phase.phase.id} is {phase.state}: its gates did not pass",
                )


def _ruling(one: PhaseProgress) -> Ruling:
    last = one.facts.last
    refused = last is not None and one.facts.fresh and last.ruling is Ruling.FAILED
    return Ruling.FAILED if refused or one.state is not State.ACTIVE else Ruling.INCONCLUSIVE


def begins_at(repository: Repository, guides: Sequence[Guide], prefix: str, base: str = "") -> str | None:
    """Return the commit that the work stands on: where it left the default branch; on it, before the guides came.

    Raises:
        RepositoryError: Git cannot answer, as in a shallow clone.
    """
    head, default = repository.head(), base or repository.default_branch()
    begin = repository.merge_base(default, head) if default and head else None
    if base or (begin and begin != head):
        return begin
    brought = [repository.touching(prefix + guide.path)[-1:] for guide in guides] if head else []
    first = [repository.commit(sha) for found in brought for sha in found]
    earliest = min(first, key=lambda one: one.made, default=None)
    return next(iter(earliest.parents), None) if earliest else begin


def difference_of(repository: Repository | None, guides: Sequence[Guide], prefix: str, base: str = "") -> Difference:
    """Return what HEAD holds beyond the default branch; on it, since the guides came.

    Raises:
        RepositoryError: Git cannot answer, as in a shallow clone.
    """
    head = repository.head() if repository else None
    if repository is None or head is None:
        return Difference()
    begin = begins_at(repository, guides, prefix, base)
    before = begin or repository.empty_tree()
    paths = [change.path for change in repository.changes(before, head)]
    commits = repository.commits(f"{begin}..{head}" if begin else head)
    added, gone = repository.added_lines(before, head, paths), repository.added_lines(head, before, paths)
    return Difference(commits, len(paths), *(sum(map(len, lines.values())) for lines in (added, gone)))


def ran_here(
    progress: GuideProgress, around: Surroundings, kept: Callable[[str, str], Sequence[KeptReport]]
) -> tuple[Ran, ...]:
    """Return what the whole gate said of the phases of a guide on exactly this content."""
    found = ((one.phase.id, report) for one in progress.phases for report in kept(progress.guide.slug, one.phase.id))
    return tuple(
        Ran(phase, report.at, part)
        for phase, report in found
        if report.source == CHECK and around.content and report.tree == around.content
        for part in report.report.phases
        if part.id == phase
    )


def facts_of(overview: GuideOverview, around: Surroundings) -> dict[str, Any]:
    """Return the fields of a hand-over that the last reports of a guide's phases tell."""
    found = [(one, kept, report) for one in overview.phases for kept, report in _reports(one)]
    newest = max((kept for _, kept, _ in found), key=lambda kept: kept.at, default=None)
    same = [report for _, kept, report in found if newest and kept.tree == newest.tree]
    return {
        "files_modified": _modified(around, [overview.progress.guide]),
        "test_results": _results(same, newest.tree if newest else ""),
        "gates": tuple(gate for one, kept, report in found for gate in _gates(one.progress.phase.id, kept, report)),
        "open_red": tuple(
            dict.fromkeys(test.name for one in overview.phases for test in one.tests if test.outcome in RED)
        ),
        "gaps": tuple(
            Gap(file.path, file.missing)
            for one in same
            for file in (one.coverage.files if one.coverage else ())
            if file.missing
        ),
    }


def _reports(one: PhaseOverview) -> Iterator[tuple[KeptReport, PhaseReport]]:
    if one.kept:
        yield from ((one.kept, part) for part in one.kept.report.phases if part.id == one.progress.phase.id)


def _gates(phase: str, kept: KeptReport, report: PhaseReport) -> Iterator[Gate]:
    for verdict in report.gates:
        yield Gate(phase, verdict.gate, str(verdict.ruling), verdict.reason, kept.tree)


def _results(reports: Sequence[PhaseReport], content: str) -> Results:
    counts = [(one.tests.collected, one.tests.passed, one.tests.failed) for one in reports]
    total, passing, failing = map(sum, zip(*counts, strict=True)) if counts else (None, None, None)
    coverage = {name: _united([_figure(one, name) for one in reports]) for name in ("line", "branch", "function")}
    return Results(total, passing, failing, coverage, content)


def _figure(report: PhaseReport, name: str) -> Figure | None:
    figure: Figure | None = getattr(report.coverage, name) if report.coverage else None
    return figure


def _united(figures: Sequence[Figure | None]) -> float | None:
    """Return the percentage of several phases together."""
    known = [one for one in figures if one]
    return Figure(sum(one.covered for one in known), sum(one.total for one in known)).percent


def _modified(around: Surroundings, guides: Sequence[Guide]) -> tuple[Modified, ...]:
    """Return the files that the work changed, with the ids of their contents; git may not know where it began."""
    if around.repository is None:
        return ()
    try:
        base = begins_at(around.repository, guides, around.prefix) or around.repository.empty_tree()
    except RepositoryError:
        return ()
    changes = around.repository.changes(base, around.content)
    ours = (one for one in changes if not is_ours(one.path))
    return tuple(Modified(one.path, one.after.oid if one.after else None) for one in ours)
