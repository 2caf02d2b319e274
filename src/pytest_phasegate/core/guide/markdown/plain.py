"""The quick reading of a document whose fences all stand at the margin: there no list can hold or end one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_phasegate.core.guide.markdown.blocks import Fence, Mark, Reading
from pytest_phasegate.core.guide.markdown.lexing import FenceMark, fence_mark, heading_level

if TYPE_CHECKING:
    from collections.abc import Sequence


def read_plain(lines: Sequence[str], marks: bytes) -> Reading | None:
    """Mark every line as ``read_blocks`` does, or return ``None`` where only that can tell.

    It gives up at indented fences and headings, fences behind a list marker, raw HTML, and fences that nest; what
    is left needs no more than the first character of most lines. Quotes and indented text count as prose here.
    """
    out = bytearray(marks)
    fences: list[Fence] = []
    opened: FenceMark | None = None
    start = 0
    for index, line in enumerate(lines):
        first = line[:1]
        if opened is not None:
            said = _in_code(line, first, opened)
            if said is None:
                return None
            out[index] = said
            if said is Mark.FENCE:
                fences.append(Fence(start, index + 1, opened.info))
                opened = None
        elif first not in _SPECIAL or out[index]:
            continue
        elif first in _FENCES:
            opened, start = fence_mark(line.rstrip(" \t")), index + 1
            out[index] = Mark.FENCE if opened else Mark.TEXT
        elif _is_beyond(line, first):
            return None
        else:
            out[index] = _outside(line, first)
    return None if opened else Reading(bytes(out), tuple(fences), ambiguous=False, unclosed=0)


def _in_code(line: str, first: str, opened: FenceMark) -> Mark | None:
    if first not in _FENCES:
        indented = first in _BLANK and line.lstrip(" \t")[:1] in _FENCES
        return None if indented else Mark.CODE
    mark = fence_mark(line.rstrip(" \t"))
    if mark is None:
        return None
    if mark.closes(opened):
        return Mark.FENCE
    return Mark.CODE if mark.bare else None


def _outside(line: str, first: str) -> Mark:
    if first == "#" and heading_level(line.rstrip(" \t")):
        return Mark.HEADING
    return Mark.QUOTE if first == ">" else Mark.TEXT


_FENCES = frozenset("`~")
_BLANK = frozenset(" \t")
_SPECIAL = frozenset("`~#> \t<-+*0123456789")


def _is_beyond(line: str, first: str) -> bool:
    """Return whether a line that begins otherwise could hold a fence, a heading or raw HTML."""
    if first == "<" or "```" in line or "~~~" in line:
        return True
    return first in _BLANK and line.lstrip(" \t")[:1] in {"#", "<"}
