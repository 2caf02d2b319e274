"""Dialects that differ from the canonical one by their unit word, or by whose they are."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_phasegate.core.guide.markdown.document import Document
from pytest_phasegate.core.guide.model import Guide
from pytest_phasegate.dialects.canonical import read_series
from pytest_phasegate.dialects.units import series_of


@dataclass(slots=True)
class ByWord:
    """Units of one word; with a mark, only in documents that hold it, or whose path holds the home."""

    name: str
    word: str
    mark: str = ""
    home: str = ""

    def strength(self, document: Document) -> float:
        """Return how surely the units are of this word, and the document is of this kind."""
        ours = not self.mark or self.home in f"/{document.path}" or any(self.mark in line for line in document.lines)
        series = series_of(document) if ours else None
        return 0.6 if series and series.word == self.word else 0.0

    def read(self, document: Document, path: str) -> Guide:  # noqa: ARG002 - the document knows its path
        """Read the guide."""
        return read_series(document, self.name)


BY_WORD = (
    ByWord("stages", "stage"),
    ByWord("tdd-cycles", "cycle"),
    ByWord("agent-os", "task group"),
    ByWord("conductor", "phase", mark="Conductor - User Manual", home="/conductor/"),
)
"""``## Stage N``, ``## Cycle 1a``, Agent OS's ``#### Task Group 1``, and the phases of a track's ``plan.md``."""
