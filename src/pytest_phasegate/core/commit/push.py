"""What a push is about to do, as git tells the pre-push hook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pytest_phasegate.errors import PhasegateError

_FIELDS = 4


@dataclass(frozen=True, slots=True)
class RefUpdate:
    """One ref of a push: the object that goes out, and what the remote has there; ``None`` where there is none.

    ``local_ref`` is as the user named it: a branch, a tag, ``HEAD``, an object id, or ``(delete)``.
    """

    local_ref: str
    local_oid: str | None
    remote_ref: str
    remote_oid: str | None


def ref_updates(text: str) -> tuple[RefUpdate, ...]:
    """Read the lines git writes to a pre-push hook, ``<local ref> <local id> <remote ref> <remote id>`` each.

    The local ref may be any revision the user typed (``HEAD@{1 day ago}``), so fields are counted from the end.

    Raises:
        PhasegateError: A line is not of this form.
    """
    return tuple(_ref_update(line) for line in text.splitlines() if line.strip())


def framework_update(environment: Mapping[str, str]) -> RefUpdate | None:
    """Return the one ref that pre-commit (or prek) tells a hook of: the first of the push with anything new.

    Its variables are ``PRE_COMMIT_FROM_REF`` and ``PRE_COMMIT_TO_REF``; a first push of a whole history sets neither,
    and only the branch is named.
    """
    tip = environment.get("PRE_COMMIT_TO_REF") or environment.get("PRE_COMMIT_LOCAL_BRANCH")
    if not tip:
        return None
    return RefUpdate(
        local_ref=environment.get("PRE_COMMIT_LOCAL_BRANCH", tip),
        local_oid=tip,
        remote_ref=environment.get("PRE_COMMIT_REMOTE_BRANCH", tip),
        remote_oid=environment.get("PRE_COMMIT_FROM_REF"),
    )


def _ref_update(line: str) -> RefUpdate:
    fields = line.rsplit(" ", _FIELDS - 1)
    if len(fields) != _FIELDS:
        raise PhasegateError(
            f"git's pre-push line {line!r} cannot be read", hint="the hook reads what `git push` writes to its stdin"
        )
    local_ref, local_oid, remote_ref, remote_oid = fields
    return RefUpdate(local_ref, _existing(local_oid), remote_ref, _existing(remote_oid))


def _existing(oid: str) -> str | None:
    return oid if oid.strip("0") else None
