"""What the ledger has seen of a change: the observations a replay would make, without running anything.

A test is shown green by a run that stood on exactly what is staged: production, support and the test itself. It is
shown red by a run in which every production file that the change touches still had its content of before. A red on
half-done code is a good sign and no proof: there a test may fail that the code before would have passed.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from pytest_phasegate.core.evidence import Grade, Outcome, TestId
from pytest_phasegate.core.facts import dataclass, field
from pytest_phasegate.core.footing import ground_of
from pytest_phasegate.core.grading import Additions, counts_as_red, grade, needs_confirming
from pytest_phasegate.core.recorded import digest_key, snapshot_digest
from pytest_phasegate.core.redgreen.intent import UNWRITTEN, Intent
from pytest_phasegate.core.redgreen.plan import Extent, plan
from pytest_phasegate.core.settings import OnMissing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pytest_phasegate.app.changes import ReadChange, TreeView
    from pytest_phasegate.app.ledger_port import Ledger, RunRef, Sighting
    from pytest_phasegate.core.footing import Ground
    from pytest_phasegate.core.paths import Side
    from pytest_phasegate.core.recorded import Red, TestVersion
    from pytest_phasegate.core.redgreen.plan import ReplayPlan
    from pytest_phasegate.core.settings import RedGreenSettings

RUNS = 5
"""How many of the newest runs on the staged content are asked."""
OPEN_REDS = 200
"""Among how many of the newest reds those are looked for that a change of code alone may turn green."""
_BAD = frozenset({Outcome.FAILED, Outcome.ERROR, Outcome.XPASSED})


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


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a change. ``unsettled`` says why it is not enough to judge by; empty where it is.

    ``red_observed`` says that a red which counts was seen at all, be it on half-done code.
    """

    tests: tuple[SeenTest, ...] = ()
    trouble: tuple[str, ...] = ()
    unsettled: str = ""
    red_observed: bool = False


def look_up(change: ReadChange, ledger: Ledger, settings: RedGreenSettings, intent: Intent = UNWRITTEN) -> Seen:
    """Ask the ledger what a replay of this change would show, as far as the verdict hangs on it.

    Raises:
        LedgerError: The ledger cannot be believed or read.
    """
    return _Search(change, ledger, settings, intent).seen()


def was_seen_red(change: ReadChange, tests: Iterable[TestId], ledger: Ledger, settings: RedGreenSettings) -> bool:
    """Return whether any run has shown one of these tests red, as it stands after the change, in a way that counts.

    Raises:
        LedgerError: The ledger cannot be believed or read.
    """
    return _Search(change, ledger, settings, UNWRITTEN).observed(tuple(tests))


