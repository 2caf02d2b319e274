"""A note in the git directory that a commit passed the red-green hook, for the post-commit hook to find.

It is no evidence and decides nothing: ``phasegate verify`` never reads it.
"""

from __future__ import annotations

import os
from contextlib import suppress

_NOTE = "phasegate-passed"


def leave() -> None:
    """Leave the note; where the git directory cannot be written, the commit fails without our doing."""
    with suppress(OSError), open(_place(), "wb"):  # noqa: PTH123 - a hook must start fast
        pass


def take() -> bool:
    """Remove the note and return whether it was there."""
    try:
        os.unlink(_place())  # noqa: PTH108 - a hook must start fast
    except OSError:
        return False
    return True


def _place() -> str:
    return os.path.join(_git_directory(), _NOTE)  # noqa: PTH118 - a hook must start fast


def _git_directory() -> str:
    """Return this work tree's git directory: git starts a hook at its top, and names it where it is not ``.git``."""
    named = os.environ.get("GIT_DIR", ".git")
    if os.path.isdir(named):  # noqa: PTH112 - a hook must start fast
        return named
    with open(named, encoding="utf-8", errors="surrogateescape") as pointer:  # noqa: PTH123 - the same
        return pointer.read().removeprefix("gitdir:").strip()
