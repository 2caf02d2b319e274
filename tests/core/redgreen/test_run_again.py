"""What failed in a run, beside another run of the same files."""

from __future__ import annotations

import pytest

from pytest_phasegate.core.evidence.outcomes import NodeId, Outcome, Raised
from pytest_phasegate.core.evidence.probe_records import ProbedCase, ProbedRun, Uncollected, united
from pytest_phasegate.core.redgreen.replay import failing_alike, settled

FILE = "tests/test_a.py"
LACKS = (Uncollected(FILE, Raised(("ModuleNotFoundError",), missing="nowhere")),)
OTHERWISE = (Uncollected(FILE, Raised(("ModuleNotFoundError",), missing="elsewhere")),)
WRONG = Raised(("AssertionError",), path=FILE, line=3, message="assert 1 == 2")


def _run(
    outcome: Outcome = Outcome.FAILED, raised: Raised | None = WRONG, stopped: int = 3, name: str = "test_a"
) -> ProbedRun:
    case = ProbedCase(NodeId(f"{FILE}::{name}"), FILE, outcome, raised=raised, stopped=stopped)
    return ProbedRun((case, ProbedCase(NodeId(f"{FILE}::test_b"), FILE, Outcome.PASSED)), finished=True)


TWO = united([_run(name="test_a[1]"), _run(name="test_a[2]")])


@pytest.mark.parametrize(
    ("run", "other", "alike"),
    [
        (_run(), _run(), True),
        (ProbedRun((), LACKS), ProbedRun((), LACKS), True),
        (TWO, _run(name="test_a[2]"), True),
        (united([TWO, _run(name="test_c")]), _run(name="test_a[2]"), False),
        (_run(), _run(Outcome.PASSED, None, 0), False),
        (_run(), ProbedRun(), False),
        (_run(), _run(raised=WRONG._replace(message="assert 1 == 3")), False),
        (_run(), _run(stopped=4), False),
        (_run(raised=None), _run(raised=None), False),
        (ProbedRun((), LACKS), ProbedRun((), OTHERWISE), False),
    ],
    ids=[
        "the same assertion", "the same module lacks", "one case did", "another test did not", "passed before",
        "not there before", "another value", "another line", "a crash", "another module lacks",
    ],
)  # fmt: skip
def test_a_file_fails_as_before_if_all_that_fails_in_it_fails_by_the_same_cause(
    run: ProbedRun, other: ProbedRun, *, alike: bool
) -> None:
    assert failing_alike(run, other) == ((FILE,) if alike else ())


@pytest.mark.parametrize(
    ("again", "failing"),
    [
        (_run(Outcome.PASSED, None, 0), ()),
        (ProbedRun((), LACKS, finished=True), (FILE,)),
        (ProbedRun(), (FILE,)),
        (ProbedRun(aborted=WRONG), (FILE,)),
        (ProbedRun(trouble="120 seconds were not enough"), (FILE,)),
    ],
    ids=["collected the second time", "lacks it again", "nothing ran", "pytest gave up", "ended by the time limit"],
)
def test_a_file_that_could_not_be_collected_is_flaky_only_by_a_run_that_came_to_its_end(
    again: ProbedRun, failing: tuple[str, ...]
) -> None:
    assert settled(ProbedRun((), LACKS), again).failing_files == failing
