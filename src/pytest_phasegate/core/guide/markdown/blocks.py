"""Which lines are code, by two readings: CommonMark's, and the one authors mean when they nest fences.

Authors write a ```` ```markdown ```` block that holds ```` ```python ```` blocks of the same length. CommonMark ends
the outer block at the first inner close and takes what follows for text, or for code. The *nested* reading keeps
a stack: an opener with an info string inside an open fence pushes, a bare fence pops.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from pytest_phasegate.core.guide.markdown.lexing import (
    FenceMark,
    ends_html,
    fence_mark,
    heading_level,
    html_end,
    interrupts,
    is_rule,
    is_underline,
    marker_width,
)

_CODE_INDENT = 4
MAX_DEPTH = 64  # lists and fences nested deeper than this are read as text


class Mark(IntEnum):
    """What a line is."""

    TEXT = 0
    HEADING = 1
    FENCE = 2
    CODE = 3
    INDENTED = 4
    QUOTE = 5
    HTML = 6
    COMMENT = 7
    FRONT = 8


class Fence(NamedTuple):
    """A fenced block: the lines of its first and last line, from 1, and its info string. ``closed`` as written."""

    start: int
    end: int
    info: str
    closed: bool = True


class Reading(NamedTuple):
    """One reading of the lines. ``ambiguous`` says whether the other reading could differ."""

    marks: bytes
    fences: tuple[Fence, ...]
    ambiguous: bool
    unclosed: int  # the line of a fence that is still open at the end, or 0


@dataclass(slots=True)
class _Scanner:
    nested: bool
    marks: bytearray
    fences: list[Fence] = field(default_factory=list)
    containers: list[int] = field(default_factory=list)
    stack: list[FenceMark] = field(default_factory=list)
    started: int = 0
    fence_base: int = 0
    paragraph: bool = False
    html: str | None = None
    ambiguous: bool = False
    # whether the open paragraph stands in a block quote: it can be continued, but not be interrupted
    quoted: bool = False
    # the fence that is open inside the block quote, which ends with the line ``quote_line``
    quote_fence: FenceMark | None = None
    quote_line: int = 0
    hollow: bool = False  # whether the line before began a list item and said nothing: a blank line then ends it

    def feed(self, number: int, line: str) -> Mark:
        """Read the line with this number and return what it is."""
        if not self.quoted and line[:1].isalpha() and not self.stack and not self.containers and self.html is None:
            self.paragraph = True
            return Mark.TEXT
        text = line.expandtabs(_CODE_INDENT) if "\t" in line else line
        unindented = text.lstrip(" ")
        stripped = unindented.rstrip(" ")
        if not stripped:
            return self._blank()
        indent = len(text) - len(unindented)
        self.hollow = False
        if self.stack:
            mark = self._in_fence(number, indent, stripped)
            if mark is not None:
                return mark
        depth = self._matched(indent)
        if depth < len(self.containers) and self.html is not None:
            self.html = None
        if self.html is not None:
            if ends_html(stripped, self.html):
                self.html = None
            return Mark.HTML
        if depth < len(self.containers):
            if self.paragraph and not self._starts_block(indent - self._base(depth), stripped):
                return Mark.TEXT
            del self.containers[depth:]
            self.paragraph = False
        return self._block(number, indent, stripped)

    def finish(self, last: int) -> Reading:
        """Close what is open and return the reading."""
        unclosed = self.started if self.stack else 0
        if self.stack:
            self._record(last, closed=False)
        return Reading(bytes(self.marks), tuple(self.fences), self.ambiguous or bool(unclosed), unclosed)

    def _blank(self) -> Mark:
        if self.stack:
            return Mark.CODE
        self.paragraph = False
        if self.hollow:
            self.containers.pop()
            self.hollow = False
        if self.html == "":
            self.html = None
        return Mark.TEXT

    def _base(self, depth: int) -> int:
        return self.containers[depth - 1] if depth else 0

    def _matched(self, indent: int) -> int:
        depth = len(self.containers)
        while depth and self.containers[depth - 1] > indent:
            depth -= 1
        return depth

    def _in_fence(self, number: int, indent: int, stripped: str) -> Mark | None:
        if indent < self.fence_base:
            self.ambiguous = True
            if not self.nested:
                self._record(number - 1, closed=False)
                return None
        if stripped[0] not in "`~" or indent - self.fence_base >= _CODE_INDENT:
            return Mark.CODE
        mark = fence_mark(stripped)
        if mark is None:
            return Mark.CODE
        if mark.closes(self.stack[-1]):
            return self._pop(number)
        if self._nests(mark):
            self.ambiguous = True
            if self.nested:
                self.stack.append(mark)
        return Mark.CODE

    def _nests(self, mark: FenceMark) -> bool:
        top = self.stack[-1]
        return (
            mark.char == top.char
            and mark.length >= top.length
            and mark.names_a_language
            and len(self.stack) < MAX_DEPTH
        )

    def _pop(self, number: int) -> Mark:
        if len(self.stack) > 1:
            self.stack.pop()
            return Mark.CODE
        self._record(number, closed=True)
        return Mark.FENCE

    def _record(self, end: int, *, closed: bool) -> None:
        self.fences.append(Fence(self.started, end, self.stack[0].info, closed))
        self.stack.clear()

    def _block(self, number: int, indent: int, stripped: str) -> Mark:
        while True:
            relative = indent - self._base(len(self.containers))
            if relative >= _CODE_INDENT:
                return Mark.TEXT if self.paragraph else Mark.INDENTED
            width = marker_width(stripped)
            if (
                not width
                or is_rule(stripped)
                or (self.paragraph and not self.quoted and not interrupts(stripped, width))
            ):
                return self._leaf(number, stripped)
            rest = stripped[width:].lstrip(" ")
            gap = len(stripped) - width - len(rest)
            step = width + gap if rest and gap <= _CODE_INDENT else width + 1
            if len(self.containers) >= MAX_DEPTH:
                return Mark.TEXT
            self.containers.append(indent + step)
            self.paragraph = False
            if not rest:
                self.hollow = True
                return Mark.TEXT
            indent, stripped = indent + width + gap, rest

    def _leaf(self, number: int, stripped: str) -> Mark:
        first = stripped[0]
        if first in "`~" and (mark := fence_mark(stripped)):
            self.stack, self.started, self.paragraph = [mark], number, False
            self.fence_base = self._base(len(self.containers))
            return Mark.FENCE
        if first == "#" and heading_level(stripped):
            self.paragraph = False
            return Mark.HEADING
        if first == ">":
            self.paragraph = self.quoted = self._quote(number, stripped[1:].strip())
            return Mark.QUOTE
        if first == "<" and (end := html_end(stripped)) is not None:
            self.html, self.paragraph = (None if ends_html(stripped, end) else end), False
            return Mark.HTML
        self.quoted = self.quoted and self.paragraph and not is_rule(stripped)
        underlined = self.paragraph and not self.quoted and is_underline(stripped)
        self.paragraph = not (underlined or is_rule(stripped))
        return Mark.TEXT

    def _quote(self, number: int, inside: str) -> bool:
        """Read a line of a block quote and return whether it leaves a paragraph open."""
        fence = self.quote_fence if number == self.quote_line + 1 else None
        mark = fence_mark(inside) if inside else None
        if fence:
            self.quote_fence = None if mark and mark.closes(fence) else fence
        else:
            self.quote_fence = mark
        self.quote_line = number
        return not fence and bool(inside) and not (mark or heading_level(inside) or is_rule(inside))

    def _starts_block(self, relative: int, stripped: str) -> bool:
        if relative >= _CODE_INDENT:
            return False
        first = stripped[0]
        return (
            (first in "`~" and fence_mark(stripped) is not None)
            or (first == "#" and heading_level(stripped) > 0)
            or first == ">"
            or (first == "<" and html_end(stripped) is not None)
            or marker_width(stripped) > 0
            or is_rule(stripped)
        )


def read_blocks(lines: tuple[str, ...], marks: bytes, *, nested: bool) -> Reading:
    """Mark every line, by CommonMark or with nested fences; lines already marked are left as they are.

    Args:
        lines: The document, a line each, without line ends.
        marks: What is known before: comments and front matter; ``Mark.TEXT`` elsewhere.
        nested: Whether fences nest.
    """
    scanner = _Scanner(nested=nested, marks=bytearray(marks))
    out = scanner.marks
    for index, line in enumerate(lines):
        if not out[index]:
            out[index] = scanner.feed(index + 1, line)
    return scanner.finish(len(lines))
