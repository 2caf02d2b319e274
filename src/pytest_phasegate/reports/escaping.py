"""Untrusted text (ids, titles, paths, messages of other programs) made harmless for the place where it is shown."""

from __future__ import annotations

import json
import re
import sys

_DANGEROUS = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0, DEL, C1: cursor, colours, titles, clipboards
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidi controls: text that reads other than it is
    "\u2028\u2029\ud800-\udfff"  # line ends of another kind; lone surrogates, which cannot be encoded
    "\ufffe\uffff]"  # what XML 1.0 forbids beyond these
)
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|~&$-])")


def escaped(text: str) -> str:
    r"""Return one line of text with everything that could move a terminal written out (``\x1b``, ``\u202e``).

    Line ends and tabs are escaped too: where lines are wanted, escape each of them. What is left may also stand
    in XML 1.0.
    """
    return text if text.isprintable() else _DANGEROUS.sub(_written_out, text)


def escaped_lines(text: str) -> str:
    """Return text of several lines, each of them escaped."""
    return "\n".join(map(escaped, text.split("\n")))


def say(*lines: str) -> None:
    """Print lines on stderr at once, each of them escaped."""
    for line in lines:
        print(escaped(line), file=sys.stderr, flush=True)


def markdown(text: str) -> str:
    """Return one line that Markdown shows as it is: no markup, link, mention, HTML or table bar."""
    shown = _MARKUP.sub(r"\\\1", escaped(text))
    return shown.replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;").replace("://", ":&#47;/")


def workflow_safe(text: str) -> str:
    """Return escaped text that a CI log does not read as a command (``::error``, ``##[group]``)."""
    shown = escaped(text)
    words = shown.lstrip()
    return f"{shown[: len(shown) - len(words)]}\\{words}" if words.startswith(("::", "##")) else shown


def json_text(record: object) -> str:
    """Return plain values as JSON text: ASCII only, so that no control or bidi character reaches a terminal."""
    return json.dumps(record, indent=2)


def json_island(text: str) -> str:
    """Return JSON text that may stand inside an HTML ``script`` element."""
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _written_out(found: re.Match[str]) -> str:
    character = found.group()
    short = {"\n": r"\n", "\t": r"\t", "\r": r"\r"}.get(character)
    code = ord(character)
    return short or (f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}")  # noqa: PLR2004 - one byte or two
