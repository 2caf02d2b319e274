from __future__ import annotations

from pytest_phasegate.core.verdict.report import NO_TESTS, PhaseReport, RunReport, TestCounts
from pytest_phasegate.core.verdict.verdict import Ruling, Verdict


def report(*rulings: Ruling, narrowed: tuple[str, ...] = ()) -> RunReport:
    phases = tuple(
        PhaseReport("g.md", str(at), "", (Verdict("tests", str(at), ruling, ""),), TestCounts(0, 0, 0, 0, 0))
        for at, ruling in enumerate(rulings)
    )
    return RunReport((), ("all",), phases, narrowed=narrowed)


def test_a_run_is_as_bad_as_its_worst_phase() -> None:
    assert report(Ruling.PASSED, Ruling.FAILED).ruling is Ruling.FAILED
    assert report(Ruling.PASSED, Ruling.NOT_EVALUATED).ruling is Ruling.PASSED


def test_a_run_of_no_phase_never_passes() -> None:
    assert report().ruling is Ruling.NOT_EVALUATED


def test_a_narrowed_run_is_not_evaluated_whatever_its_phases_say() -> None:
    assert report(Ruling.PASSED, narrowed=("-k one",)).ruling is Ruling.NOT_EVALUATED


def test_a_pass_of_what_stands_around_a_phase_is_no_pass_of_the_phase() -> None:
    around = tuple(Verdict(gate, "3", Ruling.PASSED, "") for gate in ("guide", "regression", "commands"))
    tests = Verdict("tests", "3", Ruling.NOT_EVALUATED, "")

    def ruling(*gates: Verdict) -> Ruling:
        return PhaseReport("g.md", "3", "", gates, NO_TESTS).ruling

    assert ruling(*around, tests) is Ruling.NOT_EVALUATED
    assert ruling(*around, tests, Verdict("scope", "3", Ruling.PASSED, "")) is Ruling.PASSED
    assert ruling(*around[:2], Verdict("commands", "3", Ruling.FAILED, ""), tests) is Ruling.FAILED
