"""Replay one change: the same tests on the after tree, on the base and on the red tree."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_phasegate.app.running_port import RunOrder
from pytest_phasegate.core.evidence import Grade, NodeId, TestId
from pytest_phasegate.core.grading import Moment, grade
from pytest_phasegate.core.probing import ProbedRun
from pytest_phasegate.core.replay import Replay, TestReplay, compare
from pytest_phasegate.core.replay_plan import Scope, additions_of, red_tree, scope_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_phasegate.app.changes import ReadChange
    from pytest_phasegate.app.ports import TreeEntry
    from pytest_phasegate.app.running_port import Runner, Workspace
    from pytest_phasegate.core.grading import Additions

Entries = "Mapping[str, TreeEntry]"
_LEAST_STALL = 10.0
_SLOWEST_CASE = 10.0
_WHOLE_RUN = 3.0


@dataclass(slots=True)
class Replayer:
    """Replays changes in one workspace.

    Args:
        workspace: Where trees are written and reused.
        runner: Runs tests in them.
        timeout: Seconds for one run.
    """

    workspace: Workspace
    runner: Runner
    timeout: float = 120.0

    def replay(self, change: ReadChange, scope: Scope | None = None) -> Replay:
        """Run the tests a change concerns on all sides and compare.

        Args:
            change: The change, read.
            scope: The test files to run; ``None``: those the change concerns.
        """
        wanted = scope or scope_of(change.changes, change.layout, change.after.entries)
        if wanted.empty:
            return Replay()
        return _OneReplay(self, change, wanted).run()


@dataclass(slots=True)
class _OneReplay:
    replayer: Replayer
    change: ReadChange
    scope: Scope

    def run(self) -> Replay:
        before, after = self.change.before.entries, self.change.after.entries
        additions = additions_of(self.change.changes, self.change.layout, {**before, **after})
        mixed = red_tree(before, after, self.change.layout)
        green = self._run(after, additions)
        trouble = _cannot_speak("after", green)
        if trouble:
            return Replay(trouble=trouble)
        stall = _stall_after(green)
        base = self._run(before, additions, stall=stall)
        red = self._same(mixed, ((after, green), (before, base))) or self._run(mixed, additions, stall=stall)
        trouble = (*_base_trouble(base, additions), *_red_trouble(red, additions))
        result = compare(green, red, base, additions)
        confirmed = self._confirmed(result, mixed, after, additions, stall)
        return replace(confirmed, trouble=trouble)

    @staticmethod
    def _same(
        wanted: Mapping[str, TreeEntry], known: tuple[tuple[Mapping[str, TreeEntry], ProbedRun], ...]
    ) -> ProbedRun | None:
        return next((run for entries, run in known if entries == wanted), None)

    def _run(
        self,
        entries: Mapping[str, TreeEntry],
        additions: Additions,
        *,
        stall: float | None = None,
        only: tuple[NodeId, ...] = (),
        files: tuple[str, ...] | None = None,
        attempt: int = 0,
    ) -> ProbedRun:
        """Run the scope's files in a tree, as far as they exist in it."""
        chosen = tuple(path for path in (self.scope.files if files is None else files) if path in entries)
        if not chosen and not self.scope.suite:
            return ProbedRun()
        tree = self.replayer.workspace.tree(entries, self.change.layout)
        return self.replayer.runner.run(
            RunOrder(
                tree=tree.path,
                tree_digest=tree.digest,
                files=chosen,
                only=only,
                import_roots=self.change.layout.import_roots,
                packages=additions.packages,
                extra_path=tree.extra_path,
                programs=tree.programs,
                timeout=self.replayer.timeout,
                stall=stall,
                attempt=attempt,
            )
        )

    def _confirmed(
        self,
        result: Replay,
        mixed: Mapping[str, TreeEntry],
        after: Mapping[str, TreeEntry],
        additions: Additions,
        stall: float,
    ) -> Replay:
        """Run a red that may be chance, and what looks broken, once more; what differs is flaky."""
        reds = [test for test in result.tests if test.fail_to_pass and test.confirm]
        broke = [test for test in result.tests if test.pass_to_fail]
        flaky = self._passing_now(reds, mixed, additions, stall) | self._passing_now(broke, after, additions, None)
        return replace(
            result, tests=tuple(replace(test, flaky=True) if test.id in flaky else test for test in result.tests)
        )

    def _passing_now(
        self,
        tests: list[TestReplay],
        entries: Mapping[str, TreeEntry],
        additions: Additions,
        stall: float | None,
    ) -> frozenset[TestId]:
        """Return those of some failed tests that pass when they are run again."""
        if not tests:
            return frozenset()
        cases = {case.node_id for test in tests for case in test.cases}
        files = tuple(sorted({node.partition("::")[0] for node in cases}))
        again = self._run(entries, additions, stall=stall, only=tuple(sorted(cases)), files=files, attempt=1)
        green = {case.node_id for case in again.cases if case.outcome.green}
        return frozenset(
            test.id for test in tests if all(case.node_id in green for case in test.cases if not case.before.green)
        )


def _stall_after(green: ProbedRun) -> float:
    """Return the seconds without a sign of life that mean a hang, by how long the same tests take when they pass."""
    slowest = max((case.seconds for case in green.cases), default=0.0)
    return max(_LEAST_STALL, _SLOWEST_CASE * slowest, _WHOLE_RUN * green.seconds)


def _cannot_speak(side: str, run: ProbedRun) -> tuple[str, ...]:
    """Return why a run says nothing about its tests: pytest gave up, or tests never ended without a known cause."""
    if run.aborted is not None or not (run.collected or run.uncollected):
        return (f"the tests of the {side} side cannot run: {run.trouble}",) if run.trouble else ()
    if run.trouble:
        return (f"the run of the {side} side is not whole: {run.trouble}",)
    return _imported_elsewhere(side, run)


def _imported_elsewhere(side: str, run: ProbedRun) -> tuple[str, ...]:
    return tuple(
        f"on the {side} side {name} was imported from {file}, not from the tree under test"
        for name, file in sorted(run.foreign.items())
    )


def _base_trouble(base: ProbedRun, additions: Additions) -> tuple[str, ...]:
    """Return why before's code cannot be judged in this environment: its own tests do not even start."""
    environment = [
        f"before's own {item.path} cannot be imported here: {item.raised.name}: {item.raised.message}"
        for item in base.uncollected
        if item.raised is not None
        and "ModuleNotFoundError" in item.raised.types
        and grade(item.raised, Moment.COLLECT, additions) is Grade.BROKEN
    ]
    return (*_cannot_speak("before", base), *environment)


def _red_trouble(red: ProbedRun, additions: Additions) -> tuple[str, ...]:
    """Return why the red tree's run says nothing; a failure that the change explains is its red."""
    if red.aborted is not None:
        explained = grade(red.aborted, Moment.COLLECT, additions) is not Grade.BROKEN
        return () if explained else _cannot_speak("red", red)
    return _cannot_speak("red", red)


def entries_digest(entries: Mapping[str, TreeEntry]) -> str:
    """Return a digest of a tree's content, composed or not."""
    lines = (f"{path}\0{entry.mode} {entry.oid}\n" for path, entry in sorted(entries.items()))
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()
