"""The ids of phases in their order: what sorts, what is missing between two, and whom an id means."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from operator import itemgetter

from pytest_phasegate.dialects.headings import RANGE_ID

_NUMBER = r"([A-Za-z]*)-?(\d+(?:\.\d+)*)-?([a-z]?)\Z"
Order = tuple[str, tuple[int, ...], str]
"""An id in a form that sorts: prefix, numbers, letter."""


def cycle_in(needs: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the ids of one cycle, each before what it waits for, from the first of the document; or nothing."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        found: list[str] = error.args[1][:0:-1]
        at = found.index(min(found, key=[*needs].index))
        return [*found[at:], *found[: at + 1]]
    return []


class Units:
    """The units that an id may mean: itself, the one that stands for several (``2-4``), or the one it is a task of."""

    def __init__(self, known: Mapping[str, int]) -> None:
        self.known = known
        self.prefixes = {prefix_of(each) for each in known}
        self._whole = not any("." in each for each in known)
        ends = ((each, found) for each in known if "." not in each and (found := RANGE_ID.fullmatch(each)))
        self._spans = sorted((int(found[1]), int(found[2]), each) for each, found in ends)

    def meant(self, unit: str) -> str:
        """Return the unit that an id means: ``3`` may be in ``2-4``, ``2.1`` a task of 2 where no id has that form."""
        whole = unit.partition(".")[0]
        if unit in self.known or not unit.isdecimal():
            return whole if self._whole and unit not in self.known and whole in self.known else unit
        at = bisect_right(self._spans, int(unit), key=itemgetter(0)) - 1
        return self._spans[at][2] if at >= 0 and int(unit) <= self._spans[at][1] else unit


def resolved(places: Mapping[str, int], declared: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """Let what is not said be document order, unless a phase waits for a later one: that could close a cycle."""
    needs = {phase: tuple(some) for phase, some in declared.items()}
    forward = any(places[each] > places[phase] for phase, some in needs.items() for each in some)
    for previous, phase in pairwise(("", *places)):
        if phase not in needs:
            needs[phase] = (previous,) if previous and not forward else ()
    return needs


def prefix_of(unit: str) -> str:
    """Return the letters of an id: one with letters that no phase has is that of a task or a requirement."""
    order = order_of(unit)
    return order[0] if order else ""


def order_of(phase_id: str) -> Order | None:
    """Return an id in a form that sorts: prefix, numbers, letter; ``None`` where it has no number."""
    found = re.match(_NUMBER, phase_id.partition("#")[0])
    return (found[1], tuple(map(int, found[2].split("."))), found[3]) if found else None


def is_gap(before: Order, after: Order) -> bool:
    """Return whether an id is missing between two that follow each other."""
    first, second = before[1], after[1]
    at = next((i for i, (one, two) in enumerate(zip(first, second, strict=False)) if one != two), None)
    return at is not None and second[at] - first[at] > 1
