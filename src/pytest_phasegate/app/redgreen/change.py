"""Read what changed between two trees of a repository."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

from pytest_phasegate.app.ports.repository import FileChange, TreeEntry
from pytest_phasegate.app.redgreen.tree_views import TreeReader, TreeView, decoded, followed, is_file
from pytest_phasegate.core.evidence.outcomes import Additions, TestId, file_of
from pytest_phasegate.core.project.paths import ChangeKind, Layout, Side
from pytest_phasegate.core.project.syntax import Unreadable
from pytest_phasegate.core.redgreen.change.changeset import ChangeSet, FileVersions
from pytest_phasegate.core.redgreen.change.merging import (
    against_all,
    is_woven,
    judging_layout,
    leaves_production,
    restored,
    side_of_link,
)
from pytest_phasegate.core.redgreen.change.read_change import read_change
from pytest_phasegate.core.redgreen.change.test_module import TestFunction, TestModule, read_tests
from pytest_phasegate.core.redgreen.import_graph import Reach, Reaching, Tree, looks_like_tests, reaching
from pytest_phasegate.core.redgreen.verdict import Intent

_CONFIGURING = ("pyproject.toml", "setup.cfg", "pytest.ini", "tox.ini", "pytest.toml")


class ReadChange(NamedTuple):
    """Two trees and what differs between them; ``layout`` knows both.

    ``sides`` are the trees of a merge's parents, of which ``before`` is the first; else only ``before``.
    """

    before: TreeView
    after: TreeView
    layout: Layout
    changes: ChangeSet
    sides: tuple[TreeView, ...]
    reverts: bool = False  # whether the commit that the change says it reverts is known
    # the files in which a merge differs from a parent, where each parent has brought some
    met: frozenset[str] = frozenset()

    @property
    def as_last_merge(self) -> ReadChange:
        """The same, with what met in the merge to be run: code and tests, not documents."""
        sides = [tree.layout for tree in (*self.sides, self.after)]
        mine = (path for path in self.met if any(side.side(path) is not Side.NEITHER for side in sides))
        return self._replace(changes=self.changes._replace(met=tuple(sorted(mine))))

    @property
    def behaviour(self) -> tuple[str, ...]:
        """The production files that behave otherwise and still stand."""
        return tuple(change.path for change in self.changes.behaviour if change.path in self.after.entries)

    def meant(self, intent: Intent) -> Intent:
        """Return what a message says of the change, where the change itself tells what it brings back, or merges."""
        if intent.merge and self.changes.kind is not ChangeKind.MERGE:
            intent = intent._replace(merge=False, known=bool(intent.subject))
        return intent.by_content() if self.reverts else intent

    def additions(self, packages: frozenset[str]) -> Additions:
        """Return what it adds; where it leaves production alone, the code to come may add anything.

        Args:
            packages: The top-level import names of the project's production code.
        """
        added = self.changes.added
        names = added.names | added.parameters | added.callables if self.changes.changes_behaviour else None
        return Additions(packages, names, frozenset(change.path for change in self.changes.production))


@dataclass(slots=True)
class ChangeReader(TreeReader):
    """Reads changes of one repository under one configuration.

    What is production in ``start``, where a range begins, stays production in all of it.
    """

    start: str = ""
    _first: TreeView | None = field(default=None, init=False)

    def between(self, before: str, after: str, *, reverted: str = "") -> ReadChange:
        """Read the change from one tree to another.

        Args:
            before: A tree, or any revision.
            after: The same.
            reverted: The commit that the change says it reverts; what it brings back is set aside. One that is not
                in this repository is nothing to be brought back.

        Raises:
            RepositoryError: A tree or one of its files cannot be read.
        """
        changes = self.repository.changes(before, after)
        earlier = self._views[before].entries if before in self._views else self.repository.entries(before)
        later = followed(earlier, changes)
        blobs = self._blobs(changes, earlier, later)
        one = self._view(before, earlier, blobs)
        other = self._view(after, later, blobs, like=one)
        versions, lost = self._followed_links(changes, one, other, blobs)
        layout = judging_layout(one.layout, other.layout, one.entries, versions)
        layout = layout._replace(kept=layout.kept | self._kept(layout))
        earlier_tree = self._before(reverted) if reverted else None
        back = self._restored(versions, (one, other), layout, earlier_tree) if earlier_tree else frozenset()
        read = read_change(versions, layout, restored=back, mentions=partial(self._mentions, one))
        if earlier_tree and not read.changes_behaviour:
            read = self._without_brought(read, reverted, earlier_tree, layout)
        read = read._replace(unreadable=(*read.unreadable, *_not_judged(lost, layout)))
        return ReadChange(one, other, layout, read, (one,), reverts=earlier_tree is not None)

    def _kept(self, layout: Layout) -> frozenset[str]:
        """Return the production files of where the range begins that a layout makes tests of, though they hold none."""
        if not self.start:
            return frozenset()
        self._first = first = self._first or self.view(self.start)
        left = tuple(path for path in first.entries if leaves_production(path, first.layout, layout))
        return frozenset(path for path, text in self.texts(first.entries, left).items() if "def test" not in text)

    def _followed_links(
        self, changes: Iterable[FileChange], before: TreeView, after: TreeView, blobs: Mapping[str, bytes]
    ) -> tuple[tuple[FileVersions, ...], tuple[str, ...]]:
        """Return what differs, of a link what it shows, and the links that show nothing of the tree."""
        versions: list[FileVersions] = []
        lost: list[str] = []
        for change in changes:
            if not any(entry.is_link for entry in (change.before, change.after) if entry):
                before_and_after = (_content(side, blobs) for side in (change.before, change.after))
                versions.append(FileVersions(change.path, *before_and_after))
                continue
            sides = [self._shown(view, change.path) for view in (before, after)]
            old, new = sides
            if old is None or new is None:
                lost.append(change.path)
            else:
                versions += [FileVersions(path, old.get(path), new.get(path)) for path in {**old, **new}]
        return tuple(versions), tuple(lost)

    def _before(self, reverted: str) -> TreeView | None:
        """Return the tree before a commit that is reverted; of one that is not here, or is a merge, nothing."""
        sha = self.repository.resolve(reverted)
        parents = self.repository.commit(sha).parents if sha else ()
        if len(parents) != 1 or self.repository.resolve(parents[0]) is None:
            return None
        return self.view(parents[0])

    def _without_brought(self, read: ChangeSet, reverted: str, earlier: TreeView, layout: Layout) -> ChangeSet:
        """Say of the deleted tests that a reverted commit brought that they go with it, though their file is edited."""
        paths = tuple(sorted({file_of(one.id) for one in read.deleted}))
        made, stood = (self.tests(view, paths, layout) for view in (self.view(reverted), earlier))
        gone = {one.id for one in read.deleted} & (made.keys() - stood.keys())
        tests = (replace(one, removed_with="what is reverted") if one.id in gone else one for one in read.tests)
        return read._replace(tests=tuple(tests))

    def tests(self, view: TreeView, paths: tuple[str, ...], layout: Layout) -> dict[TestId, TestFunction]:
        """Return the tests of some files of a tree."""
        return {test.id: test for module in self.modules(view, paths, layout) for test in module.tests.values()}

    def modules(self, view: TreeView, paths: tuple[str, ...], layout: Layout) -> list[TestModule]:
        """Return some files of a tree as test modules, without those that cannot be read."""
        texts = self.texts(view.entries, paths)
        read = (read_tests(path, text.encode(), layout) for path, text in texts.items())
        return [module for module in read if isinstance(module, TestModule)]

    def _restored(
        self, versions: tuple[FileVersions, ...], trees: tuple[TreeView, TreeView], layout: Layout, earlier: TreeView
    ) -> frozenset[str]:
        before, after = trees
        paths = tuple(file.path for file in versions)
        woven = self._woven((before, earlier), after, paths)
        return restored(paths, after.entries, earlier.entries, layout, woven)

    def merged(self, parents: tuple[str, ...], after: str) -> ReadChange:
        """Read what a merge holds that differs from every parent; *before* is the first parent, whole.

        What somebody wrote into a merge where its sides do not conflict is a change like any other: of what git makes
        of the sides.
        """
        sides, other = tuple(map(self.view, parents)), self.view(after)
        everywhere = frozenset.intersection(*map(frozenset, self._differing(sides, other)))
        own = everywhere - self._woven(sides, other, tuple(everywhere))
        by_git = self._by_git(parents, other, own)
        return self.between(by_git, after) if by_git else self._joined(sides, other, own)

    def met(self, parents: tuple[str, ...], after: str) -> ReadChange:
        """Read a merge as if it held nothing of its own: what its sides do to each other is all there is to see."""
        sides, other = tuple(map(self.view, parents)), self.view(after)
        joined = self._joined(sides, other, frozenset())
        brought = frozenset(path for path in joined.met if any(path in side.entries for side in sides))
        return joined._replace(met=brought).as_last_merge

    def _differing(self, sides: tuple[TreeView, ...], merged: TreeView) -> list[set[str]]:
        return [{change.path for change in self.repository.changes(side.id, merged.id)} for side in sides]

    def _joined(self, sides: tuple[TreeView, ...], merged: TreeView, own: Collection[str]) -> ReadChange:
        versions = [self._versions(side, merged, own) for side in sides]
        one = sides[0]
        layout = judging_layout(one.layout, merged.layout, one.entries, versions[0])
        readings = [read_change(files, layout, merge=True, mentions=partial(self._mentions, one)) for files in versions]
        differing = self._differing(sides, merged)
        met = frozenset[str]().union(*differing) if all(differing) else frozenset()
        return ReadChange(one, merged, layout, against_all(readings), sides, met=met)

    def _by_git(self, parents: tuple[str, ...], merged: TreeView, own: Collection[str]) -> str | None:
        """Return the tree that git makes of the sides, where a merge has code or tests of its own beside conflicts."""
        mine = [path for path in own if merged.layout.side(path) is not Side.NEITHER]
        tree = self.repository.merged(parents, merged.entries) if mine else None
        return tree if tree and any(one.path in mine for one in self.repository.changes(tree, merged.id)) else None

    def _versions(self, before: TreeView, after: TreeView, paths: Collection[str]) -> tuple[FileVersions, ...]:
        """Return some files of two trees, as far as they differ."""
        changes = [change for change in self.repository.changes(before.id, after.id) if change.path in paths]
        return self._followed_links(changes, before, after, self._blobs(changes))[0]

    def _woven(self, sides: tuple[TreeView, ...], merged: TreeView, paths: tuple[str, ...]) -> frozenset[str]:
        """Return the files of a merge that both sides changed, and that hold nothing but what a side has."""
        texts = [self.texts(side.entries, paths) for side in sides]
        after = self.texts(merged.entries, paths)
        known = (path for path in after if all(path in side for side in texts))
        return frozenset(path for path in known if is_woven([side[path] for side in texts], after[path]))

    def reach(self, change: ReadChange) -> Reach:
        """Return what tells which test files can reach files of a change, by the imports of both its trees."""
        changes = change.changes
        documents = (path for path in changes.met if not path.endswith(".py"))
        deciding = (*changes.deciding_anywhere, *changes.configuration, *documents)
        if deciding:
            return lambda _: Reaching(whole=f"{deciding[0]} changed")
        return lambda paths: self._reaching(change, frozenset(paths))

    def reach_since(self, before: str, after: str, aside: Collection[str]) -> Reaching:
        """Return the test files that can reach anything of what differs between two trees, some files left aside.

        Who reads a file that is no module, nobody knows.
        """
        differing = [change.path for change in self.repository.changes(before, after)]
        changed = [path for path in differing if path not in aside and ".phasegate" not in path.split("/")]
        strange = next((path for path in changed if not path.endswith(".py")), "")
        if strange or not changed:
            return Reaching(whole=f"{strange} changed" if strange else "nothing changed")
        return self.reach(self.between(before, after))(changed)

    def _reaching(self, change: ReadChange, paths: frozenset[str]) -> Reaching:
        trees = (*change.sides, change.after)
        entries = {(path, entry) for tree in trees for path, entry in tree.entries.items() if is_file(entry)}
        modules = {item for item in entries if item[0].endswith(".py")}
        configuring = {item for item in entries - modules if item[0].endswith(_CONFIGURING)}
        configuring |= {item for item in modules if item[0].endswith("setup.py")}
        documents = {entry for path, entry in entries if re.search(r"(?:^|/)test[^/]*\.(?:txt|ya?ml)$", path)}
        blobs = self.repository.blobs({entry.oid for entry in documents.union(one for _, one in modules | configuring)})
        texts: dict[str, tuple[bytes, ...]] = {}
        for path, entry in modules:
            texts[path] = (*texts.get(path, ()), blobs[entry.oid])
        tree = Tree(
            texts=texts,
            tests=frozenset(filter(change.layout.is_collected, texts)),
            helpers=frozenset(filter(change.layout.is_test, texts)),
            configuration=frozenset(text for _, entry in configuring if (text := decoded(blobs[entry.oid]))),
            documents=[blobs[entry.oid] for entry in documents],
            members=_members(configuring, blobs),
            roots=change.layout.import_roots,
        )
        read = {one for path in paths if not path.endswith(".py") for one in change.layout.beside(path, texts)}
        data = {path for path in paths if not path.endswith(".py") and not change.layout.is_test(path)}
        alike = sum(looks_like_tests(path, texts[path]) for path in texts.keys() - tree.tests)
        found = reaching(tree, paths - data | read, data)
        places = {change.layout.run_root(path) for path in paths.intersection(change.changes.started_with)}
        started = {path for path in tree.tests if not found.whole and change.layout.run_root(path) in places}
        return found._replace(files=tuple(sorted({*found.files, *started})), alike=alike)


def _members(files: Iterable[tuple[str, TreeEntry]], blobs: Mapping[str, bytes]) -> dict[str, list[str]]:
    """Return what ``pyproject.toml`` says in every directory that has one, on each side."""
    found: dict[str, list[str]] = {}
    for path, entry in files:
        place, _, name = path.rpartition("/")
        if name == "pyproject.toml":
            found.setdefault(place, []).append(decoded(blobs[entry.oid]) or "")
    return found


def _not_judged(links: Iterable[str], layout: Layout) -> Iterator[Unreadable]:
    """Yield the links on either side that lead out of the tree, or nowhere."""
    for link in links:
        if side_of_link(link, layout) is not Side.NEITHER:
            yield Unreadable(link, "it is a link to nothing in the tree, so what it shows is not judged")


def _content(entry: TreeEntry | None, blobs: Mapping[str, bytes]) -> bytes | None:
    if entry is None:
        return None
    return entry.oid.encode() if entry.is_submodule else blobs[entry.oid]
