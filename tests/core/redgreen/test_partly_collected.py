"""A file of which pytest could collect a part: what it collected ended as it ended."""

from __future__ import annotations

import pytest

from pytest_phasegate.core.evidence.outcomes import Additions, Grade, NodeId, Outcome, Raised
from pytest_phasegate.core.evidence.probe_records import ProbedCase, ProbedRun, Uncollected
from pytest_phasegate.core.redgreen.replay import compare
from pytest_phasegate.core.regression.suite import Excused, broken_tests

FILE = "tests/test_a.py"
WARNED = (Uncollected(FILE, Raised(("PytestCollectionWarning", "UserWarning"))),)


def _run(uncollected: tuple[Uncollected, ...] = (), **outcomes: Outcome) -> ProbedRun:
    cases = (ProbedCase(NodeId(f"{FILE}::{name}"), FILE, outcome) for name, outcome in outcomes.items())
    return ProbedRun(tuple(cases), uncollected)


@pytest.mark.parametrize(
    ("after", "broken"),
    [
        (_run(WARNED, test_a=Outcome.PASSED, test_b=Outcome.PASSED), ()),
        (_run(WARNED, test_a=Outcome.PASSED, test_b=Outcome.FAILED), ()),
        (_run(WARNED, test_a=Outcome.PASSED), (f"{FILE}::test_b",)),
        (_run(WARNED), (f"{FILE}::test_a", f"{FILE}::test_b")),
    ],
    ids=["all collected", "one fails, which is no matter of its import", "one is gone", "nothing collected"],
)
def test_a_test_is_broken_if_the_after_side_could_not_collect_it(after: ProbedRun, broken: tuple[str, ...]) -> None:
    base = _run(WARNED, test_a=Outcome.PASSED, test_b=Outcome.PASSED)

    assert broken_tests(base, after, Excused()) == broken


@pytest.mark.parametrize(
    ("red", "before", "grade"),
    [
        (_run(WARNED, test_a=Outcome.PASSED), Outcome.PASSED, Grade.NONE),
        (_run(WARNED, test_b=Outcome.PASSED), Outcome.ERROR, Grade.STRUCTURAL),
    ],
    ids=["collected", "not collected"],
)
def test_a_test_is_red_by_its_file_if_it_was_not_collected(red: ProbedRun, before: Outcome, grade: Grade) -> None:
    (test,) = compare(_run(test_a=Outcome.PASSED), red, None, Additions()).tests

    assert (test.before, test.grade, test.uncollected) == (before, grade, before is Outcome.ERROR)
