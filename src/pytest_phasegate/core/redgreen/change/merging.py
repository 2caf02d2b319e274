"""Which files are one file, and whose: what a merge or a revert did itself, what a change moves, what a link shows."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from posixpath import dirname, normpath
from typing import Any, NamedTuple, TypeVar

from pytest_phasegate.core.project.paths import Layout, Side, inside, upwards
from pytest_phasegate.core.project.syntax import DEFINITIONS, Unreadable, parse
from pytest_phasegate.core.redgreen.change.behaviour import Effect
from pytest_phasegate.core.redgreen.change.changeset import (
    ChangeSet,
    FileVersions,
    HelperChange,
    ProductionChange,
    TestChange,
    TestStatus,
)
from pytest_phasegate.core.redgreen.change.definitions import MODULE, entries_of

Change = TypeVar("Change", TestChange, HelperChange, ProductionChange)
Entry = TypeVar("Entry")


def against_all(readings: Sequence[ChangeSet]) -> ChangeSet:
    """Unite what a merge changes of each of its parents.

    A test that one parent did not have is no deletion, and one that stands as in one parent is not changed: the commits
    that a merge brings are judged on their own.
    """
    first = readings[0]
    return first._replace(
        tests=_mildest([one.tests for one in readings], lambda it: (len(it.weakenings), it.status is TestStatus.NEW)),
        helpers=_mildest([one.helpers for one in readings], lambda one: len(one.weakenings)),
        production=_mildest([one.production for one in readings], lambda one: -list(Effect).index(one.effect)),
        shared=tuple(path for path in first.shared if all(path in one.shared for one in readings)),
        standing=tuple(path for path in first.standing if all(path in one.standing for one in readings)),
        below=tuple(path for path in first.below if all(path in one.below for one in readings)),
        started_with=tuple(path for path in first.confined if not all(path in one.below for one in readings)),
        examples=tuple(path for path in first.examples if all(path in one.examples for one in readings)),
    )


def _mildest(readings: Sequence[Iterable[Change]], gravity: Callable[[Change], Any]) -> tuple[Change, ...]:
    """Return the mildest reading of each thing that differs from every parent."""
    named = [{one.path if isinstance(one, ProductionChange) else one.id: one for one in found} for found in readings]
    everywhere = (name for name in named[0] if all(name in one for one in named))
    return tuple(min((one[name] for one in named), key=gravity) for name in everywhere)


def is_woven(parents: Sequence[str], merged: str) -> bool:
    """Whether a merged text differs from no two of its parents in one place, so that git could merge them alone.

    Then every line of it is a parent's, and every line that one parent lacks was taken out by another.
    """
    lines = merged.splitlines()
    places = [frozenset(_differing(parent.splitlines(), lines)) for parent in parents]
    return not frozenset.intersection(*places)


def _differing(parent: list[str], merged: list[str]) -> Iterator[int]:
    """Yield where two texts differ: each line that came in, doubled to leave odd numbers for the gaps between lines."""
    for tag, _, _, start, end in difflib.SequenceMatcher(None, parent, merged).get_opcodes():
        if tag == "delete":
            yield 2 * start - 1
        elif tag != "equal":
            yield from (2 * line for line in range(start, end))


def restored(
    paths: Iterable[str],
    after: Mapping[str, Entry],
    earlier: Mapping[str, Entry],
    layout: Layout,
    woven: Collection[str] = (),
) -> frozenset[str]:
    """Return the paths of a change that stand again as they stood before what is reverted, or whose text does.

    Where production code does not come back whole, the tests that go with the revert are judged: else a test
    could be taken away under the name of a revert while the code goes elsewhere. Of documents and settings that come
    back nothing more is asked than of any others.

    Args:
        paths: Those that differ.
        after: The files of the revert.
        earlier: The files before the commit that it reverts.
        layout: The layout that knows the trees.
        woven: Files that hold nothing but what they held before the revert, and before the commit that it reverts:
            others have changed them since.
    """
    listed = tuple(path for path in paths if layout.side(path) is not Side.NEITHER or layout.is_data(path))
    back = frozenset(path for path in listed if after.get(path) == earlier.get(path) or path in woven)
    whole = all(path in back for path in listed if layout.side(path) is Side.PRODUCTION)
    return back if whole else frozenset(path for path in back if not layout.is_test(path))


def by_module(files: Sequence[FileVersions], layout: Layout) -> Iterator[FileVersions]:
    """Yield the production files that differ; one that lies elsewhere and has the same import name is one file.

    So a module that becomes a package, or a package that moves below ``src``, keeps its behaviour.
    """
    gone = _named([file for file in files if file.after is None], layout)
    came = _named([file for file in files if file.before is None], layout)
    moved = {
        came[module].path: gone[module] for module in gone if module in came and _alike(gone[module], came[module])
    }
    left = {file.path for file in moved.values()}
    for file in files:
        if file.path in moved:
            yield FileVersions(file.path, moved[file.path].before, file.after)
        elif file.path not in left:
            yield file


def _named(files: Sequence[FileVersions], layout: Layout) -> dict[str, FileVersions]:
    """Return files by their import names, as far as a name belongs to one file only."""
    names = [layout.module_of(file.path) for file in files]
    return {name: file for name, file in zip(names, files, strict=True) if name and names.count(name) == 1}


def _alike(gone: FileVersions, came: FileVersions) -> bool:
    """Whether one text means the same in both places: what a module and a package import relatively differs."""
    same_kind = gone.path.endswith("__init__.py") == came.path.endswith("__init__.py")
    return same_kind or not any(
        re.search(_FROM_BESIDE, text, re.MULTILINE) for text in (gone.before, came.after) if text
    )


_FROM_BESIDE = rb"^[ \t\f]*from[ \t]*\."


def judging_layout(before: Layout, after: Layout, there: Iterable[str], files: Sequence[FileVersions]) -> Layout:
    """Return the layout by which a change is judged: production stays production, and tests may only be added.

    Args:
        before: The layout of the tree before.
        after: That of the tree after.
        there: Every path of the tree before.
        files: What differs between the two.
    """
    united = before.united(after)
    kept = {path for path in there if leaves_production(path, before, united)}
    moved = {file.path for file in _moved(files, before, united)}
    return united._replace(kept=frozenset(kept | moved)) if kept or moved else united


def leaves_production(path: str, before: Layout, united: Layout) -> bool:
    """Whether a path is production by one layout, and a test by another."""
    return before != united and path.endswith(".py") and united.is_test(path) and before.side(path) is Side.PRODUCTION


def _moved(files: Sequence[FileVersions], before: Layout, united: Layout) -> Iterator[FileVersions]:
    """Yield new files, tests by their name alone, that hold most of what a deleted production file defined."""
    gone = [file for file in files if file.after is None and before.side(file.path) is Side.PRODUCTION]
    came = [file for file in files if file.before is None and gone and united.is_test_by_name(file.path)]
    lost = [names for file in gone if (names := _defined(file.path, file.before or b""))]
    for file in came:
        names = _defined(file.path, file.after or b"")
        if any(2 * len(names & those) >= len(those) for those in lost):
            yield file


def _defined(path: str, source: bytes) -> frozenset[str]:
    """Return the functions and classes that a text defines; none of one that cannot be parsed."""
    tree = parse(path, source)
    if isinstance(tree, Unreadable):
        return frozenset()
    found = (entry.name for entry in entries_of(tree) if isinstance(entry.node, DEFINITIONS))
    return frozenset(name for name in found if name != MODULE)


_MOST_STEPS = 40  # as many links as Linux follows before it takes them for a circle


class Links(NamedTuple):
    """The links of a tree, each with what it says, and the tree's files."""

    texts: Mapping[str, str]
    files: Collection[str]

    def target(self, path: str) -> str | None:
        """Return the file or directory of the tree that a path leads to, or ``None`` where it leads nowhere in it."""
        for _ in range(_MOST_STEPS):
            link = next((part for part in upwards(path) if part in self.texts), None)
            if link is None:
                return path if path in self.files or next(self.below(path), None) is not None else None
            followed = normpath(f"{dirname(link)}/{self.texts[link]}{path[len(link) :]}".lstrip("/"))
            if self.texts[link].startswith("/") or followed.split("/")[0] in {"..", "."}:
                return None
            path = followed
        return None

    def below(self, directory: str) -> Iterator[str]:
        """Yield the files below a directory, no links among them."""
        return (path for path in self.files if path.startswith(f"{directory}/") and path not in self.texts)

    def shown(self) -> Iterator[str]:
        """Yield the paths that links to directories add to those of the tree."""
        for link in self.texts:
            target = self.target(link)
            if target is not None and target not in self.files:
                yield from (f"{link}{path[len(target) :]}" for path in self.below(target))

    def laid_out(self, layout: Layout) -> Layout:
        """Return a layout in which what links of production code and of tests show is on their side, too.

        What code shows is code, also where it lies among the tests, unless pytest collects it.
        """
        known = {link: target for link in self.texts if (target := self.target(link)) is not None}
        code = tuple(target for link, target in known.items() if side_of_link(link, layout) is Side.PRODUCTION)
        tests = tuple(target for link, target in known.items() if side_of_link(link, layout) is Side.TEST)
        fresh = tuple(target for target in code if not any(inside(target, root) for root in layout.source))
        shown = {path for target in code for path in ([target] if target in self.files else self.below(target))}
        return layout._replace(
            source=(*layout.source, *fresh),
            test_roots=(*layout.test_roots, *tests),
            kept=layout.kept | {path for path in shown if not layout.is_collected(path)},
        )


def side_of_link(link: str, layout: Layout) -> Side:
    """Return the side of what a link shows: of a module or, where it bears no such name, of a directory."""
    if link.endswith(".py"):
        return layout.side(link)
    return layout.side(f"{link}/module.py")
