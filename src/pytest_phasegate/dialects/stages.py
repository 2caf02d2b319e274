"""Dialects that differ from the canonical one by their unit word, or by whose they are."""

from __future__ import annotations

from pytest_phasegate.core.guide.markdown.document import Document
from pytest_phasegate.dialects.canonical import read_series
from pytest_phasegate.dialects.late import BuiltIn
from pytest_phasegate.dialects.units import series_of


def _by_word(name: str, word: str, mark: str = "", home: str = "") -> BuiltIn:
    """Return a dialect of units of one word; with a mark, only where a line holds it, or the path the home."""

    def strength(document: Document) -> float:
        ours = not mark or home in f"/{document.path}" or any(mark in line for line in document.lines)
        series = series_of(document) if ours else None
        return 0.6 if series and series.word == word else 0.0

    return BuiltIn(name, strength, lambda document: read_series(document, name))


BY_WORD = (
    _by_word("stages", "stage"),
    _by_word("tdd-cycles", "cycle"),
    _by_word("agent-os", "task group"),
    _by_word("conductor", "phase", mark="Conductor - User Manual", home="/conductor/"),
)
"""``## Stage N``, ``## Cycle 1a``, Agent OS's ``#### Task Group 1``, and the phases of a track's ``plan.md``."""
