"""What a run of tests stands on: the files whose content decides how tests end, sorted by what they are."""

from __future__ import annotations

from pytest_phasegate.core.facts import dataclass
from pytest_phasegate.core.layout import configuration_paths
from pytest_phasegate.core.paths import Side

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_phasegate.core.paths import Layout


@dataclass(frozen=True, slots=True)
class Ground:
    """The paths of a tree that matter to its tests.

    ``production`` is the code under test; ``support`` is conftest, helpers and data of the test side and whatever
    configures pytest; ``modules`` are the Python files of the test side, the test files among them.
    """

    production: tuple[str, ...]
    support: tuple[str, ...]
    modules: frozenset[str]


def ground_of(paths: Iterable[str], layout: Layout, sides: dict[str, Side] | None = None) -> Ground:
    """Sort the paths of one tree; a run and a commit are compared by what this returns for each.

    Args:
        paths: Every path of the tree.
        layout: Where production code and tests live in it.
        sides: What is known of paths under this very layout; what is found out is added.
    """
    known = {} if sides is None else sides
    production, support, modules = [], set(configuration_paths(paths := list(paths))), set()
    for path in paths:
        side = known.get(path) or known.setdefault(path, layout.side(path))
        if side is Side.PRODUCTION:
            production.append(path)
        elif side is Side.TEST:
            is_python = path.endswith(".py")
            if is_python:
                modules.add(path)
            if not is_python or not layout.is_collected(path):
                support.add(path)
    return Ground(tuple(production), tuple(sorted(support)), frozenset(modules))
