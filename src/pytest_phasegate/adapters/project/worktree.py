"""The files of a project that is in no git repository, and the texts that configure it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

ASIDE = frozenset({"node_modules", "__pycache__", "venv", "site-packages", "build", "dist"})


def project_files(root: Path) -> tuple[str, ...]:
    """Return the files below a directory, relative and with ``/``; environments, builds and dot directories aside."""
    return tuple(sorted(_walk(root)))


def _walk(root: Path) -> Iterator[str]:
    for directory, below, names in os.walk(root):
        below[:] = [name for name in below if not name.startswith(".") and name not in ASIDE]
        place = Path(directory).relative_to(root)
        yield from ((place / name).as_posix() for name in names)


def files_below(
    root: Path | str, start: str, skipped: Callable[[str], bool], depth: int | None = None
) -> Iterator[str]:
    """Yield the files below a directory of a root by name, relative to the root; no link to a directory is followed.

    Args:
        root: Where paths begin.
        start: The directory, relative to the root; empty for the root itself.
        skipped: Whether directories of this name are left out.
        depth: How many directories deep; without an end if ``None``.
    """
    try:
        with os.scandir(Path(root, start)) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in listed:
        path = f"{start}/{entry.name}" if start else entry.name
        if entry.is_file():
            yield path
        elif entry.is_dir(follow_symlinks=False) and not skipped(entry.name) and (depth is None or depth > 1):
            yield from files_below(root, path, skipped, None if depth is None else depth - 1)


def existing(root: Path, paths: Iterable[str]) -> tuple[str, ...]:
    """Return those of the relative paths that are files inside the root, links followed."""
    top = root.resolve()
    return tuple(path for path in paths if (file := root / path).is_file() and file.resolve().is_relative_to(top))


def texts(root: Path, paths: Iterable[str]) -> dict[str, str]:
    """Return the texts of files by path; one that is not there, or no text, is left out."""
    found: dict[str, str] = {}
    for path in paths:
        try:
            found[path] = (root / path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
    return found
