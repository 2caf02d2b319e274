"""Sets of row numbers as short text: ``1-4032 4040 4051-4060``.

Tests are numbered in the order they are first seen, so ten thousand green tests of a run are a few spans.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator


def pack(numbers: Iterable[int]) -> str:
    """Return the text of a set of numbers, in order and without repeats."""
    return " ".join(str(first) if first == last else f"{first}-{last}" for first, last in _spans(numbers))


class Ranges:
    """A packed set of numbers that answers membership in logarithmic time.

    Raises:
        ValueError: If the text is none of ours.
    """

    def __init__(self, text: str) -> None:
        spans = [span.partition("-") for span in text.split()]
        self._firsts = [int(first) for first, _, _ in spans]
        self._lasts = [int(last or first) for first, _, last in spans]

    def __contains__(self, number: int) -> bool:
        place = bisect_right(self._firsts, number) - 1
        return place >= 0 and number <= self._lasts[place]

    def __iter__(self) -> Iterator[int]:
        for first, last in self.spans():
            yield from range(first, last + 1)

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in self.spans())

    def spans(self) -> Iterator[tuple[int, int]]:
        """Yield the first and last number of each unbroken span."""
        return zip(self._firsts, self._lasts, strict=True)


def _spans(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    ordered = sorted(set(numbers))
    if not ordered:
        return
    first = last = ordered[0]
    for number in ordered[1:]:
        if number != last + 1:
            yield first, last
            first = number
        last = number
    yield first, last
