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
Run = tuple[str, tuple[str, ...] | None]
NOW = SuiteRun(2, (A, B))


def _case(node: NodeId, outcome: Outcome) -> ProbedCase:
    return ProbedCase(node_id=node, path=node.partition("::")[0], outcome=outcome)


def _asked(
    ends: Mapping[str, Mapping[NodeId, Outcome]], **more: Mapping[NodeId, Outcome]
) -> tuple[list[Run], tuple[TestId, ...]]:
    """Return what was run where, and the tests that are lost, for commits in which tests ended as given.

    ``more`` says how they end without the rest of the suite as it stands (``now``), and in the whole suite of a commit.
    """
    runs: list[Run] = []

    def before(revision: str, files: tuple[str, ...] | None, _attempt: int) -> ProbedRun:
        runs.append((revision, files))
        there = more[f"suite_of_{revision}"] if files is None else {**ends, **more}[revision]
        wanted = (one for one in there.items() if files is None or one[0].partition("::")[0] in files)
        return ProbedRun(cases=tuple(_case(node, end) for node, end in wanted))

    return runs, against(NOW, ends, "", before, waived={}, now="now" if "now" in more else "").lost


def test_what_was_green_in_one_commit_is_not_asked_of_the_next() -> None:
    runs, lost = _asked({"one": {A: Outcome.PASSED, B: Outcome.FAILED}, "two": {A: Outcome.FAILED, B: Outcome.FAILED}})

    assert runs == [("one", ("tests/test_a.py", "tests/test_b.py")), ("two", ("tests/test_b.py",))]
    assert lost == (TestId(A),)


def test_what_was_red_in_one_commit_and_green_in_another_is_lost() -> None:
    _, lost = _asked({"one": {A: Outcome.FAILED, B: Outcome.FAILED}, "two": {A: Outcome.FAILED, B: Outcome.PASSED}})

    assert lost == (TestId(B),)


def test_what_was_red_in_the_only_commit_is_run_there_once_more() -> None:
    runs, lost = _asked({"one": {A: Outcome.PASSED, B: Outcome.FAILED}})

    assert runs == [("one", ("tests/test_a.py", "tests/test_b.py")), ("one", ("tests/test_b.py",))]
    assert lost == (TestId(A),)


def test_where_all_of_it_was_green_nothing_more_is_run() -> None:
    runs, lost = _asked({"one": {A: Outcome.PASSED, B: Outcome.PASSED}, "two": {}})

    assert [revision for revision, _ in runs] == ["one"]
    assert lost == (TestId(A), TestId(B))


def test_what_fails_in_the_whole_suite_alone_is_asked_of_the_whole_suite_before() -> None:
    both, neither = {A: Outcome.PASSED, B: Outcome.PASSED}, {A: Outcome.FAILED, B: Outcome.FAILED}
    one_alone = {A: Outcome.PASSED, B: Outcome.FAILED}

    runs, lost = _asked({"one": both}, now=one_alone, suite_of_one=neither)
    _, broken = _asked({"one": both}, now=both, suite_of_one=both)
    asked, red = _asked({"one": both}, now=neither)

    assert runs[-2:] == [("now", ("tests/test_a.py", "tests/test_b.py")), ("one", None)]
    assert lost == (TestId(B),), "it fails alone now, and did not before"
    assert broken == (TestId(A), TestId(B)), "the suite turns them red now, and did not before"
    assert (len(asked), red) == (2, (TestId(A), TestId(B)))


def test_what_the_whole_suite_before_did_not_run_is_as_it_was_alone() -> None:
    both = {A: Outcome.PASSED, B: Outcome.PASSED}

    _, lost = _asked({"one": both}, now=both, suite_of_one={A: Outcome.FAILED})

    assert lost == (TestId(B),)
