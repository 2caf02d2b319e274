"""Where the ledger lies: one for a repository and all its worktrees, found without running git."""

from __future__ import annotations

import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

VARIABLE = "PHASEGATE_LEDGER"
NAME = "ledger.sqlite3"


def locate(root: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """Return the ledger's path for a project; nothing is created.

    ``PHASEGATE_LEDGER`` names the file itself (relative to ``root``); else it lies in the common git directory, else
    below ``.phasegate`` in the root.
    """
    named = environment.get(VARIABLE)
    if named:
        return root / named
    common = common_directory(root, environment)
    return (common / "phasegate" if common else root / ".phasegate") / NAME


def beside(root: Path, name: str, environment: Mapping[str, str] = os.environ) -> Path:
    """Return where a project keeps what is not about runs: beside the ledger, each project of a repository apart.

    Two projects may have guides and phases of the same names, and they share the content of the repository.
    """
    top, ledger = repository_top(root), locate(root, environment)
    place = os.path.relpath(os.path.abspath(root), top) if top else "."
    if place == ".":
        return ledger.with_name(name)

    return ledger.parent / "projects" / sha256(os.fsencode(place)).hexdigest()[:16] / name


def common_directory(root: Path, environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return the git directory that all worktrees of the repository around ``root`` share, or ``None``."""
    top = repository_top(root)
    if top is not None:
        return _common(git_directory(top))
    named = environment.get("GIT_DIR")
    return _common(root / named) if named and os.path.isdir(root / named) else None


def repository_top(root: Path) -> Path | None:
    """Return the nearest directory at or above ``root`` that holds a ``.git``, or ``None``."""
    place = Path(os.path.abspath(root))  # a link is not followed: the user's path counts
    return next((above for above in (place, *place.parents) if os.path.exists(above / ".git")), None)


def git_directory(top: Path) -> Path:
    """Return the git directory of a work tree; a file stands for it in linked worktrees and submodules."""
    dot_git = top / ".git"
    return dot_git if os.path.isdir(dot_git) else top / _word_after("gitdir:", dot_git)


def _common(git_directory: Path) -> Path:
    pointer = git_directory / "commondir"
    if not os.path.isfile(pointer):
        return git_directory
    return Path(os.path.realpath(git_directory / _word_after("", pointer)))


def _word_after(label: str, file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="surrogateescape").removeprefix(label).strip()
