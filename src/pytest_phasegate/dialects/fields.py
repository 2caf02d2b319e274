"""The parts of a section: labelled fields, fences, the subject of its commit, and tests in a table's column."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

from pytest_phasegate.core.guide.markdown.blocks import Mark
from pytest_phasegate.core.guide.markdown.document import Document
from pytest_phasegate.core.guide.markdown.labels import Label, heading_label, read_label
from pytest_phasegate.core.guide.markdown.lexing import BOX, heading_text, is_rule
from pytest_phasegate.core.guide.model import DeclaredTest
from pytest_phasegate.dialects.paths import is_aside
from pytest_phasegate.dialects.testnames import Place, place_in, tests_in_text
from pytest_phasegate.dialects.tokens import read_path

_ITEMS_OF = {
    "files": {"create", "modify", "delete", "tests", "files", "aside"},
    "create": {"create", "modify", "delete", "tests", "aside"},
    "modify": {"create", "modify", "delete", "tests", "aside"},
    "tests": {"files", "create", "tests"},
}
"""In a field of the key's kind, bullets with these labels are its items and begin no field of their own."""


_OF_BOXES = {"create", "modify", "delete", "files", "tests", "commit", "aside"}
"""Labels that a box may be; a box with another one is an item of a list."""


class Field(NamedTuple):
    """A labelled part of a section.

    ``kind`` is empty for a label that is not known; ``line`` is the label's, and the body is the lines after it
    up to and without ``end``; ``level`` is the heading's level, 0 for a label in the text.
    """

    kind: str
    text: str
    hint: str
    value: str
    line: int
    end: int
    indent: int = 0
    bullet: bool = False
    level: int = 0
    box: bool = False


def fields_of(document: Document, start: int, end: int) -> list[Field]:
    """Cut the lines ``start`` up to and without ``end``, counted from 1, into fields."""
    found: list[Field] = []
    opened = Field("", "", "", "", start - 1, end)
    for each in openings(document, start, end):
        if _is_item(opened, each):
            continue
        if opened.line >= start:
            found.append(opened._replace(end=each.line))
        opened = each
    if opened.line >= start:
        found.append(opened._replace(end=end))
    return found


def openings(document: Document, start: int, end: int) -> Iterator[Field]:
    """Yield the labels of these lines as fields without a body."""
    lines, marks = document.lines, document.marks
    for line in range(start, end):
        text = lines[line - 1]
        if not text:
            continue
        mark = marks[line - 1]
        if mark == _HEADING:
            stripped = text.strip()
            level = len(stripped) - len(stripped.lstrip("#"))
            yield _field(heading_label(heading_text(stripped)), line, 0, level)
        elif mark in _PROSE and (
            "*" in text or "_" in text or ":" in text or "-" in text or "：" in text or " on " in text or "rite" in text
        ):
            opening = _text_opening(text, line)
            if opening:
                yield opening


_HEADING = int(Mark.HEADING)
_PROSE = frozenset({int(Mark.TEXT), int(Mark.QUOTE), int(Mark.INDENTED), int(Mark.HTML)})


def _text_opening(text: str, line: int) -> Field | None:
    stripped = text.lstrip(" \t>")
    if not stripped:
        return None
    if is_rule(stripped):
        return Field("", "---", "", "", line, line)
    label = read_label(stripped)
    return _field(label, line, len(text) - len(stripped)) if label else None


def _field(label: Label, line: int, indent: int, level: int = 0) -> Field:
    looks = label.box and is_aside(label.value.partition(" ")[0].lower())
    kind = "aside" if looks else "item" if label.box and label.kind not in _OF_BOXES else label.kind
    return Field(kind, label.text, label.hint, label.value, line, line, indent, label.bullet, level, label.box)


def _is_item(opened: Field, each: Field) -> bool:
    """Whether a bullet with a label is an item of the open field."""
    if each.level or not each.bullet:
        return False
    if each.box and (
        opened.kind == "criteria" or (opened.box and opened.kind == "aside" and each.indent > opened.indent)
    ):
        return True
    if opened.bullet and each.indent <= opened.indent:
        return False
    if opened.kind == "criteria":
        return each.kind != "commit"
    if each.kind == "item" or (not each.kind and (opened.kind or each.text.startswith("`"))):
        return True
    return each.kind in _ITEMS_OF.get(opened.kind, ())


def bullet_lines(document: Document, field: Field) -> Iterator[tuple[int, str]]:
    """Yield number and text of the prose lines of a field's body."""
    for line in lines_of(document, field):
        if line > field.line and document.is_text(line) and document.lines[line - 1].strip():
            yield line, document.lines[line - 1]


