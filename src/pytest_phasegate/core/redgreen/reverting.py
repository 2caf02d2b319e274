"""What of a revert brings earlier content back, and so needs no proof of its own."""

from __future__ import annotations

from pytest_phasegate.core.paths import Layout, Side

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TypeVar

    Entry = TypeVar("Entry")


def restored(
    paths: Iterable[str], after: Mapping[str, Entry], earlier: Mapping[str, Entry], layout: Layout
) -> frozenset[str]:
    """Return the paths of a change that stand again as they stood before what is reverted.

    Where production code does not come back whole, the tests that go with the revert are judged: else a test
    could be taken away under the name of a revert while the code goes elsewhere.

    Args:
        paths: Those that differ.
        after: The files of the revert.
        earlier: The files before the commit that it reverts.
        layout: The layout that knows the trees.
    """
    listed = tuple(paths)
    back = frozenset(path for path in listed if after.get(path) == earlier.get(path))
    whole = all(path in back for path in listed if layout.side(path) is Side.PRODUCTION)
    return back if whole else frozenset(path for path in back if not layout.is_test(path))
