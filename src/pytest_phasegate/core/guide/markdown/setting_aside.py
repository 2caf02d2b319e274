"""What is not the document: front matter at line 1, and HTML comments outside of code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from pytest_phasegate.core.guide.markdown.blocks import Mark
from pytest_phasegate.core.guide.markdown.lexing import FenceMark, fence_mark

_ENTRY = re.compile(r"([A-Za-z][\w-]*)[ \t]*:[ \t]*(.*)")
_TICKS_OR_OPEN = re.compile(r"`+|<!--")
_OPEN = re.compile(r" {0,3}<!--")


class Fault(NamedTuple):
    """Something begun and never ended."""

    line: int
    what: str


class Aside(NamedTuple):
    """The lines without comments, the marks of what was set aside, the front matter and what was never closed."""

    lines: tuple[str, ...]
    marks: bytes
    front: Mapping[str, str]
    faults: tuple[Fault, ...] = ()


def set_aside(raw: list[str]) -> Aside:
    """Take front matter and comments out of the lines; line numbers stay as they are."""
    marks = bytearray(len(raw))
    front = _front_matter(raw, marks)
    if not any("<!--" in line for line in raw):
        return Aside(tuple(raw), bytes(marks), front)
    lines = list(raw)
    faults = _drop_comments(lines, marks)
    return Aside(tuple(lines), bytes(marks), front, faults)


def _front_matter(raw: list[str], marks: bytearray) -> Mapping[str, str]:
    if raw[0].rstrip() != "---":
        return {}
    end = next((i for i in range(1, len(raw)) if raw[i].rstrip() in {"---", "..."}), None)
    if end is None or not all(_is_yaml(raw[i]) for i in range(1, end)):
        return {}
    marks[: end + 1] = bytes([Mark.FRONT]) * (end + 1)
    found = (_ENTRY.match(raw[i]) for i in range(1, end))
    return {entry[1].lower(): entry[2].strip().strip("\"'") for entry in found if entry}


def _is_yaml(line: str) -> bool:
    return not line.strip() or line[0] in " \t-#" or _ENTRY.match(line) is not None or line.lstrip()[0] in "[]{}"


def _drop_comments(lines: list[str], marks: bytearray) -> tuple[Fault, ...]:
    fences: list[FenceMark] = []
    opened = 0
    for index, line in enumerate(lines):
        if marks[index]:
            continue
        if opened:
            opened = _inside(lines, marks, index, opened)
        elif (mark := fence_mark(line.strip(" \t"))) is not None:
            _step(fences, mark)
        elif not fences and "<!--" in line:
            opened = _outside(lines, marks, index)
    if not opened:
        return ()
    return (Fault(opened, "this comment is never closed: everything below it is dropped"),)


def _step(fences: list[FenceMark], mark: FenceMark) -> None:
    """Keep the stack of open fences, as the nested reading does."""
    if not fences or (mark.names_a_language and mark.char == fences[-1].char and mark.length >= fences[-1].length):
        fences.append(mark)
    elif mark.closes(fences[-1]):
        fences.pop()


def _inside(lines: list[str], marks: bytearray, index: int, opened: int) -> int:
    _, arrow, rest = lines[index].partition("-->")
    lines[index] = rest
    if not arrow or not rest.strip():
        marks[index] = Mark.COMMENT
    return 0 if arrow else opened


def _without_comments(line: str) -> str:
    """Take out the comments that end in this line, those in code spans left in."""
    last_end = line.rfind("-->")
    closing = _closing_ticks(line)
    kept: list[str] = []
    at = written = 0
    while found := _TICKS_OR_OPEN.search(line, at):
        at = found.end()
        if found[0] != "<!--":
            at = closing.get(found.start(), at)
        elif at <= last_end:
            kept.append(line[written : found.start()])
            at = written = line.index("-->", at) + 3
    return "".join([*kept, line[written:]])


def _closing_ticks(line: str) -> dict[int, int]:
    """Return, for each run of backticks, where the next one of its length ends: both make a code span."""
    opened: dict[int, int] = {}
    closing: dict[int, int] = {}
    for found in re.finditer("`+", line):
        length = found.end() - found.start()
        if length in opened:
            closing[opened[length]] = found.end()
        opened[length] = found.start()
    return closing


def _outside(lines: list[str], marks: bytearray, index: int) -> int:
    """Drop the comments of this line; return its number when one stays open."""
    cut = _without_comments(lines[index])
    opened = _OPEN.match(cut)
    lines[index] = "" if opened else cut.rstrip(" \t") if cut != lines[index] else cut
    if opened or not lines[index].strip():
        marks[index] = Mark.COMMENT
    return index + 1 if opened else 0
