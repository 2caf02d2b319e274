"""Dialects that differ from the canonical one by their unit word, or by whose they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_phasegate.dialects.canonical import read_series
from pytest_phasegate.dialects.units import hits, series_of

if TYPE_CHECKING:
    from pytest_phasegate.core.guide.markdown.document import Document
    from pytest_phasegate.core.guide.model import Guide


class _ByWord:
    name: str
    word: str

    def strength(self, document: Document) -> float:
        """Return how surely the units are of this word."""
        series = series_of(document, hits(document))
        return 0.6 if series and series.word == self.word else 0.0

    def read(self, document: Document, path: str) -> Guide:  # noqa: ARG002 - the document knows its path
        """Read the guide."""
        return read_series(document, self.name)


class Stages(_ByWord):
    """``## Stage N: Name`` with **Goal**, **Success Criteria**, **Tests** and **Status**."""

    name = "stages"
    word = "stage"


class Cycles(_ByWord):
    """``## Cycle 1a — Name`` with RED, GREEN and REFACTOR."""

    name = "tdd-cycles"
    word = "cycle"


class TaskGroups(_ByWord):
    """Agent OS: ``#### Task Group 1: Name`` with numbered boxes and **Acceptance Criteria**, under whatever phases."""

    name = "agent-os"
    word = "task group"


class Conductor(_ByWord):
    """A track's ``plan.md``: ``## Phase 1: Name`` with ``- [ ] Task: …``."""

    name = "conductor"
    word = "phase"

    def strength(self, document: Document) -> float:
        """Return a fair answer for phases in a track, by its place or by the task that a person is to verify."""
        verified = any("Conductor - User Manual" in line for line in document.lines)
        return super().strength(document) if verified or "/conductor/" in f"/{document.path}" else 0.0
