"""What the ledger recalls of the two sides of a change: which runs stood on them, and how tests ended there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pytest_phasegate.app.ports.evidence import Ledger
from pytest_phasegate.app.redgreen.change import ReadChange
from pytest_phasegate.app.redgreen.tree_views import TreeView
from pytest_phasegate.core.evidence.outcomes import (
    BAD,
    Additions,
    Grade,
    Moment,
    Outcome,
    TestId,
    at_odds,
    counts_as_red,
    file_of,
    grade,
    needs_confirming,
)
from pytest_phasegate.core.evidence.runs import (
    SPREAD,
    SURROUNDINGS,
    Ground,
    Red,
    RunRef,
    Sighting,
    TestVersion,
    digest_key,
    ground_of,
    snapshot_digest,
)
from pytest_phasegate.core.project.paths import Side
from pytest_phasegate.core.project.settings import RedGreenSettings

OPEN_REDS = 200  # among how many of the newest reds those are looked for that a change of code alone may turn green


@dataclass
class Recalled:
    """Both sides of one change before the ledger; each question is asked once."""

    change: ReadChange
    ledger: Ledger
    _grounds: dict[str, Ground] = field(default_factory=dict)
    _sides: dict[str, Side] = field(default_factory=dict)
    _around: dict[str, str] = field(default_factory=dict)
    _expected: dict[tuple[str, str], str] = field(default_factory=dict)
    _with_tests_after: dict[str, bool] = field(default_factory=dict)
    _ended: dict[tuple[int, TestVersion], Outcome | None] = field(default_factory=dict)

    @cached_property
    def production(self) -> str:
        """The staged production code, as one digest."""
        return _snapshot(self.change.after, self.ground(self.change.after).production)

    @cached_property
    def after_runs(self) -> tuple[RunRef, ...]:
        """The runs that stood on exactly the staged content, newest first."""
        return self._runs(self.production, self.change.after)

    @cached_property
    def base_runs(self) -> tuple[RunRef, ...]:
        """The runs on the production code before, beside everything else as it was, newest first."""
        return self._runs(self.production_before, self.change.before)

    def stood_on_before(self, run: RunRef) -> bool:
        """Whether a run shows the code before and everything else as it is staged."""
        return run.production == self.production_before and self.has_tests_after(run)

    def has_tests_after(self, run: RunRef) -> bool:
        """Whether a run stood on everything that is staged beside production code, tests that came later left out.

        A test that is not staged, or was another one then, may have been what turned others red.
        """
        if run.support not in self._with_tests_after:
            exact = run.support == self._rest(self.change.after, self.around(run))
            self._with_tests_after[run.support] = exact or self._only_lacks_tests(self.ledger.members(run.support))
        return self._with_tests_after[run.support]

    def around(self, run: RunRef) -> str:
        """Return the digest of what a run stood on that is no file; nothing where an older version recorded it."""
        if run.support not in self._around:
            found = self.ledger.contents(run.support, [SURROUNDINGS])
            self._around[run.support] = found.get(SURROUNDINGS, "")
        return self._around[run.support]

    def is_explained(self, run: RunRef, version: TestVersion) -> bool:
        """Whether a test was green on the staged content in the surroundings of a run in which it was red.

        Green among workers counts for a red that was seen without them, which no other test disturbed.
        """
        around = {self.around(run), self.around(run) + SPREAD}
        alike = (one for one in self.after_runs if not one.incomplete and self.around(one) in around)
        return any(self._outcome(one, version) is Outcome.PASSED for one in alike)

    def _outcome(self, run: RunRef, version: TestVersion) -> Outcome | None:
        if (run.number, version) not in self._ended:
            self._ended[run.number, version] = self.ledger.outcomes(run, [version]).get(version)
        return self._ended[run.number, version]

    @cached_property
    def production_before(self) -> str:
        """The production code before, as one digest."""
        return _snapshot(self.change.before, self.ground(self.change.before).production)

    def _runs(self, production: str, view: TreeView) -> tuple[RunRef, ...]:
        runs = self.ledger.runs(production)
        return tuple(run for run in runs if run.support == self._rest(view, self.around(run)))

    def _rest(self, view: TreeView, around: str) -> str:
        """Return what a run in these surroundings stands on beside the production code of a tree, if they are known."""
        if around and (view.id, around) not in self._expected:
            rest = {path: view.entries[path].oid for path in self.ground(view).rest}
            self._expected[view.id, around] = snapshot_digest(rest | {SURROUNDINGS: around})
        return self._expected.get((view.id, around), "")

    def _only_lacks_tests(self, stood: Mapping[str, str]) -> bool:
        """Whether a run's ground, by path its content, is that of the staged content but for tests it does not hold."""
        after, ground = self.change.after, self.ground(self.change.after)
        if not stood.get(SURROUNDINGS):
            return False
        known = {path: after.entries[path].oid for path in ground.rest}
        strange = {path for path in {*stood, *known} - {SURROUNDINGS} if stood.get(path) != known.get(path)}
        if not strange <= set(ground.collected):
            return False
        there = {path: stood[path] for path in strange if path in stood}
        held = self.ledger.modules({path: digest_key(blob, after.layout) for path, blob in there.items()})
        staged = self.modules(after, there)
        return all(held.get(path) and {*held[path]} <= {*staged.get(path, ())} for path in there)

    def ground(self, view: TreeView) -> Ground:
        """Return what a tree's tests stand on; sorting its paths takes longer than everything else here."""
        if view.id not in self._grounds:
            sides = self._sides if view.layout == self.change.after.layout else None
            files = [path for path, entry in view.entries.items() if not entry.is_submodule]
            self._grounds[view.id] = ground_of(files, view.layout, sides)
        return self._grounds[view.id]

    def modules(self, view: TreeView, paths: Iterable[str]) -> Mapping[str, tuple[TestVersion, ...]]:
        """Return the tests of those files of a tree that ever ran with the content they have in it."""
        keys = {path: digest_key(view.entries[path].oid, view.layout) for path in paths if path in view.entries}
        return self.ledger.modules(keys)

    def versions(self, view: TreeView, tests: Iterable[TestId]) -> dict[TestId, TestVersion]:
        """Return the version of each test that a tree holds, where its file ever ran like that."""
        wanted = list(tests)
        known = self.modules(view, dict.fromkeys(file_of(test) for test in wanted))
        found = {version.id: version for versions in known.values() for version in versions}
        return {test: found[test] for test in wanted if test in found}

    def left_red(self) -> dict[TestVersion, Sighting]:
        """Return the newest reds of the tests that stand unchanged as those knew them."""
        newest = {one.red.test.id: one for one in reversed(self.ledger.recent_reds(OPEN_REDS))}
        standing = self.versions(self.change.after, newest).values()
        return {test: newest[test.id] for test in standing if newest[test.id].red.test.digest == test.digest}

    def ended(self, runs: Iterable[RunRef], versions: Iterable[TestVersion]) -> dict[TestId, set[Outcome]]:
        """Return every outcome each test had in some runs; of a run that is not whole, the reds alone."""
        wanted = list(versions)
        found: dict[TestId, set[Outcome]] = {}
        for run in runs if wanted else ():
            for version, outcome in self.ledger.outcomes(run, wanted).items():
                self._ended[run.number, version] = outcome
                if not run.incomplete or outcome in BAD:
                    found.setdefault(version.id, set()).add(outcome)
        return found

    def inherited(self, runs: Iterable[RunRef]) -> dict[TestId, set[Outcome]]:
        """Return every outcome in some runs of each test that has no text of its own."""
        found: dict[TestId, set[Outcome]] = {}
        for run in runs:
            for test, outcome in self.ledger.inherited(run).items():
                found.setdefault(test, set()).add(outcome)
        return found

    def ended_before(self, tests: Iterable[TestId]) -> dict[TestId, set[Outcome]]:
        """Return how tests ended on the code before, by their text before."""
        return self.ended(self.base_runs, self.versions(self.change.before, tests).values())


