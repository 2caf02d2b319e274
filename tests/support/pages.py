"""Overviews of projects as a page is made of them, from plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_phasegate.app.guide.overview import GuideOverview, KeptReport, PhaseOverview, TestRecord
from pytest_phasegate.core.coverage.measurement import Figure
from pytest_phasegate.core.criteria.reviews import Review
from pytest_phasegate.core.evidence.outcomes import Grade, Outcome, TestId
from pytest_phasegate.core.evidence.runs import Seen
from pytest_phasegate.core.guide.model import DeclaredTest, Guide, Phase
from pytest_phasegate.core.guide.next_step import Step
from pytest_phasegate.core.guide.progress import GuideProgress, PhaseFacts, PhaseProgress, State
from pytest_phasegate.core.verdict.judgement import CHECK, Judgement, Since
from pytest_phasegate.core.verdict.report import (
    CoverageShare,
    CriterionVerdict,
    FileShare,
    GuideName,
    Kind,
    PhaseReport,
    Regression,
    RunReport,
    TestCounts,
)
from pytest_phasegate.core.verdict.verdict import Finding, Ruling, Severity, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

AT = 1_795_000_000
GUIDE = "docs/plans/cache_implementation_guide.md"
GATES = ("guide", "tests", "coverage", "regression", "red-green", "suite", "order", "commands", "scope", "criteria")
SOURCE = [f"line_{number} = {number}" for number in range(1, 60)]


def overview(*phases: PhaseOverview, path: str = GUIDE, title: str = "Cache") -> GuideOverview:
    """A guide of these phases."""
    guide = Guide(path, "cache", title, "canonical", "sha256:0", tuple(one.progress.phase for one in phases))
    progress = GuideProgress(guide, tuple(one.progress for one in phases))
    return GuideOverview(progress, phases, Step("finish phase 2", "phasegate check 2", "the coverage gate failed"))


def accepted(number: int, tests: int = 4, *, judged: bool = True, title: str = "Core data structures") -> PhaseOverview:
    """A phase that was accepted; without ``judged``, the verdict is of other content."""
    since = None if judged else Since("1a2b3c4d5e", 3)
    facts = PhaseFacts(
        commit=f"{number:08x}cdef01",
        accepted_tests=tests,
        last=_judgement(number, Ruling.PASSED, 100.0 - number % 7),
        fresh=judged,
        judged=judged,
        since=since,
    )
    answer = Review(AT * 10**9, "cache", str(number), 2, "", "", "", passed=True, by="Ada")
    return _phase(number, title, State.ACCEPTED, facts, {}, tests, older=since.told if since else "", answers=(answer,))


def refused(number: int, tests: int = 4, *, title: str = "Expiry") -> PhaseOverview:
    """A phase whose coverage the last check of this content refused."""
    failed = {
        "coverage": (
            "src/app/cache.py has 3 lines that no test of the phase reaches",
            Finding("PG301", Severity.ERROR, "lines 41-43 are not reached", "src/app/cache.py", 41, "test them"),
        ),
        "commands": (
            "lint ended with 1",
            Finding("PG521", Severity.ERROR, "lint ended with 1:\na.py:1: unused\n<b>::error::x</b>", fix="run: lint"),
        ),
        "red-green": (
            "1 test was never red",
            Finding("PG210", Severity.NOTE, f"{_test(number, 1)} was never red", f"tests/test_{number}.py", 3),
        ),
    }
    facts = PhaseFacts(
        last=_judgement(number, Ruling.FAILED, 91.5, gate="coverage"), fresh=True, missing=("test_gone",)
    )
    return _phase(number, title, State.ACTIVE, facts, failed, tests)


def pending(number: int, *, title: str = "Words") -> PhaseOverview:
    """A phase of which nothing exists."""
    phase = Phase(str(number), title, number, number, duration="30 minutes")
    return PhaseOverview(PhaseProgress(phase, State.PENDING, PhaseFacts()))


def _judgement(number: int, ruling: Ruling, coverage: float, gate: str = "") -> Judgement:
    return Judgement(AT, "cache", str(number), "tree", ruling, CHECK, 4, coverage, gate=gate)


def _test(number: int, place: int) -> TestId:
    return TestId(f"tests/test_{number}.py::TestPart::test_number_{place}_is_kept")


def _phase(
    number: int,
    title: str,
    state: State,
    facts: PhaseFacts,
    failed: dict[str, tuple[str, Finding]],
    tests: int,
    *,
    older: str = "",
    answers: Iterable[Review] = (),
) -> PhaseOverview:
    declared = tuple(DeclaredTest(_test(number, at).rpartition("::")[2], at + 1) for at in range(2))
    phase = Phase(str(number), title, number, 99, goal="Keep values for a while", duration="1.5 hours", tests=declared)
    rulings = {"coverage": Ruling.FAILED, "commands": Ruling.FAILED, "red-green": Ruling.PASSED}
    gates = tuple(
        Verdict(name, phase.id, rulings[name], failed[name][0], (failed[name][1],))
        if name in failed
        else Verdict(name, phase.id, Ruling.PASSED, f"what the {name} gate asks is there")
        for name in GATES
    )
    missing = (41, 42, 43) if failed else ()
    share = CoverageShare(
        90.0, Figure(40 - len(missing), 40), None, None, (FileShare("src/app/cache.py", 92.5, missing),), "guide"
    )
    criteria = (
        CriterionVerdict(1, "All tests pass", 9, Ruling.PASSED, f"{tests} tests passed", "tests"),
        CriterionVerdict(2, "The words read well", 10, Ruling.PASSED, "Ada says yes", "Ada"),
    )
    counts = TestCounts(tests, tests, tests, 0, 0)
    lost = (Regression(_test(1, 0), "1", Kind.BROKE, "failed"),) if failed else ()
    report = RunReport(
        (GuideName(GUIDE, "cache", "Cache", "canonical", "sha256:0"),),
        (phase.id,),
        (PhaseReport(GUIDE, phase.id, title, gates, counts, share, criteria),),
        lost,
    )
    seen = Seen(AT - 900, Grade.BEHAVIOURAL, AT)
    records = tuple(
        TestRecord(
            _test(number, at),
            line=at + 1 if at < 2 else 0,
            accepted=state is State.ACCEPTED,
            outcome=Outcome.PASSED,
            seen=seen if at != 1 else Seen(green=AT),
        )
        for at in range(tests)
    )
    kept = KeptReport(AT, "tree", CHECK, report, {})
    return PhaseOverview(
        PhaseProgress(phase, state, facts),
        kept,
        older,
        records,
        older,
        tuple((one, not older) for one in answers),
        ended=AT + number,
    )
