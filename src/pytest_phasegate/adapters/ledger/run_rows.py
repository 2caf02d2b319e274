"""A run as rows, in and out.

To append one, what is known is interned and what is new added, in one transaction. What a row refers to is looked up
and checked with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pytest_phasegate.adapters.ledger import file
from pytest_phasegate.adapters.ledger.rows import Row, Rows, Value, pack, plain
from pytest_phasegate.core.evidence.outcomes import Grade, Moment, Outcome, Raised, TestId
from pytest_phasegate.core.evidence.runs import RecordedRun, Red, RunRef, Sighting, TestVersion, snapshot_digest

PLAIN = (Outcome.PASSED, Outcome.SKIPPED, Outcome.XFAILED)
"""The outcomes a run keeps as sets of tests, in the order of its columns."""

Values = tuple["Value", ...]


def append_run(rows: Rows, run: RecordedRun) -> int:
    """Append a run with its observations and return its number; ``rows.flush`` writes it."""
    tests = _Numbers(rows, file.TESTS)
    plain_sets = [pack(tests.of(map(_version, run.plain.get(outcome, ())))) for outcome in PLAIN]
    reds = tests.of(_version(red.test) for red in run.reds)
    snapshots = [_snapshot(rows, contents) for contents in (run.production, run.support)]
    number = rows.append(file.RUNS, run.at, *snapshots, " ".join(run.partial), run.incomplete, *plain_sets, len(reds))
    for module in run.modules:
        rows.append(file.MODULES, module.path, module.key, pack(tests.of(map(_version, module.tests))))
    for test, red in zip(reds, run.reds, strict=True):
        rows.append(file.REDS, number, test, *_facts(red))
    return number


class _Numbers:
    """The row numbers of values in a table that keeps each value once."""

    def __init__(self, rows: Rows, table: file.Table) -> None:
        self._rows = rows
        self._table = table
        self._known: dict[Values, int] = {}
        self._condition = " AND ".join(f"t.{name} = ?" for name in table.names)

    def of(self, values: Iterable[Values]) -> list[int]:
        """Return the number of each value, adding those that are new."""
        return [self._known.get(value) or self._look_up(value) for value in values]

    def _look_up(self, value: Values) -> int:
        row = self._rows.first(self._table, self._condition, *value)
        number: int = row[0] if row else self._rows.append(self._table, *value)
        self._known[value] = number
        return number


def _version(test: TestVersion) -> Values:
    return plain(test.id), test.digest, test.helpers


def _snapshot(rows: Rows, contents: Mapping[str, str]) -> int:
    """Return the number of a snapshot; of an unknown one only the files that changed are new rows."""
    digest = snapshot_digest(contents)
    present = rows.first(file.SNAPSHOTS, "t.digest = ?", digest)
    if present:
        return int(present[0])
    numbers = _Numbers(rows, file.CONTENTS)
    number = rows.append(
        file.SNAPSHOTS, digest, pack(numbers.of((plain(path), blob) for path, blob in contents.items()))
    )
    rows.flush()
    return number


def _facts(red: Red) -> Values:
    what: Values = (None,) * 7
    if raised := red.raised:
        place = raised.path, raised.line, int(raised.outside)
        what = (" ".join(raised.types), raised.missing, raised.module, raised.function, *place)
    return red.outcome.value, red.grade.value, red.moment and red.moment.value, *what, int(red.flaky)


def test_in(rows: Rows, number: int) -> TestVersion:
    """Return the test in the row of this number."""
    _, name, digest, helpers = rows.numbered(file.TESTS, number)
    return TestVersion(TestId(name), digest, helpers)


def number_of(rows: Rows, test: TestVersion) -> int | None:
    """Return the row number of a test at one content, if it was ever seen."""
    condition = "t.digest = ? AND t.id = ? AND t.helpers = ?"
    row = rows.first(file.TESTS, condition, test.digest, test.id, test.helpers)
    return int(row[0]) if row else None


def run_in(rows: Rows, row: Row) -> RunRef:
    """Return the run in one row."""
    number, at, production, support, partial, incomplete = row[:6]
    code, rest = (rows.numbered(file.SNAPSHOTS, snapshot)[1] for snapshot in (production, support))
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
    return Sighting(red_in(rows, row), run_in(rows, rows.numbered(file.RUNS, row[1])))


def reds_in(rows: Rows, run: int) -> list[Row]:
    """Return the reds of one run, in their order: as many as the run says that it had."""
    found = list(rows.find(file.REDS, "t.run = ? ORDER BY t.seq", run))
    if len(found) != rows.numbered(file.RUNS, run)[9]:
        raise file.DamagedLedgerError(rows.path, f"the index of reds does not show all of run {run}")
    return found


def snapshot_of(rows: Rows, digest: str) -> Row | None:
    """Return the row of a snapshot, if it was ever recorded."""
    return next(iter(rows.agreed(file.SNAPSHOTS, "digest", digest, 1)), None)
