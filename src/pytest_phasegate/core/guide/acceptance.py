"""What a guide said of its finished phases when they were finished."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_phasegate.core.verdict.need import Need

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_phasegate.core.verdict.gate import Evidence


@dataclass(frozen=True, slots=True)
class Acceptance:
    """For each finished phase of the guide, by id: the section's digest then, and the commit that finished it."""

    digests: Mapping[str, str]
    commits: Mapping[str, str]

    @classmethod
    def of(cls, evidence: Evidence) -> Acceptance | None:
        """Return what was gathered, or ``None`` where git could not answer."""
        return evidence.facts.get(Need.ACCEPTANCE)
