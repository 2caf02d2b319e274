from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.core.evidence.outcomes import CaseRun, NodeId, Outcome, TestId, TestRun, function_of
from pytest_phasegate.core.guide.model import DeclaredTest, Guide, Phase
from pytest_phasegate.core.guide.selection import PhaseRef
from pytest_phasegate.core.mapping.mapping import Declaration, TestMap
from pytest_phasegate.core.mapping.phase_run import PhaseRun
from pytest_phasegate.core.project.settings import Settings, Waiver
from pytest_phasegate.core.regression.baseline import BaselineTest
from pytest_phasegate.core.regression.comparison import Compared, Texts, compare, waived_tests
from pytest_phasegate.core.verdict.gate import Evidence, Need
from pytest_phasegate.core.verdict.verdict import Ruling, Verdict
from pytest_phasegate.gates.regression import RegressionGate

if TYPE_CHECKING:
    from collections.abc import Mapping

A = TestId("t.py::test_a")
ENTRY = BaselineTest(A, "1", 2, "da")


def run(
    outcomes: Mapping[str, Outcome],
    *,
    flaky: str = "",
    partial: str = "",
    incomplete: str = "",
    unselected: str = "",
    filtered: str = "",
) -> PhaseRun:
    cases = tuple(
        CaseRun(NodeId(node), function_of(NodeId(node)), outcome, flaky=node == flaky)
        for node, outcome in outcomes.items()
    )
    collected = frozenset({case.test for case in cases} | {TestId(name) for name in (unselected, filtered) if name})
    filters = frozenset({TestId(filtered)} if filtered else ())
    return PhaseRun(TestRun(cases, (partial,) if partial else (), incomplete, collected, filters), TestMap())


def green(*tests: str, cases: int = 2) -> dict[str, Outcome]:
    return {f"{test}[{at}]": Outcome.PASSED for test in tests for at in range(cases)}


def compared(
    observed: PhaseRun, texts: Texts | None = None, waivers: Mapping[TestId, str] | None = None, *entries: BaselineTest
) -> Compared:
    return compare(entries or (ENTRY,), observed, texts or Texts({A: "da"}), waivers or {})


def kinds(found: Compared) -> list[tuple[str, str]]:
    return [(one.kind.value, one.detail) for one in found.regressions]


def test_what_is_as_it_was_accepted_is_no_regression() -> None:
    found = compared(run(green(A)))

    assert (found.regressions, found.judged, found.total) == ((), 1, 1)


@pytest.mark.parametrize(
    ("observed", "kind"),
    [
        (run({f"{A}[0]": Outcome.FAILED, f"{A}[1]": Outcome.PASSED}), ("broke", "failed")),
        (run({A: Outcome.ERROR}), ("broke", "ended in an error")),
        (run({f"{A}[0]": Outcome.SKIPPED, f"{A}[1]": Outcome.PASSED}), ("skipped", "was skipped")),
        (run({A: Outcome.XFAILED}), ("skipped", "is an expected failure now")),
        (run(green(A), flaky=f"{A}[1]"), ("flaky", "failed, and passed when it was run again")),
        (run({A: Outcome.PASSED}), ("weakened", "1 of 2 cases are left")),
        (run({}), ("removed", "no longer collected")),
    ],
)
def test_each_way_to_lose_an_accepted_test_has_its_kind(observed: PhaseRun, kind: tuple[str, str]) -> None:
    assert kinds(compared(observed, Texts())) == [kind]


@pytest.mark.parametrize("observed", [run({}, partial="-k one"), run({}, incomplete="a worker crashed")])
def test_a_run_that_is_not_whole_never_says_removed(observed: PhaseRun) -> None:
    found = compared(observed, Texts())

    assert (found.regressions, found.judged) == ((), 0)


def test_a_partial_run_says_what_broke_in_it() -> None:
    assert kinds(compared(run({A: Outcome.FAILED}, partial="-k a"))) == [("broke", "failed")]


def test_a_test_left_out_by_the_selection_is_not_judged() -> None:
    found = compared(run({}, unselected=A))

    assert (found.regressions, found.judged) == ((), 0)


@pytest.mark.parametrize(
    ("observed", "expected"),
    [
        (run({}, filtered=A), [("removed", "deselected by the project's addopts")]),
        (run({f"{A}[0]": Outcome.PASSED}, filtered=A), [("weakened", "1 of 2 cases are left")]),
        (run({}, filtered=A, partial="-k two"), []),
        (run({}, filtered=A, incomplete="a worker crashed"), []),
        (run({}, unselected=A), []),
        (run(green(A), filtered="t.py::test_other"), []),
    ],
)
def test_what_the_project_itself_deselects_is_lost(observed: PhaseRun, expected: list[tuple[str, str]]) -> None:
    assert kinds(compared(observed)) == expected


def test_a_renamed_test_is_found_by_its_text_and_told_with_both_names() -> None:
    found = compared(run(green("t.py::test_b")), Texts({TestId("t.py::test_b"): "da"}))

    assert found.regressions == ()
    assert [(one.test, one.detail) for one in found.renamed] == [(A, "now t.py::test_b")]


@pytest.mark.parametrize(("phase", "told"), [("1", "renamed"), ("2", "removed")])
def test_what_another_phase_declares_is_no_renamed_test_of_this_one(phase: str, told: str) -> None:
    test = TestId("t.py::test_b")
    declared = Declaration(PhaseRef("guide.md", phase), DeclaredTest("test_b", 1), (test,))
    observed = replace(run(green(test)), test_map=TestMap(declarations=(declared,)))

    found = compared(observed, Texts({test: "da"}))

    assert [one.kind.value for one in (*found.renamed, *found.regressions)] == [told]


