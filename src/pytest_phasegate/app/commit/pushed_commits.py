"""Which commits a push brings to its remote: the ranges that have to be proved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_phasegate.app.ports.repository import Repository
    from pytest_phasegate.core.commit.push import RefUpdate


@dataclass(frozen=True, slots=True)
class PushedRange:
    """What one ref of a push brings: a range as ``Repository.commits`` reads it, or ``None`` and the reason."""

    ref: str
    revision_range: str | None
    reason: str = ""


def pushed_ranges(repository: Repository, updates: Iterable[RefUpdate], remote: str) -> tuple[PushedRange, ...]:
    """Return what each ref brings, one range only once.

    Args:
        repository: The repository that pushes.
        updates: The refs of the push.
        remote: The remote's name, or its address when it has none.
    """
    ranges: dict[str | None, PushedRange] = {}
    idle: list[PushedRange] = []
    for update in updates:
        found = _pushed_range(repository, update, remote)
        if found.revision_range is None:
            idle.append(found)
        else:
            ranges.setdefault(found.revision_range, found)
    return (*ranges.values(), *idle)


def _pushed_range(repository: Repository, update: RefUpdate, remote: str) -> PushedRange:
    if update.local_oid is None:
        return PushedRange(update.remote_ref, None, "is deleted")
    tip = repository.resolve(update.local_oid)
    if tip is None:
        return PushedRange(update.remote_ref, None, "is no commit")
    if update.remote_oid and (known := repository.resolve(update.remote_oid)):
        return PushedRange(update.remote_ref, f"{known}..{tip}")
    new = repository.unpublished(tip, remote)
    return PushedRange(update.remote_ref, new, "" if new else "brings no commit that the remote does not have")
