"""What is red now is asked of earlier commits: each of them runs only what is still to be known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_phasegate.app.regression.suite import against
from pytest_phasegate.core.evidence.outcomes import NodeId, Outcome, TestId
from pytest_phasegate.core.evidence.probe_records import ProbedCase, ProbedRun
from pytest_phasegate.core.regression.suite import SuiteRun

if TYPE_CHECKING:
    from collections.abc import Mapping

A, B = NodeId("tests/test_a.py::test_a"), NodeId("tests/test_b.py::test_b")
Run = tuple[str, tuple[str, ...]]
NOW = SuiteRun(2, (A, B))


def _case(node: NodeId, outcome: Outcome) -> ProbedCase:
    return ProbedCase(node_id=node, path=node.partition("::")[0], outcome=outcome)


def _asked(
    ends: Mapping[str, Mapping[NodeId, Outcome]],
) -> tuple[list[tuple[str, tuple[str, ...]]], tuple[TestId, ...]]:
    """Return what was run where, and the tests that are lost, for commits in which tests ended as given."""
    runs: list[Run] = []

    def before(revision: str, files: tuple[str, ...]) -> ProbedRun:
        runs.append((revision, files))
        there = ends[revision].items()
        return ProbedRun(cases=tuple(_case(node, end) for node, end in there if node.partition("::")[0] in files))

    return runs, against(NOW, ends, "", before, {}).lost


def test_what_was_green_in_one_commit_is_not_asked_of_the_next() -> None:
    runs, lost = _asked({"one": {A: Outcome.PASSED, B: Outcome.FAILED}, "two": {A: Outcome.FAILED, B: Outcome.FAILED}})

    assert runs == [("one", ("tests/test_a.py", "tests/test_b.py")), ("two", ("tests/test_b.py",))]
    assert lost == (TestId(A),)


def test_what_was_red_in_one_commit_and_green_in_another_is_lost() -> None:
    _, lost = _asked({"one": {A: Outcome.FAILED, B: Outcome.FAILED}, "two": {A: Outcome.FAILED, B: Outcome.PASSED}})

    assert lost == (TestId(B),)


def test_where_all_of_it_was_green_nothing_more_is_run() -> None:
    runs, lost = _asked({"one": {A: Outcome.PASSED, B: Outcome.PASSED}, "two": {}})

    assert [revision for revision, _ in runs] == ["one"]
    assert lost == (TestId(A), TestId(B))
