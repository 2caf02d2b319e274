"""What the ledger has seen of a change: the observations a replay would make, without running anything.

A test is shown green by a run that stood on exactly what is staged: production, support and the test itself. It is
shown red by a run on the same support and helpers in which every production file that the change touches still had
its content of before. A red on half-done code is a good sign and no proof: there a test may fail that the code before
would have passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from pytest_phasegate.app.ports.evidence import Ledger
from pytest_phasegate.app.redgreen.bystanders import broken, idle
from pytest_phasegate.app.redgreen.change import ReadChange
from pytest_phasegate.app.redgreen.lookup import Recalled, SeenReds, contradicts, is_whole, outcome_of
from pytest_phasegate.core.evidence.outcomes import BAD, BY_WEIGHT, Grade, Outcome, TestId, counts_as_red, file_of
from pytest_phasegate.core.evidence.runs import Red, Sighting, TestVersion
from pytest_phasegate.core.project.settings import RedGreenSettings
from pytest_phasegate.core.redgreen.case import Case
from pytest_phasegate.core.redgreen.change.assertions import Liveness
from pytest_phasegate.core.redgreen.change.definitions import MODULE
from pytest_phasegate.core.redgreen.earlier import is_weaker_for_sure, to_be_run
from pytest_phasegate.core.redgreen.judge import judge
from pytest_phasegate.core.redgreen.observed import Replay, SeenTest
from pytest_phasegate.core.redgreen.plan import Extent, ReplayPlan, plan
from pytest_phasegate.core.redgreen.verdict import UNWRITTEN, CommitRuling, Intent


class SeenChange(NamedTuple):
    """What was seen of a change. ``unsettled`` says why it is not enough to judge by; empty where it is.

    ``others_open`` says that nothing else is missing than a run of the tests which the change leaves alone, and
    ``red_observed`` says that a red which counts was seen at all, be it on half-done code, or that the ledger could
    not have held it.
    """

    tests: tuple[SeenTest, ...] = ()
    unsettled: str = ""
    red_observed: bool = False
    others_open: bool = False


def look_up(change: ReadChange, ledger: Ledger, settings: RedGreenSettings, intent: Intent = UNWRITTEN) -> SeenChange:
    """Ask the ledger what a replay of this change would show, as far as the verdict hangs on it.

    Raises:
        LedgerError: The ledger cannot be believed or read.
    """
    with ledger.kept_open():
        return _Search(Recalled(change, ledger), settings, intent).seen()


def look_for_broken(change: ReadChange, ledger: Ledger) -> SeenChange:
    """Ask the ledger which tests were red on the staged content, and how they ended before.

    Raises:
        LedgerError: The ledger cannot be believed or read.
    """
    with ledger.kept_open():
        return SeenChange(tuple(broken(Recalled(change, ledger), frozenset())))


def was_seen_red(change: ReadChange, tests: Iterable[TestId], ledger: Ledger, settings: RedGreenSettings) -> bool:
    """Return whether any run has shown one of these tests red, as it stands after the change, in a way that counts.

    Raises:
        LedgerError: The ledger cannot be believed or read.
    """
    with ledger.kept_open():
        return _Search(Recalled(change, ledger), settings, UNWRITTEN).observed(tuple(tests))


@dataclass
class _Search:
    recalled: Recalled
    settings: RedGreenSettings
    intent: Intent
    _base: dict[TestId, Outcome] = field(default_factory=dict)
    _green_before: dict[tuple[TestVersion, ...], set[TestVersion]] = field(default_factory=dict)

    @property
    def change(self) -> ReadChange:
        return self.recalled.change

    @property
    def ledger(self) -> Ledger:
        return self.recalled.ledger

    @cached_property
    def reds(self) -> SeenReds:
        return SeenReds(self.recalled, self.settings)

    def observed(self, tests: Sequence[TestId]) -> bool:
        known = self.recalled.modules(self.change.after, {file_of(test) for test in tests})
        versions = {version.id: version for found in known.values() for version in found}
        if any(file_of(test) in known and test not in versions for test in tests):
            return True  # inherited: the ledger, which knows the file, cannot hold it
        mine = [versions[test] for test in tests if test in versions]
        self.reds.remember(mine)
        return any(map(self.reds.of, mine))

    def seen(self) -> SeenChange:
        wanted = plan(self.change.changes, self.change.changes.policy_under(self.settings))
        versions = tuple(self.recalled.versions(self.change.after, wanted.tests).values())
        self.reds.remember(versions)
        after = self.recalled.ended(self.recalled.after_runs, versions)
        if self.change.changes.changes_behaviour:
            self._remember_base()
            tests = [self._turned(version, after, versions) for version in versions]
            left = [] if any(map(self._proves, tests)) else self._left_red(frozenset(wanted.tests))
            unchanged = list(self._open_reds(left))
            told = frozenset({*wanted.tests, *(test.id for test in unchanged)})
            others = [*unchanged, *broken(self.recalled, told)]
        else:
            tests = [self._standing(version, after) for version in versions]
            left, others = [], list(broken(self.recalled, frozenset(wanted.tests)) if self.change.changes.inert else ())
        found = (*tests, *others)
        observed = any(self.reds.of(version) for version in (*versions, *left))
        doubts, changes = tuple(self._doubts(wanted, found)), self.change.changes
        unrun = tuple(self._unrun(wanted)) if changes.changes_behaviour else ()
        alone = not (changes.tests or changes.helpers) or unrun == (_NO_SUITE,)
        return SeenChange(
            found,
            unsettled=next(iter((*doubts, *unrun)), ""),
            red_observed=observed or self._cannot_be_held(),
            others_open=alone and bool(unrun) and not (doubts or changes.shared or changes.deciding),
        )

    def _cannot_be_held(self) -> bool:
        """Whether a new or changed test is not collected where it stands: an inherited one is not recorded."""
        targets = self.change.changes.targets
        return any(target.after is not None and not target.after.collected for target in targets)

    def _remember_base(self) -> None:
        """Ask how the tests that differ ended before, by their own text of then."""
        names = self.change.changes.became
        ended = self.recalled.ended_before(names)
        self._base = {names[test]: outcome_of(outcomes) for test, outcomes in ended.items()}

    def _turned(
        self, version: TestVersion, after: Mapping[TestId, set[Outcome]], among: tuple[TestVersion, ...]
    ) -> SeenTest:
        """Return one test of a change of production code, from the code before to the staged code."""
        test = version.id
        ended, base = after.get(test, set()), self._base.get(test, Outcome.MISSING)
        reds = self.reds.proving(version)
        if not reds:
            before = Outcome.PASSED if ended.isdisjoint(BAD) else Outcome.MISSING
            here = self.reds.of(version, here=True) if not ended.isdisjoint(BAD) else []
            given, name = self._broken_here(here)
            at_odds = any(self.reds.is_at_odds(one.red) for one in here)
            return SeenTest(test, before, base, outcome_of(ended), given, name, contradicts(ended), at_odds=at_odds)
        best = min(reds, key=lambda sighting: BY_WEIGHT.index(self.reds.grade_of(sighting.red)))
        flaky = contradicts(ended) or version in self._green_among(among)
        given, name = self.reds.grade_of(best.red), _exception(best.red)
        return SeenTest(test, best.red.outcome, base, outcome_of(ended), given, name, flaky)

    def _broken_here(self, reds: Sequence[Sighting]) -> tuple[Grade, str]:
        """Return why a test could not even run on the staged content: then it could not before either."""
        name = next((_exception(one.red) for one in reds if self.reds.grade_of(one.red) is Grade.BROKEN), None)
        return (Grade.NONE, "") if name is None else (Grade.BROKEN, name)

    def _standing(self, version: TestVersion, after: Mapping[TestId, set[Outcome]]) -> SeenTest:
        """Return one test of a change that leaves production code as it is: both sides are the staged content."""
        ended = after.get(version.id, set())
        outcome = outcome_of(ended)
        seen = SeenTest(version.id, outcome, Outcome.MISSING, outcome, flaky=contradicts(ended))
        red = next(iter(self.reds.of(version, here=True)), None) if outcome in BAD else None
        return seen._replace(grade=self.reds.grade_of(red.red), exception=_exception(red.red)) if red else seen

    def _green_among(self, tests: tuple[TestVersion, ...]) -> set[TestVersion]:
        """Return those of some tests that also passed on the code before: then their red there was chance."""
        if tests not in self._green_before:
            self._green_before[tests] = set()
            for run in self.ledger.runs(self.recalled.production_before):
                ended = self.ledger.outcomes(run, tests)
                green = [test for test, outcome in ended.items() if outcome is Outcome.PASSED]
                self._green_before[tests].update(green if green and self.recalled.has_tests_after(run) else ())
        return self._green_before[tests]

    def _left_red(self, changed: frozenset[TestId]) -> list[TestVersion]:
        """Return the tests that stand unchanged as one of the newest reds knew them."""
        same = [test for test in self.recalled.left_red() if test.id not in changed]
        self.reds.remember(same)
        return same

    def _open_reds(self, left: Sequence[TestVersion]) -> Iterator[SeenTest]:
        """Yield those that are green on the staged content: the change turned them."""
        after = self.recalled.ended(self.recalled.after_runs, left)
        found = (self._turned(test, after, tuple(left)) for test in left)
        return (seen for seen in found if self._proves(seen))

    def _proves(self, test: SeenTest) -> bool:
        counted = counts_as_red(test.grade, self.settings.red)
        return counted and test.after is Outcome.PASSED and not test.flaky

    def _doubts(self, wanted: ReplayPlan, found: Sequence[SeenTest]) -> Iterator[str]:
        """Say why what was seen is not enough; nothing where a replay could show nothing else."""
        if wanted.departed:
            yield "deleted tests must be run on the code that stays"
        if self._wants_the_text_before(found):
            yield "deleted or altered tests must be run as they stood before"
        if self._may_be_leaning():
            yield "a file that does something when it is imported must be left out of the run of the others"
        if self.change.changes.replacing and self.change.changes.changes_behaviour:
            yield f"{self.change.changes.replacing[0]} may put something in the place of what the change brings"
        if self._only_for_its_name(found):
            yield "no test that was red for want of a name asks about what bears it"
        if wanted.lines:
            yield "the strict policy asks which changed lines the tests run"
        seen = {test.id: test for test in found}
        for test in wanted.tests:
            yield from self._doubts_about(test, seen.get(test))
        if self.change.changes.changes_behaviour:
            yield from self._doubts_about_others(wanted, [test for test in found if test.id not in wanted.tests])
        failing = any(test.pass_to_fail or (test.after in BAD and test.id in wanted.tests) for test in found)
        if self._needs_proof and not failing and not any(map(self._proves, found)):
            yield "no run has shown a test red on the code before and green on the staged code"

    def _only_for_its_name(self, found: Iterable[SeenTest]) -> bool:
        """Whether all that went to green was red for want of a name, and claims nothing of what the change brings."""
        proofs = {test.id: test.grade for test in found if self._proves(test)}
        claims = [one.after.claims for one in self.change.changes.targets if one.id in proofs and one.after]
        deciding = (claim for each in claims for claim in each.claims if claim.liveness in _DECIDING)
        about = frozenset().union(*(claim.about for claim in deciding))
        structural = set(proofs.values()) == {Grade.STRUCTURAL}
        return bool(claims) and structural and about.isdisjoint(self.change.changes.added.all)

    def _may_be_leaning(self) -> bool:
        """Whether a file of the change does more than define, so that tests of another one may be green by it."""
        changes = self.change.changes
        loose = {path for path, _, name in (one.id.partition("::") for one in changes.helpers) if name == MODULE}
        return any(file_of(test.id) != path for test in changes.targets for path in loose)

    def _wants_the_text_before(self, found: Sequence[SeenTest]) -> bool:
        """Whether a test must be run as it stood before; not where another one is weaker by its text, and refuses."""
        changes = self.change.changes
        if changes.examples or (changes.changes_behaviour and (changes.deciding or changes.standing)):
            return True
        case = Case.under(self.settings, changes, Replay(tuple(found)), self.intent)
        if not to_be_run(case):
            return False
        waivers = self.settings.waivers
        return not is_weaker_for_sure(case.change) or judge(case, waivers=waivers).verdict is not CommitRuling.FAILED

    def _doubts_about_others(self, wanted: ReplayPlan, others: Sequence[SeenTest]) -> Iterator[str]:
        """Say why tests that the change does not concern may have suffered from it."""
        changes = self.change.changes
        decided = wanted.extent is Extent.SUITE and (changes.shared or changes.deciding)
        if decided and not any(map(is_whole, self.recalled.base_runs)):
            yield "no run of the whole suite shows which tests ran before"
        for test in others:
            if test.after in BAD and test.before is Outcome.MISSING and not test.flaky:
                yield f"{test.id} fails on the staged content, and no run shows whether it did before"

    def _unrun(self, wanted: ReplayPlan) -> Iterator[str]:
        """Say which tests that the change does not concern no run shows on the staged content."""
        if wanted.extent is Extent.SUITE:
            runs = [run for run in self.recalled.after_runs if is_whole(run)]
            if not any(not self.ledger.reds_of(run) for run in runs):
                yield _NO_SUITE
        for idler in idle(self.recalled, wanted):
            yield f"no run on the staged content shows {idler} as it was before"

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
        elif seen.after in BAD:
            is_target = any(target.id == test for target in changes.targets)
            if not is_target or seen.base in BAD or (not changes.changes_behaviour and seen.grade in _UNCLEAR):
                yield f"{test} was not green on the staged content"
        elif seen.after is Outcome.SKIPPED and seen.base is Outcome.MISSING and test in changes.became.values():
            yield f"no run shows whether {test}, which is skipped, ran before"


_NO_SUITE = "no run of the whole suite was green on the staged content"
_DECIDING = frozenset({Liveness.LIVE, Liveness.GUARDED})
_UNCLEAR = frozenset({Grade.BROKEN, Grade.NONE})


def _exception(red: Red) -> str:
    return red.raised.name if red.raised else ""
