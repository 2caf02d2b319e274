from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_phasegate.app.verdict.check import Question, check
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.core.regression.suite import SuiteFacts, SuiteRun
from pytest_phasegate.core.verdict.gate import BaseGate, Evidence, Need, RanCommand
from pytest_phasegate.core.verdict.report import GuideName, PhaseReport, RunReport, TestCounts
from pytest_phasegate.core.verdict.verdict import Ruling, Verdict
from pytest_phasegate.errors import EvidenceError, PhasegateError
from pytest_phasegate.gates.criteria import CommandsGate
from pytest_phasegate.gates.regression import SuiteGate
from pytest_phasegate.gates.tests import TestsGate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_phasegate.core.verdict.gate import Gate

ONE, TWO = Phase("1", "One", 1, 2), Phase("2", "Two", 3, 4)
GUIDE = Guide("g.md", "g", "G", "canonical", "", (ONE, TWO))
NAME = GuideName("g.md", "g", "G", "canonical", "")
PASSED = Verdict("tests", "1", Ruling.PASSED, "2 tests passed")


@dataclass
class Given:
    """Evidence that is simply there, or not to be had."""

    report: RunReport | PhasegateError
    facts: dict[Need, Any] = field(default_factory=dict)
    asked: list[tuple[Need, str]] = field(default_factory=list)

    def tests(self, guide: Guide, phases: Sequence[Phase]) -> RunReport:
        assert guide is GUIDE
        assert phases
        if isinstance(self.report, PhasegateError):
            raise self.report
        return self.report

    def suite(self, report: RunReport, guide: Guide, phase: Phase) -> SuiteFacts:
        assert report is self.report
        assert guide is GUIDE
        self.asked.append((Need.SUITE, phase.id))
        return SuiteFacts(SuiteRun(3))

    def of_need(self, need: Need, guide: Guide, phase: Phase) -> Any:
        assert guide is GUIDE
        self.asked.append((need, phase.id))
        fact = self.facts[need]
        if isinstance(fact, PhasegateError):
            raise fact
        return fact


class Crashing(BaseGate):
    name = "crashing"
    needs = frozenset({Need.CHANGE})

    def check(self, phase: Phase, evidence: Evidence) -> Verdict:
        raise ZeroDivisionError(phase.id)


def report(*phases: Phase, verdict: Verdict = PASSED) -> RunReport:
    ran = tuple(PhaseReport("g.md", phase.id, phase.title, (verdict,), TestCounts(2, 2, 2, 0, 0)) for phase in phases)
    return RunReport((NAME,), tuple(phase.id for phase in phases), ran)


def judged(given: Given, *gates: Gate, phases: tuple[Phase, ...] = (ONE,), **settings: Any) -> RunReport:
    return check(Question(GUIDE, phases, gates, Settings(**settings)), given)


def test_the_verdicts_of_the_test_run_are_taken_over_and_the_others_are_judged_here() -> None:
    given = Given(report(ONE), {Need.COMMANDS: (RanCommand("lint", "x", 1),)})

    found = judged(given, TestsGate(), CommandsGate(), commands={"lint": "x"})

    assert [(v.gate, v.ruling) for v in found.phases[0].gates] == [
        ("tests", Ruling.PASSED),
        ("commands", Ruling.FAILED),
    ]
    assert found.ruling is Ruling.FAILED
    assert found.phases[0].tests.passed == 2


def test_a_test_run_that_gave_no_report_leaves_its_gates_inconclusive_with_the_reason() -> None:
    found = judged(Given(EvidenceError("pytest ended with 4")), TestsGate())

    assert found.ruling is Ruling.INCONCLUSIVE
    assert found.phases[0].gates[0].reason == "pytest ended with 4"
    assert found.guides == (NAME,)


def test_evidence_that_cannot_be_had_is_inconclusive_and_the_rest_is_judged() -> None:
    given = Given(report(ONE), {Need.COMMANDS: EvidenceError("no interpreter")})

    found = judged(given, TestsGate(), CommandsGate(), commands={"lint": "x"})

    assert [(v.ruling, v.reason) for v in found.phases[0].gates] == [
        (Ruling.PASSED, "2 tests passed"),
        (Ruling.INCONCLUSIVE, "no interpreter"),
    ]


def test_a_crashing_gate_is_an_error_verdict_and_the_others_judge_on() -> None:
    found = judged(Given(report(ONE), {Need.CHANGE: None}), Crashing(), TestsGate())

    assert [(v.gate, v.ruling) for v in found.phases[0].gates] == [
        ("crashing", Ruling.ERROR),
        ("tests", Ruling.PASSED),
    ]
    assert found.phases[0].gates[0].reason == "the gate raised ZeroDivisionError: 1"
    assert found.ruling is Ruling.ERROR


def test_each_need_is_gathered_once_and_only_if_a_gate_asks() -> None:
    given = Given(report(ONE, TWO), {Need.COMMANDS: (), Need.CHANGE: None})
    told: list[str] = []
    began: list[str] = []

    gates = (CommandsGate(), Crashing(), TestsGate())
    check(Question(GUIDE, (ONE, TWO), gates, Settings(commands={"lint": "x"})), given, told.append, began.append)

    assert sorted(given.asked) == [(Need.CHANGE, "1"), (Need.CHANGE, "2"), (Need.COMMANDS, "1")]
    assert sorted(began) == sorted(told)
    assert sorted(told) == ["change", "commands", "tests"]


def test_a_phase_that_the_test_run_did_not_judge_is_inconclusive() -> None:
    found = judged(Given(report(ONE)), TestsGate(), phases=(TWO,))

    assert found.phases[0].gates[0].reason == "the test run said nothing"


def test_the_suite_is_asked_after_the_test_run_and_not_where_it_is_switched_off() -> None:
    on, off = Given(report(ONE)), Given(report(ONE))
    broken = Given(EvidenceError("pytest ended with 4"))

    passed = judged(on, TestsGate(), SuiteGate())
    skipped = judged(off, TestsGate(), SuiteGate(), suite=False)
    unknown = judged(broken, TestsGate(), SuiteGate())

    assert (on.asked, off.asked, broken.asked) == ([(Need.SUITE, "1")], [], [])
    assert [found.phases[0].gates[1].ruling for found in (passed, skipped, unknown)] == [
        Ruling.PASSED,
        Ruling.NOT_EVALUATED,
        Ruling.INCONCLUSIVE,
    ]
    assert unknown.phases[0].gates[1].reason == "pytest ended with 4"
