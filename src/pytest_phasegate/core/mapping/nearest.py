"""The collected name that is nearest to one that was not found."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LIMIT = 200
"""Names that are compared letter by letter; the rest is left out by the words they share."""
CUTOFF = 0.6


def nearest(name: str, tests: Iterable[str]) -> str | None:
    """Return the test id whose function's name is most like ``name``, or ``None`` when none is like it.

    Cost grows with the number of ids only by a set intersection each: at most ``LIMIT`` are compared closely.
    """
    words = frozenset(name.split("_"))
    by_words = sorted(tests, key=lambda test: (-len(words & set(_function(test).split("_"))), test))
    scored = [(SequenceMatcher(None, name, _function(test)).ratio(), test) for test in by_words[:LIMIT]]
    ratio, best = max(scored, key=lambda pair: pair[0], default=(0.0, ""))
    return best if ratio >= CUTOFF else None


def _function(test: str) -> str:
    return test.rpartition("::")[2]
