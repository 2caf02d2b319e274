"""One commit before the rules: everything they may look at, and the replayed tests sorted by what they show."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from pytest_phasegate.core.evidence.outcomes import BAD, Grade, Outcome, TestId, counts_as_red, file_of
from pytest_phasegate.core.project.paths import COMPILED, inside, module_path
from pytest_phasegate.core.project.settings import Policy, RedGreenSettings, strictest
from pytest_phasegate.core.redgreen.change.behaviour import Effect
from pytest_phasegate.core.redgreen.change.changeset import ChangeSet, TestChange, TestStatus
from pytest_phasegate.core.redgreen.observed import Replay, SeenTest
from pytest_phasegate.core.redgreen.verdict import UNWRITTEN, Intent

_ALIKE = RedGreenSettings()


class Case(NamedTuple):
    """A change and what was observed of it: ``replay`` is ``None`` where nothing was run."""

    change: ChangeSet
    replay: Replay | None = None
    intent: Intent = UNWRITTEN
    policy: Policy = Policy.STANDARD
    parts: RedGreenSettings = _ALIKE

    @classmethod
    def under(cls, rules: RedGreenSettings, change: ChangeSet, replay: Replay | None, intent: Intent) -> Case:
        """Put a change before the rules of a project."""
        return cls(change, replay, intent, change.policy_under(rules), rules)

    @property
    def seen(self) -> Replay:
        """What was observed; where nothing was run, nothing."""
        return self.replay or Replay()

    @property
    def not_compiled(self) -> dict[str, str]:
        """The changed sources of which the tests ran what a build elsewhere had made of them, with that.

        Both go by the name of the module. A stub beside them is for type checkers, and no source.
        """
        compiled = {module_path(path): path for path in self.seen.carried if path.endswith(COMPILED)}
        data = (one.path for one in self.change.production if one.effect is Effect.DATA)
        sources = {path: compiled.get(module_path(path), "") for path in data if not path.endswith(".pyi")}
        return {path: made for path, made in sources.items() if made}

    def command(self, asked: str) -> str:
        """Return how pytest was run on a file: for a test of it alone, for the file with all that ran beside it."""
        path, _, test = asked.partition("::")
        place = max((one for one in self.seen.started if inside(path, one)), key=len, default="")
        alone = path.removeprefix(f"{place}/")
        words = [f"{alone}::{test}"] if test else self.seen.started.get(place, (alone,))
        start = shlex.join(["pytest", *words])
        return f"in {place}: {start}" if place else start

    @property
    def strict(self) -> bool:
        """Whether the strict column of the table holds."""
        return self.policy is Policy.STRICT

    def policy_of(self, path: str) -> Policy:
        """Return how what is found in a file is judged.

        A test that no entry names is one of the rest of the repository, and of the change: the stricter of both holds.
        """
        own = self.parts.part_of(path)
        if not path or not self.parts.paths:
            return self.policy
        if own is not None or any(one.path == path for one in self.change.production):
            return own.policy if own else self.parts.policy
        return strictest([self.policy, self.parts.policy])

    @property
    def asks(self) -> bool:
        """Whether anything of the change must be run to judge it."""
        change = self.change
        return self.may_be_refused or bool(change.shared) or bool(change.helpers) or bool(change.deciding)

    @property
    def may_be_refused(self) -> bool:
        """Whether what runs show can refuse: helpers and data of tests, alone, may be red or green."""
        return self.touches_code or any(not test.is_gone for test in self.change.tests)

    @property
    def touches_code(self) -> bool:
        """Whether production code behaves otherwise, or only looks as if it did not."""
        change = self.change
        return change.changes_behaviour or bool(change.inert or change.restored or change.met)

    @property
    def asks_no_red(self) -> bool:
        """Whether code was touched and none of it asks for a red test: all must be as green as before."""
        return self.touches_code and (self.change.removes_only or not self.change.changes_behaviour)


class Sorted(NamedTuple):
    """The replayed tests of a case, each list in order of the ids."""

    case: Case
    tests: tuple[SeenTest, ...]
    changes: Mapping[TestId, TestChange]

    @classmethod
    def of(cls, case: Case) -> Sorted:
        """Sort what a replay saw; of no replay, nothing."""
        changes = {test.id: test for test in case.change.tests if not test.is_gone}
        return cls(case, (*case.seen.tests, *_by_text(case, changes)), changes)

    def change_of(self, test: SeenTest) -> TestChange | None:
        """Return what the change did to the function that a test runs, be it a mixin's."""
        ids = (test.id, *sorted(test.definitions))
        return next((self.changes[found] for found in ids if found in self.changes), None)

    def is_target(self, test: SeenTest) -> bool:
        """Whether the test is new or changed."""
        change = self.change_of(test)
        return change is not None and change.is_target

    def proves(self, test: SeenTest) -> bool:
        """Whether a test went from a red that counts to green; a mark that still expects its failure is no green."""
        counted = counts_as_red(test.grade, self.case.parts.red) and not self._dragged_along(test)
        return test.fail_to_pass and counted and not test.flaky and not test.replaced

    def is_touched(self, test: SeenTest) -> bool:
        """Whether the change altered a test, what it uses in its file, or what decides how any test ends."""
        change, mine = self.case.change, {test.id, *test.definitions}
        helped = {file_of(helper.id) for helper in change.helpers}
        beside = any(file_of(found) in helped for found in mine)
        return beside or bool(change.shared or change.deciding) or not mine.isdisjoint(change.concerned)

    def turned(self, change: TestChange) -> bool:
        """Whether a changed test went from red to green itself."""
        return any(self.change_of(test) is change and self.proves(test) for test in self.tests)

    @property
    def fail_to_pass(self) -> tuple[TestId, ...]:
        """New and changed tests that went from red to green."""
        return self._where(lambda test: self.is_target(test) and self.proves(test))

    @property
    def fail_to_pass_unchanged(self) -> tuple[TestId, ...]:
        """Tests that went from red to green and that the change did not touch."""
        return self._where(lambda test: not self.is_target(test) and self.proves(test))

    @property
    def pass_to_pass(self) -> tuple[TestId, ...]:
        """Tests that were green on both sides."""
        return self._where(lambda test: (test.pass_to_pass or self._stayed_green(test)) and not test.flaky)

    @property
    def fail_to_fail(self) -> tuple[TestId, ...]:
        """Tests that fail on both sides."""
        return self._where(lambda test: test.fail_to_fail and not test.flaky)

    @property
    def pass_to_fail(self) -> tuple[TestId, ...]:
        """Tests that the change breaks."""
        return self._where(lambda test: test.pass_to_fail and not test.flaky)

    @property
    def flaky(self) -> tuple[TestId, ...]:
        """Tests of which two runs differ."""
        return self._where(lambda test: test.flaky)

    @property
    def never_red(self) -> tuple[TestId, ...]:
        """New tests that were green at once."""
        return self._where(lambda test: self._is_new(test) and test.pass_to_pass and not test.flaky)

    @property
    def open_red(self) -> tuple[TestId, ...]:
        """Tests that the change leaves red: failing ones where no production changes, and those declared red."""
        return self._where(self._is_open)

    def _is_open(self, test: SeenTest) -> bool:
        if test.flaky:
            return False
        if test.after is Outcome.XFAILED:
            return test.grade is Grade.DECLARED and self.is_target(test)
        fresh = self.is_target(test) and test.base not in BAD
        fresh |= test.base.green and not self.case.touches_code
        return not self.case.change.changes_behaviour and test.after in BAD and fresh and test.grade is not Grade.BROKEN

    def _is_new(self, test: SeenTest) -> bool:
        change = self.change_of(test)
        return change is not None and change.status is TestStatus.NEW

    def _stayed_green(self, test: SeenTest) -> bool:
        return test.after.green and self._dragged_along(test)

    def _dragged_along(self, test: SeenTest) -> bool:
        """Whether a test was red only since its file could not be imported, for the sake of something it does not use.

        Where before's own file could not be imported either, or where data or a conftest changed, it may well be red
        for its own sake. A test that names no code but its own uses nothing.
        """
        change = self.change_of(test)
        if test.uncollected and change is not None and change.after is not None and change.after.claims.idle:
            return True
        mine = {test.id, *test.definitions}
        own = test.base.green and not self.case.change.shared
        return test.uncollected and own and mine.isdisjoint(self.case.change.concerned)

    def _where(self, holds: Callable[[SeenTest], bool]) -> tuple[TestId, ...]:
        return tuple(test.id for test in self.tests if holds(test))

    def unrun(self) -> Iterator[TestChange]:
        """Yield the new and changed tests that nothing which ran on the after side defines."""
        return (change for change in self.changes.values() if change.is_target and change.id not in self._ran())

    def switched_off(self) -> Iterator[TestChange]:
        """Yield the tests that pytest collected where they stood, does not where they stand, and that nothing ran."""
        ran = self._ran()
        for change in self.changes.values():
            was = change.before is not None and change.before.collected
            if was and change.after is not None and not change.after.collected and change.id not in ran:
                yield change

    def _ran(self) -> set[TestId]:
        return {found for test in self.tests for found in (test.id, *test.definitions)}

    @property
    def hindered(self) -> tuple[SeenTest, ...]:
        """The new and changed tests that end by what ends untouched tests, before and after, and is no assertion."""
        stuck = [test for test in self.tests if test.told and not test.base.green and _is_kept(test)]
        before = (test for test in stuck if test.base in BAD)
        known = {test.told for test in before if test.as_before or not (self.change_of(test) or self.is_touched(test))}
        return tuple(test for test in stuck if test.told in known and self.is_target(test))


def _is_kept(test: SeenTest) -> bool:
    """Whether a test was not set up, or something else than what it asserts ended it."""
    if test.after is Outcome.ERROR:
        return test.grade is Grade.BROKEN
    asserted = test.exception in {"AssertionError", "Failed"}
    return test.after is Outcome.FAILED and test.grade is Grade.BEHAVIOURAL and not asserted


def _by_text(case: Case, changes: Mapping[TestId, TestChange]) -> Iterator[SeenTest]:
    """Yield the new and changed tests of the files that could not be collected."""
    for change in changes.values():
        failure = case.seen.failed_files.get(file_of(change.id))
        if failure is not None and change.is_target:
            error, base = Outcome.ERROR, Outcome.ERROR if failure.before else Outcome.MISSING
            why = failure.grade, failure.exception
            yield SeenTest(change.id, error, base, error, *why, uncollected=True, told=failure.told)
