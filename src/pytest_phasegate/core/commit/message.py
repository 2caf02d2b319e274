"""A commit message as git will keep it, from the file that its editor leaves."""

from __future__ import annotations

SCISSORS = "------------------------ >8 ------------------------"


SIGNS = "#;@!$%^&|:"
"""What git takes for a comment's sign where it may choose (``core.commentChar = auto``), in its order."""


def may_hold_comments(text: str) -> bool:
    """Return whether a line begins with a sign of some kind: only then does it matter what a comment is."""
    return any(line and not line[0].isalnum() and not line[0].isspace() for line in text.splitlines())


def chosen_sign(text: str) -> str:
    """Return the sign that git chose for the comments of a message: they stand at its end."""
    last = next((line for line in reversed(text.splitlines()) if line.strip()), "")
    return last[0] if last and last[0] in SIGNS else "#"


def cleaned(text: str, comment: str = "#") -> str:
    """Return the message without comments and without the diff below the scissors of ``commit --verbose``.

    Args:
        text: The file's content.
        comment: What a comment line begins with (``core.commentChar``).
    """
    kept = []
    for line in text.splitlines():
        if line == f"{comment} {SCISSORS}":
            break
        if not line.startswith(comment):
            kept.append(line.rstrip())
    return "\n".join(kept).strip("\n")


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