def outcome_of(outcomes: set[Outcome]) -> Outcome:
    """Return the outcome that speaks for several runs; ``MISSING`` of none."""
    return next((outcome for outcome in Outcome if outcome in outcomes), Outcome.MISSING)


def contradicts(outcomes: set[Outcome]) -> bool:
    """Whether a test both passed and failed."""
    return any(outcome.green for outcome in outcomes) and not outcomes.isdisjoint(BAD)


def is_whole(run: RunRef) -> bool:
    """Whether a run was of the whole suite and came to its end."""
    return not run.partial and not run.incomplete


def is_of(run: RunRef, path: str, change: ReadChange) -> bool:
    """Whether a run was of this file, all of it: what narrowed the run are names of files alone."""
    return not run.incomplete and path in run.partial and all(word in change.after.entries for word in run.partial)


def _snapshot(view: TreeView, paths: Iterable[str]) -> str:
    return snapshot_digest({path: view.entries[path].oid for path in paths})


@dataclass
class SeenReds:
    """The reds of one change; the ledger is asked only by ``remember``, and about a snapshot once."""

    recalled: Recalled
    settings: RedGreenSettings
    _known: dict[tuple[TestId, str], list[Sighting]] = field(default_factory=dict)

    def remember(self, versions: Iterable[TestVersion]) -> None:
        """Take in every red of these tests at these digests."""
        for sighting in self.recalled.ledger.reds(version.digest for version in versions):
            test = sighting.red.test
            self._known.setdefault((test.id, test.digest), []).append(sighting)

    def of(self, version: TestVersion, *, here: bool = False) -> list[Sighting]:
        """Return the reds of a test at its digest: on the staged content, or those that count on any other code."""
        found = self._known.get((version.id, version.digest), ())
        if here:
            return [one for one in found if self._is_here(one) and self._stood_alike(one, version)]
        counted = (one for one in found if counts_as_red(self.grade_of(one.red), self.settings.red))
        return [one for one in counted if not self._is_here(one)]

    def proving(self, version: TestVersion) -> list[Sighting]:
        """Return the reds that stand for the code before; a single one that may be chance is none."""
        found = [
            one
            for one in self.of(version)
            if self._stood_alike(one, version) and self._shows_before(one) and not self._was_dragged_along(one)
        ]
        doubtful = all(needs_confirming(one.red.raised, self.grade_of(one.red)) for one in found)
        return [] if doubtful and len(found) == 1 else found

    def grade_of(self, red: Red) -> Grade:
        """Grade a red again, now that the change is known."""
        if red.raised is None or red.moment is None:
            return red.grade
        return grade(red.raised, red.moment, self._additions)

    def is_at_odds(self, red: Red) -> bool:
        """Whether libraries that do not fit together kept a test from running."""
        return red.raised is not None and at_odds(red.raised, self._additions)

    def _is_here(self, sighting: Sighting) -> bool:
        return sighting.run.production == self.recalled.production

    def _stood_alike(self, sighting: Sighting, version: TestVersion) -> bool:
        """Whether a red was seen beside the helpers, the data and the configuration that are staged."""
        return sighting.red.test.helpers == version.helpers and self.recalled.has_tests_after(sighting.run)

    def _shows_before(self, sighting: Sighting) -> bool:
        """Whether a red was seen on the code before, and it is the staged code alone that turned the test green."""
        run = sighting.run
        return self.recalled.stood_on_before(run) and self.recalled.is_explained(run, sighting.red.test)

    def _was_dragged_along(self, sighting: Sighting) -> bool:
        """Whether a test that does not change was red only since its file, which does, could not be imported."""
        test = sighting.red.test.id
        path = file_of(test)
        change = self.recalled.change
        stays = change.before.entries.get(path) == change.after.entries.get(path)
        own = stays or bool(change.changes.shared) or test in change.changes.concerned
        return sighting.red.moment is Moment.COLLECT and not own

    @cached_property
    def _additions(self) -> Additions:
        change = self.recalled.change
        sides = (self.recalled.ground(change.before), self.recalled.ground(change.after))
        return change.additions(change.layout.packages_of(path for ground in sides for path in ground.production))
