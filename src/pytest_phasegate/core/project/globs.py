"""Paths and globs as a guide and the configuration write them: relative, with ``/``."""

from __future__ import annotations

import re
from functools import lru_cache

_PIECE = re.compile(r"\*\*/|\*\*|\*|\?|\{[^{}]*\}|\[[^\]]+\]|[^*?{\[]+|.", re.DOTALL)


def matches(pattern: str, path: str) -> bool:
    """Return whether a declared path means this file.

    The pattern is a path, a directory (everything below it, with or without ``/`` at its end), or a glob:
    ``*`` and ``?`` stay within one directory, ``**`` does not, ``{a,b}`` and ``[ab]`` are choices.
    """
    return bool(_compiled(pattern).fullmatch(path))


def plain(pattern: str) -> bool:
    """Return whether a pattern names one path and holds no glob."""
    return not any(mark in pattern for mark in "*?{[") and not pattern.endswith("/")


def ends_with(path: str, tail: str) -> bool:
    """Return whether the last parts of a path are these."""
    return path == tail or path.endswith(f"/{tail}")


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    body = "".join(_piece(piece) for piece in _PIECE.findall(pattern.removeprefix("./").rstrip("/")))
    return re.compile(f"{body}(?:/.*)?", re.DOTALL)


def _piece(piece: str) -> str:
    fixed = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    if piece in fixed:
        return fixed[piece]
    if piece[0] == "{" and piece[-1] == "}":
        return f"(?:{'|'.join(re.escape(choice.strip()) for choice in piece[1:-1].split(','))})"
    if piece[0] == "[" and piece[-1] == "]":
        negation, members = ("^", piece[2:-1]) if piece[1] == "!" else ("", piece[1:-1])
        return "[" + negation + re.escape(members).replace("\\-", "-") + "]"
    return re.escape(piece)
