"""The ledger port, fulfilled: open for each question, answer, close.

Each answer touches a bounded number of rows, found by index and checked one by one.
"""

from __future__ import annotations

import os.path
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pytest_phasegate.adapters.ledger import file, run_rows
from pytest_phasegate.adapters.ledger.file import CONTENTS, MODULES, REDS, RUNS, TESTS, DamagedLedgerError, translated
from pytest_phasegate.adapters.ledger.rows import Ranges, Row, Rows, examine, plain
from pytest_phasegate.adapters.ledger.run_rows import PLAIN, red_in, reds_in, run_in, snapshot_of, test_in
from pytest_phasegate.core.evidence.outcomes import Grade, Outcome, TestId
from pytest_phasegate.core.evidence.runs import (
    Health,
    RecordedRun,
    Red,
    RunRef,
    Seen,
    Sighting,
    TestVersion,
    snapshot_digest,
)

_PASSED = 6 + PLAIN.index(Outcome.PASSED)  # the column of a run that holds the tests which passed
_NO_RED = frozenset({Grade.BROKEN, Grade.NONE})  # the grades that do not count as red
_RUNS_SEEN = 500  # so many of the newest runs are asked when a test was last seen: what lies before is history
_NEWEST = "1 ORDER BY t.seq DESC LIMIT ?"


class SqliteLedger:
    """One ledger file. Nothing is opened or created before it is asked for something."""

    def __init__(self, path: Path | str) -> None:
        self.path = os.fspath(path)
        self._open: Rows | None = None

    @contextmanager
    def kept_open(self) -> Iterator[None]:
        """Answer all questions inside from one opened file, as it stands now; nothing may be recorded meanwhile."""
        with self._rows() as rows:
            outer, self._open = self._open, rows
            try:
                yield
            finally:
                self._open = outer

    def record(self, run: RecordedRun) -> str:
        """Append one run; a damaged file is set aside first, and the sentence that says so is returned."""
        try:
            self._append(run)
        except DamagedLedgerError as damage:
            aside = self.set_aside()
            self._append(run)
            return f"{damage.problem}; it was set aside as {aside}, and a new one begins"
        return ""

    def reds(self, digests: Iterable[str], limit: int = 50) -> tuple[Sighting, ...]:
        """Return the newest reds of tests with these digests, newest first."""
        found: list[Sighting] = []
        with self._rows() as rows:
            for digest in dict.fromkeys(digests):
                for test in list(rows.find(TESTS, "t.digest = ? ORDER BY t.seq DESC LIMIT ?", digest, limit)):
                    reds = list(rows.find(REDS, "t.test = ? ORDER BY t.seq DESC LIMIT ?", test[0], limit))
                    found += [run_rows.sighting_in(rows, row) for row in reds]
        return tuple(sorted(found, key=lambda sighting: -sighting.run.number))

    def recent_reds(self, limit: int = 500) -> tuple[Sighting, ...]:
        """Return the newest reds of any test, newest first."""
        with self._rows() as rows:
            return tuple(run_rows.sighting_in(rows, row) for row in list(rows.find(REDS, _NEWEST, limit)))

    def runs(self, production: str) -> tuple[RunRef, ...]:
        """Return the runs beside exactly this production code, newest first."""
        with self._rows() as rows:
            snapshot = snapshot_of(rows, production)
            found = rows.agreed(RUNS, "production", snapshot[0]) if snapshot else ()
            return tuple(run_in(rows, row) for row in found)

    def recent_runs(self, limit: int = 20) -> tuple[RunRef, ...]:
        """Return the newest runs beside any code, newest first."""
        with self._rows() as rows:
            return tuple(run_in(rows, row) for row in list(rows.find(RUNS, _NEWEST, limit)))

    def outcomes(self, run: RunRef, tests: Sequence[TestVersion]) -> Mapping[TestVersion, Outcome]:
        """Return how these tests ended in a run; a test that did not run in it is left out."""
        found: dict[TestVersion, Outcome] = {}
        with self._rows() as rows:
            packed = rows.numbered(RUNS, run.number)[6:9]
            sets = [(outcome, Ranges(text)) for outcome, text in zip(PLAIN, packed, strict=True)]
            reds = {row[2]: Outcome(row[3]) for row in reds_in(rows, run.number)}
            for test in tests:
                key = run_rows.number_of(rows, test)
                if key is not None:
                    outcome = reds.get(key) or next((outcome for outcome, members in sets if key in members), None)
                    found |= {test: outcome} if outcome else {}
        return found

    def inherited(self, run: RunRef) -> Mapping[TestId, Outcome]:
        """Return how the tests of a run ended that have no text of their own; none of them failed."""
        with self._rows() as rows:
            sets = [set(Ranges(text)) for text in rows.numbered(RUNS, run.number)[6:9]]
            known = {row[0]: TestId(row[1]) for row in rows.find(TESTS, "t.digest = ?", "")}
            ended = zip(PLAIN, sets, strict=True)
            return {known[key]: outcome for outcome, members in ended for key in known.keys() & members}

    def reds_of(self, run: RunRef) -> tuple[Red, ...]:
        """Return every red of one run."""
        with self._rows() as rows:
            return tuple(red_in(rows, row) for row in reds_in(rows, run.number))

    def fallen(self, earlier: RunRef, later: RunRef) -> tuple[TestVersion, ...]:
        """Return the tests that passed in one run and, at that very content, did not in another."""
        with self._rows() as rows:
            before, after = (Ranges(rows.numbered(RUNS, run.number)[_PASSED]) for run in (earlier, later))
            return tuple(test_in(rows, number) for number in before if number not in after)

    def contents(self, snapshot: str, paths: Sequence[str]) -> Mapping[str, str]:
        """Return the blob ids of these paths in a snapshot; a path that is not in it is left out."""
        with self._rows() as rows:
            known = snapshot_of(rows, snapshot)
            members = Ranges(known[2] if known else "")
            found = ((path, row) for path in paths for row in rows.find(CONTENTS, "t.path = ?", plain(path)))
            return {path: blob for path, (number, _, blob) in found if number in members}

    def members(self, snapshot: str) -> Mapping[str, str]:
        """Return the blob id of every path in a snapshot; of one that was never recorded, nothing.

        The snapshot's digest tells that they are what was written, which is faster than to check each row.
        """
        with self._rows() as rows:
            known = snapshot_of(rows, snapshot)
            found = {path: blob for _, path, blob in rows.spans(CONTENTS, known[2])} if known else {}
            if known and snapshot_digest(found) != snapshot:  # paths that are no UTF-8 are kept in other words
                return {path: blob for _, path, blob in rows.members(CONTENTS, known[2])}
            return found

    def modules(self, keys: Mapping[str, str]) -> Mapping[str, tuple[TestVersion, ...]]:
        """Return the tests of the test files (key by path) that were recorded with this very key."""
        found: dict[str, tuple[TestVersion, ...]] = {}
        with self._rows() as rows:
            for path, key in keys.items():
                recorded = rows.agreed(MODULES, "key", key)
                module = next((row for row in recorded if row[1] == plain(path)), None)
                if module:
                    found[path] = tuple(TestVersion(*row[1:]) for row in rows.members(TESTS, module[3]))
        return found

    def last_seen(self, tests: Mapping[TestId, str]) -> Mapping[TestId, Seen]:
        """Return when these tests, by id with their digest, were last red and last green: the newest runs tell.

        Every test is looked for, so the table is read from end to end, which one look at an index each would not beat.
        """
        green: dict[TestId, int] = {}
        red: dict[TestId, tuple[int, Grade]] = {}
        with self._rows() as rows:
            every = rows.every(TESTS) if tests else ()
            numbers = {row[0]: TestId(row[1]) for row in every if tests.get(TestId(row[1])) == row[2]}
            runs = {row[0]: row for row in rows.find(RUNS, _NEWEST, _RUNS_SEEN)} if numbers else {}
            for row in runs.values():
                for number in numbers.keys() & set(Ranges(row[_PASSED])):
                    green.setdefault(numbers[number], row[1])
            for row in rows.find(REDS, "t.run >= ? ORDER BY t.seq DESC", min(runs)) if runs else ():
                if row[2] in numbers and Grade(row[4]) not in _NO_RED:
                    red.setdefault(numbers[row[2]], (runs[row[1]][1], Grade(row[4])))
        return {test: Seen(*red.get(test, (0, Grade.NONE)), green.get(test, 0)) for test in {*red, *green}}

    def health(self) -> Health:
        """Look at every row and every page."""
        return examine(Path(self.path))

    def export(self) -> Iterator[Mapping[str, object]]:
        """Yield everything in the ledger as plain records, oldest first, each checked."""
        with self._rows() as rows:
            for row in rows.every(RUNS):
                yield from _run(rows, row)

    def set_aside(self) -> str:
        """Move the file, and the journal beside it, away under another name, which is returned."""
        with translated(self.path):
            return str(move_aside(Path(self.path)))

    def _append(self, run: RecordedRun) -> None:
        with file.for_writing(self.path) as connection:
            rows = Rows(connection, self.path)
            run_rows.append_run(rows, run)
            rows.flush()

    @contextmanager
    def _rows(self) -> Iterator[Rows]:
        """Open for reading, unless it is open; where there is no ledger yet, an empty one answers."""
        if self._open is not None:
            yield self._open
            return
        with file.for_reading(self.path if os.path.exists(self.path) else None) as connection:
            yield Rows(connection, self.path)


