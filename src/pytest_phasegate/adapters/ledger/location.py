"""Where the ledger lies: one for a repository and all its worktrees, found without running git."""

from __future__ import annotations

import os
import os.path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

VARIABLE = "PHASEGATE_LEDGER"
NAME = "ledger.sqlite3"


def locate(root: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """Return the ledger's place for a project, as a path."""
    return type(root)(place_of(os.fspath(root), environment))


def common_directory(root: Path, environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return the git directory that all worktrees of the repository around ``root`` share, if any, as a path."""
    found = shared_directory(os.fspath(root), environment)
    return type(root)(found) if found else None


def place_of(root: str, environment: Mapping[str, str] = os.environ) -> str:
    """Return the ledger's path for a project; nothing is created.

    ``PHASEGATE_LEDGER`` names the file itself (relative to ``root``); else it lies in the common git directory, else
    below ``.phasegate`` in the root.
    """
    named = environment.get(VARIABLE)
    if named:
        return os.path.join(root, named)
    common = shared_directory(root, environment)
    return os.path.join(common, "phasegate", NAME) if common else os.path.join(root, ".phasegate", NAME)


def shared_directory(root: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the git directory that all worktrees of the repository around ``root`` share, or ``None``."""
    top = repository_top(root)
    named = environment.get("GIT_DIR")
    if top is not None:
        return _common(git_directory(top))
    return _common(os.path.join(root, named)) if named and os.path.isdir(os.path.join(root, named)) else None


def repository_top(root: str) -> str | None:
    """Return the nearest directory at or above ``root`` that holds a ``.git``, or ``None``."""
    place = os.path.abspath(root)  # a link is not followed: the user's path counts
    while not os.path.exists(os.path.join(place, ".git")):
        above = os.path.dirname(place)
        if above == place:
            return None
        place = above
    return place


def git_directory(top: str) -> str:
    """Return the git directory of a work tree; a file stands for it in linked worktrees and submodules."""
    dot_git = os.path.join(top, ".git")
    return dot_git if os.path.isdir(dot_git) else os.path.join(top, _word_after("gitdir:", dot_git))


def _common(git_directory: str) -> str:
    pointer = os.path.join(git_directory, "commondir")
    return os.path.join(git_directory, _word_after("", pointer)) if os.path.isfile(pointer) else git_directory


def _word_after(label: str, file: str) -> str:
    with open(file, encoding="utf-8", errors="surrogateescape") as pointer:
        return pointer.read().removeprefix(label).strip()
