"""Everything that phases and guides declare, as paths and globs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from pytest_phasegate.core.guide.model import Action, Guide, Phase
from pytest_phasegate.core.project.globs import matches, plain


def declared_paths(phase: Phase) -> Iterator[str]:
    """Yield the paths and globs that a phase declares, the files of its tests included."""
    yield from (file.path for file in phase.files)
    yield from (test.file for test in phase.tests if test.file)


def declared_in(guide: Guide) -> frozenset[str]:
    """Return the files that any phase of a guide declares; what was derived says nothing of when the guide began."""
    return frozenset(file.path for phase in guide.phases for file in phase.declared_files)


def declared_by_all(guides: Iterable[Guide]) -> tuple[str, ...]:
    """Return what any phase of these guides declares, and the guides themselves."""
    return tuple(
        path
        for guide in guides
        for path in (guide.path, *(one for phase in guide.phases for one in declared_paths(phase)))
    )


def production_files(phase: Phase, tracked: Iterable[str], is_production: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the production files a phase declares, as they exist, sorted.

    Args:
        phase: The phase; files it deletes or declares as tests are left out.
        tracked: Every path of the tree under test.
        is_production: Whether a path is production code; a test file never is.
    """
    patterns = declared_patterns(phase)
    meant = (path for path in set(tracked) if any(path == pattern or matches(pattern, path) for pattern in patterns))
    return tuple(sorted(path for path in meant if is_production(path)))


def missing_files(phase: Phase, tracked: Iterable[str], is_production: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the declared production files, named without wildcards, that are not there."""
    there = set(tracked)
    named = (pattern for pattern in declared_patterns(phase) if pattern.endswith(".py") and plain(pattern))
    return tuple(path for path in named if path not in there and is_production(path))


def declared_patterns(phase: Phase) -> tuple[str, ...]:
    """Return the paths and globs that a phase writes and that may be production."""
    written = (file for file in phase.files if file.action not in {Action.DELETE, Action.TEST})
    return tuple(dict.fromkeys(file.path.removeprefix("./") for file in written))
