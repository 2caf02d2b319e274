"""The whole gate of a phase: gather what its gates need, each thing once and side by side, then judge."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, Protocol

from pytest_phasegate.app.ports.repository import INDEX, Repository
from pytest_phasegate.core.criteria.verdicts import CriteriaFacts, criteria_verdicts
from pytest_phasegate.core.guide.model import Guide, Phase, Source
from pytest_phasegate.core.project.paths import CODE, Inside, Layout, Side, inside
from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.core.regression.suite import SuiteFacts
from pytest_phasegate.core.verdict.gate import Evidence, Gate, Need
from pytest_phasegate.core.verdict.report import NO_TESTS, GuideName, PhaseReport, RunReport
from pytest_phasegate.core.verdict.verdict import Ruling, Verdict
from pytest_phasegate.errors import PhasegateError

IN_PYTEST = frozenset({Need.RUN, Need.COVERAGE, Need.BASELINE})
"""What only a test run knows: gates that need nothing else judge there, and their verdicts are taken over."""
SHARED = frozenset({Need.COMMANDS, Need.ACCEPTANCE, Need.FEEDBACK, Need.GENERATED})
"""What is the same for every phase of a guide."""


class Sources(Protocol):
    """Where evidence comes from; each method raises ``PhasegateError`` where it cannot be had."""

    def tests(self, guide: Guide, phases: Sequence[Phase]) -> RunReport:
        """Run the tests of these phases, with everything their baseline asks for, and return the report."""

    def suite(self, report: RunReport, guide: Guide, phase: Phase) -> SuiteFacts:
        """Hold what that run says of the whole suite against the phase's base."""

    def of_need(self, need: Need, guide: Guide, phase: Phase) -> Any:
        """Return one fact about a phase; called in threads, never twice at once for one need."""


class Question(NamedTuple):
    """Which phases of one guide are to be judged, by which gates."""

    guide: Guide
    phases: tuple[Phase, ...]
    gates: tuple[Gate, ...]
    settings: Settings


def check(
    question: Question,
    sources: Sources,
    told: Callable[[str], None] = lambda _: None,
    began: Callable[[str], None] = lambda _: None,
) -> RunReport:
    """Judge phases by all their gates.

    Args:
        question: What is asked.
        sources: Where the evidence comes from.
        told: Called with a line whenever a piece of evidence is there.
        began: Called, from any thread, when one begins to be gathered.
    """
    course = (began, told)
    needs = {need for gate in question.gates if not gate.needs <= IN_PYTEST for need in gate.needs}
    asked = sorted(needs - IN_PYTEST - {Need.VERDICTS, Need.SUITE})
    with ThreadPoolExecutor(max_workers=len(asked) + 1) as pool:
        run = pool.submit(_told, course, "tests", sources.tests, question.guide, question.phases)
        gathering = {need: pool.submit(_told, course, need, _of_all, sources, need, question) for need in asked}
        report = _tried(run.result)
        if Need.SUITE in needs and question.settings.suite:
            gathering[Need.SUITE] = pool.submit(_told, course, Need.SUITE, _suite, sources, report, question)
        facts = {need: _tried(future.result) for need, future in gathering.items()}
    phases = tuple(_phase_report(question, phase, report, facts) for phase in question.phases)
    if isinstance(report, RunReport):
        return report._replace(phases=phases)
    return RunReport((GuideName.of(question.guide),), tuple(phase.id for phase in question.phases), phases)


def _of_all(sources: Sources, need: Need, question: Question) -> dict[str, Any]:
    """Return one kind of fact for each phase, or the reason why there is none; what all phases share, once."""
    phases = question.phases[:1] if need in SHARED else question.phases
    found = [_tried(sources.of_need, need, question.guide, phase) for phase in phases]
    ids = [phase.id for phase in question.phases]
    return dict.fromkeys(ids, found[0]) if need in SHARED else dict(zip(ids, found, strict=True))


def _suite(sources: Sources, report: RunReport | PhasegateError, question: Question) -> dict[str, Any]:
    """Return what became of the suite for each phase, or the reason why nobody can tell."""
    if isinstance(report, PhasegateError):
        return dict.fromkeys((phase.id for phase in question.phases), report)
    return {phase.id: _tried(sources.suite, report, question.guide, phase) for phase in question.phases}


def _told(
    course: tuple[Callable[[str], None], Callable[[str], None]], what: str, work: Callable[..., Any], *arguments: Any
) -> Any:
    began, told = course
    began(what)
    answer = work(*arguments)
    told(what)
    return answer


