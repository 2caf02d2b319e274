"""Which side the files of a change are on: the side they were on before it, whatever it configures itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from pytest_phasegate.core.project.paths import Layout, Side
from pytest_phasegate.core.project.syntax import DEFINITIONS, Unreadable, parse
from pytest_phasegate.core.redgreen.change.definitions import MODULE, entries_of
from pytest_phasegate.core.redgreen.change.reader import FileVersions


def judging_layout(before: Layout, after: Layout, there: Iterable[str], files: Sequence[FileVersions]) -> Layout:
    """Return the layout by which a change is judged: production stays production, and tests may only be added.

    Args:
        before: The layout of the tree before.
        after: That of the tree after.
        there: Every path of the tree before.
        files: What differs between the two.
    """
    united = before.united(after)
    kept = {path for path in there if _leaves_production(path, before, united)} if before != after else set[str]()
    moved = {file.path for file in _moved(files, before, united)}
    return replace(united, kept=frozenset(kept | moved)) if kept or moved else united


def _leaves_production(path: str, before: Layout, united: Layout) -> bool:
    return path.endswith(".py") and united.is_test(path) and before.side(path) is Side.PRODUCTION


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
