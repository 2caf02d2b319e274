"""What a merge holds of its own, line by line: the question that ``git diff --cc`` answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def is_woven(parents: Sequence[str], merged: str) -> bool:
    """Whether a merged text differs from no two of its parents in one place, so that git could merge them alone.

    Then every line of it is a parent's, and every line that one parent lacks was taken out by another.
    """
    lines = merged.splitlines()
    places = [frozenset(_differing(parent.splitlines(), lines)) for parent in parents]
    return not frozenset.intersection(*places)


def _differing(parent: list[str], merged: list[str]) -> Iterator[int]:
    """Yield where two texts differ: each line that came in, doubled to leave odd numbers for the gaps between lines."""
    import difflib  # a merge alone asks

    for tag, _, _, start, end in difflib.SequenceMatcher(None, parent, merged).get_opcodes():
        if tag == "delete":
            yield 2 * start - 1
        elif tag != "equal":
            yield from (2 * line for line in range(start, end))
