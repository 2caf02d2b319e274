"""Untrusted text on its way to a terminal: ids, titles, paths, messages of other programs."""

from __future__ import annotations

import re

_DANGEROUS = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0, DEL, C1: cursor, colours, titles, clipboards
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidi controls: text that reads other than it is
    "\u2028\u2029\ud800-\udfff]"  # line ends of another kind; lone surrogates, which cannot be encoded
)


def escaped(text: str) -> str:
    r"""Return one line of text with everything that could move a terminal written out (``\x1b``, ``\u202e``).

    Line ends and tabs are escaped too: where lines are wanted, escape each of them.
    """
    return text if text.isprintable() else _DANGEROUS.sub(_written_out, text)


def _written_out(found: re.Match[str]) -> str:
    character = found.group()
    short = {"\n": r"\n", "\t": r"\t", "\r": r"\r"}.get(character)
    code = ord(character)
    return short or (f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}")  # noqa: PLR2004 - one byte or two
