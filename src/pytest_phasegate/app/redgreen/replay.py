"""Carry out the plan of a replay, each project in a run of its own, and judge them as one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from pytest_phasegate.app.ports.evidence import COLLECT_ONLY, Runner, Workspace
from pytest_phasegate.app.ports.repository import TreeEntry
from pytest_phasegate.app.redgreen.change import ReadChange
from pytest_phasegate.app.redgreen.project_replay import Departed, Examples, Expecting, ProjectReplay
from pytest_phasegate.app.redgreen.rewritten import ClaimsApart, Exchanged
from pytest_phasegate.app.redgreen.tree_runs import Runs, of_the_first
from pytest_phasegate.core.evidence.outcomes import NodeId, TestId, file_of, files_of
from pytest_phasegate.core.evidence.probe_records import ProbedCase, ProbedRun, united
from pytest_phasegate.core.evidence.run_trouble import lacking
from pytest_phasegate.core.project.paths import inside
from pytest_phasegate.core.redgreen.observed import Replay, SeenTest
from pytest_phasegate.core.redgreen.plan import Extent, ReplayPlan, red_tree
from pytest_phasegate.core.redgreen.replay import contradicted, settled

Known = TypeVar("Known")
Contents = Mapping[str, TreeEntry | None]
"""Files by what they hold in a tree of which the others stay; ``None`` where there is none."""


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
    _in_hand: ReadChange | None = None
    _ignored: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By directory the warnings of this environment that kept tests of the change in hand from being collected."""

    def carry_out(self, change: ReadChange, plan: ReplayPlan) -> Replay:
        """Run what a plan asks for, each project in a run of its own, and compare; never raises because of a test.

        Raises:
            RepositoryError: A tree cannot be written.
        """
        parts = list(self._parts(change, plan))
        replays = [part.run() for part in parts]
        self._ignored |= {part.runs.directory: part.runs.ignored for part in parts}
        return _together(replays, change.changes.became)

    def standing(self, change: ReadChange, files: tuple[str, ...] | None) -> ProbedRun:
        """Run the tests of some files as ``once`` does, and the files where something fails once more.

        All of them, where it is the conftest of a directory.

        Raises:
            RepositoryError: The tree cannot be written.
        """
        first = self.once(change, files)
        failing = first.failing_files
        if not failing or first.aborted is not None:
            return first
        some = failing if change.after.entries.keys() >= set(failing) else files
        return settled(first, self.once(change, some, 1))

    def once(self, change: ReadChange, files: tuple[str, ...] | None, attempt: int = 0) -> ProbedRun:
        """Run the tests of some files, as far as they are there, or the whole suite, on the after side alone.

        Where pytest gives up, that is done once more.

        Raises:
            RepositoryError: The tree cannot be written.
        """
        plan = ReplayPlan(Extent.SUITE) if files is None else ReplayPlan(Extent.NOTHING, files=files)
        run = _side_by_side(self._first_runs(change, plan, attempt=attempt))
        return run if run.aborted is None or attempt else self.once(change, files, 1)

    def earlier(self, change: ReadChange, tests: tuple[TestId, ...], expecting: Expecting) -> Departed:
        """Run tests as they stood before a change with the code after it; one that fails, once more.

        Raises:
            RepositoryError: The tree cannot be written.
        """
        plan = ReplayPlan(Extent.NOTHING, departed=tests)
        found = [part.earlier(expecting) for part in self._parts(change, plan)]
        outcomes = {test: outcome for part in found for test, outcome in part.outcomes.items()}
        return Departed(outcomes, frozenset().union(*(part.refuted for part in found)))

    def examples(self, change: ReadChange, exchanged: Exchanged) -> Examples:
        """Run the examples of modules as they stood before a change with the code after it.

        Raises:
            RepositoryError: A tree cannot be written.
        """
        parts = self._parts(change, ReplayPlan(Extent.NOTHING, files=tuple(exchanged.of_before)))
        found = [part.examples(exchanged) for part in parts]
        return Examples(*(frozenset().union(*tests) for tests in zip(*found, strict=True)))

    def reds(self, change: ReadChange, plan: ReplayPlan) -> tuple[str, ...] | None:
        """Run what a plan asks for on the red tree alone, and return the files of the tests that fail there.

        ``None`` where that is not known.

        Raises:
            RepositoryError: The tree cannot be written.
        """
        ran = self._first_runs(change, plan, red=True)
        known = all(run.finished and not run.trouble and run.aborted is None for run in ran)
        return tuple(path for run in ran for path in run.failing_files) if known else None

    def keeps_all(self, change: ReadChange, plan: ReplayPlan) -> bool:
        """Collect what a plan runs on both sides: whether each test that was there before still is.

        Raises:
            RepositoryError: A tree cannot be written.
        """
        return all(part.keeps_all() for part in self._parts(change, plan))

    def red_before(self, change: ReadChange, tests: frozenset[TestId], *, shut: bool = False) -> frozenset[TestId]:
        """Run before's own tests of some files on before's code; return the functions that fail there.

        Those of a file that is ``shut``, since it could not be imported, may count as such.

        Raises:
            RepositoryError: A tree cannot be written.
        """
        ran = [runs.run(change.before.entries) for runs in self._runs(change, files_of(tests))]
        closed = {item.path for run in ran for item in run.uncollected if shut}
        return frozenset(test for test in tests if file_of(test) in closed).union(*(run.failing_tests for run in ran))

    def lacking(self, change: ReadChange, files: tuple[str, ...]) -> str:
        """Collect some test files on the after side alone, and return which module that is not there keeps out all.

        Raises:
            RepositoryError: The tree cannot be written.
        """
        every = self._runs(change, files)
        found = [lacking(one.run(change.after.entries, options=(COLLECT_ONLY,)), one.additions) for one in every]
        return found[0] if all(found) else ""

    def unmet(self, change: ReadChange, apart: ClaimsApart) -> frozenset[TestId]:
        """Return those of some tests of before, one a claim, that the code after a change contradicts.

        Raises:
            RepositoryError: A tree cannot be written.
        """
        every = self._runs(change, tuple(apart.contents))
        ran = ((runs.run({**runs.departed, **apart.contents}), runs.removals()) for runs in every)
        return frozenset().union(*(contradicted(run, apart.claims, removals) for run, removals in ran))

    def red_apart(self, change: ReadChange, apart: ClaimsApart) -> frozenset[TestId]:
        """Return those of some tests of after, one a claim, that fail on the code before a change.

        Raises:
            RepositoryError: A tree cannot be written.
        """
        entries = {**red_tree(change.before.entries, change.after.entries, change.layout), **apart.contents}
        ran = (runs.run(entries) for runs in self._runs(change, tuple(apart.contents)))
        return frozenset().union(*(run.failing_tests for run in ran))

    def with_contents(
        self, change: ReadChange, tests: Iterable[SeenTest], contents: Contents
    ) -> Mapping[NodeId, ProbedCase]:
        """Return how the cases of some tests end on the after side with other contents of some files.

        Raises:
            RepositoryError: A tree cannot be written.
        """
        cases = tuple(case.node_id for test in tests for case in test.cases)
        entries = {path: one for path, one in {**change.after.entries, **contents}.items() if one is not None}
        ran = (runs.run(entries, only=cases) for runs in self._runs(change, files_of(cases)))
        return {case.node_id: case for run in ran for case in run.cases}

    def lines_of(
        self, change: ReadChange, cases: tuple[NodeId, ...], paths: tuple[str, ...]
    ) -> Mapping[str, frozenset[int]] | None:
        """Return which lines of some files these cases run on the after side; ``None`` where nobody could watch."""
        every = self._runs(change, files_of(cases))
        ran = (runs.run(change.after.entries, only=cases, traced=paths) for runs in every)
        found = _all_known(None if run.trouble else run.lines for run in ran)
        if found is None:
            return None
        return {path: frozenset().union(*(lines.get(path, ()) for lines in found)) for path in paths}

    def _first_runs(
        self, change: ReadChange, plan: ReplayPlan, *, red: bool = False, attempt: int = 0
    ) -> list[ProbedRun]:
        """Run the files of a plan, of which nobody knows how long they take, on the after side or the red tree."""
        limit, parts = of_the_first(self.timeout), self._parts(change, plan)
        trees = ((part.runs, part.runs.red_tree() if red else change.after.entries) for part in parts)
        return [runs.run(tree, at_most=limit, attempt=attempt) for runs, tree in trees]

    def _runs(self, change: ReadChange, files: tuple[str, ...]) -> list[Runs]:
        """Return what runs some test files, for each project that has some of them."""
        return [part.runs for part in self._parts(change, ReplayPlan(Extent.NOTHING, files=files))]

    def _parts(self, change: ReadChange, plan: ReplayPlan) -> Iterator[ProjectReplay]:
        """Yield the replay of each project whose tests a plan runs: they are run where pytest is started for them."""
        if change is not self._in_hand:
            self._in_hand, self._ignored = change, {}
        layout = change.layout
        paths = {*plan.files, *map(file_of, plan.departed)}
        for side in (*change.sides, change.after) if plan.extent is Extent.SUITE else ():
            paths.update(path for path in side.entries if path.endswith(".py") and layout.is_collected(path))
        roots = sorted(set(map(layout.run_root, paths))) or [""]
        for root in roots:
            files = tuple(path for path in plan.files if layout.run_root(path) == root)
            departed = tuple(test for test in plan.departed if layout.run_root(file_of(test)) == root)
            others = tuple(one for one in roots if one != root and inside(one, root))
            wanted = plan._replace(files=files, departed=departed)
            where = (self.workspace, self.runner, self.timeout, self.packages)
            yield ProjectReplay(
                change, wanted, Runs(*where, change, wanted, root, others, self._ignored.get(root, ())), self.quick
            )