@dataclass
class _Search:
    change: ReadChange
    ledger: Ledger
    settings: RedGreenSettings
    intent: Intent
    _exact: dict[str, bool] = field(default_factory=dict)
    _grounds: dict[str, Ground] = field(default_factory=dict)
    _sides: dict[str, Side] = field(default_factory=dict)
    _reds: dict[tuple[TestId, str], list[Sighting]] = field(default_factory=dict)
    _needed: tuple[TestVersion, ...] = ()
    _asked_before: set[TestVersion] = field(default_factory=set)
    _green_before: set[TestVersion] = field(default_factory=set)

    def observed(self, tests: Sequence[TestId]) -> bool:
        versions = tuple(self._versions(tests).values())
        self._remember_reds(versions)
        return any(map(self._red_sightings, versions))

    def seen(self) -> Seen:
        wanted = plan(self.change.changes, self.settings.policy)
        needed = self._versions(wanted.tests)
        self._needed = tuple(needed.values())
        self._remember_reds(self._needed)
        after = self._after(self._needed)
        if self.change.changes.changes_behaviour:
            tests = [self._turned(test, needed[test], after) for test in wanted.tests if test in needed]
            unchanged = [] if any(map(self._proves, tests)) else list(self._open_reds(frozenset(wanted.tests)))
        else:
            tests = [self._standing(test, needed[test], after) for test in wanted.tests if test in needed]
            unchanged = []
        found = (*tests, *unchanged)
        observed = any(self._red_sightings(needed[test.id]) for test in tests if test.id in needed) or bool(unchanged)
        return Seen(found, unsettled=next(self._doubts(wanted, found), ""), red_observed=observed)

    @cached_property
    def production(self) -> str:
        """The staged production code, as one digest."""
        return _snapshot(self.change.after, self._ground(self.change.after).production)

    @cached_property
    def runs(self) -> tuple[RunRef, ...]:
        """The newest runs that stood on exactly the staged content."""
        support = _snapshot(self.change.after, self._ground(self.change.after).support)
        return tuple(run for run in self.ledger.runs(self.production) if run.support == support)[:RUNS]

    def _versions(self, tests: Sequence[TestId]) -> dict[TestId, TestVersion]:
        """Return the staged version of each test whose file ever ran with its staged content."""
        after = self.change.after
        paths = {test.partition("::")[0] for test in tests}
        keys = {path: digest_key(after.entries[path].oid, after.layout) for path in paths if path in after.entries}
        known = self.ledger.modules(keys)
        found = {test.id: test for versions in known.values() for test in versions}
        return {test: found[test] for test in tests if test in found}

    def _after(self, versions: Iterable[TestVersion]) -> dict[TestId, set[Outcome]]:
        """Return every outcome each test had on the staged content; of a run that is not whole, the reds alone."""
        wanted = list(versions)
        found: dict[TestId, set[Outcome]] = {}
        for run in self.runs:
            for version, outcome in self.ledger.outcomes(run, wanted).items():
                if not run.incomplete or outcome in _BAD:
                    found.setdefault(version.id, set()).add(outcome)
        return found

    def _turned(self, test: TestId, version: TestVersion, after: Mapping[TestId, set[Outcome]]) -> SeenTest:
        """Return one test of a change of production code, from the code before to the staged code."""
        ended = after.get(test, set())
        reds = [sighting for sighting in self._red_sightings(version) if self._shows_before(sighting)]
        if not reds:
            return SeenTest(test, Outcome.PASSED, _one(ended), flaky=_contradicts(ended))
        best = max(reds, key=lambda sighting: _WEIGHT[self._grade(sighting.red)])
        flaky = _contradicts(ended) or self._was_green_before(version)
        return SeenTest(test, best.red.outcome, _one(ended), self._grade(best.red), _exception(best.red), flaky=flaky)

    def _standing(self, test: TestId, version: TestVersion, after: Mapping[TestId, set[Outcome]]) -> SeenTest:
        """Return one test of a change that leaves production code as it is: both sides are the staged content."""
        ended = after.get(test, set())
        outcome = _one(ended)
        red = next(iter(self._red_sightings(version, here=True)), None) if outcome in _BAD else None
        if red is None:
            return SeenTest(test, outcome, outcome, flaky=_contradicts(ended))
        return SeenTest(test, outcome, outcome, self._grade(red.red), _exception(red.red), flaky=_contradicts(ended))

    def _red_sightings(self, version: TestVersion, *, here: bool = False) -> list[Sighting]:
        """Return the reds of a test at its digest that count, on the staged production code or on any other."""
        found = [
            sighting
            for sighting in self._reds.get((version.id, version.digest), ())
            if (sighting.run.production == self.production) is here
            and (here or counts_as_red(self._grade(sighting.red), self.settings.red))
        ]
        doubtful = all(needs_confirming(sighting.red.raised, self._grade(sighting.red)) for sighting in found)
        return [] if doubtful and len(found) == 1 and not here else found

    def _remember_reds(self, versions: Iterable[TestVersion]) -> None:
        for sighting in self.ledger.reds(version.digest for version in versions):
            test = sighting.red.test
            self._reds.setdefault((test.id, test.digest), []).append(sighting)

    def _shows_before(self, sighting: Sighting) -> bool:
        """Whether a red stands for the code before: the files that change had their old content, or any red will do."""
        if self.settings.on_missing is OnMissing.BLOCK:
            return True
        snapshot = sighting.run.production
        if snapshot not in self._exact:
            before = self.change.before.entries
            paths = [change.path for change in self.change.changes.behaviour]
            expected = {path: before[path].oid for path in paths if path in before}
            self._exact[snapshot] = dict(self.ledger.contents(snapshot, paths)) == expected
        return self._exact[snapshot]

    def _was_green_before(self, version: TestVersion) -> bool:
        """Whether the same test also passed on the code before: then its red there was chance."""
        if version not in self._asked_before:
            self._ask_before(version)
        return version in self._green_before

    def _ask_before(self, version: TestVersion) -> None:
        """Ask the newest runs on the code before about this test, and in the same breath about all others needed."""
        before = self.change.before
        wanted = list(dict.fromkeys([version, *self._needed]))
        self._asked_before.update(wanted)
        for run in self.ledger.runs(_snapshot(before, self._ground(before).production))[:RUNS]:
            ended = self.ledger.outcomes(run, wanted)
            self._green_before.update(test for test, outcome in ended.items() if outcome is Outcome.PASSED)

    def _open_reds(self, changed: frozenset[TestId]) -> Iterator[SeenTest]:
        """Yield unchanged tests that earlier runs left red and that are green on the staged content."""
        newest = {sighting.red.test.id: sighting.red.test for sighting in reversed(self.ledger.recent_reds(OPEN_REDS))}
        candidates = [test for test in newest.values() if test.id not in changed]
        standing = self._versions([test.id for test in candidates])
        same = [test for test in candidates if (now := standing.get(test.id)) and now.digest == test.digest]
        self._remember_reds(same)
        after = self._after(standing[test.id] for test in same)
        for test in same:
            seen = self._turned(test.id, standing[test.id], after)
            if self._proves(seen):
                yield seen

    def _proves(self, test: SeenTest) -> bool:
        counted = counts_as_red(test.grade, self.settings.red)
        return counted and test.after is Outcome.PASSED and not test.flaky

    def _grade(self, red: Red) -> Grade:
        """Grade a red again, now that the change is known."""
        if red.raised is None or red.moment is None:
            return red.grade
        return grade(red.raised, red.moment, self._additions)

    @cached_property
    def _additions(self) -> Additions:
        """What the change adds; where it leaves production alone, the code to come may add anything."""
        changes, layout = self.change.changes, self.change.layout
        sides = (self._ground(self.change.before), self._ground(self.change.after))
        modules = (layout.module_of(path) for ground in sides for path in ground.production)
        added = changes.added
        return Additions(
            packages=frozenset(module.partition(".")[0] for module in modules if module),
            names=added.names | added.parameters | added.callables if changes.changes_behaviour else None,
            paths=frozenset(change.path for change in changes.production),
        )

    def _ground(self, view: TreeView) -> Ground:
        """Return what a tree's tests stand on; sorting its paths takes longer than everything else here."""
        if view.id not in self._grounds:
            sides = self._sides if view.layout == self.change.after.layout else None
            self._grounds[view.id] = ground_of(view.entries, view.layout, sides)
        return self._grounds[view.id]

    def _doubts(self, wanted: ReplayPlan, found: Sequence[SeenTest]) -> Iterator[str]:
        """Say why what was seen is not enough; nothing where a replay could show nothing else."""
        if wanted.departed:
            yield "deleted tests must be run on the code that stays"
        if wanted.lines:
            yield "the strict policy asks which changed lines the tests run"
        seen = {test.id: test for test in found}
        for test in wanted.tests:
            yield from self._doubts_about(test, seen.get(test))
        if wanted.extent is Extent.SUITE and not any(
            _is_whole(run) and not self.ledger.reds_of(run) for run in self.runs
        ):
            yield "no run of the whole suite was green on the staged content"
        failing = any(test.after in _BAD for test in found)
        if self._needs_proof and not failing and not any(map(self._proves, found)):
            yield "no run has shown a test red on the code before and green on the staged code"

    @property
    def _needs_proof(self) -> bool:
        """Whether the verdict hangs on a test that turned green: not where the commit's type excuses its lack."""
        changes = self.change.changes
        new = any(test.is_target and test.before is None for test in changes.tests)
        excused = (self.intent.keeps_behaviour or not self.intent.known) and not new
        return changes.changes_behaviour and not changes.removes_only and not excused

    def _doubts_about(self, test: TestId, seen: SeenTest | None) -> Iterator[str]:
        changes = self.change.changes
        if seen is None or seen.after is Outcome.MISSING:
            yield f"no run on the staged content ended {test}"
        elif seen.flaky:
            yield f"{test} ended in two ways on the same content"
        elif seen.after in _BAD:
            is_target = any(target.id == test for target in changes.targets)
            if not is_target or (not changes.changes_behaviour and seen.grade in _UNCLEAR):
                yield f"{test} was not green on the staged content"


_UNCLEAR = frozenset({Grade.BROKEN, Grade.NONE})
_WEIGHT = {
    Grade.NONE: 0,
    Grade.BROKEN: 1,
    Grade.STRUCTURAL: 2,
    Grade.HANG: 3,
    Grade.DECLARED: 4,
    Grade.BEHAVIOURAL: 5,
}


def _snapshot(view: TreeView, paths: Iterable[str]) -> str:
    return snapshot_digest({path: view.entries[path].oid for path in paths})


def _one(outcomes: set[Outcome]) -> Outcome:
    return next((outcome for outcome in Outcome if outcome in outcomes), Outcome.MISSING)


def _contradicts(outcomes: set[Outcome]) -> bool:
    return any(outcome.green for outcome in outcomes) and not outcomes.isdisjoint(_BAD)


def _is_whole(run: RunRef) -> bool:
    return not run.partial and not run.incomplete


def _exception(red: Red) -> str:
    return red.raised.name if red.raised else ""
