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