def _together(parts: list[Replay], moved: Mapping[TestId, TestId]) -> Replay:
    """Return what the replays of several projects came to, judged as one; a test may have moved to another project."""
    if len(parts) == 1:
        return parts[0]
    tests = tuple(sorted((test for part in parts for test in part.tests), key=lambda test: test.id))
    there = {test.id for test in tests}
    departed = [part.departed for part in parts if part.departed is not None]
    red = _all_known(part.red_before for part in parts)
    return Replay(
        tests,
        trouble=tuple(dict.fromkeys(one for part in parts for one in part.trouble)),
        behind=tuple(sorted(one for part in parts for one in part.behind)),
        lost=tuple(sorted(test for part in parts for test in part.lost if moved.get(test) not in there)),
        broken=tuple(sorted(test for part in parts for test in part.broken)),
        failed_files={path: why for part in parts for path, why in part.failed_files.items()},
        departed={test: outcome for part in departed for test, outcome in part.items()} if departed else None,
        red_before=None if red is None else frozenset().union(*red),
        carried=tuple(sorted({path for part in parts for path in part.carried})),
        neutralised=tuple(dict.fromkeys(option for part in parts for option in part.neutralised)),
        python=next((part.python for part in parts if part.python), ""),
        started={place: files for part in parts for place, files in part.started.items()},
    )


def _side_by_side(runs: list[ProbedRun]) -> ProbedRun:
    """Return the runs of several projects as one; where one of them cannot speak, all of it cannot."""
    mute = next((run for run in runs if run.trouble or run.aborted is not None), None)
    return united([*(run for run in runs if run is not mute), *([mute] if mute else [])])


def _all_known(parts: Iterable[Known | None]) -> list[Known] | None:
    listed = list(parts)
    known = [one for one in listed if one is not None]
    return known if len(known) == len(listed) else None
