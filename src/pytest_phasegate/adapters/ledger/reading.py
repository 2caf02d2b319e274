"""Answer what a commit asks; each answer touches a bounded number of rows, found by index and checked one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pytest_phasegate.adapters.ledger.opening import DamagedLedgerError
from pytest_phasegate.adapters.ledger.ranges import Ranges
from pytest_phasegate.adapters.ledger.rows import Row, Rows, plain
from pytest_phasegate.adapters.ledger.schema import CONTENTS, MODULES, REDS, RUNS, SNAPSHOTS, TESTS, Table
from pytest_phasegate.adapters.ledger.writing import PLAIN
from pytest_phasegate.core.evidence.grading import Moment, Raised
from pytest_phasegate.core.evidence.outcomes import Grade, Outcome, TestId
from pytest_phasegate.core.evidence.runs import Red, RunRef, Seen, Sighting, TestVersion, snapshot_digest

_PASSED = 6 + PLAIN.index(Outcome.PASSED)  # the column of a run that holds the tests which passed
_NO_RED = frozenset({Grade.BROKEN, Grade.NONE})  # the grades that do not count as red
_RUNS_SEEN = 500  # so many of the newest runs are asked when a test was last seen: what lies before is history


class Reading:
    """Questions to one open ledger."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def reds(self, digests: Iterable[str], limit: int) -> Iterator[Sighting]:
        """Yield the newest reds of every test with one of these digests."""
        for digest in dict.fromkeys(digests):
            for test in list(self._rows.find(TESTS, "t.digest = ? ORDER BY t.seq DESC LIMIT ?", digest, limit)):
                found = self._rows.find(REDS, "t.test = ? ORDER BY t.seq DESC LIMIT ?", test[0], limit)
                yield from [self._sighting(row) for row in list(found)]

    def recent_reds(self, limit: int) -> list[Sighting]:
        """Return the newest reds of any test."""
        return [self._sighting(row) for row in list(self._rows.find(REDS, "1 ORDER BY t.seq DESC LIMIT ?", limit))]

    def runs(self, production: str, limit: int) -> list[RunRef]:
        """Return the newest runs beside one snapshot of production code."""
        snapshot = self._snapshot(production)
        if snapshot is None:
            return []
        return [self.run(row) for row in self._rows.agreed(RUNS, "production", snapshot[0], limit)]

    def recent_runs(self, limit: int) -> list[RunRef]:
        """Return the newest runs beside any code."""
        return [self.run(row) for row in list(self._rows.find(RUNS, "1 ORDER BY t.seq DESC LIMIT ?", limit))]

    def outcomes(self, number: int, tests: Sequence[TestVersion]) -> Iterator[tuple[TestVersion, Outcome]]:
        """Yield how each of these tests ended in one run."""
        run = self._rows.numbered(RUNS, number)
        sets = [(outcome, Ranges(text)) for outcome, text in zip(PLAIN, run[6:9], strict=True)]
        reds = {row[2]: Outcome(row[3]) for row in self._reds(number)}
        for test in tests:
            key = self.test_number(test)
            if key is None:
                continue
            outcome = reds.get(key) or next((outcome for outcome, members in sets if key in members), None)
            if outcome:
                yield test, outcome

    def test_number(self, test: TestVersion) -> int | None:
        """Return the row number of a test at one content, if it was ever seen."""
        condition = "t.digest = ? AND t.id = ? AND t.helpers = ?"
        row = self._rows.first(TESTS, condition, test.digest, test.id, test.helpers)
        return int(row[0]) if row else None

    def reds_of(self, number: int) -> list[Red]:
        """Return every red of one run."""
        return [self._red(row) for row in self._reds(number)]

    def fallen(self, earlier: int, later: int) -> Iterator[TestVersion]:
        """Yield the tests that passed in one run and not in another."""
        before, after = (Ranges(self._rows.numbered(RUNS, number)[_PASSED]) for number in (earlier, later))
        yield from (self.test(number) for number in before if number not in after)

    def contents(self, digest: str, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield the blob ids of these paths in one snapshot."""
        snapshot = self._snapshot(digest)
        members = Ranges(snapshot[2] if snapshot else "")
        for path in paths:
            for number, _, blob in self._rows.find(CONTENTS, "t.path = ?", plain(path)):
                if number in members:
                    yield path, blob

    def members(self, digest: str) -> dict[str, str]:
        """Return every path of one snapshot with its blob id.

        The snapshot's digest tells that they are what was written, which is faster than to check each row.
        """
        snapshot = self._snapshot(digest)
        found = {path: blob for _, path, blob in self._rows.spans(CONTENTS, snapshot[2])} if snapshot else {}
        if snapshot and snapshot_digest(found) != digest:  # paths that are no UTF-8 are kept in other words
            return {path: blob for _, path, blob in self._rows.members(CONTENTS, snapshot[2])}
        return found

    def modules(self, keys: Mapping[str, str]) -> Iterator[tuple[str, tuple[TestVersion, ...]]]:
        """Yield the tests of each test file that was recorded with its key."""
        for path, key in keys.items():
            found = self._rows.agreed(MODULES, "key", key)
            module = next((row for row in found if row[1] == plain(path)), None)
            if module:
                yield path, tuple(TestVersion(*row[1:]) for row in self._rows.members(TESTS, module[3]))

    def last_seen(self, tests: Mapping[TestId, str]) -> dict[TestId, Seen]:
        """Return when these tests, by id with their digest, were last red and last green: the newest runs tell.

        Every test is looked for, so the table is read from end to end, which one look at an index each would not beat.
        """
        numbers = {row[0]: TestId(row[1]) for row in self.every(TESTS) if tests.get(TestId(row[1])) == row[2]}
        runs = {row[0]: row for row in self._rows.find(RUNS, "1 ORDER BY t.seq DESC LIMIT ?", _RUNS_SEEN)}
        green: dict[TestId, int] = {}
        for row in runs.values():
            for number in numbers.keys() & set(Ranges(row[_PASSED])):
                green.setdefault(numbers[number], row[1])
        reds = self._rows.find(REDS, "t.run >= ? ORDER BY t.seq DESC", min(runs, default=0))
        red: dict[TestId, tuple[int, Grade]] = {}
        for row in reds:
            if row[2] in numbers and Grade(row[4]) not in _NO_RED:
                red.setdefault(numbers[row[2]], (runs[row[1]][1], Grade(row[4])))
        return {test: Seen(*red.get(test, (0, Grade.NONE)), green.get(test, 0)) for test in {*red, *green}}

    def _reds(self, run: int) -> list[Row]:
        """Return the reds of one run, in their order: as many as the run says that it had."""
        found = list(self._rows.find(REDS, "t.run = ? ORDER BY t.seq", run))
        if len(found) != self._rows.numbered(RUNS, run)[9]:
            raise DamagedLedgerError(self._rows.path, f"the index of reds does not show all of run {run}")
        return found

    def _snapshot(self, digest: str) -> Row | None:
        return next(iter(self._rows.agreed(SNAPSHOTS, "digest", digest, 1)), None)

    def _sighting(self, row: Row) -> Sighting:
        return Sighting(self._red(row), self.run(self._rows.numbered(RUNS, row[1])))

    def every(self, table: Table) -> Iterator[Row]:
        """Yield all rows of a table, oldest first, each checked."""
        return self._rows.find(table, "1 ORDER BY t.seq")

    def run(self, row: Row) -> RunRef:
        """Return the run in one row."""
        number, at, production, support, partial, incomplete = row[:6]
        code, rest = (self._rows.numbered(SNAPSHOTS, snapshot)[1] for snapshot in (production, support))
        return RunRef(number, at, code, rest, tuple(partial.split()), incomplete)

    def _red(self, row: Row) -> Red:
        _, _, test, outcome, grade, moment, types, missing, module, function, path, line, outside, flaky = row
        names = (
            None
            if types is None
            else Raised(tuple(types.split()), missing, module, function, path, line, bool(outside))
        )
        when = Moment(moment) if moment else None
        return Red(self.test(test), Outcome(outcome), Grade(grade), when, names, bool(flaky))

    def test(self, number: int) -> TestVersion:
        """Return the test in one row."""
        _, name, digest, helpers = self._rows.numbered(TESTS, number)
        return TestVersion(TestId(name), digest, helpers)
