"""The order of phases: by the dependencies that the guide states, else as they stand in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_phasegate.core.verdict.gate import Need
from pytest_phasegate.core.verdict.verdict import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Collection

    from pytest_phasegate.core.guide.model import Guide, Phase
    from pytest_phasegate.core.verdict.gate import Evidence


@dataclass(frozen=True, slots=True)
class Done:
    """The ids of the phases that are accepted, and of those that have their commit."""

    accepted: frozenset[str] = frozenset()
    committed: frozenset[str] = frozenset()

    @staticmethod
    def of(evidence: Evidence) -> Done | None:
        """Return what was gathered, or ``None`` where git could not answer."""
        found: Done | None = evidence.facts.get(Need.ORDER)
        return found


def phases_before(guide: Guide, phase: Phase) -> tuple[str, ...]:
    """Return the phases that come before one: those it depends on, where the guide states any dependency at all."""
    if any(one.depends for one in guide.phases):
        return phase.depends
    ids = [one.id for one in guide.phases]
    return tuple(ids[: ids.index(phase.id)]) if phase.id in ids else ()


def open_before(guide: Guide, phase: Phase, done: Collection[str]) -> tuple[str, ...]:
    """Return the phases that should have been done before one, and are not; a phase that is done asks for none."""
    return () if phase.id in done else tuple(one for one in phases_before(guide, phase) if one not in done)


def out_of_order(guide: Guide, phase: Phase, waiting: Collection[str], severity: Severity, missing: str) -> Finding:
    """Return the finding that a phase is not yet due.

    Args:
        guide: The guide.
        phase: The phase that came too early.
        waiting: The phases before it, of which there is at least one.
        severity: How grave that is.
        missing: What these are not: ``accepted``, ``committed``.
    """
    first = next(iter(waiting))
    several = len(waiting) > 1
    told = (
        f"phase{'s' if several else ''} {', '.join(waiting)} {'come' if several else 'comes'} before phase {phase.id}"
    )
    fix = f"finish phase {first} first: phasegate check {first}; or state in the guide what phase {phase.id} depends on"
    negated = f"{'are' if several else 'is'} not {missing}"
    return Finding("PG507", severity, f"{told} and {negated}", guide.path, phase.line, fix)
