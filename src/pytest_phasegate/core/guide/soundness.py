"""Whether a guide may be gone by: which of its errors make a phase unsound, and whether it was approved."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from hashlib import sha256
from typing import NamedTuple

from pytest_phasegate.core.guide.model import Diagnostic, Guide
from pytest_phasegate.core.verdict.verdict import Severity

_OF_THE_WHOLE = frozenset({"PG101", "PG102", "PG105", "PG106", "PG109", "PG116"})
"""Nobody can say which phase these are about: text that is hidden or not read, and ids that mean two phases."""


def errors_about(guide: Guide, phases: Iterable[str]) -> tuple[Diagnostic, ...]:
    """Return the errors that concern these phases: their own, those of what they depend on, and the document's."""
    depends = {phase.id: phase.depends for phase in guide.phases}
    found: set[str] = set()
    pending = list(phases)
    while pending:
        phase = pending.pop()
        if phase not in found:
            found.add(phase)
            pending += depends.get(phase, ())
    needed = frozenset(found)
    return tuple(error for error in errors_in(guide) if _concerns(error, guide, needed))


def errors_elsewhere(guide: Guide, phases: Iterable[str]) -> tuple[Diagnostic, ...]:
    """Return the errors that concern none of these phases."""
    concerning = errors_about(guide, phases)
    return tuple(error for error in errors_in(guide) if error not in concerning)


def errors_in(guide: Guide) -> tuple[Diagnostic, ...]:
    """Return every error of a guide."""
    return tuple(each for each in guide.diagnostics if each.severity is Severity.ERROR)


def _concerns(error: Diagnostic, guide: Guide, needed: Collection[str]) -> bool:
    if error.code in _OF_THE_WHOLE:
        return True
    phases = error.phases if error.phases is not None else _at(error.line, guide)
    return phases is None or any(phase in needed for phase in phases)


def _at(line: int, guide: Guide) -> tuple[str, ...] | None:
    """Return the phase whose lines hold this one; ``None`` outside of all, where it may be about any."""
    holding = (phase.id for phase in guide.phases if phase.line <= line <= phase.end_line)
    found = next(holding, None)
    return None if found is None else (found,)


PATH = ".phasegate/approvals.jsonl"  # where the records stand, from the project's root


class Approval(NamedTuple):
    """One approval: the guide's path, the digest of what was approved, by whom, and when (ISO date)."""

    guide: str
    digest: str
    by: str
    on: str


def approval_digest(guide: Guide) -> str:
    """Return the digest of what is approved: every phase's section, so that ticking a box needs no new approval."""
    text = "\n".join(f"{phase.id}\0{phase.digest}" for phase in guide.phases)
    return f"sha256:{sha256(text.encode('utf-8', 'surrogateescape')).hexdigest()}"


def with_approvals(guides: Iterable[Guide], approvals: Iterable[Approval]) -> tuple[Guide, ...]:
    """Return the guides, those approved whose present text has a record."""
    known = {(approval.guide, approval.digest) for approval in approvals}
    return tuple(
        replace(guide, approved=True) if known and (guide.path, approval_digest(guide)) in known else guide
        for guide in guides
    )
