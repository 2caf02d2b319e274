"""Rows as the values they stand for; what a row refers to is looked up and checked with it."""

from __future__ import annotations

from pytest_phasegate.adapters.ledger.opening import DamagedLedgerError
from pytest_phasegate.adapters.ledger.rows import Row, Rows
from pytest_phasegate.adapters.ledger.schema import REDS, RUNS, SNAPSHOTS, TESTS
from pytest_phasegate.core.evidence.grading import Moment, Raised
from pytest_phasegate.core.evidence.outcomes import Grade, Outcome, TestId
from pytest_phasegate.core.evidence.runs import Red, RunRef, Sighting, TestVersion


def test_in(rows: Rows, number: int) -> TestVersion:
    """Return the test in the row of this number."""
    _, name, digest, helpers = rows.numbered(TESTS, number)
    return TestVersion(TestId(name), digest, helpers)


def number_of(rows: Rows, test: TestVersion) -> int | None:
    """Return the row number of a test at one content, if it was ever seen."""
    condition = "t.digest = ? AND t.id = ? AND t.helpers = ?"
    row = rows.first(TESTS, condition, test.digest, test.id, test.helpers)
    return int(row[0]) if row else None


def run_in(rows: Rows, row: Row) -> RunRef:
    """Return the run in one row."""
    number, at, production, support, partial, incomplete = row[:6]
    code, rest = (rows.numbered(SNAPSHOTS, snapshot)[1] for snapshot in (production, support))
    return RunRef(number, at, code, rest, tuple(partial.split()), incomplete)


def red_in(rows: Rows, row: Row) -> Red:
    """Return the red in one row."""
    _, _, test, outcome, grade, moment, types, missing, module, function, path, line, outside, flaky = row
    raised = None
    if types is not None:
        raised = Raised(tuple(types.split()), missing, module, function, path, line, bool(outside))
    when = Moment(moment) if moment else None
    return Red(test_in(rows, test), Outcome(outcome), Grade(grade), when, raised, bool(flaky))


def sighting_in(rows: Rows, row: Row) -> Sighting:
    """Return the red in one row, with its run."""
    return Sighting(red_in(rows, row), run_in(rows, rows.numbered(RUNS, row[1])))


def reds_in(rows: Rows, run: int) -> list[Row]:
    """Return the reds of one run, in their order: as many as the run says that it had."""
    found = list(rows.find(REDS, "t.run = ? ORDER BY t.seq", run))
    if len(found) != rows.numbered(RUNS, run)[9]:
        raise DamagedLedgerError(rows.path, f"the index of reds does not show all of run {run}")
    return found


def snapshot_of(rows: Rows, digest: str) -> Row | None:
    """Return the row of a snapshot, if it was ever recorded."""
    return next(iter(rows.agreed(SNAPSHOTS, "digest", digest, 1)), None)
