"""Everything that phases and guides declare, as paths and globs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_phasegate.core.guide.model import Guide, Phase


def declared_paths(phase: Phase) -> Iterator[str]:
    """Yield the paths and globs that a phase declares, the files of its tests included."""
    yield from (file.path for file in phase.files)
    yield from (test.file for test in phase.tests if test.file)


def declared_by_all(guides: Iterable[Guide]) -> tuple[str, ...]:
    """Return what any phase of these guides declares, and the guides themselves."""
    return tuple(
        path
        for guide in guides
        for path in (guide.path, *(one for phase in guide.phases for one in declared_paths(phase)))
    )
