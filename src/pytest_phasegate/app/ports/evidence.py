"""Where evidence comes from: what runs tests in trees, and the ledger that keeps runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from pytest_phasegate.app.ports.repository import TreeEntry
from pytest_phasegate.core.evidence.outcomes import NodeId, Outcome, TestId
from pytest_phasegate.core.evidence.probe_records import ProbedRun
from pytest_phasegate.core.evidence.runs import Health, RecordedRun, Red, RunRef, Seen, Sighting, TestVersion
from pytest_phasegate.core.project.paths import Layout

COLLECT_ONLY = "--collect-only"
_HANGING = 0.5  # the share of a run's time that one test may take before it is said to hang


def _nothing() -> None:
    """Prepare a tree that is on disk already."""


@dataclass(frozen=True, slots=True)
class RunOrder:
    """One selection of tests to run in one tree.

    ``tree`` is the absolute path of a materialized tree; ``files`` are test files in it (none: the whole suite, as
    pytest finds it); ``only`` narrows them to these cases; ``directory`` is where in the tree pytest is started.
    ``import_roots`` are directories of the tree that come first on ``sys.path``; ``packages`` the project's top-level
    import names; ``extra_path`` and ``programs`` further directories of modules and of programs. ``timeout`` and
    ``stall`` are seconds: for the whole run, and without any sign of life; while its tests come to their ends it may
    take ``at_most`` seconds.
    ``options`` are further words for pytest. ``tree_digest`` names the
    content of the tree and ``attempt`` the repetition, so that a result can be found again. ``backwards`` runs the last
    test first.
    ``traced`` are files of the tree of which the run shall tell the lines that ran; ``replaced`` are tests of which it
    shall tell what stands in the place of the project's code while they run; of ``unhooked`` files no hook runs that
    may decide how a test ends. ``prepare`` writes the tree; nobody calls it where the result is known.
    """

    tree: str
    files: tuple[str, ...] = ()
    only: tuple[NodeId, ...] = ()
    directory: str = ""
    import_roots: tuple[str, ...] = ("",)
    packages: frozenset[str] = frozenset()
    extra_path: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    timeout: float = 120.0
    stall: float | None = None
    at_most: float = 0.0
    tree_digest: str = ""
    attempt: int = 0
    backwards: bool = False
    traced: tuple[str, ...] = ()
    replaced: tuple[TestId, ...] = ()
    unhooked: tuple[str, ...] = ()
    prepare: Callable[[], None] = field(default=_nothing, compare=False)

    @property
    def longest(self) -> float:
        """The seconds after which it is ended, whatever it does."""
        return max(self.timeout, self.at_most)

    @property
    def hanging(self) -> float:
        """The seconds without a sign of life after which its time is not prolonged, and a test is said to hang."""
        half = _HANGING * (self.longest if self.stall else self.timeout)
        return min(self.stall, half) if self.stall else half


class ScratchTree(NamedTuple):
    """A tree to be written: where, how, a digest of its content, and further directories of modules and programs.

    ``carried`` are files that a build made and git ignores, brought in from elsewhere.
    """

    path: str
    digest: str
    write: Callable[[], None]
    extra_path: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()


class Workspace(Protocol):
    """Writes trees into a private scratch directory; a tree stands there until the next one is written."""

    def tree(self, entries: Mapping[str, TreeEntry], layout: Layout, alike: Mapping[str, TreeEntry]) -> ScratchTree:
        """Return a tree that can be written, reusing what stands there then; ``alike`` is the same in all of them."""


class Runner(Protocol):
    """Runs tests in the project's interpreter, apart from the user's work tree."""

    identity: str  # a digest of the interpreter and everything installed in it

    def run(self, order: RunOrder) -> ProbedRun:
        """Run the tests of an order and return what the probe saw; never raises because of a test."""


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
