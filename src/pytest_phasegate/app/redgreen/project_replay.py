"""Replay the tests of one project: the same ones on the after tree, on the base and on the red tree."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import NamedTuple

from pytest_phasegate.app.ports.evidence import COLLECT_ONLY
from pytest_phasegate.app.ports.repository import TreeEntry
from pytest_phasegate.app.redgreen.change import ReadChange
from pytest_phasegate.app.redgreen.confirmation import Confirmation
from pytest_phasegate.app.redgreen.rewritten import Exchanged
from pytest_phasegate.app.redgreen.tree_runs import MOST_IGNORED, Runs, of_the_first, of_the_others, stall_after
from pytest_phasegate.core.evidence.outcomes import NodeId, Outcome, TestId, file_of, files_of
from pytest_phasegate.core.evidence.probe_records import ProbedRun
from pytest_phasegate.core.evidence.run_trouble import (
    DEPRECATIONS,
    trouble_of_after,
    trouble_of_base,
    trouble_of_red,
    warned_in,
)
from pytest_phasegate.core.project.paths import ChangeKind
from pytest_phasegate.core.redgreen.case import Case
from pytest_phasegate.core.redgreen.earlier import given_to_mocks, lent_to
from pytest_phasegate.core.redgreen.observed import FileFailure, Replay
from pytest_phasegate.core.redgreen.plan import Extent, ReplayPlan, asks_only_for_a_run
from pytest_phasegate.core.redgreen.replay import (
    agreed,
    beside,
    compare,
    contradicted,
    failures_by_file,
    lacks_of_mocks,
    outcomes_by_test,
    settled,
    shared_cases,
)
from pytest_phasegate.core.regression.suite import Excused, broken_tests, lost_tests

Expecting = Mapping[str, tuple[NodeId, ...]]
"""By the name of an exception the cases that expect it, and were red for want of it."""


class Departed(NamedTuple):
    """How tests as they stood before end with the code after a change, and which of them it contradicts."""

    outcomes: Mapping[TestId, Outcome]
    refuted: frozenset[TestId]


class Examples(NamedTuple):
    """Items of pytest that held before: which of them the code of after contradicts, as they stood.

    ``fresh`` are those of them that were red and turned green as they stand.
    """

    refuted: frozenset[TestId] = frozenset()
    fresh: frozenset[TestId] = frozenset()


class _RedFirst(NamedTuple):
    """The run of the red tree, and the sides before: perhaps only collected, so that it is not known how they end."""

    red: ProbedRun
    sides: list[ProbedRun]
    collected: bool = False


class ProjectReplay(NamedTuple):
    """Carries out a plan in one project.

    Args:
        change: What is replayed.
        plan: What is to be run.
        runs: The runs of the project.
        quick: Seconds of tests that are run as soon as they are collected.
    """

    change: ReadChange
    plan: ReplayPlan
    runs: Runs
    quick: float

    def run(self) -> Replay:
        """Run what the plan asks for, and compare."""
        departed = outcomes_by_test(self._run_departed(), self.plan.departed) if self.plan.departed else None
        if self.plan.extent is Extent.NOTHING or self._only_compiles():
            return Replay(departed=departed, carried=self.runs.carried)
        after = self.change.after.entries
        asked = self.plan.tests if self.plan.red and self.change.changes.changes_behaviour else ()
        green = self.runs.run(after, at_most=of_the_first(self.runs.timeout), replaced=asked)
        trouble = trouble_of_after(green)
        if trouble:
            return Replay(trouble=trouble, departed=departed, carried=self.runs.carried)
        stall = stall_after(green)
        self.runs.at_most = of_the_others(green)
        mixed = self.runs.red_tree()
        early = self._red_first(mixed, green, stall)
        sides = early.sides if early else self._base(stall)
        base = agreed(sides) if sides else None
        red = early.red if early else self._known(mixed, green, base) or self.runs.run(mixed, stall=stall)
        if base is not None and self.change.changes.kind is ChangeKind.MERGE:
            red = beside(base, red)
        excused = self._excused(green)
        troubles = (
            *(trouble_of_base(base, green, self.runs.additions) if base is not None else ()),
            *(trouble_of_red(red, self.runs.additions) if red is not green else ()),
        )
        compared = compare(green, red, base, self.runs.additions)
        replay = Confirmation(self.change, self.plan, self.runs, stall).confirmed(compared, green, red, mixed)
        return replay._replace(
            trouble=troubles,
            lost=lost_tests(shared_cases(sides), green, excused) if sides else (),
            broken=broken_tests(base, green, excused) if base is not None else (),
            failed_files=self._failed_files(green, base),
            departed=departed,
            red_before=None if early and early.collected else base.failing_tests if base else frozenset(),
            carried=self.runs.carried,
            neutralised=green.neutralised,
            python=green.python,
            started={self.runs.directory: self.runs.started},
        )

    def _only_compiles(self) -> bool:
        """Whether nothing changed but sources of which a run here sees what was compiled elsewhere, and earlier."""
        changes = self.change.changes
        if not asks_only_for_a_run(changes) or changes.restored:
            return False
        self.runs.tree(self.change.after.entries)
        unseen = Case(changes, Replay(carried=self.runs.carried)).not_compiled
        return unseen.keys() == {one.path for one in changes.unproved}

    def _failed_files(self, green: ProbedRun, base: ProbedRun | None) -> Mapping[str, FileFailure]:
        failed = failures_by_file(green, self.runs.additions)
        known = failures_by_file(base, self.runs.additions) if base is not None else {}
        return {path: replace(why, before=known.get(path) == why) for path, why in failed.items()}

    def _base(self, stall: float) -> list[ProbedRun]:
        """Run before's own tests on before's code: one run a side."""
        return [self.runs.run(side.entries, stall=stall) for side in self.change.sides] if self.plan.base else []

    def _red_first(self, mixed: Mapping[str, TreeEntry], green: ProbedRun, stall: float) -> _RedFirst | None:
        """Run the red tree, and then only collect before's own tests, where how those end can change nothing.

        That is asked of a test which is not green any more, which the red tree could not import, which a conftest, or a
        helper that not only new tests reach, decides about, or which is gone. Nothing is won where tests take no longer
        than their collection. What must only stay green is not run on the red tree, and before's own run stands in for
        it. So it is with what looks inert, and, where no test changes, with all but those left red by earlier commits.
        """
        changes, before, proving = self.change.changes, self.change.before.entries, self.plan.proving
        merge = changes.kind is ChangeKind.MERGE
        if not self.plan.base or merge or changes.decided_before or mixed == self.change.after.entries:
            return None
        uneven = frozenset(case.path for case in green.cases if case.outcome is not Outcome.PASSED)
        uneven |= {file_of(helper.id) for helper in changes.helpers_of_standing}.difference(changes.shared)
        quick = sum(case.seconds for case in green.cases if case.path not in uneven) < self.quick
        whole = quick or bool(green.uncollected)
        if asks_only_for_a_run(changes):
            found = None if whole else self._collected(green, uneven, stall)
            return _RedFirst(found, [found], collected=True) if found else None
        if mixed == before:
            left_red = frozenset(map(file_of, self.plan.tests))
            asked = left_red and not whole and not green.failing_files
            found = self._collected(green, uneven | left_red, stall) if asked else None
            proved = found is not None and found.failing_tests.intersection(self.plan.tests)
            return _RedFirst(found, [found], collected=True) if found and proved else None
        if proving is None and whole:
            return None
        red = self.runs.run(mixed, files=proving, stall=stall)
        shut = red.lost_files
        told = red.finished and red.aborted is None and shut <= {case.path for case in green.cases}
        base = self._collected(green, uneven | shut, stall) if told and not whole else None
        sides = self._base(stall) if base is None else [base]
        if proving is not None:
            red = red._replace(cases=(*red.cases, *(case for case in sides[0].cases if case.path not in proving)))
        return _RedFirst(red, sides, collected=base is not None)

    def _collected(self, green: ProbedRun, uneven: frozenset[str], stall: float) -> ProbedRun | None:
        """Collect before's own tests, and run the files of those whose end matters; nothing where not all came in.

        What was collected and passes on the after side counts as green: it cannot have become worse.
        """
        before = self.change.before.entries
        found = self.runs.run(before, stall=stall, options=(COLLECT_ONLY,))
        if not found.finished or found.uncollected or found.aborted is not None:
            return None
        present = _present(found)
        again = uneven.union(map(file_of, lost_tests(present, green, self._excused(green))))
        ran = self.runs.run(before, files=tuple(sorted(again)), stall=stall) if again else found._replace(cases=())
        left = tuple(case for case in present.cases if case.path not in again)
        return ran._replace(cases=(*ran.cases, *left))

    def keeps_all(self) -> bool:
        """Collect the files of the plan on both sides: whether each test that was there before still is."""
        trees = (self.change.before.entries, self.change.after.entries)
        before, after = (self.runs.run(tree, options=(COLLECT_ONLY,)) for tree in trees)
        ended = all(run.finished and run.aborted is None for run in (before, after))
        broken = after.lost_files - before.lost_files
        return ended and not broken and not lost_tests(_present(before), after, self._excused(after))

    def earlier(self, expecting: Expecting) -> Departed:
        """Run the tests that the plan names, as they stood before, with the code of after.

        What is deprecated still does what they ask of it, also where the project makes its warning an error, and
        something catches that; so does what gives another warning for which a test of the change asks. What failed
        may have looked for such a warning itself, and is run once more as the project has it.
        """
        wanted, own = self.plan.departed, self.runs.ignored
        self.runs.ignored += DEPRECATIONS
        run = self._run_departed()
        while (fresh := self._expected(run, expecting)) and len(self.runs.ignored) < MOST_IGNORED:
            self.runs.ignored += tuple(sorted(fresh))
            run = self._run_departed()
        self.runs.ignored = own
        run = self._settled(run, self.runs.departed, wanted)
        return Departed(outcomes_by_test(run, wanted), self._contradicted(run, wanted))

    def _contradicted(self, run: ProbedRun, wanted: Collection[TestId]) -> frozenset[TestId]:
        """Return the tests that fail for no want of what the change takes away, or of what their stand-ins got."""
        changes = self.change.changes
        found = contradicted(run, wanted, self.runs.removals())
        found -= {test for test in found if lacks_of_mocks(run, test, given_to_mocks(changes, test))}
        lent = {test: lent_to(changes, test) for test in found}
        return frozenset(
            test for test in found if not lent[test] or contradicted(run, [test], self.runs.removals(lent[test]))
        )

    def _settled(self, run: ProbedRun, entries: Mapping[str, TreeEntry], wanted: Collection[TestId]) -> ProbedRun:
        """Run what failed once more."""
        failing = tuple(case.node_id for case in run.failing if not case.functions.isdisjoint(wanted))
        again = self.runs.run(entries, files=files_of(failing), only=failing, attempt=1) if failing else run
        return settled(run, again)

    def examples(self, exchanged: Exchanged) -> Examples:
        """Run the examples of modules as they stood before, with the code of after."""
        files, before, after = self.plan.files, self.change.before.entries, self.change.after.entries
        green = self.runs.run(before).green_tests
        mixed = {**after, **{path: exchanged.of_before[path] for path in files}}
        whole = ("--doctest-continue-on-failure",)  # behind a name that is gone there may be more
        run = self._settled(self.runs.run(mixed, options=whole), mixed, green) if green else ProbedRun()
        refuted = contradicted(run, green, self.runs.removals())
        if not refuted:
            return Examples()
        red = self.runs.run({**before, **{path: exchanged.of_after[path] for path in files}}).failing_tests
        return Examples(refuted, refuted & red & self.runs.run(after).green_tests)

    def _expected(self, run: ProbedRun, expecting: Expecting) -> frozenset[str]:
        """Return the warnings of a run that are given in lines which a test that expects such a one runs on after."""
        warned = {spec: raised for spec, raised in warned_in(run).items() if spec not in self.runs.ignored}
        kinds = {kind for raised in warned.values() for one in raised for kind in one.types}
        asked = {case for kind in kinds for case in expecting.get(kind, ()) if self.runs.is_mine(file_of(case))}
        if not asked:
            return frozenset()
        cases, paths = tuple(sorted(asked)), {one.path for raised in warned.values() for one in raised}
        traced = tuple(sorted(paths - {""}))
        seen = self.runs.run(self.change.after.entries, files=files_of(cases), only=cases, traced=traced).lines or {}
        where = {spec: {(one.path, one.line) for one in raised} for spec, raised in warned.items()}
        return frozenset(
            spec for spec, places in where.items() if all(line in seen.get(path, ()) for path, line in places)
        )

    def _known(self, wanted: Mapping[str, TreeEntry], green: ProbedRun, base: ProbedRun | None) -> ProbedRun | None:
        """Return the run of a tree that was run already; what is before a merge are all its parents."""
        if self.change.changes.kind is ChangeKind.MERGE and base is not None:
            return None if wanted == self.runs.without_own_code() else base
        if wanted == self.change.after.entries:
            return green
        if asks_only_for_a_run(self.change.changes):
            return base
        return base if wanted == self.change.before.entries else None

    def _excused(self, green: ProbedRun) -> Excused:
        """Return what the change itself took away or made otherwise; examples that nobody runs any more are no such."""
        changes = self.change.changes
        texts = {*(change.path for change in changes.production), *changes.others, *changes.restored}
        if not {*changes.deciding}.isdisjoint(changes.configuration) and texts.isdisjoint(
            case.path for case in green.cases
        ):
            texts -= self.change.after.entries.keys() - set(changes.unexampled)
        gone = {test.id for test in changes.deleted}
        return Excused(
            tests=frozenset(gone),
            renamed={before: now for before, now in changes.became.items() if before != now},
            altered=changes.concerned,
            counted=bool(changes.deciding or (changes.inert and not changes.changes_behaviour)),
            texts=frozenset(texts),
            data=frozenset(changes.shared),
        )

    def _run_departed(self) -> ProbedRun:
        """Run tests that the plan names, as they stood before, with the code of after."""
        return self.runs.run(self.runs.departed, files=files_of(self.plan.departed))


def _present(collected: ProbedRun) -> ProbedRun:
    return collected._replace(cases=tuple(case._replace(outcome=Outcome.PASSED) for case in collected.cases))
