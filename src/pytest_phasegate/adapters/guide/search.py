"""Looking for guides in a project that has not said where they are."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pytest_phasegate.core.project.globs import matches
from pytest_phasegate.core.project.settings import DEFAULT_GUIDES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from pytest_phasegate.core.guide.model import Guide

MAX_FILES, MAX_BYTES = 500, 1_000_000
_ASIDE = frozenset({"node_modules", "venv", "site-packages", "build", "dist", "__pycache__"})
_BESIDE = ("_context", "_technical_spec", "_feedback", "_review", "_summary")
_NO_GUIDES = frozenset({"readme.md", "changelog.md", "contributing.md", "license.md", "security.md"})
ENOUGH = 2
"""Phases a document must have to be taken for a guide."""


def guides_elsewhere(root: Path, read: Callable[[bytes, str], Guide], globs: Iterable[str]) -> tuple[str, ...]:
    """Return the documents that read as guides and that none of the configured patterns finds."""
    patterns = tuple(globs)
    paths = (path for _, path in zip(range(MAX_FILES), _documents(root, ""), strict=False))
    unmatched = (path for path in paths if not any(matches(glob, path) for glob in patterns))
    return tuple(path for path in unmatched if _is_guide(root, path, read))


def find_guides(root: Path, read: Callable[[bytes, str], Guide]) -> tuple[str, ...]:
    """Return the patterns or paths of what reads as a guide: the default patterns, all of them, where one finds any.

    A document counts when two of its phases say more than a heading: a file, a test or a commit. By a usual name, one
    is enough.
    """
    paths = [path for _, path in zip(range(MAX_FILES), _documents(root, ""), strict=False)]
    found = [path for path in paths if _is_guide(root, path, read)]
    elsewhere = [path for path in found if not _has_a_usual_name(path)]
    return (*(DEFAULT_GUIDES if len(elsewhere) < len(found) else ()), *elsewhere)


def _has_a_usual_name(path: str) -> bool:
    return any(matches(glob, path) for glob in DEFAULT_GUIDES)


def _documents(root: Path, directory: str) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(root / directory), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        path = f"{directory}/{entry.name}" if directory else entry.name
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in _ASIDE and entry.name != ".git":
                yield from _documents(root, path)
        elif entry.name.lower().endswith(".md") and entry.name.lower() not in _NO_GUIDES:
            yield path


def _is_guide(root: Path, path: str, read: Callable[[bytes, str], Guide]) -> bool:
    if path.removesuffix(".md").endswith(_BESIDE):
        return False
    try:
        content = (root / path).read_bytes()
    except OSError:
        return False
    if len(content) > MAX_BYTES:
        return False
    telling = [phase for phase in read(content, path).phases if phase.files or phase.tests or phase.commit]
    return len(telling) >= (1 if _has_a_usual_name(path) else ENOUGH)
