from __future__ import annotations

import pytest

from pytest_phasegate.core.evidence.outcomes import CaseRun, NodeId, Outcome, TestId, TestRun, function_of
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.core.regression.suite import SuiteFacts, SuiteRun, suite_run
from pytest_phasegate.core.verdict.gate import Evidence, Need
from pytest_phasegate.core.verdict.verdict import Ruling, Severity, Verdict
from pytest_phasegate.gates.regression import SuiteGate

PHASE = Phase("1", "One", 1, 2)
GUIDE = Guide("g.md", "g", "G", "canonical", "", (PHASE,))
ONE, TWO = NodeId("t.py::test_a[1]"), NodeId("t.py::test_a[2]")
OTHER = NodeId("t.py::test_b")
GREEN, RED, SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.SKIPPED


def judged(facts: SuiteFacts | None, *, absent: str = "", suite: bool = True) -> Verdict:
    gathered = {Need.SUITE: facts} if facts else {}
    evidence = Evidence(Settings(suite=suite), GUIDE, gathered, {Need.SUITE: absent} if absent else {})
    return SuiteGate().check(PHASE, evidence)


@pytest.mark.parametrize(
    ("red", "before", "ruling"),
    [
        ((), {}, Ruling.PASSED),
        ((ONE,), {ONE: RED}, Ruling.PASSED),
        ((ONE,), {ONE: SKIPPED}, Ruling.PASSED),
        ((ONE,), {}, Ruling.PASSED),
        ((ONE,), {ONE: RED, TWO: GREEN}, Ruling.PASSED),
        ((ONE,), {ONE: GREEN}, Ruling.FAILED),
        ((ONE, TWO), {ONE: RED, TWO: GREEN}, Ruling.FAILED),
        ((TWO,), {ONE: GREEN}, Ruling.FAILED),
        ((ONE,), {ONE: Outcome.XFAILED}, Ruling.FAILED),
    ],
)
def test_what_was_green_where_the_phase_began_must_be_green(
    red: tuple[NodeId, ...], before: dict[NodeId, Outcome], ruling: Ruling
) -> None:
    assert judged(SuiteFacts(SuiteRun(3, red), "abc", before)).ruling is ruling


@pytest.mark.parametrize(
    ("run", "ruling", "reason"),
    [
        (
            SuiteRun(0, left=3, ran=2),
            Ruling.PASSED,
            "no other test of the suite is concerned; 2 of 5 tests can reach",
        ),
        (SuiteRun(1, left=1200, ran=3), Ruling.PASSED, "1 other test of the suite passes; 3 of 1,203 tests can reach"),
        (SuiteRun(1, ran=3), Ruling.PASSED, "1 other test of the suite passes"),
        (SuiteRun(708, cases=1904), Ruling.PASSED, "708 other tests of the suite (1,904 cases) pass"),
        (SuiteRun(0, ran=2), Ruling.NOT_EVALUATED, "there are no tests beside"),
        (SuiteRun(1, incomplete="lost", left=3, ran=2), Ruling.INCONCLUSIVE, "lost"),
    ],
)
def test_what_was_not_run_is_said(run: SuiteRun, ruling: Ruling, reason: str) -> None:
    found = judged(SuiteFacts(run))

    assert found.ruling is ruling
    assert found.reason.startswith(reason)
    assert ("were not run" in found.reason) == (bool(run.left) and ruling is Ruling.PASSED)


def test_what_was_red_and_what_is_new_is_listed() -> None:
    new = NodeId("t.py::test_new")

    found = judged(SuiteFacts(SuiteRun(3, (ONE, new)), "abc", {ONE: RED}))

    assert [(one.code, one.severity, one.message) for one in found.findings] == [
        ("PG422", Severity.NOTE, "t.py::test_a fails, and was red at abc already"),
        ("PG422", Severity.NOTE, "t.py::test_new fails, and was not there at abc"),
    ]


def test_a_waived_loss_is_no_pass_and_no_refusal() -> None:
    facts = SuiteFacts(SuiteRun(3, (ONE,)), "abc", {ONE: GREEN}, {TestId("t.py::test_a"): "known"})

    found = judged(facts)

    assert (found.ruling, found.findings[0].message) == (Ruling.WAIVED, "t.py::test_a fails now (waived: known)")


@pytest.mark.parametrize(
    ("facts", "absent", "ruling", "reason"),
    [
        (None, "no git", Ruling.INCONCLUSIVE, "no git"),
        (SuiteFacts(SuiteRun(3, (), "a worker crashed")), "", Ruling.INCONCLUSIVE, "a worker crashed"),
        (
            SuiteFacts(SuiteRun(3, (ONE,), "a worker crashed"), "abc", {ONE: GREEN}),
            "",
            Ruling.FAILED,
            "1 test was green at the phase's base and fails now",
        ),
        (
            SuiteFacts(SuiteRun(3, (ONE, OTHER)), "abc", {ONE: Outcome.ERROR, OTHER: Outcome.ERROR}),
            "",
            Ruling.INCONCLUSIVE,
            "2 of 3 other tests cannot be set up here, then or now",
        ),
        (
            SuiteFacts(SuiteRun(0)),
            "",
            Ruling.NOT_EVALUATED,
            "there are no tests beside those of the phase and of the baseline",
        ),
    ],
)
def test_a_suite_that_was_not_seen_to_its_end_never_passes(
    facts: SuiteFacts | None, absent: str, ruling: Ruling, reason: str
) -> None:
    found = judged(facts, absent=absent)

    assert (found.ruling, found.reason) == (ruling, reason)


def test_a_project_may_do_without() -> None:
    assert judged(None, suite=False).ruling is Ruling.NOT_EVALUATED


def test_the_tests_that_other_gates_judge_are_left_to_them() -> None:
    ended = {ONE: RED, TWO: GREEN, NodeId("t.py::test_b"): RED, NodeId("t.py::test_c"): SKIPPED}
    run = TestRun(tuple(CaseRun(node, function_of(node), outcome) for node, outcome in ended.items()))

    assert suite_run(run, {TestId("t.py::test_b")}) == SuiteRun(2, (ONE,), ran=3, cases=3)