def _tried(work: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a piece of work returns, or why there is nothing."""
    try:
        return work(*arguments)
    except PhasegateError as error:
        return error


def _phase_report(
    question: Question, phase: Phase, report: RunReport | PhasegateError, facts: Mapping[Need, Mapping[str, Any]]
) -> PhaseReport:
    ran = next((one for one in report.phases if one.id == phase.id), None) if isinstance(report, RunReport) else None
    there = {need: found[phase.id] for need, found in facts.items()}
    if ran and isinstance(report, RunReport) and isinstance(asked := there.get(Need.CRITERIA), CriteriaFacts):
        suite = (report.suite.ran,) if report.suite else ()
        there[Need.CRITERIA] = asked._replace(counts=(ran.tests.collected, *suite))
    why = _why_not(report)
    evidence = Evidence(
        question.settings,
        question.guide,
        {need: fact for need, fact in there.items() if not isinstance(fact, PhasegateError)},
        {need: _and_hint(fact) for need, fact in there.items() if isinstance(fact, PhasegateError)}
        | dict.fromkeys(IN_PYTEST, why)
        | {Need.RUN: _and_hint(report) if isinstance(report, PhasegateError) else why},
    )
    first = [gate for gate in question.gates if Need.VERDICTS not in gate.needs]
    said = {verdict.gate: verdict for verdict in _verdicts(first, phase, evidence, ran)}
    evidence = evidence._replace(facts={**evidence.facts, Need.VERDICTS: tuple(said.values())})
    later = [gate for gate in question.gates if Need.VERDICTS in gate.needs]
    said |= {verdict.gate: verdict for verdict in _verdicts(later, phase, evidence, None)}
    verdicts = tuple(said[gate.name] for gate in question.gates)
    criteria = criteria_verdicts(phase, evidence) if Need.CRITERIA in evidence.facts else ()
    if ran is None:
        ran = PhaseReport(question.guide.path, phase.id, phase.title, (), NO_TESTS)
        ran = ran._replace(files_source=phase.files_source, tests_source=phase.tests_source)
    return ran._replace(gates=verdicts, criteria=criteria)


def _and_hint(error: PhasegateError) -> str:
    return "; ".join(filter(None, (error.problem, error.hint)))


def _why_not(report: RunReport | PhasegateError) -> str:
    if isinstance(report, PhasegateError):
        return report.problem
    return f"the run was narrowed: {', '.join(report.narrowed)}" if report.narrowed else "the test run said nothing"


def _verdicts(gates: Iterable[Gate], phase: Phase, evidence: Evidence, ran: PhaseReport | None) -> Iterable[Verdict]:
    """Yield the verdicts in the order of the gates: those of the test run as they are, the others judged here."""
    from_run = {verdict.gate: (verdict,) for verdict in ran.gates} if ran else {}
    for gate in gates:
        yield from from_run.get(gate.name) or judge([gate], phase, evidence)


_OF_FILES = frozenset({"coverage", "scope"})
_OF_TESTS = frozenset({"tests", "red-green", "suite", "regression"})


def _sourced(verdict: Verdict, phase: Phase) -> Verdict:
    """Say behind the reason of a verdict that it rests on what was derived; what is declared goes without saying."""
    files = phase.files_source is Source.DERIVED and verdict.gate in _OF_FILES
    tests = phase.tests_source is Source.DERIVED and verdict.gate in _OF_TESTS
    return verdict._replace(reason=f"{verdict.reason} (derived)") if files or tests else verdict


def judge(gates: Iterable[Gate], phase: Phase, evidence: Evidence) -> Iterator[Verdict]:
    """Yield one verdict per gate, in the order given; a gate that raises answers *error*."""
    for gate in gates:
        try:
            yield _sourced(gate.check(phase, evidence), phase)
        except Exception as exc:  # noqa: BLE001 - a third-party gate may raise anything
            reason = f"the gate raised {type(exc).__name__}: {exc}"
            yield Verdict(gate.name, phase.id, Ruling.ERROR, reason)


class Meanwhile(NamedTuple):
    """Paths that changed while a check ran.

    ``disturbing`` are those that a verdict may rest on, ``left`` what a run wrote beside them: a report, a log.
    """

    disturbing: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def changed_meanwhile(
    repository: Repository, trees: tuple[str, str], place: Inside, layout: Layout, guides: Sequence[Guide]
) -> Meanwhile:
    """Tell what changed between the content before a check and the content after it.

    What git does not know, that is no code and no configuration, lies where neither code nor tests do, and that no
    guide speaks of, is what a run left behind: nothing that was judged rests on it.

    Args:
        repository: Where the trees are.
        trees: The content before, and the content after.
        place: The project in the repository.
        layout: Where its code and its tests lie.
        guides: Its guides.
    """
    before, after = trees
    paths = [change.path for change in repository.changes(before, after)] if before != after else []
    known = repository.entries(INDEX) if paths else {}
    named = {file.path for guide in guides for phase in guide.phases for file in phase.files}
    named |= {guide.path for guide in guides}
    left = [path for path in paths if path not in known and _is_left(place.relative(path), layout, named)]
    return Meanwhile(tuple(path for path in paths if path not in left), tuple(left))


def _is_left(path: str | None, layout: Layout, named: set[str]) -> bool:
    if path is None or path.endswith(CODE) or path in named or layout.side(path) is not Side.NEITHER:
        return False
    return not any(root and inside(path, root) for root in (*layout.source, *layout.testpaths))
