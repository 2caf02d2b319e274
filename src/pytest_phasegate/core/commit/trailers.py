"""The trailers of a commit message, by git's own rule."""

from __future__ import annotations

_TRAILER = r"([A-Za-z0-9-]+)[ \t]*:[ \t]*(.*)"
_OWN_LINES = ("Signed-off-by: ", "(cherry picked from commit ")
_TOLERATED = 3


def trailers(message: str) -> tuple[tuple[str, str], ...]:
    """Return the key and value pairs of the last paragraph, in order and as written.

    As in ``git interpret-trailers``: the paragraph counts when it is not the first one and every line is a
    trailer or continues one; or when one line in four at least is, beside one that git itself writes. A line
    that starts with white space continues the one above.
    """
    import re  # most hooks read no message

    is_trailer = re.compile(_TRAILER).fullmatch
    paragraphs = re.split(r"\n[ \t]*(?:\n[ \t]*)*\n", message.replace("\r\n", "\n").strip("\n \t"))
    if len(paragraphs) == 1:
        return ()
    lines = _unfolded(paragraphs[-1])
    found = [match for line in lines if (match := is_trailer(line))]
    others = [line for line in lines if not is_trailer(line) and not line.startswith(_OWN_LINES)]
    own = any(line.startswith(_OWN_LINES) for line in lines)
    if others and not (own and len(others) <= _TOLERATED * (len(lines) - len(others))):
        return ()
    return tuple((match[1], match[2].strip()) for match in found)


def _unfolded(paragraph: str) -> list[str]:
    lines: list[list[str]] = []
    for line in paragraph.split("\n"):
        if lines and line[:1] in {" ", "\t"}:
            lines[-1].append(line.strip())
        else:
            lines.append([line])
    return list(map(" ".join, lines))
