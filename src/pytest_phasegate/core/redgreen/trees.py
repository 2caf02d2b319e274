"""What stands in the trees of a replay, from the entries of the two trees of a change."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pytest_phasegate.core.project.sides import Layout, Side, inside

if TYPE_CHECKING:
    from collections.abc import Mapping

Entry = TypeVar("Entry")


def red_tree(before: Mapping[str, Entry], after: Mapping[str, Entry], layout: Layout) -> dict[str, Entry]:
    """Return before's production with everything else of after: its whole test side, configuration, documents.

    Production is here everything below a source root that is not test side, data files too: old code reads old data.
    A created production file is absent, a deleted one is back.
    """
    mixed = dict(after)
    for path in [path for path in {**before, **after} if before.get(path) != after.get(path)]:
        if _is_code(path, layout):
            mixed.pop(path, None)
            if path in before:
                mixed[path] = before[path]
    return mixed


def departed_tree(before: Mapping[str, Entry], after: Mapping[str, Entry], layout: Layout) -> dict[str, Entry]:
    """Return after with before's test side: there a deleted test shows whether what it tested is still there."""
    return {
        **{path: entry for path, entry in after.items() if not layout.is_test(path)},
        **{path: entry for path, entry in before.items() if layout.is_test(path)},
    }


def _is_code(path: str, layout: Layout) -> bool:
    side = layout.side(path)
    below = any(inside(path, root) for root in layout.source)
    return side is Side.PRODUCTION or (side is Side.NEITHER and below)