def lines_of(document: Document, field: Field) -> range:
    """Return the lines of a field with its label's: of a box, those indented below, of an item, no outer ones.

    What a number and the value say in one line goes on up to the next number.
    """
    counted = field.bullet and field.value and _COUNTS.match(document.lines[field.line - 1])
    if not (field.box or counted or (field.bullet and field.indent)):
        return range(field.line, _steps_below(document, field) if field.kind in _OF_FILES else field.end)
    most = field.indent if field.box or counted else field.indent - 1
    texts = ((line, document.lines[line - 1]) for line in range(field.line + 1, field.end))
    beside = (line for line, text in texts if _is_beside(text, most) and (not counted or _COUNTS.match(text)))
    return range(field.line, next(beside, field.end))


def _steps_below(document: Document, field: Field) -> int:
    """Return where boxes stand apart from the items of a list of files, which are none: these are steps."""
    plain, previous = bool(field.value), field.line
    for line in range(field.line + 1, field.end):
        text = document.lines[line - 1]
        boxed = re.match(_BOXED, text) is not None
        if boxed and plain and line > previous + 1:
            return line
        plain = plain or (not boxed and text.lstrip(" \t>")[:1] in set("-*+|0123456789"))
        previous = line if text.strip() else previous
    return field.end


_OF_FILES = frozenset({"files", "create", "modify", "delete"})
_COUNTS = re.compile(r"[ \t>]*\d")


def _is_beside(text: str, indent: int) -> bool:
    return bool(text.strip()) and len(text) - len(text.lstrip(" \t>")) <= indent


_BOXED = rf"[ \t>]*(?:[-*+]|\d{{1,9}}[.)])[ \t]+{BOX}"
_DRAWN = re.compile(r"[ \t│├└─]*([\w.-]*\w[\w./-]*)")
_WRITTEN = re.compile(r"cat[ \t]*>+[ \t]*([\w./-]+\.py)[ \t]*<<-?[ \t]*[\"']?(\w+)[\"']?[ \t]*\Z")
"""The command that writes the Python below it, up to a word: ``cat > tests/test_a.py << 'EOF'``."""


def fences_in(document: Document, start: int, end: int) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """Yield first code line, info string and lines of each fenced block that begins within these lines."""
    for at in range(bisect_left(document.fences, start, key=attrgetter("start")), len(document.fences)):
        fence = document.fences[at]
        if fence.start >= end:
            return
        code = document.lines[fence.start : fence.end - 1 if fence.closed else fence.end]
        written = _WRITTEN.match(code[0]) if code else None
        stop = code.index(written[2]) if written and written[2] in code else 0
        if written and stop:
            yield fence.start + 1, "python", (f"# {written[1]}", *code[1:stop])
        yield fence.start + 1 + stop, fence.info, code[stop:]


def list_lines(document: Document, each: Field) -> Iterator[tuple[int, str]]:
    """Yield the lines of a list: bullets, their continuations and table rows, up to a paragraph of its own."""
    previous = each.line
    seen_item = False
    for line, text in bullet_lines(document, each):
        bold = text.startswith("**")
        item = not bold and (text.lstrip(" \t>")[:1] in set("-*+|0123456789") or text[:1] in {" ", "\t"})
        apart = line > previous + 1 and (seen_item or each.value or line > previous + 2)
        if not item and (apart or (bold and (seen_item or each.value))):
            return
        seen_item = seen_item or item
        previous = line
        yield line, text


def named_lines(document: Document, each: Field) -> Iterator[tuple[int, str]]:
    """Yield the lines of a list of files, which may be a block that holds nothing but their paths."""
    yield from list_lines(document, each)
    for first, info, code in () if each.value else fences_in(document, each.line + 1, each.end):
        paths = map(read_path, code)
        if info in {"", "text"} and all(path and path.path == text for path, text in zip(paths, code, strict=True)):
            yield from enumerate(code, first)
        elif each.kind == "create" and any(mark in text for text in code for mark in "├└"):
            yield from _drawn(code, first)


def _drawn(code: Sequence[str], first: int) -> Iterator[tuple[int, str]]:
    """Yield the lines of a drawn tree that are files, each with the directories above it."""
    above: list[tuple[int, str]] = [(-1, "")]
    for line, text in enumerate(code, first):
        if name := _DRAWN.match(text):
            above = [each for each in above if each[0] < name.start(1)]
            path = above[-1][1] + name[1]
            if path.endswith("/"):
                above.append((name.start(1), path))
            else:
                yield line, f"`{path}` {text[name.end() :]}"


