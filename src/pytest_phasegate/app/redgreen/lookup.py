"""What the ledger recalls of the two sides of a change: which runs stood on them, and how tests ended there."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_phasegate.core.evidence.outcomes import Grade, Outcome, TestId
from pytest_phasegate.core.evidence.runs import digest_key, snapshot_digest
from pytest_phasegate.core.evidence.snapshot import ground_of
from pytest_phasegate.core.redgreen.observed import BAD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_phasegate.app.ports.ledger import Ledger
    from pytest_phasegate.app.redgreen.change import ReadChange, TreeView
    from pytest_phasegate.core.evidence.runs import RunRef, TestVersion
    from pytest_phasegate.core.evidence.snapshot import Ground
    from pytest_phasegate.core.project.sides import Side

_SUBMODULE = "160000"
RUNS = 5
"""How many of the newest runs on one content are asked."""


@dataclass(frozen=True, slots=True)
class SeenTest:
    """One test as the ledger has seen it; see ``core.redgreen.observed.Observed``."""

    id: TestId
    before: Outcome
    after: Outcome
    grade: Grade = Grade.NONE
    exception: str = ""
    base: Outcome = Outcome.MISSING
    definitions: frozenset[TestId] = frozenset()
    cases: tuple[SeenTest, ...] = ()
    uncollected: bool = False
    flaky: bool = False


@dataclass
class Recalled:
    """Both sides of one change before the ledger; each question is asked once."""

    change: ReadChange
    ledger: Ledger
    _grounds: dict[str, Ground] = field(default_factory=dict)
    _sides: dict[str, Side] = field(default_factory=dict)

    @cached_property
    def production(self) -> str:
        """The staged production code, as one digest."""
        return _snapshot(self.change.after, self.ground(self.change.after).production)

    @cached_property
    def support(self) -> str:
        """What else the staged tests stand on, as one digest."""
        return _snapshot(self.change.after, self.ground(self.change.after).support)

    @cached_property
    def after_runs(self) -> tuple[RunRef, ...]:
        """The newest runs that stood on exactly the staged content."""
        return self._runs(self.production, self.support)

    @cached_property
    def red_runs(self) -> tuple[RunRef, ...]:
        """The newest runs on the production code before, beside everything else as it is staged."""
        return self._runs(self.production_before, self.support)

    @cached_property
    def base_runs(self) -> tuple[RunRef, ...]:
        """The newest runs on the production code before, beside everything else as it was."""
        before = self.change.before
        return self._runs(self.production_before, _snapshot(before, self.ground(before).support))

    def stood_on_before(self, run: RunRef) -> bool:
        """Whether a run shows the code before and everything else as it is staged."""
        return run.production == self.production_before and run.support == self.support

    @cached_property
    def production_before(self) -> str:
        """The production code before, as one digest."""
        return _snapshot(self.change.before, self.ground(self.change.before).production)

    def _runs(self, production: str, support: str) -> tuple[RunRef, ...]:
        return tuple(run for run in self.ledger.runs(production) if run.support == support)[:RUNS]

    def ground(self, view: TreeView) -> Ground:
        """Return what a tree's tests stand on; sorting its paths takes longer than everything else here."""
        if view.id not in self._grounds:
            sides = self._sides if view.layout == self.change.after.layout else None
            files = [path for path, entry in view.entries.items() if entry.mode != _SUBMODULE]
            self._grounds[view.id] = ground_of(files, view.layout, sides)
        return self._grounds[view.id]

    def modules(self, view: TreeView, paths: Iterable[str]) -> Mapping[str, tuple[TestVersion, ...]]:
        """Return the tests of those files of a tree that ever ran with the content they have in it."""
        keys = {path: digest_key(view.entries[path].oid, view.layout) for path in paths if path in view.entries}
        return self.ledger.modules(keys)

    def versions(self, view: TreeView, tests: Iterable[TestId]) -> dict[TestId, TestVersion]:
        """Return the version of each test that a tree holds, where its file ever ran like that."""
        wanted = list(tests)
        known = self.modules(view, dict.fromkeys(test.partition("::")[0] for test in wanted))
        found = {version.id: version for versions in known.values() for version in versions}
        return {test: found[test] for test in wanted if test in found}

    def ended(self, runs: Iterable[RunRef], versions: Iterable[TestVersion]) -> dict[TestId, set[Outcome]]:
        """Return every outcome each test had in some runs; of a run that is not whole, the reds alone."""
        wanted = list(versions)
        found: dict[TestId, set[Outcome]] = {}
        for run in runs if wanted else ():
            for version, outcome in self.ledger.outcomes(run, wanted).items():
                if not run.incomplete or outcome in BAD:
                    found.setdefault(version.id, set()).add(outcome)
        return found

    def ended_before(self, tests: Iterable[TestId]) -> dict[TestId, set[Outcome]]:
        """Return how tests ended on the code before, by their text before."""
        return self.ended(self.base_runs, self.versions(self.change.before, tests).values())


def worst_of(outcomes: set[Outcome]) -> Outcome:
    """Return the outcome that speaks for several runs; ``MISSING`` of none."""
    return next((outcome for outcome in Outcome if outcome in outcomes), Outcome.MISSING)


def contradicts(outcomes: set[Outcome]) -> bool:
    """Whether a test both passed and failed."""
    return any(outcome.green for outcome in outcomes) and not outcomes.isdisjoint(BAD)


def is_whole(run: RunRef) -> bool:
    """Whether a run was of the whole suite and came to its end."""
    return not run.partial and not run.incomplete


def _snapshot(view: TreeView, paths: Iterable[str]) -> str:
    return snapshot_digest({path: view.entries[path].oid for path in paths})
