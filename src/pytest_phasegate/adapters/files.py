"""Files of the project, read safely: inside the root after resolving links, and not beyond a size."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_phasegate.core.globs import matches
from pytest_phasegate.errors import GuideError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_ASIDE = ("_context", "_technical_spec", "_feedback", "_review", "_summary")
_PRUNED = frozenset(
    {".git", ".venv", "venv", "node_modules", "__pycache__", ".tox", ".nox", ".mypy_cache", ".ruff_cache"}
)
_MAGIC = frozenset("*?[{")


def is_pattern(guide: str) -> bool:
    """Return whether a configured guide is a glob, and may match nothing or other documents."""
    return any(char in _MAGIC for char in guide)


def read_limited(root: Path, path: str, limit: int) -> bytes:
    """Return at most ``limit`` bytes and one more of a file inside the root.

    Raises:
        GuideError: There is no such file, it cannot be read, or it lies outside of the root; the message does
            not tell whether an outside file exists.
    """
    top = os.path.realpath(root)
    target = os.path.realpath(os.path.join(top, path))  # noqa: PTH118 - pathlib normalizes too much
    if os.path.commonpath([top, target]) != top:
        raise GuideError(f"{path}: the guide lies outside of the project", hint="name a file inside the repository")
    try:
        with open(target, "rb") as stream:  # noqa: PTH123 - one call, on a hot path
            return stream.read(limit + 1)
    except FileNotFoundError:
        raise GuideError(
            f"{path}: there is no such guide", hint="check the path, or `guides` in the configuration"
        ) from None
    except (OSError, ValueError) as error:
        raise GuideError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None


def relative(root: Path, path: str | Path) -> str:
    """Return a path the user named (relative to where they are) as one relative to the root, with ``/``."""
    absolute = os.path.abspath(path)  # noqa: PTH100 - must not resolve links: the user's name stays
    inside = os.path.relpath(absolute, os.path.realpath(root) if absolute.startswith(os.path.realpath(root)) else root)
    return inside.replace(os.sep, "/")


def find(root: Path, patterns: Iterable[str]) -> tuple[str, ...]:
    """Return the files that glob patterns find, each once, pattern by pattern and sorted; dot directories count.

    Files that stand beside a guide without being one (``_context``, ``_review`` and the like) are left out.
    """
    found: dict[str, None] = {}
    for pattern in patterns:
        for path in sorted(_glob(root, pattern)):
            if not Path(path).stem.endswith(_ASIDE):
                found[path] = None
    return tuple(found)


def _glob(root: Path, pattern: str) -> Iterator[str]:
    """Walk only below the part of the pattern that is no glob."""
    parts = pattern.removeprefix("./").split("/")
    fixed = _fixed(parts)
    depth = None if "**" in pattern else len(parts) - len(fixed)
    for path in _files_below(root, "/".join(fixed), depth):
        if matches(pattern, path) and path.count("/") + 1 >= len(fixed) + 1:
            yield path


def _fixed(parts: Sequence[str]) -> list[str]:
    at = next((i for i, part in enumerate(parts) if is_pattern(part)), len(parts))
    return list(parts[:at])


def _files_below(root: Path, directory: str, depth: int | None) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(root / directory), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        path = f"{directory}/{entry.name}" if directory else entry.name
        if entry.is_file():
            yield path
        elif entry.is_dir(follow_symlinks=False) and entry.name not in _PRUNED and (depth is None or depth > 1):
            yield from _files_below(root, path, None if depth is None else depth - 1)
