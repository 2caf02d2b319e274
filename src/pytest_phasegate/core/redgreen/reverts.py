"""What of a revert brings earlier content back, and so needs no proof of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_phasegate.core.project.sides import Layout, Side

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from typing import TypeVar

    Entry = TypeVar("Entry")


def restored(
    paths: Iterable[str],
    after: Mapping[str, Entry],
    earlier: Mapping[str, Entry],
    layout: Layout,
    woven: Collection[str] = (),
) -> frozenset[str]:
    """Return the paths of a change that stand again as they stood before what is reverted, or whose text does.

    Where production code does not come back whole, the tests that go with the revert are judged: else a test
    could be taken away under the name of a revert while the code goes elsewhere.

    Args:
        paths: Those that differ.
        after: The files of the revert.
        earlier: The files before the commit that it reverts.
        layout: The layout that knows the trees.
        woven: Files that hold nothing but what they held before the revert, and before the commit that it reverts:
            others have changed them since.
    """
    listed = tuple(paths)
    back = frozenset(path for path in listed if after.get(path) == earlier.get(path) or path in woven)
    whole = all(path in back for path in listed if layout.side(path) is Side.PRODUCTION)
    return back if whole else frozenset(path for path in back if not layout.is_test(path))
