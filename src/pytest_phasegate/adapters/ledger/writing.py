"""Append one run: intern what is known, add what is new, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pytest_phasegate.adapters.ledger.ranges import pack
from pytest_phasegate.adapters.ledger.rows import Row, Rows, Value, plain
from pytest_phasegate.adapters.ledger.schema import CONTENTS, MODULES, REDS, RUNS, SNAPSHOTS, TESTS, Table
from pytest_phasegate.core.evidence.outcomes import Outcome
from pytest_phasegate.core.evidence.runs import RecordedRun, Red, TestVersion, snapshot_digest

PLAIN = (Outcome.PASSED, Outcome.SKIPPED, Outcome.XFAILED)
"""The outcomes a run keeps as sets of tests, in the order of its columns."""

Values = tuple["Value", ...]


def append_run(rows: Rows, run: RecordedRun) -> int:
    """Append a run with its observations and return its number; ``rows.flush`` writes it."""
    previous = rows.last(RUNS)
    tests = _Numbers(rows, TESTS, _tests_of(rows, previous))
    plain_sets = [pack(tests.of(map(_version, run.plain.get(outcome, ())))) for outcome in PLAIN]
    reds = tests.of(_version(red.test) for red in run.reds)
    snapshots = [_snapshot(rows, contents, previous) for contents in (run.production, run.support)]
    number = rows.append(RUNS, run.at, *snapshots, " ".join(run.partial), run.incomplete, *plain_sets, len(reds))
    for module in run.modules:
        rows.append(MODULES, module.path, module.key, pack(tests.of(map(_version, module.tests))))
    for test, red in zip(reds, run.reds, strict=True):
        rows.append(REDS, number, test, *_facts(red))
    return number


class _Numbers:
    """The row numbers of values in a table that keeps each value once."""

    def __init__(self, rows: Rows, table: Table, known: dict[Values, int]) -> None:
        self._rows = rows
        self._table = table
        self._known = known
        self._began_empty = not rows.tail(table)[0]
        self._condition = " AND ".join(f"t.{name} = ?" for name in table.names)

    def of(self, values: Iterable[Values]) -> list[int]:
        """Return the number of each value, adding those that are new."""
        return [self._known.get(value) or self._look_up(value) for value in values]

    def _look_up(self, value: Values) -> int:
        row = None if self._began_empty else self._rows.first(self._table, self._condition, *value)
        number: int = row[0] if row else self._rows.append(self._table, *value)
        self._known[value] = number
        return number


def _version(test: TestVersion) -> Values:
    return plain(test.id), test.digest, test.helpers


def _tests_of(rows: Rows, run: Row | None) -> dict[Values, int]:
    """Return the tests of the run before: nearly always those of this one."""
    packed = run[6:9] if run else ()
    return {row[1:]: row[0] for text in packed for row in rows.spans(TESTS, text)}


def _snapshot(rows: Rows, contents: Mapping[str, str], previous: Row | None) -> int:
    """Return the number of a snapshot; of an unknown one only the files that changed are new rows."""
    digest = snapshot_digest(contents)
    present = rows.first(SNAPSHOTS, "t.digest = ?", digest)
    if present:
        return int(present[0])
    numbers = _Numbers(rows, CONTENTS, _contents_of(rows, previous[2:4] if previous else ()))
    number = rows.append(SNAPSHOTS, digest, pack(numbers.of((plain(path), blob) for path, blob in contents.items())))
    rows.flush()
    return number


def _contents_of(rows: Rows, snapshots: Sequence[int]) -> dict[Values, int]:
    packed = [rows.numbered(SNAPSHOTS, number)[2] for number in snapshots]
    return {row[1:]: row[0] for text in packed for row in rows.spans(CONTENTS, text)}


def _facts(red: Red) -> Values:
    raised = red.raised
    if raised is None:
        what: Values = (None,) * 7
    else:
        types = " ".join(raised.types)
        place = raised.path, raised.line, int(raised.outside)
        what = (types, raised.missing, raised.module, raised.function, *place)
    return red.outcome.value, red.grade.value, red.moment and red.moment.value, *what, int(red.flaky)
