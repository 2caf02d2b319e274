"""What the use cases need of the ledger, which recalls runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from pytest_phasegate.core.evidence.outcomes import Outcome, TestId
from pytest_phasegate.core.evidence.runs import Health, RecordedRun, Red, RunRef, Seen, Sighting, TestVersion


class Ledger(Protocol):
    """The append-only local store of evidence.

    Reading answers in time that does not grow with the ledger, but with the runs beside the code that is asked about.
    Every method raises ``LedgerError`` when the file is damaged, hostile, newer, locked or out of reach; a ledger that
    does not exist yet is an empty one.
    """

    path: str

    def kept_open(self) -> AbstractContextManager[None]:
        """Answer all questions inside from one opened file, as it stands now; nothing may be recorded meanwhile."""

    def record(self, run: RecordedRun) -> str:
        """Append one run in one transaction.

        Returns:
            A sentence for the user when a damaged file had to be set aside first; else nothing.
        """

    def reds(self, digests: Iterable[str], limit: int = 50) -> tuple[Sighting, ...]:
        """Return the newest reds of tests with these digests, newest first, ``limit`` for each digest."""

    def recent_reds(self, limit: int = 500) -> tuple[Sighting, ...]:
        """Return the newest reds of any test, newest first."""

    def runs(self, production: str) -> tuple[RunRef, ...]:
        """Return the runs beside exactly this production code, newest first."""

    def recent_runs(self, limit: int = 20) -> tuple[RunRef, ...]:
        """Return the newest runs beside any code, newest first."""

    def outcomes(self, run: RunRef, tests: Sequence[TestVersion]) -> Mapping[TestVersion, Outcome]:
        """Return how these tests ended in a run; a test that did not run in it is left out."""

    def inherited(self, run: RunRef) -> Mapping[TestId, Outcome]:
        """Return how the tests of a run ended that have no text of their own; none of them failed."""

    def reds_of(self, run: RunRef) -> tuple[Red, ...]:
        """Return every red of one run."""

    def fallen(self, earlier: RunRef, later: RunRef) -> tuple[TestVersion, ...]:
        """Return the tests that passed in one run and, at that very content, did not in another."""

    def contents(self, snapshot: str, paths: Sequence[str]) -> Mapping[str, str]:
        """Return the blob ids of these paths in a snapshot; a path that is not in it is left out."""

    def members(self, snapshot: str) -> Mapping[str, str]:
        """Return the blob id of every path in a snapshot; of one that was never recorded, nothing."""

    def modules(self, keys: Mapping[str, str]) -> Mapping[str, tuple[TestVersion, ...]]:
        """Return the tests of the test files (key by path) that were recorded with this very key."""

    def last_seen(self, tests: Mapping[TestId, str]) -> Mapping[TestId, Seen]:
        """Return when these tests (digest by id, from the repository's top) were last red and last green, if ever."""

    def health(self) -> Health:
        """Look at every row and every page."""

    def export(self) -> Iterator[Mapping[str, object]]:
        """Yield everything in the ledger as plain records, oldest first, each checked."""

    def set_aside(self) -> str:
        """Move the file away under another name, which is returned; the next run starts a new one."""
