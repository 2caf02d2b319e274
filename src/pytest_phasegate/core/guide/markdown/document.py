"""A Markdown document as lines with marks, headings and fences; both readings of its fences compared."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple, Protocol, runtime_checkable

from pytest_phasegate.core.guide.markdown.blocks import Fence, Mark, Reading, read_blocks
from pytest_phasegate.core.guide.markdown.lexing import heading_level, heading_text
from pytest_phasegate.core.guide.markdown.setting_aside import set_aside
from pytest_phasegate.core.guide.model import Diagnostic, Guide
from pytest_phasegate.core.verdict.verdict import Severity

BOM = b"\xef\xbb\xbf"
MAX_BYTES = 5_000_000  # a guide larger than this is refused unread
MAX_LINE = 100_000  # a line of more characters is an embedded picture or a dump, and is read as an empty one

MOJIBAKE_DASHES = (
    "\u00e2\u20ac\u201d",
    "\u00e2\u20ac\u201c",
    "\u00e2\x80\x94",
    "\u00e2\x80\x93",
    "\u201a\u00c4\u00ee",
    "\u201a\u00c4\u00ec",
)
"""Em and en dashes that went through Windows-1252, Latin-1 or Mac Roman and back."""


class Undecodable(NamedTuple):
    """Why bytes are no text: the ``offset`` of the first bad byte, from 0, and its ``line``, from 1."""

    offset: int
    line: int
    reason: str


def decode(data: bytes) -> str | Undecodable:
    r"""Return the text with ``\n`` line ends and without a byte order mark, or say where it stops being UTF-8."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Undecodable(0, 1, "it starts with a UTF-16 byte order mark")
    start = len(BOM) if data.startswith(BOM) else 0
    try:
        text = data[start:].decode("utf-8")
    except UnicodeDecodeError as error:
        offset = start + error.start
        return Undecodable(offset, 1 + data.count(b"\n", 0, offset), error.reason)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


MAX_LINES = 200_000


class Heading(NamedTuple):
    """An ATX heading; ``line`` counts from 1."""

    line: int
    level: int
    text: str


def _nowhere(path: str) -> bool:  # noqa: ARG001 - without a repository
    return False


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A Markdown document, read once.

    ``lines`` are without comments and line ends, ``marks`` say what each is, ``headings`` are those outside of
    fences; ``hidden`` are headings that a fence hides although another reading of the fences shows them.
    """

    path: str
    lines: tuple[str, ...]
    marks: bytes
    headings: tuple[Heading, ...]
    fences: tuple[Fence, ...]
    front: Mapping[str, str]
    hidden: tuple[Heading, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    exists: Callable[[str], bool] = _nowhere  # whether there is a file at a path from the repository's root

    @property
    def title(self) -> str:
        """The text of the first level-one heading, or nothing."""
        return next((heading.text for heading in self.headings if heading.level == 1), "")

    def section_end(self, line: int, level: int) -> int:
        """Return the line of the next heading below ``line`` of this level or above, or the line after the last."""
        first = bisect_right(self.headings, line, key=attrgetter("line"))
        below = (self.headings[i].line for i in range(first, len(self.headings)) if self.headings[i].level <= level)
        return next(below, len(self.lines) + 1)

    def end_of(self, heading: Heading) -> int:
        """Return the line behind a heading's section."""
        return self.section_end(heading.line, heading.level)

    def is_text(self, line: int) -> bool:
        """Whether this line, counted from 1, is prose: no code, comment, heading or front matter."""
        return self.marks[line - 1] in _PROSE


_PROSE = frozenset({Mark.TEXT, Mark.INDENTED, Mark.QUOTE, Mark.HTML})


def read_document(data: bytes, path: str = "", exists: Callable[[str], bool] = _nowhere) -> Document:
    """Read a document; what is wrong with it stands in its diagnostics, nothing is raised.

    Args:
        data: The file as it is.
        path: Where it came from, for the diagnostics.
        exists: Whether there is a file at a path from the repository's root.
    """
    if len(data) > MAX_BYTES:
        line = 1 + data.count(b"\n", 0, MAX_BYTES)
        return _unread(path, "PG116", f"the document is larger than {MAX_BYTES:,} bytes", line)
    text = decode(data)
    if isinstance(text, Undecodable):
        return _unread(path, "PG102", f"not UTF-8: {text.reason} at byte offset {text.offset}", text.line)
    raw = text.split("\n")
    if len(raw) > MAX_LINES:
        return _unread(path, "PG116", f"the document has more than {MAX_LINES:,} lines", MAX_LINES)
    return _read(raw, path, exists)


