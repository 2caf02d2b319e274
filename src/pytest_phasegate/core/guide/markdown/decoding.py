"""Bytes to text: UTF-8 with or without a byte order mark, any line ending."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Undecodable:
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
