"""Carry out the plan of a replay: the same tests on the after tree, on the base and on the red tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple, TypedDict, Unpack

from pytest_phasegate.app.ports.repository import TreeEntry
from pytest_phasegate.app.ports.runner import Runner, RunOrder, Workspace
from pytest_phasegate.app.redgreen.change import ReadChange
from pytest_phasegate.core.evidence.outcomes import Additions, Grade, NodeId, Outcome, TestId
from pytest_phasegate.core.evidence.probe_records import (
    ProbedRun,
    Replaced,
    deprecations_of,
    lacking,
    trouble_of_after,
    trouble_of_base,
    trouble_of_red,
    united,
    warned_in,
    warnings_of,
)
from pytest_phasegate.core.project.paths import Side, inside
from pytest_phasegate.core.redgreen.change.changeset import ChangeKind
from pytest_phasegate.core.redgreen.change.test_module import TestFunction
from pytest_phasegate.core.redgreen.import_graph import Reaching
from pytest_phasegate.core.redgreen.observed import (
    Cause,
    Endings,
    FileFailure,
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
from pytest_phasegate.core.redgreen.plan import Extent, ReplayPlan, asks_only_for_a_run, departed_tree, red_tree
from pytest_phasegate.core.redgreen.replay import (
    agreed,
    beside,
    compare,
    contradicted,
    failing_files,
    failing_tests,
    failures_by_file,
    outcomes_by_test,
    own_packages,
    settled,
    shared_cases,
)
from pytest_phasegate.core.regression.suite import Excused, broken_tests, lost_tests

_LEAST_STALL = 10.0
_SLOWEST_CASE = 10.0
_WHOLE_RUN = 3.0
_FIRST_RUN = 30.0
"""How many time limits the first run of some tests may last, which tells how long the others may."""
_NOT_LEFT_BEHIND = frozenset({Grade.STRUCTURAL, Grade.DECLARED})
"""Reds whose cause stands in the code or in the test."""
_ROUNDS = 3
_ROUNDS_STRICT = 25
"""How often reds are run again without each other; further causes than that are believed as they stand."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the runs of one plan came to; the fields are those the rules of red before green ask for.

    ``carried`` are files of a build that were brought into the trees, ``neutralised`` options taken out of ``addopts``,
    ``red_before`` the functions that failed with before's own tests and code (``None``: those were not run).
    """

    replay: Replay = field(default_factory=Replay)
    lost: tuple[TestId, ...] = ()
    failed_files: Mapping[str, FileFailure] = field(default_factory=lambda: MappingProxyType[str, FileFailure]({}))
    departed: Mapping[TestId, Outcome] | None = None
    refuted: frozenset[TestId] = frozenset()
    unaltered: Mapping[TestId, TestFunction] = field(default_factory=dict)
    red_before: frozenset[TestId] | None = frozenset()
    carried: tuple[str, ...] = ()
    neutralised: tuple[str, ...] = ()
    broken: tuple[TestId, ...] = ()
    reaching: Reaching | None = None
    started: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


Expecting = Mapping[str, tuple[NodeId, ...]]
"""By the name of an exception the cases that expect it, and were red for want of it."""


class Departed(NamedTuple):
    """How tests as they stood before end with the code after a change, and which of them it contradicts."""

    outcomes: Mapping[TestId, Outcome]
    refuted: frozenset[TestId]


@dataclass(slots=True)
class Replayer:
    """Replays changes in one workspace.

    Args:
        workspace: Where trees are written and reused.
        runner: Runs tests in them.
        timeout: Seconds for one run.
        packages: Import names that are the project's, though neither tree of a change may hold them yet.
        quick: Seconds of tests that are run as soon as they are collected.
    """

    workspace: Workspace
    runner: Runner
    timeout: float = 120.0
    packages: frozenset[str] = frozenset()
    quick: float = 1.0

    def carry_out(self, change: ReadChange, plan: ReplayPlan) -> Replayed:
        """Run what a plan asks for, each project in a run of its own, and compare; never raises because of a test.

        Raises:
            RepositoryError: A tree cannot be written.
        """
        moved = {test.before.id: test.id for test in change.changes.tests if test.before is not None}
        return _together([part.run() for part in self._parts(change, plan)], moved)

    def standing(self, change: ReadChange, files: tuple[str, ...]) -> ProbedRun:
        """Run the tests of some files, as far as they are there, on the after side alone; what fails, once more.

        Raises:
            RepositoryError: The tree cannot be written.
        """
        plan = ReplayPlan(Extent.NOTHING, files=files)
        return _side_by_side([part.after() for part in self._parts(change, plan)])

    def earlier(self, change: ReadChange, tests: tuple[TestId, ...], expecting: Expecting) -> Departed:
        """Run tests as they stood before a change with the code after it; one that fails, once more.

        Raises:
            RepositoryError: The tree cannot be written.
        """
        plan = ReplayPlan(Extent.NOTHING, departed=tests)
        found = [part.earlier(expecting) for part in self._parts(change, plan)]
        outcomes = {test: outcome for part in found for test, outcome in part.outcomes.items()}
        return Departed(outcomes, frozenset().union(*(part.refuted for part in found)))

    def suite(self, change: ReadChange) -> ProbedRun:
        """Run the whole suite on the after side alone; files where something fails, once more.

        Raises:
            RepositoryError: The tree cannot be written.
        """
        return _side_by_side([part.after() for part in self._parts(change, ReplayPlan(Extent.SUITE))])

    def red_before(self, change: ReadChange, tests: frozenset[TestId]) -> frozenset[TestId]:
        """Run before's own tests of some files on before's code; return the functions that fail there.

        Raises:
            RepositoryError: A tree cannot be written.
        """
        plan = ReplayPlan(Extent.NOTHING, files=tuple(sorted(set(map(_file_of, tests)))))
        return frozenset().union(*(part.red_before() for part in self._parts(change, plan)))

    def lacking(self, change: ReadChange, files: tuple[str, ...]) -> str:
        """Collect some test files on the after side alone, and return which module that is not there keeps out all.

        Raises:
            RepositoryError: The tree cannot be written.
        """
        plan = ReplayPlan(Extent.NOTHING, files=files)
        found = [part.lacking() for part in self._parts(change, plan)]
        return found[0] if all(found) else ""

    def lines_of(
        self, change: ReadChange, cases: tuple[NodeId, ...], paths: tuple[str, ...]
    ) -> Mapping[str, frozenset[int]] | None:
        """Return which lines of some files these cases run on the after side; ``None`` where nobody could watch."""
        plan = ReplayPlan(Extent.NOTHING, files=_files_of(cases))
        found = [part.lines(cases, paths) for part in self._parts(change, plan)]
        known = [lines for lines in found if lines is not None]
        if len(known) < len(found):
            return None
        return {path: frozenset().union(*(lines.get(path, ()) for lines in known)) for path in paths}

    def _parts(self, change: ReadChange, plan: ReplayPlan) -> Iterator[_OneReplay]:
        """Yield the replay of each project whose tests a plan runs: they are run where pytest is started for them."""
        layout = change.layout
        paths = {*plan.files, *map(_file_of, plan.departed)}
        for side in (*change.sides, change.after) if plan.extent is Extent.SUITE else ():
            paths.update(path for path in side.entries if path.endswith(".py") and layout.is_collected(path))
        roots = sorted(set(map(layout.run_root, paths))) or [""]
        for root in roots:
            files = tuple(path for path in plan.files if layout.run_root(path) == root)
            departed = tuple(test for test in plan.departed if layout.run_root(_file_of(test)) == root)
            others = tuple(one for one in roots if one != root and inside(one, root))
            yield _OneReplay(self, change, replace(plan, files=files, departed=departed), root, others)


def _together(parts: list[Replayed], moved: Mapping[TestId, TestId]) -> Replayed:
    """Return what the replays of several projects came to, judged as one; a test may have moved to another project."""
    if len(parts) == 1:
        return parts[0]
    tests = tuple(sorted((test for part in parts for test in part.replay.tests), key=lambda test: test.id))
    there = {test.id for test in tests}
    departed = [part.departed for part in parts if part.departed is not None]
    return Replayed(
        replay=Replay(
            tests,
            tuple(dict.fromkeys(one for part in parts for one in part.replay.trouble)),
            tuple(sorted(one for part in parts for one in part.replay.behind)),
        ),
        lost=tuple(sorted(test for part in parts for test in part.lost if moved.get(test) not in there)),
        broken=tuple(sorted(test for part in parts for test in part.broken)),
        failed_files={path: why for part in parts for path, why in part.failed_files.items()},
        departed={test: outcome for part in departed for test, outcome in part.items()} if departed else None,
        red_before=_all_red(part.red_before for part in parts),
        carried=tuple(sorted({path for part in parts for path in part.carried})),
        neutralised=tuple(dict.fromkeys(option for part in parts for option in part.neutralised)),
        started={place: files for part in parts for place, files in part.started.items()},
    )


def _side_by_side(runs: list[ProbedRun]) -> ProbedRun:
    """Return the runs of several projects as one; where one of them cannot speak, all of it cannot."""
    mute = next((run for run in runs if run.trouble or run.aborted is not None), None)
    return united([*(run for run in runs if run is not mute), *([mute] if mute else [])])


_MOST_WARNINGS = 5


class _RedFirst(NamedTuple):
    """The run of the red tree, and the sides before: perhaps only collected, so that it is not known how they end."""

    red: ProbedRun
    sides: list[ProbedRun]
    collected: bool = False


class _How(TypedDict, total=False):
    """How files are run in a tree, where it is not the usual way."""

    stall: float | None
    only: tuple[NodeId, ...]
    attempt: int
    backwards: bool
    traced: tuple[str, ...]
    replaced: tuple[TestId, ...]
    unhooked: tuple[str, ...]
    options: tuple[str, ...]
    at_most: float


@dataclass
class _OneReplay:
    replayer: Replayer
    change: ReadChange
    plan: ReplayPlan
    directory: str = ""
    """Where in the tree pytest is started."""
    others: tuple[str, ...] = ()
    """Directories below it whose tests are run apart."""
    carried: tuple[str, ...] = ()
    at_most: float = 0.0
    """Seconds that a run may take whose tests come to their ends: what the first one took tells."""
    ignored: tuple[str, ...] = ()
    """Warnings of this environment, as pytest's ``-W`` takes them."""

    def run(self) -> Replayed:
        departed = self._departed()
        if self.plan.extent is Extent.NOTHING:
            return Replayed(departed=departed, carried=self.carried)
        after = self.change.after.entries
        asked = self.plan.tests if self.plan.red and self.change.changes.changes_behaviour else ()
        green = self._run(after, at_most=_FIRST_RUN * self.replayer.timeout, replaced=asked)
        trouble = trouble_of_after(green)
        if trouble:
            return Replayed(Replay(trouble=trouble), departed=departed, carried=self.carried)
        stall = _stall_after(green)
        self.at_most = _WHOLE_RUN * green.seconds + stall
        mixed = self._red_entries()
        early = self._red_first(mixed, green, stall)
        sides = early.sides if early else self._base(stall)
        base = agreed(sides) if sides else None
        red = early.red if early else self._known(mixed, green, base) or self._run(mixed, stall=stall)
        if base is not None and self.change.changes.kind is ChangeKind.MERGE:
            red = beside(base, red)
        known = shared_cases(sides) if sides else None
        troubles = (
            *(trouble_of_base(base, green, self.additions) if base is not None else ()),
            *(trouble_of_red(red, self.additions) if red is not green else ()),
        )
        replay = self._confirmed(compare(green, red, base, self.additions), red, mixed, stall)
        return Replayed(
            replay=replace(replay, trouble=troubles),
            lost=lost_tests(known, green, self._excused()) if known is not None else (),
            broken=broken_tests(base, green, self._excused()) if base is not None else (),
            failed_files=self._failed_files(green, base),
            departed=departed,
            red_before=None if early and early.collected else failing_tests(base) if base else frozenset(),
            carried=self.carried,
            neutralised=green.neutralised,
            started={self.directory: () if self.plan.extent is Extent.SUITE else self._rooted(self.plan.files)},
        )

    def _failed_files(self, green: ProbedRun, base: ProbedRun | None) -> Mapping[str, FileFailure]:
        failed = failures_by_file(green, self.additions)
        known = failures_by_file(base, self.additions) if base is not None else {}
        return {path: replace(why, before=known.get(path) == why) for path, why in failed.items()}

    def _base(self, stall: float) -> list[ProbedRun]:
        """Run before's own tests on before's code: one run a side."""
        return [self._run(side.entries, stall=stall) for side in self.change.sides] if self.plan.base else []

    def _red_first(self, mixed: Mapping[str, TreeEntry], green: ProbedRun, stall: float) -> _RedFirst | None:
        """Run the red tree, and then only collect before's own tests, where how those end can change nothing.

        That is asked of a test which is not green any more, which the red tree could not import, which a helper or a
        conftest decides about, or which is gone. Nothing is won where tests take no longer than their collection.
        """
        changes, before = self.change.changes, self.change.before.entries
        decided = changes.helpers or changes.shared or changes.deciding
        merge = changes.kind is ChangeKind.MERGE
        if not self.plan.base or merge or decided or mixed in (before, self.change.after.entries):
            return None
        quick = sum(case.seconds for case in green.cases) < self.replayer.quick
        uneven = any(case.outcome is not Outcome.PASSED for case in green.cases)
        if quick or uneven or green.uncollected or asks_only_for_a_run(changes):
            return None
        red = self._run(mixed, stall=stall)
        found = self._run(before, stall=stall, options=("--collect-only",)) if _is_whole(red) else red
        present = replace(found, cases=tuple(replace(case, outcome=Outcome.PASSED) for case in found.cases))
        if found is red or not _is_whole(found) or lost_tests(present, green, self._excused()):
            return _RedFirst(red, self._base(stall))
        return _RedFirst(red, [replace(found, trouble="")], collected=True)

    def after(self) -> ProbedRun:
        """Run the files of the plan on the after side, and those where something fails once more."""
        first = self._run(self.change.after.entries, at_most=_FIRST_RUN * self.replayer.timeout)
        self.at_most = _WHOLE_RUN * first.seconds + _stall_after(first)
        failing = failing_files(first)
        return settled(first, self._run(self.change.after.entries, files=failing, attempt=1)) if failing else first

    def red_before(self) -> frozenset[TestId]:
        """Run the files of the plan as they stood before, and return the functions that fail."""
        return failing_tests(self._run(self.change.before.entries))

    def lacking(self) -> str:
        """Collect the files of the plan on the after side, and run none of their tests."""
        return lacking(self._run(self.change.after.entries, options=("--collect-only",)), self.additions)

    def earlier(self, expecting: Expecting) -> Departed:
        """Run the tests that the plan names, as they stood before, with the code of after.

        What is deprecated still does what they ask of it, also where the project makes its warning an error; so does
        what gives another warning for which a test of the change asks.
        """
        wanted = self.plan.departed
        run = self._run_departed()
        while (fresh := self._allowed(run, expecting)) and len(self.ignored) < _MOST_WARNINGS:
            self.ignored += tuple(sorted(fresh))
            run = self._run_departed()
        failing = failing_files(run)
        if failing:
            run = settled(run, self._run(self._departed_entries(), files=failing, attempt=1))
        return Departed(outcomes_by_test(run, wanted), contradicted(run, wanted, self._removals()))

    def _allowed(self, run: ProbedRun, expecting: Expecting) -> frozenset[str]:
        """Return the warnings of a run that are no failure, and were not ignored yet.

        Beside deprecations those that are given in lines which a test that expects such a warning runs on after.
        """
        allowed = deprecations_of(run) - set(self.ignored)
        warned = {spec: raised for spec, raised in warned_in(run).items() if spec not in self.ignored}
        kinds = {kind for raised in warned.values() for one in raised for kind in one.types}
        asked = {case for kind in kinds for case in expecting.get(kind, ()) if self._is_mine(_file_of(case))}
        if allowed or not asked:
            return allowed
        cases, paths = tuple(sorted(asked)), {one.path for raised in warned.values() for one in raised}
        traced = tuple(sorted(paths - {""}))
        seen = self._run(self.change.after.entries, files=_files_of(cases), only=cases, traced=traced).lines or {}
        where = {spec: {(one.path, one.line) for one in raised} for spec, raised in warned.items()}
        return frozenset(
            spec for spec, places in where.items() if all(line in seen.get(path, ()) for path, line in places)
        )

    def _removals(self) -> Additions:
        """Return what the change takes away: without it a test of before fails for want of a name."""
        removed = self.change.changes.removed
        return replace(self.additions, names=removed.names | removed.parameters | removed.callables)

    def lines(self, cases: tuple[NodeId, ...], paths: tuple[str, ...]) -> Mapping[str, frozenset[int]] | None:
        """Run some cases on the after side, and watch some files."""
        run = self._run(self.change.after.entries, only=cases, traced=paths)
        return None if run.trouble else run.lines

    @cached_property
    def names(self) -> frozenset[str]:
        """What the project's own modules are imported by; of a namespace, what lies in it."""
        layout, paths = self.change.layout, {**self.change.before.entries, **self.change.after.entries}
        code = (path for path in paths if path.endswith(".py"))
        own = layout.names_of(path for path in code if layout.side(path) is Side.PRODUCTION)
        return own | self.replayer.packages

    @cached_property
    def additions(self) -> Additions:
        """Return what the change adds; where it leaves production alone, the code to come may add anything."""
        changes = self.change.changes
        added = changes.added
        return Additions(
            packages=own_packages(self.names),
            names=added.names | added.parameters | added.callables if changes.changes_behaviour else None,
            paths=frozenset(change.path for change in changes.production),
        )

    def _red_entries(self) -> Mapping[str, TreeEntry]:
        """Return the red tree: after's own where production does not differ; of a merge, see ``_without_own_code``."""
        before, after = self.change.before.entries, self.change.after.entries
        if self.change.changes.kind is ChangeKind.MERGE:
            return self._without_own_code() or before
        return red_tree(before, after, self.change.layout) if self.plan.red else after

    def _without_own_code(self) -> Mapping[str, TreeEntry] | None:
        """Return a merge with the production code in which it differs from all its sides as it is on them.

        There a test that the merge itself brings must be red. Where the sides do not agree on that code, no tree shows
        what was before.
        """
        own = [change.path for change in self.change.changes.behaviour] if self.plan.red else []
        first, *others = [{path: side.entries.get(path) for path in own} for side in self.change.sides]
        if not own or any(other != first for other in others):
            return None
        kept = {path: entry for path, entry in self.change.after.entries.items() if path not in first}
        return kept | {path: entry for path, entry in first.items() if entry is not None}

    def _known(self, wanted: Mapping[str, TreeEntry], green: ProbedRun, base: ProbedRun | None) -> ProbedRun | None:
        """Return the run of a tree that was run already; what is before a merge are all its parents."""
        if self.change.changes.kind is ChangeKind.MERGE and base is not None:
            return None if wanted == self._without_own_code() else base
        if wanted == self.change.after.entries:
            return green
        if asks_only_for_a_run(self.change.changes):
            return base
        return base if wanted == self.change.before.entries else None

    def _excused(self) -> Excused:
        """Return what the change itself took away or made otherwise."""
        changes = self.change.changes
        gone = {test.id for test in changes.deleted}
        moved = {test.before.id: test.id for test in changes.tests if test.before is not None and not test.is_gone}
        return Excused(
            tests=frozenset(gone),
            renamed={before: now for before, now in moved.items() if before != now},
            altered=changes.concerned,
            counted=bool(changes.deciding) or self._all_inert(),
            texts=frozenset({*(change.path for change in changes.production), *changes.others, *changes.restored}),
            data=frozenset(changes.shared),
        )

    def _all_inert(self) -> bool:
        return bool(self.change.changes.inert) and not self.change.changes.changes_behaviour

    def _departed(self) -> Mapping[TestId, Outcome] | None:
        """Run the deleted tests that the plan names with the code of after."""
        if not self.plan.departed:
            return None
        return outcomes_by_test(self._run_departed(), self.plan.departed)

    def _run_departed(self) -> ProbedRun:
        files = tuple(sorted(set(map(_file_of, self.plan.departed))))
        return self._run(self._departed_entries(), files=files)

    def _departed_entries(self) -> Mapping[str, TreeEntry]:
        before, after = self.change.before.entries, self.change.after.entries
        return departed_tree(before, after, self.change.layout, self.change.changes.deciding)

    def _run(
        self, entries: Mapping[str, TreeEntry], files: tuple[str, ...] | None = None, **how: Unpack[_How]
    ) -> ProbedRun:
        """Run files in a tree, those of the plan if none are named, as far as the tree has them.

        A warning that the project makes an error, and that keeps its tests from being collected before the change too,
        is one of this environment: a later version of something warns of what was right then. It is ignored on every
        side. One that only a side shows is what the change is about.
        """
        found = self._once(entries, files, **how)
        while entries is self.change.after.entries and len(self.ignored) < _MOST_WARNINGS:
            warned = warnings_of(found) - set(self.ignored)
            known = warned & warnings_of(self._collected_before(files)) if warned else frozenset()
            if not known:
                break
            self.ignored += tuple(sorted(known))
            found = self._once(entries, files, **how)
        told = tuple(f"filterwarnings: {one}" for one in self.ignored)
        return replace(found, neutralised=(*found.neutralised, *told)) if told else found

    def _collected_before(self, files: tuple[str, ...] | None) -> ProbedRun:
        """Collect the same files as they stood before the change; where none of them did, all that did."""
        before, layout = self.change.before.entries, self.change.layout
        there = [path for path in (self.plan.files if files is None else files) if path in before]
        all_of_them = [path for path in before if layout.is_collected(path) and self._is_mine(path)]
        return self._once(before, files=tuple(there or sorted(all_of_them)), options=("--collect-only",))

    def _is_mine(self, path: str) -> bool:
        return self.change.layout.run_root(path) == self.directory

    def _once(self, entries: Mapping[str, TreeEntry], files: tuple[str, ...] | None, **how: Unpack[_How]) -> ProbedRun:
        suite = files is None and self.plan.extent is Extent.SUITE and self._is_in(entries)
        chosen = tuple(path for path in (self.plan.files if files is None else files) if path in entries)
        if not chosen and not suite:
            return ProbedRun()
        tree = self.replayer.workspace.tree(entries, self.change.layout)
        self.carried = tree.carried
        apart = tuple(f"--ignore={one}" for one in self._rooted(self.others)) if suite else ()
        ignored = (word for one in self.ignored for word in ("-W", one))
        order = RunOrder(
            tree=tree.path,
            prepare=tree.write,
            tree_digest=tree.digest,
            files=chosen,
            directory=self.directory,
            import_roots=self._import_roots(),
            packages=self.names,
            extra_path=tree.extra_path,
            programs=tree.programs,
            timeout=self.replayer.timeout,
            at_most=self.at_most,
        )
        order = replace(order, **how)
        return self.replayer.runner.run(replace(order, options=(*order.options, *apart, *ignored)))

    def _rooted(self, paths: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(path.removeprefix(f"{self.directory}/") for path in paths)

    def _is_in(self, entries: Mapping[str, TreeEntry]) -> bool:
        return not self.directory or any(inside(path, self.directory) for path in entries)

    def _import_roots(self) -> tuple[str, ...]:
        """Return where modules are searched: what lies in the project itself comes before what others call the same."""
        roots = self.change.layout.import_roots
        return tuple(sorted(roots, key=lambda root: not inside(root, self.directory)))

    def _confirmed(self, replay: Replay, red: ProbedRun, mixed: Mapping[str, TreeEntry], stall: float) -> Replay:
        """Run a red that may be chance, or another one's, and what looks broken, once more; what differs is flaky.

        A proof must also be green on the after side once more, behind its red: what the first run left behind, at a
        fixed place outside of the tree, may be all that made it red. A missing name is no such thing. One that is red
        there in the very same place says nothing of the code, and was not red. No other file of the change is imported
        beside it then: one may exchange what it asks about. What is green only beside another is not green.
        """
        after = self.change.after.entries
        accompanied = self.plan.extent is Extent.SUITE or len([path for path in self.plan.files if path in after]) > 1
        touched = frozenset(test.id for test in replay.tests if self._is_touched(test))
        first = Endings.of(red)
        misled, flaky = self._without_others(suspects(replay.tests, first, touched), first, mixed, stall)
        broke = [test for test in replay.tests if test.pass_to_fail or (test.fail_to_fail and test.id in touched)]
        unsure = misled | flaky
        proofs = [
            test
            for test in replay.tests
            if test.fail_to_pass and test.id not in unsure and (accompanied or test.grade not in _NOT_LEFT_BEHIND)
        ]
        flaky |= self._again(after, broke, None).passing(broke, lambda case: not case.after.green)
        alone = self._apart(proofs)
        fallen = [test for test in proofs if any(case.node_id not in alone.green for case in test.cases)]
        alike = {test.id for test in fallen if alone.fails_where(first, test)} | misled
        flaky |= {test.id for test in fallen} - alike
        doubted = [test for test in fallen if test.id in flaky and accompanied]
        again = self._apart(doubted, attempt=2)
        leaning = {test.id for test in doubted if again.fails_where(alone, test)}
        flaky -= leaning
        settled = (never_red(test) if test.id in alike else test for test in replay.tests)
        settled = (not_green(test) if test.id in leaning else test for test in settled)
        tests = tuple(replace(test, flaky=True) if test.id in flaky else test for test in settled)
        tests = self._ended_by_hooks(self._beside(tests))
        return replace(replay, tests=tests, behind=tuple(sorted(misled)))

    def _beside(self, tests: tuple[SeenTest, ...]) -> tuple[SeenTest, ...]:
        """Run what went to green without being asked about: does something stand in the place of the code?"""
        asked = frozenset(self.plan.tests)
        others = {test.id: test for test in tests if test.fail_to_pass and not test.flaky and test.id not in asked}
        cases = tuple(sorted({case.node_id for test in others.values() for case in test.cases}))
        if not cases or not self.change.changes.changes_behaviour:
            return tests
        after = self.change.after.entries
        run = self._run(after, files=_files_of(cases), only=cases, replaced=tuple(sorted(others)))
        found = {
            test: tuple(one for case in run.cases if case.test == test for one in case.replaced) for test in others
        }
        return tuple(replace(test, replaced=found.get(test.id, test.replaced)) for test in tests)

    def _ended_by_hooks(self, tests: tuple[SeenTest, ...]) -> tuple[SeenTest, ...]:
        """Run what went to green without the hooks that the change brings: they may decide how a test ends."""
        after = self.change.after.entries
        hooks = [hook for hook in self.change.changes.hooks if hook.partition("::")[0] in after]
        proofs = [test for test in tests if test.fail_to_pass and not test.flaky] if hooks else []
        cases = tuple(sorted({case.node_id for test in proofs for case in test.cases}))
        if not cases:
            return tests
        files = tuple(sorted(set(map(_file_of, hooks))))
        green = Endings.of(self._run(after, files=_files_of(cases), only=cases, unhooked=files)).green
        ended = Replaced("", hooks[0].rpartition("::")[2], files[0])
        fallen = {test.id for test in proofs if any(case.node_id not in green for case in test.cases)}
        return tuple(replace(test, replaced=(*test.replaced, ended)) if test.id in fallen else test for test in tests)

    def _apart(self, proofs: list[SeenTest], attempt: int = 1) -> Endings:
        """Run proofs on the after side: of any two files that the change touches, each without the other."""
        before, after = self.change.before.entries, self.change.after.entries
        files = _files_of(case.node_id for test in proofs for case in test.cases)
        mine = [path for path in files if before.get(path) != after.get(path)]
        groups = [frozenset(files) - frozenset(mine), *parted(mine)]
        chosen = [[test for test in proofs if _file_of(test.cases[0].node_id) in group] for group in groups]
        return Endings.worst_of([self._again(after, tests, None, attempt=attempt) for tests in chosen if tests])

    def _without_others(
        self, suspected: tuple[Suspect, ...], first: Endings, mixed: Mapping[str, TreeEntry], stall: float
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
            ends = self._again(mixed, tests, stall, attempt=attempt, backwards=attempt == 1)
            green = ends.passing(tests, _was_red)
            passed = [one for one in left if one.test.id in green]
            misled |= {one.test.id for one in passed if one.behind and one.doubtful}
            unmoved = self._green_in_company([one for one in passed if not one.doubtful], first, mixed, stall)
            misled |= {one.test.id for one in passed if one.behind and one.test.id in unmoved}
            flaky |= {one.test.id for one in passed if not one.behind and (one.doubtful or one.test.id in unmoved)}
            left = unsettled((one for one in left if one not in passed), ends, known)
            left = left if exact or misled else tuple(one for one in left if one.doubtful)
        misled |= {one.test.id for one in left if misled and not self._is_touched(one.test)}
        return frozenset(misled), frozenset(flaky)

    def _green_in_company(
        self, passed: list[Suspect], first: Endings, mixed: Mapping[str, TreeEntry], stall: float
    ) -> frozenset[TestId]:
        """Return those of some tests that pass behind all that passed before them, too: the rest is red by its own.

        A test of the change may be red for what a passing one did before it with the old code.
        """
        tests = [one.test for one in passed]
        return self._again(mixed, tests, stall, company=first.green).passing(tests, _was_red)

    def _is_touched(self, test: SeenTest) -> bool:
        """Whether the change concerns the test; one it does not is a proof only if it is red twice."""
        return not self.change.changes.concerned.isdisjoint({test.id, *test.definitions})

    def _again(
        self,
        entries: Mapping[str, TreeEntry],
        tests: list[SeenTest],
        stall: float | None,
        *,
        attempt: int = 1,
        backwards: bool = False,
        company: frozenset[NodeId] = frozenset(),
    ) -> Endings:
        """Run some tests in a tree once more, of their files also those cases that shall keep them company."""
        cases = {case.node_id for test in tests for case in test.cases}
        if not cases:
            return Endings.of(ProbedRun())
        only = tuple(sorted(cases | company))
        files = _files_of(cases)
        return Endings.of(self._run(entries, stall=stall, only=only, files=files, attempt=attempt, backwards=backwards))


def _all_red(parts: Iterable[frozenset[TestId] | None]) -> frozenset[TestId] | None:
    found: frozenset[TestId] = frozenset()
    for part in parts:
        if part is None:
            return None
        found |= part
    return found


def _is_whole(run: ProbedRun) -> bool:
    """Whether pytest came to its end, and could import every file."""
    return run.finished and not run.uncollected and run.aborted is None


def _was_red(case: SeenCase) -> bool:
    return not case.before.green


def _files_of(cases: Iterable[NodeId]) -> tuple[str, ...]:
    return tuple(sorted(set(map(_file_of, cases))))


def _file_of(node: str) -> str:
    return node.partition("::")[0]


def _stall_after(green: ProbedRun) -> float:
    """Return the seconds without a sign of life that mean a hang, by how long the same tests take when they pass."""
    slowest = max((case.seconds for case in green.cases), default=0.0)
    return max(_LEAST_STALL, _SLOWEST_CASE * slowest, _WHOLE_RUN * green.seconds)
