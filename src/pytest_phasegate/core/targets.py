"""Which files of the project a phase's declaration means."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from pytest_phasegate.core.guide import Action

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pytest_phasegate.core.guide import Phase

_MOST_ALTERNATIVES = 256


def production_files(phase: Phase, tracked: Iterable[str], is_production: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the production files a phase declares, as they exist, sorted.

    Args:
        phase: The phase; files it deletes or declares as tests are left out.
        tracked: Every path of the tree under test.
        is_production: Whether a path is production code; a test file never is.
    """
    patterns = declared_patterns(phase)
    return tuple(sorted(path for path in set(tracked) if is_production(path) and _matches(path, patterns)))


def missing_files(phase: Phase, tracked: Iterable[str], is_production: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the declared production files, named without wildcards, that are not there."""
    there = set(tracked)
    named = (pattern for pattern in declared_patterns(phase) if pattern.endswith(".py") and not _is_glob(pattern))
    return tuple(path for path in named if path not in there and is_production(path))


def declared_patterns(phase: Phase) -> tuple[str, ...]:
    """Return the paths and globs that a phase writes and that may be production, with braces spelled out."""
    paths = (file.path for file in phase.files if file.action not in {Action.DELETE, Action.TEST})
    return tuple(dict.fromkeys(spelled for path in paths for spelled in alternatives(path)))


def alternatives(pattern: str) -> tuple[str, ...]:
    """Spell out ``{a,b}``; a pattern whose alternatives would be too many stays as it is."""
    spelled = [pattern]
    while any("{" in one for one in spelled):
        following = [other for one in spelled for other in _spell_first(one)]
        if following == spelled or len(following) > _MOST_ALTERNATIVES:
            break
        spelled = following
    return tuple(spelled)


def _spell_first(pattern: str) -> Iterator[str]:
    """Yield the alternatives of the first innermost pair of braces."""
    end = pattern.find("}")
    start = pattern.rfind("{", 0, end) if end >= 0 else -1
    if start < 0:
        yield pattern
        return
    for word in pattern[start + 1 : end].split(","):
        yield pattern[:start] + word.strip() + pattern[end + 1 :]


def _matches(path: str, patterns: Iterable[str]) -> bool:
    return any(_matches_one(path, pattern) for pattern in patterns)


def _matches_one(path: str, pattern: str) -> bool:
    if not _is_glob(pattern):
        return path == pattern or path.startswith(f"{pattern.rstrip('/')}/")
    return _matches_parts(path.split("/"), pattern.rstrip("/").split("/"))


def _matches_parts(parts: list[str], pattern: list[str]) -> bool:
    """Match as git's globs do: ``*`` stays in one directory, ``**`` spans several, a directory means its content."""
    if not pattern:
        return True
    if pattern[0] == "**":
        return any(_matches_parts(parts[skipped:], pattern[1:]) for skipped in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _matches_parts(parts[1:], pattern[1:])


def _is_glob(pattern: str) -> bool:
    return any(sign in pattern for sign in "*?[")