def test_a_renamed_test_that_fails_broke() -> None:
    found = compared(run({"t.py::test_b": Outcome.FAILED}), Texts({TestId("t.py::test_b"): "da"}))

    assert kinds(found) == [("broke", "failed as t.py::test_b")]


def test_one_new_test_answers_for_one_lost_test_only() -> None:
    other = BaselineTest(TestId("t.py::test_c"), "1", 1, "da")

    found = compared(run(green("t.py::test_b")), Texts({TestId("t.py::test_b"): "da"}), {}, ENTRY, other)

    assert [one.kind.value for one in (*found.renamed, *found.regressions)] == ["renamed", "removed"]


def test_a_text_without_digest_is_matched_by_name_only() -> None:
    doctest = BaselineTest(TestId("src/x.py::x.f"), "1", 1, "")

    gone = compared(run({}), Texts({TestId("src/y.py::y.f"): ""}), {}, doctest)
    there = compared(run({"src/x.py::x.f": Outcome.PASSED}), Texts({doctest.test: "new"}), {}, doctest)

    assert kinds(gone) == [("removed", "no longer collected")]
    assert there.regressions == ()


@pytest.mark.parametrize(
    ("less", "expected"),
    [("assertion removed", [("weakened", "assertion removed")]), ("", [])],
)
def test_a_changed_text_is_a_regression_where_it_asks_less(less: str, expected: list[tuple[str, str]]) -> None:
    found = compared(run(green(A)), Texts({A: "new"}, {A: less}))

    assert (kinds(found), found.doubtful) == (expected, ())


def test_a_changed_text_whose_accepted_version_is_lost_is_doubtful() -> None:
    assert compared(run(green(A)), Texts({A: "new"})).doubtful == (A,)


def test_a_waived_regression_is_none_and_keeps_its_reason() -> None:
    found = compared(run({A: Outcome.FAILED}), None, {A: "known until the next release"})

    assert found.regressions == ()
    assert found.waived[0][1] == "known until the next release"


def judged(found: Compared | None, absent: str = "") -> Verdict:
    facts = {} if found is None else {Need.BASELINE: found}
    guide = Guide("g.md", "g", "", "canonical", "", ())
    evidence = Evidence(Settings(), guide, facts, {Need.BASELINE: absent} if absent else {})
    return RegressionGate().check(Phase("1", "", 1, 2), evidence)


@pytest.mark.parametrize(
    ("found", "ruling", "reason"),
    [
        (Compared(0, 0), Ruling.NOT_EVALUATED, "no accepted test is kept yet"),
        (
            Compared(3, 0),
            Ruling.NOT_EVALUATED,
            "none of the 3 accepted tests was in this run (--phasegate-regression runs them)",
        ),
        (Compared(3, 3), Ruling.PASSED, "3 of 3 accepted tests judged"),
        (
            Compared(3, 2),
            Ruling.NOT_EVALUATED,
            (
                "2 of 3 accepted tests judged, and as accepted; the others were not in this run "
                "(--phasegate-regression runs them)"
            ),
        ),
        (Compared(3, 2, incomplete="a worker crashed"), Ruling.INCONCLUSIVE, "a worker crashed"),
        (
            Compared(3, 2, doubtful=(A,)),
            Ruling.INCONCLUSIVE,
            "the accepted text of 1 changed test is nowhere to be found",
        ),
        (None, Ruling.INCONCLUSIVE, "the baseline was not compared"),
    ],
)
def test_the_gate_says_what_the_comparison_came_to(found: Compared | None, ruling: Ruling, reason: str) -> None:
    verdict = judged(found)

    assert (verdict.ruling, verdict.reason) == (ruling, reason)


def test_a_baseline_that_cannot_be_read_is_inconclusive_with_the_reason() -> None:
    assert judged(None, "line 3 is no JSON").reason == "line 3 is no JSON"


def test_the_gate_fails_with_every_lost_test_and_how_to_mend_it() -> None:
    verdict = judged(compared(run({A: Outcome.FAILED})))

    assert (verdict.ruling, verdict.reason) == (Ruling.FAILED, "accepted tests: 1 broke")
    (finding,) = verdict.findings
    assert (finding.code, finding.path) == ("PG401", "t.py")
    assert finding.message == "t.py::test_a of phase 1 broke: failed"


def test_the_gate_lists_waived_renamed_and_doubtful_tests() -> None:
    waived = judged(compared(run({A: Outcome.FAILED}), None, {A: "known"}))
    renamed = judged(compared(run(green("t.py::test_b")), Texts({TestId("t.py::test_b"): "da"})))
    doubtful = judged(compared(run(green(A)), Texts({A: "new"})))

    assert waived.ruling is Ruling.WAIVED
    assert waived.findings[0].message.endswith("broke: failed (waived: known)")
    assert (renamed.ruling, renamed.findings[0].code) == (Ruling.PASSED, "PG406")
    assert (doubtful.ruling, doubtful.findings[0].code) == (Ruling.INCONCLUSIVE, "PG404")


def test_a_waiver_names_tests_by_id_or_file_until_its_date() -> None:
    tests = [A, TestId("u.py::test_b"), TestId("v.py::test_c")]
    waivers = [
        Waiver("t.py::*", "known", "2030-01-01"),
        Waiver("u.py", "moved", "2030-01-01"),
        Waiver("v.py", "", "2029-12-31"),
    ]

    assert waived_tests(waivers, tests, "2030-01-01") == {A: "known", "u.py::test_b": "moved"}
    assert waived_tests(waivers, tests, "2030-01-02") == {}
