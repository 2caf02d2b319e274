"""What a run of tests stands on: the files whose content decides how tests end, sorted by what they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pytest_phasegate.core.project.layout import configuration_paths
from pytest_phasegate.core.project.sides import Layout, Side, inside


@dataclass(frozen=True, slots=True)
class Ground:
    """The paths of a tree that matter to its tests.

    ``production`` is the code under test; ``support`` is conftest, helpers and data of the test side, whatever
    configures pytest, and every other file that a test or the code may read; ``modules`` are the Python files of the
    test side, the test files among them.
    """

    production: tuple[str, ...]
    support: tuple[str, ...]
    modules: frozenset[str]

    @property
    def collected(self) -> tuple[str, ...]:
        """The files that pytest collects tests from."""
        return tuple(sorted(self.modules.difference(self.support)))

    @property
    def rest(self) -> tuple[str, ...]:
        """Everything beside the production code: support, and all the tests that stand there."""
        return (*self.support, *self.collected)


SURROUNDINGS = "/surroundings"
"""Stands among the paths of a run's ground for what else decides how tests end; no path of git begins like this."""

_PROSE = (".md", ".rst", ".adoc")
_RECORDS = ".phasegate/"  # where we keep what was accepted: no test of a project is about that


def ground_of(paths: Iterable[str], layout: Layout, sides: dict[str, Side] | None = None) -> Ground:
    """Sort the paths of one tree; a run and a commit are compared by what this returns for each.

    Args:
        paths: Every path of the tree.
        layout: Where production code and tests live in it.
        sides: What is known of paths under this very layout; what is found out is added.
    """
    known = {} if sides is None else sides
    production, support, modules = [], set(configuration_paths(paths := list(paths))), set()
    homes = tuple(root for root in layout.source if root)
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
        elif not path.startswith(_RECORDS) and (not path.endswith(_PROSE) or _is_below(path, homes)):
            support.add(path)
    return Ground(tuple(production), tuple(sorted(support)), frozenset(modules))


def _is_below(path: str, roots: tuple[str, ...]) -> bool:
    """Whether prose lies beside the code, as what is shipped with it and read by it does."""
    return any(inside(path, root) for root in roots)
