"""Records that a phase without tests was accepted: the baseline has no line that could say so."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_phasegate.core.verdict.gate import Need

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_phasegate.core.guide.model import Guide, Phase
    from pytest_phasegate.core.verdict.gate import Evidence


PATH = ".phasegate/accepted.jsonl"
"""Where the records stand, from the project's root: committed, as the baseline is."""


def finished_line(guide: Guide, phase: Phase) -> str:
    """Return the record of a phase as its line; the digest is that of its section, ticked boxes aside."""
    record = {"guide": guide.slug, "phase": phase.id, "digest": phase.digest}
    return f"{json.dumps(record, ensure_ascii=False)}\n"


def read_finished(text: str) -> frozenset[tuple[str, str, str]]:
    """Read the records as slug, id and digest; a line that cannot be read accepts nothing."""
    return frozenset(record for line in text.splitlines() if (record := _read(line)))


def _read(line: str) -> tuple[str, str, str] | None:
    try:
        record = json.loads(line)
        return str(record["guide"]), str(record["phase"]), str(record["digest"])
    except (ValueError, TypeError, KeyError):
        return None


@dataclass(frozen=True, slots=True)
class Acceptance:
    """For each finished phase of the guide, by id: the section's digest then, and the commit that finished it."""

    digests: Mapping[str, str]
    commits: Mapping[str, str]

    @classmethod
    def of(cls, evidence: Evidence) -> Acceptance | None:
        """Return what was gathered, or ``None`` where git could not answer."""
        return evidence.facts.get(Need.ACCEPTANCE)
