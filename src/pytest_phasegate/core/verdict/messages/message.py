"""The shape of one explained code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """A code's title, what it means, how to mend it, and how to waive it (empty: it cannot be waived)."""

    title: str
    meaning: str
    mend: str
    waive: str = ""
