"""A commit message as git will keep it, from the file that its editor leaves."""

from __future__ import annotations

SCISSORS = "------------------------ >8 ------------------------"


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
