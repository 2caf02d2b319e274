"""What one run leaves open is run again: a red that may be chance, or another one's, and a green by company."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from pytest_phasegate.app.ports.repository import TreeEntry
from pytest_phasegate.app.redgreen.change import ReadChange
from pytest_phasegate.app.redgreen.tree_runs import Runs
from pytest_phasegate.core.evidence.outcomes import BAD, Grade, NodeId, Outcome, TestId, file_of, files_of
from pytest_phasegate.core.evidence.probe_records import ProbedRun, Replaced
from pytest_phasegate.core.project.paths import ChangeKind
from pytest_phasegate.core.redgreen.observed import (
    Cause,
    Endings,
    Replay,
    SeenCase,
    SeenTest,
    Suspect,
    never_red,
    not_green,
    parted,
    suspects,
    unsettled,
)
from pytest_phasegate.core.redgreen.plan import Extent, ReplayPlan

_NOT_LEFT_BEHIND = frozenset({Grade.STRUCTURAL, Grade.DECLARED})
"""Reds whose cause stands in the code or in the test."""
_ROUNDS = 3
_ROUNDS_STRICT = 25
"""How often reds are run again without each other; further causes than that are believed as they stand."""
_STEADY = _ROUNDS_STRICT + 1
ROUNDS_UNSTEADY = 5
"""How often what broke is run again where it does not end alike each time."""


class Confirmation(NamedTuple):
    """Runs again what one run leaves open.

    Args:
        change: What is replayed.
        plan: What was to be run.
        runs: The runs of the project.
        stall: Seconds without a sign of life that mean a hang.
    """

    change: ReadChange
    plan: ReplayPlan
    runs: Runs
    stall: float

    def confirmed(self, replay: Replay, green: ProbedRun, red: ProbedRun, mixed: Mapping[str, TreeEntry]) -> Replay:
        """Run a red that may be chance, or another one's, and what looks broken, once more; what differs is flaky.

        A proof must also be green on the after side once more, behind its red: what the first run left behind, at a
        fixed place outside of the tree, may be all that made it red. A missing name is no such thing. One that is red
        there in the very same place says nothing of the code, and was not red. No other file of the change is imported
        beside it then: one may exchange what it asks about. What is green only beside another is not green. What broke
        must still pass on the old code, of a merge on a side: a test about time fails on either side of a busy machine.
        """
        after = self.change.after.entries
        accompanied = self.plan.extent is Extent.SUITE or len([path for path in self.plan.files if path in after]) > 1
        touched = frozenset(test.id for test in replay.tests if self._is_touched(test))
        first = Endings.of(red)
        narrowed = [test.by_its_reds for test in replay.tests]
        misled, flaky = self._without_others(suspects(narrowed, first, touched), first, mixed)
        broke = [test for test in replay.tests if _fell(test) or (test.fail_to_fail and test.id in touched)]
        unsure = misled | flaky
        proofs = [
            test
            for test in narrowed
            if test.fail_to_pass and test.id not in unsure and (accompanied or test.grade not in _NOT_LEFT_BEHIND)
        ]
        flaky |= self._broken_by_chance(broke, Endings.of(green), mixed)
        alone = self._apart(proofs)
        fallen = [test for test in proofs if any(case.node_id not in alone.green for case in test.cases)]
        alike = {test.id for test in fallen if alone.fails_where(first, test)} | misled
        flaky |= {test.id for test in fallen} - alike
        doubted = [test for test in fallen if test.id in flaky and accompanied]
        again = self._apart(doubted, company=Endings.of(green).green)
        leaning = {test.id for test in doubted if again.fails_where(alone, test)}
        flaky -= leaning
        settled = (never_red(test) if test.id in alike else test for test in replay.tests)
        settled = (not_green(test) if test.id in leaning else test for test in settled)
        tests = tuple(test._replace(flaky=True) if test.id in flaky else test for test in settled)
        tests = self._ended_by_hooks(self._beside(tests))
        return replay._replace(tests=tests, behind=tuple(sorted(misled)))

    def _broken_by_chance(
        self, broke: list[SeenTest], first: Endings, mixed: Mapping[str, TreeEntry]
    ) -> frozenset[TestId]:
        """Return those of some failing tests that pass on after, or fail on the old code, when they are run again.

        All are asked twice: what is late on a busy machine is late again a moment later. Where one does, the others are
        asked more often: one of many is late thrice. So is one that fails with other words than the first time, as what
        took 1.2 seconds and then 1.3.
        """
        after, sides = self.change.after.entries, [side.entries for side in self.change.sides]
        merged = sides if self.change.changes.kind is ChangeKind.MERGE else []
        chance = set[TestId]()
        for attempt in range(1, 1 + ROUNDS_UNSTEADY):
            left = [test for test in broke if test.id not in chance]
            again = self._again(after, left, attempt=attempt)
            chance |= again.passing(left, lambda case: not case.after.green)
            left = [test for test in left if test.id not in chance]
            by_code = {test.id: _broken(test, lambda case: case.before) for test in left if test.pass_to_fail}
            beside = {test.id: _broken(test, lambda case: case.base) for test in left if not test.pass_to_fail}
            for cases, trees in ((by_code, [mixed, *merged]), (beside, sides)):
                tests = [test for test in left if cases.get(test.id)]
                ends = [self._again(tree, tests, stall=self.stall, attempt=attempt) for tree in trees]
                green = frozenset[NodeId]().union(*(one.green for one in ends))
                chance |= {test.id for test in tests if not cases[test.id] <= green}
            if attempt > 1 and not chance and again.says_as(first):
                break
        return frozenset(chance)

    def _beside(self, tests: tuple[SeenTest, ...]) -> tuple[SeenTest, ...]:
        """Run what went to green without being asked about: does something stand in the place of the code?"""
        asked = frozenset(self.plan.tests)
        others = {test.id: test for test in tests if test.fail_to_pass and not test.flaky and test.id not in asked}
        cases = tuple(sorted({case.node_id for test in others.values() for case in test.cases}))
        if not cases or not self.change.changes.changes_behaviour:
            return tests
        after = self.change.after.entries
        run = self.runs.run(after, files=files_of(cases), only=cases, replaced=tuple(sorted(others)))
        found = {
            test: tuple(one for case in run.cases if case.test == test for one in case.replaced) for test in others
        }
        return tuple(test._replace(replaced=found.get(test.id, test.replaced)) for test in tests)

    def _ended_by_hooks(self, tests: tuple[SeenTest, ...]) -> tuple[SeenTest, ...]:
        """Run what went to green without the hooks that the change brings: they may decide how a test ends."""
        after = self.change.after.entries
        hooks = [hook for hook in self.change.changes.hooks if file_of(hook) in after]
        proofs = [test for test in tests if test.fail_to_pass and not test.flaky] if hooks else []
        cases = tuple(sorted({case.node_id for test in proofs for case in test.cases}))
        if not cases:
            return tests
        files = files_of(hooks)
        green = Endings.of(self.runs.run(after, files=files_of(cases), only=cases, unhooked=files)).green
        ended = Replaced("", hooks[0].rpartition("::")[2], files[0])
        fallen = {test.id for test in proofs if any(case.node_id not in green for case in test.cases)}
        return tuple(test._replace(replaced=(*test.replaced, ended)) if test.id in fallen else test for test in tests)

    def _apart(self, proofs: list[SeenTest], *, company: frozenset[NodeId] | None = None) -> Endings:
        """Run proofs on the after side: of any two files that the change touches, each without the other.

        Or beside the other as it stood before, and in the company of their own files: what that one imports, or what an
        earlier test of a file leaves behind, may be needed, and always was.
        """
        before, after = self.change.before.entries, self.change.after.entries
        files = files_of(case.node_id for test in proofs for case in test.cases)
        altered = {path for path in self.plan.files if before.get(path) != after.get(path)}
        mine = [path for path in files if path in altered]
        ends = []
        for group in (frozenset(files) - frozenset(mine), *parted(mine)):
            tests = [test for test in proofs if file_of(test.cases[0].node_id) in group]
            if tests and company is None:
                ends.append(self._again(after, tests))
            elif tests:
                others = {path: before[path] for path in altered - group if path in before}
                own = frozenset(node for node in company or () if file_of(node) in group)
                ends.append(self._again({**after, **others}, tests, attempt=2, company=own, beside=others))
        return Endings.worst_of(ends)

    def _without_others(
        self, suspected: tuple[Suspect, ...], first: Endings, mixed: Mapping[str, TreeEntry]
    ) -> tuple[frozenset[TestId], frozenset[TestId]]:
        """Run reds again without the others: return those that only another one made red, and those that differ.

        The first time, all of them and backwards: what failed behind one is before it then. After that those that may
        still owe it to one that ran before them, without that one. One cause is run alone once, however many share it.
        A strict policy asks each test of the change, any other stops where the first round found nobody misled.
        """
        misled: set[TestId] = set()
        flaky: set[TestId] = set()
        known: set[Cause] = set()
        left, exact = suspected, self.plan.lines
        for attempt in range(1, 1 + (_ROUNDS_STRICT if exact else _ROUNDS)):
            if not left:
                return frozenset(misled), frozenset(flaky)
            tests = [one.test for one in left]
            ends = self._again(mixed, tests, stall=self.stall, attempt=attempt, backwards=attempt == 1)
            green = ends.passing(tests, _was_red)
            passed = [one for one in left if one.test.id in green]
            misled |= {one.test.id for one in passed if one.behind and one.doubtful}
            unmoved = self._green_in_company([one for one in passed if not one.doubtful], first, mixed)
            misled |= {one.test.id for one in passed if one.behind and one.test.id in unmoved}
            flaky |= {one.test.id for one in passed if not one.behind and (one.doubtful or one.test.id in unmoved)}
            left = unsettled((one for one in left if one not in passed), ends, known)
            left = left if exact or misled else tuple(one for one in left if one.doubtful)
        misled |= {one.test.id for one in left if misled and not self._is_touched(one.test)}
        return frozenset(misled), frozenset(flaky)

    def _green_in_company(
        self, passed: list[Suspect], first: Endings, mixed: Mapping[str, TreeEntry]
    ) -> frozenset[TestId]:
        """Return those of some tests that pass behind all that passed before them, too: the rest is red by its own.

        A test of the change may be red for what a passing one did before it with the old code. One that does not pass
        alone each time owes its red to no other.
        """
        tests = [one.test for one in passed]
        alone = self._again(mixed, tests, stall=self.stall, attempt=_STEADY).passing(tests, _was_red)
        tests = [test for test in tests if test.id in alone]
        company = self._again(mixed, tests, stall=self.stall, company=first.green).passing(tests, _was_red)
        return company | {one.test.id for one in passed}.difference(alone)

    def _is_touched(self, test: SeenTest) -> bool:
        """Whether the change concerns the test; one it does not is a proof only if it is red twice."""
        return not self.change.changes.concerned.isdisjoint({test.id, *test.definitions})

    def _again(
        self,
        entries: Mapping[str, TreeEntry],
        tests: list[SeenTest],
        *,
        stall: float | None = None,
        attempt: int = 1,
        backwards: bool = False,
        company: frozenset[NodeId] = frozenset(),
        beside: Iterable[str] = (),
    ) -> Endings:
        """Run some tests in a tree once more, also those cases that shall keep them company, beside other files."""
        cases = {case.node_id for test in tests for case in test.cases}
        if not cases:
            return Endings.of(ProbedRun())
        only = tuple(sorted(cases | company))
        files = tuple(dict.fromkeys([*files_of(cases), *beside]))
        return Endings.of(
            self.runs.run(entries, stall=stall, only=only, files=files, attempt=attempt, backwards=backwards)
        )


def _fell(test: SeenTest) -> bool:
    """Whether a test fails that passed before; with before's own tests, where something beside the code broke it."""
    return test.pass_to_fail or (test.after in BAD and test.base.green)


def _broken(test: SeenTest, before: Callable[[SeenCase], Outcome]) -> set[NodeId]:
    """Return the cases that fail and passed before."""
    return {case.node_id for case in test.cases if before(case).green and not case.after.green}


def _was_red(case: SeenCase) -> bool:
    return not case.before.green
