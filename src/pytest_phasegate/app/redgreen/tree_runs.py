"""The runs of one project's tests in the trees of a change, each as after a checkout, and how long they may take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypedDict, Unpack

from pytest_phasegate.app.ports.evidence import COLLECT_ONLY, Runner, RunOrder, ScratchTree, Workspace
from pytest_phasegate.app.ports.repository import TreeEntry
from pytest_phasegate.app.redgreen.change import ReadChange
from pytest_phasegate.core.evidence.outcomes import Additions, NodeId, TestId
from pytest_phasegate.core.evidence.probe_records import ProbedRun
from pytest_phasegate.core.evidence.run_trouble import hindrances
from pytest_phasegate.core.project.paths import ChangeKind, Side, inside
from pytest_phasegate.core.redgreen.plan import Extent, ReplayPlan, departed_tree, red_tree

MOST_IGNORED = 8
_LEAST_STALL = 10.0
_SLOWEST_CASE = 10.0
_WHOLE_RUN = 3.0
_FIRST_RUN = 30.0
"""How many time limits the first run of some tests may last, which tells how long the others may."""


def of_the_first(limit: float) -> float:
    """Return the seconds that the first run of some tests may take, whose length nobody knows."""
    return _FIRST_RUN * limit


def of_the_others(green: ProbedRun) -> float:
    """Return the seconds that other runs of the same tests may take."""
    return _WHOLE_RUN * green.seconds + stall_after(green)


def stall_after(green: ProbedRun) -> float:
    """Return the seconds without a sign of life that mean a hang, by how long the same tests take when they pass."""
    slowest = max((case.seconds for case in green.cases), default=0.0)
    return max(_LEAST_STALL, _SLOWEST_CASE * slowest, _WHOLE_RUN * green.seconds)


class How(TypedDict, total=False):
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
class Runs:
    """Runs files of one project in trees.

    Args:
        workspace: Where trees are written and reused.
        runner: Runs tests in them.
        timeout: Seconds for one run.
        packages: Import names that are the project's, though neither tree of a change may hold them yet.
        change: Whose trees they are.
        plan: Which files are run where nothing else is said.
        directory: Where in the tree pytest is started.
        others: Directories below it whose tests are run apart.
        ignored: What of this environment keeps tests from being collected, as options of pytest that set it aside.
    """

    workspace: Workspace
    runner: Runner
    timeout: float
    packages: frozenset[str]
    change: ReadChange
    plan: ReplayPlan
    directory: str = ""
    others: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()
    at_most: float = 0.0
    """Seconds that a run may take whose tests come to their ends: what the first one took tells."""

    @cached_property
    def names(self) -> frozenset[str]:
        """What the project's own modules are imported by; of a namespace, what lies in it."""
        layout, paths = self.change.layout, {**self.change.before.entries, **self.change.after.entries}
        code = (path for path in paths if path.endswith(".py"))
        own = layout.names_of(path for path in code if layout.side(path) is Side.PRODUCTION)
        return own | self.packages

    @cached_property
    def _alike(self) -> Mapping[str, TreeEntry]:
        """Return the files that are the same on all sides."""
        after, sides = self.change.after.entries, [side.entries for side in self.change.sides]
        return {path: entry for path, entry in after.items() if all(side.get(path) == entry for side in sides)}

    @cached_property
    def additions(self) -> Additions:
        """What the change adds."""
        return self.change.additions(frozenset(name.partition(".")[0] for name in self.names))

    def removals(self, lent: frozenset[str] = frozenset()) -> Additions:
        """Return what the change takes away, or lends: without it a test of before fails for want of a name."""
        removed = self.change.changes.removed
        return self.additions._replace(names=removed.names | removed.parameters | removed.callables | lent)

    @property
    def departed(self) -> Mapping[str, TreeEntry]:
        """The tree of after with the tests of before, and with what decided how those ended."""
        before, after, changes = self.change.before.entries, self.change.after.entries, self.change.changes
        return departed_tree(before, after, self.change.layout, (*changes.deciding, *changes.standing))

    def red_tree(self) -> Mapping[str, TreeEntry]:
        """Return the red tree: after's own where production does not differ; of a merge, see ``without_own_code``."""
        before, after = self.change.before.entries, self.change.after.entries
        if self.change.changes.kind is ChangeKind.MERGE:
            return self.without_own_code() or before
        return red_tree(before, after, self.change.layout) if self.plan.red else after

    def without_own_code(self) -> Mapping[str, TreeEntry] | None:
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

    def run(
        self, entries: Mapping[str, TreeEntry], files: tuple[str, ...] | None = None, **how: Unpack[How]
    ) -> ProbedRun:
        """Run files in a tree, those of the plan if none are named, as far as the tree has them.

        What keeps its tests from being collected before the change too is of this environment: a warning that the
        project makes an error (a later version of something warns of what was right then), a conftest with hooks of a
        plugin that is not installed. It is ignored on every side. What only a side shows is what the change is about.
        """
        found = self._once(entries, files, **how)
        while entries is self.change.after.entries and len(self.ignored) < MOST_IGNORED:
            hindering = hindrances(found, self.directory) - set(self.ignored)
            known = hindering & hindrances(self._collected_before(files), self.directory) if hindering else frozenset()
            if not known:
                break
            self.ignored += tuple(sorted(known))
            found = self._once(entries, files, **how)
        return found._replace(neutralised=(*found.neutralised, *self.ignored)) if self.ignored else found

    def _collected_before(self, files: tuple[str, ...] | None) -> ProbedRun:
        """Collect the same files as they stood before the change; where none of them did, all that did."""
        before, layout = self.change.before.entries, self.change.layout
        if files is None and self.plan.extent is Extent.SUITE:
            return self._once(before, files=None, options=(COLLECT_ONLY,))
        there = [path for path in (self.plan.files if files is None else files) if path in before]
        all_of_them = [path for path in before if layout.is_collected(path) and self.is_mine(path)]
        return self._once(before, files=tuple(there or sorted(all_of_them)), options=(COLLECT_ONLY,))

    def is_mine(self, path: str) -> bool:
        """Whether the tests of a file are run where these are."""
        return self.change.layout.run_root(path) == self.directory

    def _once(self, entries: Mapping[str, TreeEntry], files: tuple[str, ...] | None, **how: Unpack[How]) -> ProbedRun:
        suite = files is None and self.plan.extent is Extent.SUITE and self._is_in(entries)
        chosen = tuple(path for path in (self.plan.files if files is None else files) if path in entries)
        if not chosen and not suite:
            return ProbedRun()
        tree = self.tree(entries)
        apart = tuple(f"--ignore={one}" for one in self.rooted(self.others)) if suite else ()
        roots = self.change.layout.import_roots
        order = RunOrder(
            tree=tree.path,
            prepare=tree.write,
            tree_digest=tree.digest,
            files=chosen,
            directory=self.directory,
            import_roots=tuple(sorted(roots, key=lambda root: not inside(root, self.directory))),
            packages=self.names,
            extra_path=tree.extra_path,
            programs=tree.programs,
            timeout=self.timeout,
            at_most=self.at_most,
        )
        order = replace(order, **how)
        return self.runner.run(replace(order, options=(*order.options, *apart, *self.ignored)))

    def tree(self, entries: Mapping[str, TreeEntry]) -> ScratchTree:
        """Return a tree that can be written, and know which built files it is given."""
        tree = self.workspace.tree(entries, self.change.layout, self._alike)
        self.carried = tree.carried
        return tree

    def rooted(self, paths: tuple[str, ...]) -> tuple[str, ...]:
        """Return paths as they are seen from where pytest is started."""
        return tuple(path.removeprefix(f"{self.directory}/") for path in paths)

    @property
    def started(self) -> tuple[str, ...]:
        """The files that pytest is given where it is started; none where it finds all by itself."""
        return self.rooted(() if self.plan.extent is Extent.SUITE else self.plan.files)

    def _is_in(self, entries: Mapping[str, TreeEntry]) -> bool:
        return not self.directory or any(inside(path, self.directory) for path in entries)
