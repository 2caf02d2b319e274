"""What a page shows of phases, put into words: one shape for a run and for a whole project.

Nothing is judged here. What was judged on other content keeps its words and loses its colour.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from types import MappingProxyType
from typing import NamedTuple

from pytest_phasegate.app.guide.overview import TestRecord
from pytest_phasegate.core.criteria.feedback import Comment
from pytest_phasegate.core.criteria.reviews import Review
from pytest_phasegate.core.evidence.outcomes import Outcome, TestId
from pytest_phasegate.core.evidence.runs import Seen
from pytest_phasegate.core.guide.selection import PhaseRef
from pytest_phasegate.core.project.plain_values import name_of
from pytest_phasegate.core.project.settings import Waiver
from pytest_phasegate.core.verdict.report import CoverageShare, FileShare, PhaseReport, Regression, RunReport
from pytest_phasegate.core.verdict.verdict import Finding, Ruling
from pytest_phasegate.reports.findings import refusing_gates
from pytest_phasegate.reports.messages import Message, explain
from pytest_phasegate.reports.statistics_report import Checks, Point

Lines = Callable[[str], Sequence[str]]

GOOD, BAD, WARN, BUSY, IDLE = "good", "bad", "warn", "busy", "idle"  # the colours of a page, by what they say
TONES = {
    Ruling.PASSED: GOOD,
    Ruling.FAILED: BAD,
    Ruling.ERROR: BAD,
    Ruling.INCONCLUSIVE: BAD,
    Ruling.WAIVED: WARN,
    Ruling.NOT_EVALUATED: IDLE,
}
MARKS = {GOOD: "✓", BAD: "✗", WARN: "!", BUSY: "◐", IDLE: "○"}
"""A sign beside each colour, for those who do not see it."""
_MOST_LINES = 300  # missed lines of one file that are shown in their source; the numbers are all there


class Row(NamedTuple):
    """One line of source: ``missed`` where no test reached it; number 0 stands for what is left out."""

    number: int
    text: str
    missed: bool


class FileView(NamedTuple):
    """One file a phase answers for; ``rows`` are the missed lines among their neighbours, as far as they are known."""

    share: FileShare
    rows: tuple[Row, ...] = ()
    more: int = 0


class PhaseView(NamedTuple):
    """One phase as the page shows it.

    ``older`` says of which other content the details are; empty where they are of the one that stands.
    """

    anchor: str
    name: str
    title: str
    state: str
    tone: str
    told: str
    tests_told: str
    coverage_told: str
    report: PhaseReport | None = None
    judged: str = ""
    older: str = ""
    goal: str = ""
    commit: str = ""
    estimate: str = ""
    took: str = ""
    missing: tuple[str, ...] = ()
    tests: tuple[TestRecord, ...] = ()
    tests_older: str = ""
    files: tuple[FileView, ...] = ()
    answers: tuple[tuple[Review, bool], ...] = ()

    @property
    def red(self) -> int:
        """How many of its tests were seen red at the text they have."""
        return sum(bool(one.seen.red) for one in self.tests)

    @property
    def never_red(self) -> frozenset[str]:
        """What the red-green gate says was never red."""
        gates = self.report.gates if self.report else ()
        told = (one.message for gate in gates for one in gate.findings if one.code == "PG210")
        return frozenset(message.partition(" ")[0] for message in told)


class GuideView(NamedTuple):
    """One guide and its phases."""

    title: str
    path: str
    phases: tuple[PhaseView, ...]
    doubts: tuple[str, ...] = ()
    claims: tuple[Finding, ...] = ()
    trend: tuple[Point, ...] = ()


class PageView(NamedTuple):
    """The whole page."""

    title: str
    word: str
    tone: str
    sentence: str
    place: Place
    guides: tuple[GuideView, ...]
    step: str = ""
    command: str = ""
    why: str = ""
    regressions: tuple[Regression, ...] = ()
    renamed: tuple[Regression, ...] = ()
    waivers: tuple[tuple[Waiver, bool], ...] = ()
    comments: tuple[tuple[Comment, str], ...] = ()
    checks: Checks | None = None
    notes: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[tuple[str, Message], ...]:
        """What the codes on this page mean, in their order."""
        reports = (phase.report for guide in self.guides for phase in guide.phases if phase.report)
        findings = (one for report in reports for gate in report.gates for one in gate.findings)
        claims = (one for guide in self.guides for one in guide.claims)
        named = sorted({one.code for one in (*findings, *claims)})
        return tuple((code, message) for code in named if (message := explain(code)))


class Place(NamedTuple):
    """Where and when a page was made."""

    project: str = ""
    branch: str = ""
    commit: str = ""
    at: int = 0
    lines: Lines = lambda _: ()
    """Returns the lines of a file as it stands; of one that cannot be had, none."""
    tests: Mapping[PhaseRef, Mapping[TestId, Outcome]] = MappingProxyType({})
    """How the tests of each phase ended, where a run is told of."""
    seen: Mapping[TestId, Seen] = MappingProxyType({})
    """When each of them was last seen red and green at the text it has, as far as that was recorded."""

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What stands below the title."""
        told = (("branch", self.branch), ("commit", self.commit[:10]), ("made", when(self.at)))
        return tuple((name, value) for name, value in told if value)


def moment(at: int) -> str:
    """Return a moment in UTC, as a person reads it; nothing for none, nor for what no calendar holds."""
    try:
        return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M}" if at else ""
    except (OverflowError, ValueError, OSError):
        return ""


