"""The ledger port, fulfilled: open for each question, answer, close."""

from __future__ import annotations

import os.path
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pytest_phasegate.adapters.ledger import opening
from pytest_phasegate.adapters.ledger.opening import DamagedLedgerError, translated
from pytest_phasegate.adapters.ledger.ranges import Ranges
from pytest_phasegate.adapters.ledger.reading import Reading
from pytest_phasegate.adapters.ledger.rows import Row, Rows
from pytest_phasegate.adapters.ledger.schema import RUNS
from pytest_phasegate.adapters.ledger.writing import PLAIN
from pytest_phasegate.core.evidence.outcomes import Outcome, TestId
from pytest_phasegate.core.evidence.runs import Health, RecordedRun, Red, RunRef, Seen, Sighting, TestVersion


class SqliteLedger:
    """One ledger file. Nothing is opened or created before it is asked for something."""

    def __init__(self, path: Path | str) -> None:
        self.path = os.fspath(path)
        self._open: Reading | None = None

    @contextmanager
    def kept_open(self) -> Iterator[None]:
        """Answer all questions inside from one opened file, as it stands now; nothing may be recorded meanwhile."""
        with self._reading() as reading:
            outer, self._open = self._open, reading
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
        with self._reading() as reading:
            found = reading.reds(digests, limit) if reading else ()
            return tuple(sorted(found, key=lambda sighting: -sighting.run.number))

    def recent_reds(self, limit: int = 500) -> tuple[Sighting, ...]:
        """Return the newest reds of any test, newest first."""
        with self._reading() as reading:
            return tuple(reading.recent_reds(limit)) if reading else ()

    def runs(self, production: str, limit: int = 20) -> tuple[RunRef, ...]:
        """Return the newest runs beside exactly this production code, newest first."""
        with self._reading() as reading:
            return tuple(reading.runs(production, limit)) if reading else ()

    def recent_runs(self, limit: int = 20) -> tuple[RunRef, ...]:
        """Return the newest runs beside any code, newest first."""
        with self._reading() as reading:
            return tuple(reading.recent_runs(limit)) if reading else ()

    def outcomes(self, run: RunRef, tests: Sequence[TestVersion]) -> Mapping[TestVersion, Outcome]:
        """Return how these tests ended in a run; a test that did not run in it is left out."""
        with self._reading() as reading:
            return dict(reading.outcomes(run.number, tests)) if reading else {}

    def reds_of(self, run: RunRef) -> tuple[Red, ...]:
        """Return every red of one run."""
        with self._reading() as reading:
            return tuple(reading.reds_of(run.number)) if reading else ()

    def fallen(self, earlier: RunRef, later: RunRef) -> tuple[TestVersion, ...]:
        """Return the tests that passed in one run and, at that very content, did not in another."""
        with self._reading() as reading:
            return tuple(reading.fallen(earlier.number, later.number)) if reading else ()

    def contents(self, snapshot: str, paths: Sequence[str]) -> Mapping[str, str]:
        """Return the blob ids of these paths in a snapshot; a path that is not in it is left out."""
        with self._reading() as reading:
            return dict(reading.contents(snapshot, paths)) if reading else {}

    def members(self, snapshot: str) -> Mapping[str, str]:
        """Return the blob id of every path in a snapshot; of one that was never recorded, nothing."""
        with self._reading() as reading:
            return reading.members(snapshot) if reading else {}

    def modules(self, keys: Mapping[str, str]) -> Mapping[str, tuple[TestVersion, ...]]:
        """Return the tests of the test files (key by path) that were recorded with this very key."""
        with self._reading() as reading:
            return dict(reading.modules(keys)) if reading else {}

    def last_seen(self, tests: Mapping[TestId, str]) -> Mapping[TestId, Seen]:
        """Return when these tests were last red and last green, if ever."""
        with self._reading() as reading:
            return reading.last_seen(tests) if reading and tests else {}

    def health(self) -> Health:
        """Look at every row and every page."""
        from pytest_phasegate.adapters.ledger.health import examine

        return examine(Path(self.path))

    def export(self) -> Iterator[Mapping[str, object]]:
        """Yield everything in the ledger as plain records, oldest first, each checked."""
        with self._reading() as reading:
            yield from records(reading) if reading else ()

    def set_aside(self) -> str:
        """Move the file, and the journal beside it, away under another name, which is returned."""
        with translated(self.path):
            return str(move_aside(Path(self.path)))

    def _append(self, run: RecordedRun) -> None:
        from pytest_phasegate.adapters.ledger.writing import append_run

        with opening.for_writing(self.path) as connection:
            rows = Rows(connection, self.path)
            append_run(rows, run)
            rows.flush()

    @contextmanager
    def _reading(self) -> Iterator[Reading | None]:
        """Open for reading, unless it is open; ``None`` where there is no ledger yet."""
        from pytest_phasegate.adapters.ledger.reading import Reading

        if self._open is not None or not os.path.exists(self.path):
            yield self._open
            return
        with opening.for_reading(self.path) as connection:
            yield Reading(Rows(connection, self.path))


def move_aside(path: Path) -> Path:
    """Rename a ledger to a free name beside it that says when, and return the new path.

    SQLite would play a journal that is left behind into the next file of the same name.
    """
    target = _free_name(path)
    path.rename(target)
    journal = path.with_name(f"{path.name}-journal")
    if journal.exists():
        journal.rename(target.with_name(f"{target.name}-journal"))
    return target


def _free_name(path: Path) -> Path:
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    names = [path.with_name(f"{path.stem}.damaged-{stamp}{suffix}{path.suffix}") for suffix in ("", "-2", "-3", "-4")]
    return next((name for name in names if not name.exists()), names[-1])


def records(reading: Reading) -> Iterator[Mapping[str, object]]:
    """Yield each run and what it observed, in the order of recording."""
    for row in reading.every(RUNS):
        yield from _run(reading, row)


def _run(reading: Reading, row: Row) -> Iterator[Mapping[str, object]]:
    run = reading.run(row)
    yield {
        "record": "run",
        "run": run.number,
        "at": run.at,
        "production": run.production,
        "support": run.support,
        "partial": list(run.partial),
        "incomplete": run.incomplete,
    }
    for outcome, packed in zip(PLAIN, row[6:9], strict=True):
        yield from (_observation(run.number, reading.test(key), outcome.value) for key in Ranges(packed))
    yield from (_red(run.number, red) for red in reading.reds_of(run.number))


def _observation(run: int, test: TestVersion, outcome: str) -> dict[str, object]:
    return {
        "record": "observation",
        "run": run,
        "test": test.id,
        "digest": test.digest,
        "helpers": test.helpers,
        "outcome": outcome,
    }


def _red(run: int, red: Red) -> dict[str, object]:
    facts = {"grade": red.grade.value, "moment": red.moment and red.moment.value, "flaky": red.flaky}
    exception = red.raised.name if red.raised else ""
    return {**_observation(run, red.test, red.outcome.value), **facts, "exception": exception}
