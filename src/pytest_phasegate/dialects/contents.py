"""What the sections of units hold: fields of work, boxes, other units, and the headings above them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache

from pytest_phasegate.core.guide.markdown.document import Document
from pytest_phasegate.dialects.boxes import all_boxes, task_text
from pytest_phasegate.dialects.fields import openings
from pytest_phasegate.dialects.headings import Hit
from pytest_phasegate.dialects.listings import lists_units
from pytest_phasegate.dialects.paths import SURE

WORK = frozenset({"create", "modify", "delete", "files", "commit", "tests"})
MADE = WORK - {"tests"}
SAID = WORK | {"goal", "criteria", "depends", "coverage", "box"}


def are_listed(document: Document, some: Sequence[Hit]) -> bool:
    """Return whether all these sections stand below headings that list units; a title says what the document is."""
    directly = {parents_of(document)[hit.place] for hit in some}
    listing = _listing(document, coded=some[0].word.isupper())
    below = {place for place in listing if document.headings[place].level > 1 or place in directly}
    return bool(below) and all(is_below(document, hit.place, below) for hit in some)


@lru_cache(maxsize=2)
def _listing(document: Document, *, coded: bool) -> frozenset[int]:
    return frozenset(at for at, each in enumerate(document.headings) if lists_units(each.text, coded=coded))


def are_work(document: Document, some: Sequence[Hit], kinds: AbstractSet[str] = WORK) -> bool:
    """Return whether fields of these kinds stand in at least half of these sections, two or more."""
    working = len(declaring(document, some, kinds))
    return working > 1 and working * 2 >= len(some)


def declaring(document: Document, some: Sequence[Hit], kinds: AbstractSet[str]) -> list[Hit]:
    """Return the units in whose sections a field of one of these kinds stands."""
    return [hit for hit, number in zip(some, numbers_of(document, some, kinds), strict=True) if number]


def numbers_of(document: Document, some: Iterable[Hit], kinds: AbstractSet[str]) -> list[int]:
    """Return how many fields of these kinds stand in each of these sections."""
    lines = _lines_of(document, frozenset(kinds))
    ends = ((hit.heading.line, document.end_of(hit.heading)) for hit in some)
    return [bisect_left(lines, end) - bisect_left(lines, start + 1) for start, end in ends]


@lru_cache(maxsize=8)
def _lines_of(document: Document, kinds: frozenset[str]) -> list[int]:
    return [line for line, kind in openings_of(document) if kind in kinds]


@lru_cache(maxsize=1)
def openings_of(document: Document) -> list[tuple[int, str]]:
    """Return the lines that a label or a box begins, with what each is; a box may order what is done to a file."""
    boxes = ((box.line, _deed(task_text(box)) or "box") for box in all_boxes(document))
    return sorted((*((each.line, each.kind) for each in openings(document, 1, len(document.lines) + 1)), *boxes))


def _deed(text: str) -> str:
    deed = SURE.get(text.partition(" ")[0].lower())
    return deed.value if deed and "`" in text else ""


def below(document: Document, some: Iterable[Hit], main: Iterable[Hit]) -> list[Hit]:
    """Return the units whose headings stand below those of others."""
    places = {hit.place for hit in main}
    return [hit for hit in some if is_below(document, hit.place, places)]


def is_below(document: Document, place: int, places: AbstractSet[int]) -> bool:
    """Return whether one of the headings that hold this one is among the places."""
    return holder(document, place, places) >= 0


def holder(document: Document, place: int, places: AbstractSet[int]) -> int:
    """Return the nearest of the places whose section holds this heading, or -1."""
    parents = parents_of(document)
    while (place := parents[place]) >= 0 and place not in places:
        pass
    return place


@lru_cache(maxsize=1)
def parents_of(document: Document) -> list[int]:
    """Return, for each heading, the index of the nearest one above it that is of a higher level, or -1."""
    found: list[int] = []
    opened: list[int] = []
    for index, heading in enumerate(document.headings):
        while opened and document.headings[opened[-1]].level >= heading.level:
            opened.pop()
        found.append(opened[-1] if opened else -1)
        opened.append(index)
    return found