def when(at: int) -> str:
    """Return the same where nothing else says that it is UTC."""
    told = moment(at)
    return f"{told} UTC" if told else ""


class Anchors:
    """The ids of places on one page: the same for the same words, whatever stands around them."""

    def __init__(self) -> None:
        self._given: dict[str, int] = {}

    def __call__(self, *words: object) -> str:
        """Return an id; what says the very same a second time gets a number."""
        found = name_of(*words)[:10]
        times = self._given[found] = self._given.get(found, 0) + 1
        return f"at-{found}" if times == 1 else f"at-{found}-{times}"


def of_run(report: RunReport, place: Place) -> PageView:
    """Return the page of one run."""
    named = ", ".join(map(report.name, report.phases))
    narrowed = f"the run was narrowed by {', '.join(report.narrowed)}, so it judges nothing" if report.narrowed else ""
    told = f"{'phase' if len(report.phases) == 1 else 'phases'} {named}" if named else "no phase was judged"
    refused = (
        f"phase {report.name(phase)}: {refusing_gates(phase)}" for phase in report.phases if phase.ruling.refuses
    )
    told = "; ".join(refused) or told
    step, command = _after(report)
    anchors = Anchors()
    views = [(phase.guide, _of_report(report, phase, place, anchors)) for phase in report.phases]
    return PageView(
        title=f"Phase gates: {report.ruling}",
        word=str(report.ruling),
        tone=TONES[report.ruling],
        sentence="; ".join(filter(None, (told, narrowed, report.waiting))),
        place=place,
        guides=tuple(
            GuideView(one.title or one.slug, one.path, tuple(view for path, view in views if path == one.path))
            for one in report.guides
        ),
        step=step,
        command=command,
        regressions=report.regressions,
        renamed=report.renamed,
        notes=report.notes,
    )


def _after(report: RunReport) -> tuple[str, str]:
    """Return what to do after a run, and the command for it: one that asked every gate is not asked again."""
    whole = any(gate.gate == "red-green" for phase in report.phases for gate in phase.gates)
    refused = next(iter(report.refused), None)
    if refused is None or report.narrowed:
        passed = [report.name(phase) for phase in report.phases if phase.ruling is Ruling.PASSED]
        if whole and passed:
            return "see what comes after it", "phasegate next"
        return ("ask every gate of the phase", f"phasegate check {','.join(passed)}") if passed else ("", "")
    first, command = refused.refusing[0], "phasegate check" if whole else "pytest --phase"
    return f"{first.gate}: {first.fix or first.reason}", f"{command} {report.name(refused)}"


def _of_report(report: RunReport, phase: PhaseReport, place: Place, anchors: Anchors) -> PhaseView:
    line = phase.coverage.line if phase.coverage else None
    return PhaseView(
        anchor=f"phase-{anchors(phase.guide, phase.id)}",
        name=report.name(phase),
        title=phase.title,
        state=str(phase.ruling),
        tone=TONES[phase.ruling],
        told=refusing_gates(phase) or "this run",
        tests_told=f"{phase.tests.passed}/{max(phase.tests.declared, phase.tests.collected)}",
        coverage_told=f"{line.shown:.2f} %" if line else "-",
        report=phase,
        missing=phase.tests.missing,
        tests=tuple(
            TestRecord(test, outcome=outcome, seen=place.seen.get(test, Seen()))
            for test, outcome in place.tests.get(PhaseRef(phase.guide, phase.id), {}).items()
        ),
        files=files(phase.coverage, place.lines),
    )


def coverage_words(share: CoverageShare | None) -> str:
    """Return what was reached of each kind, and the minimum."""
    if share is None:
        return ""
    kinds = (("lines", share.line), ("branches", share.branch), ("functions", share.function))
    told = [f"{figure.covered} of {figure.total} {kind}" for kind, figure in kinds if figure and figure.total]
    asked = f"at least {share.minimum:g} % by {share.minimum_from}" if share.minimum is not None else ""
    return ", ".join(filter(None, (*told, asked)))


def known_by(test: TestRecord) -> str:
    """Return how a test is known to be the phase's."""
    told = (
        f"guide, line {test.line}" if test.line else "",
        "collected" if test.outcome else "" if test.there else "not there",
        "accepted" if test.accepted else "",
    )
    return ", ".join(filter(None, told))


def spans(lines: Sequence[int]) -> str:
    """Return line numbers as a person writes them: ``3-5, 9``."""
    runs = ([line for _, line in run] for _, run in groupby(enumerate(lines), lambda pair: pair[1] - pair[0]))
    return ", ".join("-".join(map(str, dict.fromkeys((run[0], run[-1])))) for run in runs)


def files(share: CoverageShare | None, lines: Lines) -> tuple[FileView, ...]:
    """Return the files a phase answers for; ``lines`` returns the source of one, or nothing where it is not known."""
    shares = share.files if share else ()
    return tuple(excerpt(one, lines(one.path)) if one.missing else FileView(one) for one in shares)


def excerpt(share: FileShare, lines: Sequence[str]) -> FileView:
    """Return a file with its missed lines, each between its neighbours; where lines are left out stands number 0."""
    missed = frozenset(share.missing[:_MOST_LINES])
    shown = sorted({near for line in missed for near in (line - 1, line, line + 1) if 0 < near <= len(lines)})
    rows: list[Row] = []
    for number in shown:
        if rows and rows[-1].number != number - 1:
            rows.append(Row(0, "", False))
        rows.append(Row(number, lines[number - 1].expandtabs(4), number in missed))
    return FileView(share, tuple(rows), len(share.missing) - len(missed) if rows else 0)
