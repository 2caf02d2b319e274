"""Set a damaged file aside: it is renamed, never deleted, and its journal goes with it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def move_aside(path: Path) -> Path:
    """Rename a ledger to a free name beside it that says when, and return the new path.

    SQLite would play a journal that is left behind into the next file of the same name.
    """
    target = _free_name(path)
    path.rename(target)
    journal = path.with_name(f"{path.name}-journal")
    if journal.exists():
        journal.rename(target.with_name(f"{target.name}-journal"))
    return target


def _free_name(path: Path) -> Path:
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    names = [path.with_name(f"{path.stem}.damaged-{stamp}{suffix}{path.suffix}") for suffix in ("", "-2", "-3", "-4")]
    return next((name for name in names if not name.exists()), names[-1])