def _unread(path: str, code: str, message: str, line: int) -> Document:
    fault = Diagnostic(code, Severity.ERROR, message, path, line)
    return Document(path, (), b"", (), (), {}, (), (fault,))


def _read(raw: list[str], path: str, exists: Callable[[str], bool]) -> Document:
    beyond = [index for index, line in enumerate(raw) if len(line) > MAX_LINE]
    for index in beyond:
        raw[index] = ""
    aside = set_aside(raw)
    nested = read_blocks(aside.lines, aside.marks, nested=True)
    flat = read_blocks(aside.lines, aside.marks, nested=False) if nested.ambiguous else nested
    chosen, other = (flat, nested) if nested.unclosed else (nested, flat)
    if not beyond and chosen.fences and _wraps(raw, chosen.fences[0]):
        wrapping = {chosen.fences[0].start - 1, chosen.fences[0].end - 1}
        return _read(["" if index in wrapping else line for index, line in enumerate(raw)], path, exists)
    headings = _headings(aside.lines, chosen)
    shown = {heading.line for heading in headings}
    hidden = tuple(heading for heading in _hidden_candidates(aside.lines, chosen, other) if heading.line not in shown)
    diagnostics = (
        *(Diagnostic("PG106", Severity.ERROR, fault.what, path, fault.line) for fault in aside.faults),
        *_fence_diagnostics(path, chosen, other),
        *(_too_long(path, index + 1) for index in beyond),
    )
    return Document(path, aside.lines, chosen.marks, headings, chosen.fences, aside.front, hidden, diagnostics, exists)


def _wraps(raw: list[str], fence: Fence) -> bool:
    """Whether a fence of Markdown holds the whole document: it is then no example in one."""
    if not fence.closed or fence.info.lower() not in {"md", "markdown"}:
        return False
    return not any(line.strip() for line in (*raw[: fence.start - 1], *raw[fence.end :]))


def _too_long(path: str, line: int) -> Diagnostic:
    message = f"this line has more than {MAX_LINE:,} characters and is not read"
    return Diagnostic("PG116", Severity.WARNING, message, path, line, fix="keep pictures in files of their own")


def _headings(lines: tuple[str, ...], reading: Reading) -> tuple[Heading, ...]:
    found: list[Heading] = []
    at = reading.marks.find(Mark.HEADING)
    while at >= 0:
        found.append(_heading(lines, at))
        at = reading.marks.find(Mark.HEADING, at + 1)
    return tuple(found)


def _heading(lines: tuple[str, ...], index: int) -> Heading:
    stripped = lines[index].strip(" \t")
    while not stripped.startswith("#"):
        stripped = stripped.partition(" ")[2].lstrip(" \t")
    return Heading(index + 1, heading_level(stripped), heading_text(stripped))


def _hidden_candidates(lines: tuple[str, ...], chosen: Reading, other: Reading) -> tuple[Heading, ...]:
    """Headings of the other reading, and, below a fence that never closes, whatever looks like one."""
    below = () if not chosen.unclosed else range(chosen.unclosed, len(lines))
    cut = (
        Heading(index + 1, heading_level(lines[index].lstrip(" ")), heading_text(lines[index].lstrip(" ")))
        for index in below
        if heading_level(lines[index].lstrip(" ")) and not lines[index].startswith("    ")
    )
    return tuple(sorted({*_headings(lines, other), *cut}, key=lambda heading: heading.line))


def _fence_diagnostics(path: str, chosen: Reading, other: Reading) -> tuple[Diagnostic, ...]:
    found: list[Diagnostic] = []
    if chosen.marks != other.marks:
        line = next(i for i, (one, two) in enumerate(zip(chosen.marks, other.marks, strict=True), 1) if one != two)
        outer = next((fence.start for fence in chosen.fences if fence.start <= line <= fence.end), line)
        message = f"fences of the same length nest in the block of line {outer}; CommonMark reads line {line} otherwise"
        fix = "give the outer fence one more backtick than the inner ones"
        found.append(Diagnostic("PG104", Severity.WARNING, message, path, line, fix=fix))
    if chosen.unclosed:
        message = "this fence is never closed: everything below it is code"
        found.append(Diagnostic("PG106", Severity.WARNING, message, path, chosen.unclosed, fix="close the fence"))
    return tuple(found)


@runtime_checkable
class Dialect(Protocol):
    """Reads documents of one form. Both methods are pure, take time linear in the document and raise nothing."""

    name: str

    def strength(self, document: Document) -> float:
        """Return how surely the document is of this dialect: 0 not at all, 1 beyond doubt."""

    def read(self, document: Document, path: str) -> Guide:
        """Return the guide; what is wrong with it stands in its diagnostics. The digest is filled in by the caller."""
