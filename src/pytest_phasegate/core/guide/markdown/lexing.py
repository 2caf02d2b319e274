"""What one line is, seen alone: a fence, a heading, a list marker, the start of raw HTML."""

from __future__ import annotations

import re
from typing import NamedTuple

_INFO_WORD = r"[A-Za-z{][A-Za-z0-9_+#.{}-]*(?:[ :=].*)?\Z"
_ORDERED = r"(\d{1,9})[.)](?=[ \t]|\Z)"
BOX = (
    r"\[ ?(?:[ xXoO]|(?i:wip|done|todo|completed?|in[ _-]progress|pending|skipped|blocked|not[ _-]started)"
    r"|[^\w\s\[\]()])?\ufe0f? ?\](?!\()"
)
"""A box as a pattern: blank, ticked, or with any mark or word of its author's between the brackets."""
TICKS = frozenset("xX✅✓✔☑")
_HTML_BLOCK = (
    r"(?i)</?(?:address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl"
    r"|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main"
    r"|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title"
    r"|tr|track|ul)(?:[ \t]|/?>|\Z)"
)
_HTML_RAW = r"(?i)<(?:pre|script|style|textarea)(?:[ \t>]|\Z)"
_HTML_RAW_END = r"(?i)</(?:pre|script|style|textarea)>"


class FenceMark(NamedTuple):
    """A line of three or more backticks or tildes, with what follows them."""

    char: str
    length: int
    info: str

    @property
    def bare(self) -> bool:
        """Whether nothing follows: only such a line can close."""
        return not self.info

    @property
    def names_a_language(self) -> bool:
        """Whether the rest reads as an info string, not as code that happens to start with a fence."""
        return re.match(_INFO_WORD, self.info) is not None

    def closes(self, opener: FenceMark) -> bool:
        """Return whether CommonMark lets this line close that opener (indentation aside)."""
        return self.bare and self.char == opener.char and self.length >= opener.length


def fence_mark(stripped: str) -> FenceMark | None:
    """Read a line without its indentation as a fence."""
    char = stripped[:1]
    if char not in {"`", "~"} or not stripped.startswith(char * 3):
        return None
    rest = stripped.lstrip(char)
    info = rest.strip(" \t")
    if char == "`" and "`" in info:
        return None
    return FenceMark(char, len(stripped) - len(rest), info)


def heading_level(stripped: str) -> int:
    """Return the level of an ATX heading without its indentation, or 0."""
    rest = stripped.lstrip("#")
    level = len(stripped) - len(rest)
    return level if 1 <= level <= 6 and (not rest or rest[0] in " \t") else 0  # noqa: PLR2004 - six levels


def heading_text(stripped: str) -> str:
    """Return the text of an ATX heading without its marks at both ends."""
    text = stripped.lstrip("#").strip(" \t")
    bare = text.rstrip("#")
    return bare.rstrip(" \t") if not bare or bare[-1] in " \t" else text


def marker_width(stripped: str) -> int:
    """Return the width of a list marker at the start (``-``, ``12.``), or 0."""
    if stripped[:1] in {"-", "+", "*"}:
        return 1 if len(stripped) == 1 or stripped[1] in " \t" else 0
    found = re.match(_ORDERED, stripped) if stripped[:1].isdigit() else None
    return found.end() if found else 0


def interrupts(stripped: str, width: int) -> bool:
    """Return whether a list item may break into a paragraph: not when empty, and ordered only from 1."""
    return bool(stripped[width:].strip(" \t")) and (width == 1 or stripped[: width - 1] == "1")


def is_rule(stripped: str) -> bool:
    """Return whether the line is a thematic break: three or more of ``*``, ``-`` or ``_``."""
    if stripped[0] not in "*-_":
        return False
    return not stripped.strip(f"{stripped[0]} \t") and stripped.count(stripped[0]) >= 3  # noqa: PLR2004 - CommonMark


def is_underline(stripped: str) -> bool:
    """Return whether the line can turn the paragraph above it into a heading."""
    bare = stripped.rstrip(" \t")
    return bare[:1] in {"=", "-"} and bare == bare[0] * len(bare)


def html_end(stripped: str) -> str | None:
    """Return what ends the raw HTML that starts here (``""`` a blank line, ``</pre>`` a closing tag), or ``None``."""
    if re.match(_HTML_RAW, stripped):
        return "</pre>"
    return "" if re.match(_HTML_BLOCK, stripped) else None


def ends_html(line: str, end: str) -> bool:
    """Return whether this line, itself not blank, ends raw HTML that waits for ``end``."""
    return end == "</pre>" and re.search(_HTML_RAW_END, line) is not None
