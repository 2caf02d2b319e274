"""Boxes of a task list (``- [ ] T012 [P] text``, ``- [x] 1.1 text``), and what they claim."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from pytest_phasegate.core.guide.markdown.blocks import Mark
from pytest_phasegate.core.guide.markdown.document import Document, Heading
from pytest_phasegate.core.guide.markdown.lexing import BOX, TICKS

_BOX = re.compile(rf"([ \t>]*)(?:[-*+]|\d{{1,9}}[.)])[ \t]+(`?)({BOX})\2(\*?)[ \t]*(.*)")
_NUMBER = re.compile(r"(?:\*\*)?(\d+(?:\.\d+)+|\d{1,3}(?=[.:*]))[.:]?(\*?)(?:\*\*)?(?=[ \t:]|\Z)[ \t:]*")
"""A number with a dot or a colon; one without counts things (``- [ ] 200 OK``)."""
_TASK_ID = re.compile(r"(?:\*\*)?T\d{3,}[a-z]?\b(?:\*\*)?:?[ \t]*")
_LEAD = re.compile(
    r"(?:\(\d{4}-\d\d-\d\d[^()]{0,20}\)[ \t]*)?(?:(?:\*\*)?"
    r"(?:(?:Task|Step|Sub-?task|To-?[Dd]o)(?:[ \t]+\d+(?:\.\d+)*)?(?:[:：]|[ \t]+[—–-](?=[ \t]))"
    r"|[A-Z]{1,4}-?\d{1,4}\*{0,2}[ \t]*[:—–-])[ \t]*(?:\*\*)?[ \t]*|\*\*[A-Z]{1,4}\d{1,3}(?:\.\d{1,3})*\*\*[ \t]+)?"
)
"""What stands ahead of a task's words: when it was done, and what it is called."""
_BRACKETS = re.compile(r"\[[^\]]*\][ \t]*")
_WRAPPED = r"[ \t]+(?![^`.:：]{1,40}[:：](?:[ \t]|\Z))(?=[`(]|[^\W_])"
"""What a line begins with that goes on with the words of the box above it, and is no label."""
_PART_ENDS = r"(?:`[^`]*`|[^`])*?(?=[.:;](?:[ \t]|\Z)|[ \t][(（—–](?!`))"
"""Words up to where a sentence, or its part, has ended; marks in backticks end nothing."""
_MOST_LINES = 12  # of a sentence: what is longer is a chapter
_TICKS = TICKS | {"d", "D", "c", "C"}
"""What the mark of a ticked box begins with: done, completed."""


class Box(NamedTuple):
    """A ticked or open box; ``number`` is its dotted id without a final dot, empty where it has none."""

    line: int
    indent: int
    ticked: bool
    optional: bool
    number: str
    text: str


def boxes(document: Document, start: int, end: int) -> list[Box]:
    """Return the boxes of these lines, code left out."""
    found = all_boxes(document)
    return list(
        found[bisect_left(found, start, key=attrgetter("line")) : bisect_left(found, end, key=attrgetter("line"))]
    )


@lru_cache(maxsize=1)
def all_boxes(document: Document) -> tuple[Box, ...]:
    """Return every box of the document in order, code left out."""
    prose = {Mark.TEXT, Mark.INDENTED}
    lines = ((at, text) for at, text in enumerate(document.lines, 1) if "[" in text and document.marks[at - 1] in prose)
    candidates = (read_box(text, at) for at, text in lines)
    return tuple(box._replace(text=_whole(document, box)) for box in candidates if box)


def _whole(document: Document, box: Box) -> str:
    """Return the words of a box with those of the lines below that go on with its sentence."""
    lines, text = document.lines, box.text
    for line in range(box.line + 1, min(box.line + _MOST_LINES, len(lines) + 1)):
        below = lines[line - 1]
        indent = len(below) - len(below.lstrip(" \t"))
        if (
            indent <= box.indent
            or not document.is_text(line)
            or text.endswith((".", ":"))
            or not re.match(_WRAPPED, below)
        ):
            break
        ended = re.match(_PART_ENDS, below)
        text = f"{text} {(ended[0] if ended else below).strip()}"
        if ended:
            break
    return text


def heads_of_boxes(document: Document) -> list[Heading]:
    """Return the headings right above boxes; a title is none."""
    heads = [each for each in document.headings if each.level > 1]
    owners = (bisect_left(heads, box.line, key=attrgetter("line")) - 1 for box in all_boxes(document))
    return [heads[owner] for owner in dict.fromkeys(owners) if owner >= 0]


def read_box(text: str, line: int) -> Box | None:
    """Read one line as a box."""
    found = _BOX.match(text)
    if not found:
        return None
    number = _NUMBER.match(found[5])
    rest = found[5][number.end() :] if number else found[5]
    rest = rest.replace("**", "", 1) if number and number[0].count("**") == 1 else rest
    optional = bool(found[4]) or bool(number and number[2])
    return Box(
        line, len(found[1]), found[3].strip("[ ]")[:1] in _TICKS, optional, number[1] if number else "", rest.strip()
    )


def has_task_id(box: Box) -> bool:
    """Return whether a box carries a spec-kit id such as ``T012``."""
    return _TASK_ID.match(box.text) is not None


def task_text(box: Box) -> str:
    """Return what a box asks for, without its id and its tags."""
    text = _TASK_ID.sub("", box.text, count=1)
    lead = _LEAD.match(text)
    text = text[lead.end() :] if lead else text
    at = 0
    while found := _BRACKETS.match(text, at):
        at = found.end()
    return text[at:].removeprefix("(P)").strip()


def claim_of_boxes(found: Iterable[Box]) -> str:
    """Return what the boxes claim: ``done`` when all that are not optional are ticked."""
    ticks = [box.ticked for box in found if not box.optional]
    if ticks and all(ticks):
        return "done"
    return "in progress" if any(ticks) else ""
