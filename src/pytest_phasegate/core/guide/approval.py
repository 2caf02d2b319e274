"""Records that a guide's text was approved: one line of JSON each, keyed by what the phases say."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from pytest_phasegate.core.guide.model import Guide

PATH = ".phasegate/approvals.jsonl"  # where the records stand, from the project's root


@dataclass(frozen=True, slots=True)
class Approval:
    """One approval: the guide's path, the digest of what was approved, by whom, and when (ISO date)."""

    guide: str
    digest: str
    by: str
    on: str


def approval_digest(guide: Guide) -> str:
    """Return the digest of what is approved: every phase's section, so that ticking a box needs no new approval."""
    from hashlib import sha256

    text = "\n".join(f"{phase.id}\0{phase.digest}" for phase in guide.phases)
    return f"sha256:{sha256(text.encode('utf-8', 'surrogateescape')).hexdigest()}"


def read_approvals(text: str) -> tuple[Approval, ...]:
    """Read the records; a line that cannot be read approves nothing."""
    return tuple(approval for line in text.splitlines() if (approval := _read(line)))


def as_line(approval: Approval) -> str:
    """Return one record as its line."""
    record = {"guide": approval.guide, "digest": approval.digest, "by": approval.by, "on": approval.on}
    return f"{json.dumps(record, ensure_ascii=False)}\n"


def with_approvals(guides: Iterable[Guide], approvals: Iterable[Approval]) -> tuple[Guide, ...]:
    """Return the guides, those approved whose present text has a record."""
    known = {(approval.guide, approval.digest) for approval in approvals}
    return tuple(
        replace(guide, approved=True) if known and (guide.path, approval_digest(guide)) in known else guide
        for guide in guides
    )


def _read(line: str) -> Approval | None:
    try:
        record = json.loads(line)
        return Approval(*(str(record[key]) for key in ("guide", "digest", "by", "on")))
    except (ValueError, TypeError, KeyError):
        return None