_GIT = re.compile(r"\bgit(?:[ \t]+-[cC][ \t]+(?:[^\s\"']|'[^']*'|\"[^\"]*\")+)*[ \t]+commit\b")
_MESSAGE = re.compile(r"[ \t](?:-[a-zA-Z]*m|--message)[ =]?[ \t]*(?P<quote>[\"'])(?P<text>.*)")
_HEREDOC = re.compile(r"\$\(cat[ \t]+<<-?[ \t]*['\"]?\w+['\"]?[ \t]*\Z")
_REMARK = re.compile(r"[\W_]*(?:n/?a|none|no commit|nothing|tbd|-|—)(?!\w)", re.IGNORECASE)
_QUOTED = re.compile(r"`([^`]+)`")
_NO_SUBJECT = re.compile(r"(?=.*\d)[0-9a-f]{7,40}|<[^<>]*>|\{[^{}]*\}|\[[^\[\]]*\]")
"""The id of a commit that was made, or a blank that is to be filled."""


def commit_in_value(value: str) -> str | None:
    """Return the subject that stands behind a label, in backticks, in quotes, or bare; the id of a commit is none."""
    by_git = commit_in_code([value.strip("`")])
    quoted = _QUOTED.search(value)
    bare = by_git or (quoted[1] if quoted else "" if _is_remark(value) else value)
    said = bare.strip().strip("\"'*“”").strip()
    return None if _NO_SUBJECT.fullmatch(said) else said or None


def _is_remark(value: str) -> bool:
    """Return whether a bare value speaks of a commit and is none: ``n/a``, ``included with M0.``, ``none needed``."""
    return _REMARK.match(value) is not None or (value.endswith(".") and ":" not in value and value[:1].islower())


def commit_in_code(code: Sequence[str]) -> str | None:
    """Return the first subject that ``git commit -m`` gives in these lines of shell."""
    for index, line in enumerate(code):
        git = _GIT.search(line)
        found = _MESSAGE.search(line, git.end()) if git else None
        if found:
            return _subject(found["text"], found["quote"], code[index + 1 :])
    return None


def _subject(text: str, quote: str, following: Iterable[str]) -> str | None:
    if _HEREDOC.search(text):
        return next((line.strip() for line in following if line.strip()), None)
    body = text.replace("\\" + quote, "\0").split(quote, maxsplit=1)[0].replace("\0", quote)
    return body.strip() or None


_HEADS = frozenset({"test", "tests", "test name", "test case", "test function"})
_NOT_TO_WRITE = re.compile(r"\b(?:remove|delete|keep|existing|unchanged|obsolete|verify)", re.IGNORECASE)
_CALL = re.compile(r"(test_\w+)(?:\(\))?\Z")


def speaks_of_others(label: str) -> bool:
    """Return whether a label heads tests that are there, or that go: none of them is declared."""
    return _NOT_TO_WRITE.search(label) is not None


def tests_in_tables(document: Document, lines: Iterable[int]) -> Iterator[DeclaredTest]:
    """Yield the tests that the tables in these lines name in their Test column, a file from any other column."""
    for line, heads, cells in rows_in(document, lines):
        column = next((at for at, head in enumerate(heads[: len(cells)]) if head in _HEADS), None)
        if column is not None:
            yield from _in_row(cells, column, line)


def _in_row(cells: list[str], column: int, line: int) -> Iterator[DeclaredTest]:
    beside = place_in(" ".join(cell for at, cell in enumerate(cells) if at != column))
    bare = _CALL.match(cells[column])
    yield from tests_in_text(f"`{bare[1]}`" if bare else cells[column], line, Place(beside.file, beside.class_name))


def rows_in(document: Document, lines: Iterable[int]) -> Iterator[tuple[int, list[str], list[str]]]:
    """Yield the rows of tables: the number of the line, what the columns are called in small letters, and the cells."""
    heads: list[str] = []
    for line in lines:
        cells = cells_of(document.lines[line - 1]) if document.is_text(line) else []
        if not cells or is_table_head(document, line):
            heads = [cell.strip("*_# ").lower() for cell in cells]
        elif heads:
            yield line, heads, cells


def is_table_head(document: Document, line: int) -> bool:
    """Return whether a line is the head of a table: dashes stand below it."""
    head, below = document.lines[line - 1].lstrip(), document.lines[line].strip() if line < len(document.lines) else ""
    return head.startswith("|") and below.startswith("|") and not below.strip("|-: \t") and "-" in below


def cells_of(text: str) -> list[str]:
    """Return the cells of a table's row; nothing where the line is none."""
    bare = text.strip()
    return [cell.strip() for cell in bare.strip("|").split("|")] if bare.startswith("|") else []