def move_aside(path: Path) -> Path:
    """Rename a ledger to a free name beside it that says when, and return the new path.

    SQLite would play a journal that is left behind into the next file of the same name.
    """
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    names = [path.with_name(f"{path.stem}.damaged-{stamp}{suffix}{path.suffix}") for suffix in ("", "-2", "-3", "-4")]
    target = next((name for name in names if not name.exists()), names[-1])
    path.rename(target)
    journal = path.with_name(f"{path.name}-journal")
    if journal.exists():
        journal.rename(target.with_name(f"{target.name}-journal"))
    return target


def _run(rows: Rows, row: Row) -> Iterator[Mapping[str, object]]:
    """Yield a run and what it observed."""
    run = run_in(rows, row)
    facts = {**run._asdict(), "partial": list(run.partial)}
    yield {"record": "run", "run": facts.pop("number"), **facts}
    for outcome, packed in zip(PLAIN, row[6:9], strict=True):
        yield from (_observation(run.number, test_in(rows, key), outcome.value) for key in Ranges(packed))
    yield from (_red(run.number, red_in(rows, one)) for one in reds_in(rows, run.number))


def _observation(run: int, test: TestVersion, outcome: str) -> dict[str, object]:
    content = {"digest": test.digest, "helpers": test.helpers}
    return {"record": "observation", "run": run, "test": test.id, **content, "outcome": outcome}


def _red(run: int, red: Red) -> dict[str, object]:
    facts = {"grade": red.grade.value, "moment": red.moment and red.moment.value, "flaky": red.flaky}
    exception = red.raised.name if red.raised else ""
    return {**_observation(run, red.test, red.outcome.value), **facts, "exception": exception}
