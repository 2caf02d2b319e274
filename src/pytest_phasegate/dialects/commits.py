"""The commit that a phase declares (rule 13)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_GIT = re.compile(r"\bgit[ \t]+commit\b")
_MESSAGE = re.compile(r"[ \t](?:-[a-zA-Z]*m|--message)[ =]?[ \t]*(?P<quote>[\"'])(?P<text>.*)")
_HEREDOC = re.compile(r"\$\(cat[ \t]+<<-?[ \t]*['\"]?\w+['\"]?[ \t]*\Z")
_REMARK = re.compile(r"[\W_]*(?:n/?a|none|no commit|nothing|tbd|-|—)(?!\w)", re.IGNORECASE)
_QUOTED = re.compile(r"`([^`]+)`")


def commit_in_value(value: str) -> str | None:
    """Return the subject that stands behind a label: in backticks, in quotes, or bare."""
    by_git = commit_in_code([value.strip("`")])
    quoted = _QUOTED.search(value)
    bare = by_git or (quoted[1] if quoted else "" if _is_remark(value) else value)
    return bare.strip().strip("\"'*“”").strip() or None


def _is_remark(value: str) -> bool:
    """Return whether a bare value speaks of a commit and is none: ``n/a``, ``included with M0.``, ``none needed``."""
    return _REMARK.match(value) is not None or (value.endswith(".") and ":" not in value and value[:1].islower())


def commit_in_code(code: Sequence[str]) -> str | None:
    """Return the first subject that ``git commit -m`` gives in these lines of shell."""
    for index, line in enumerate(code):
        git = _GIT.search(line)
        found = _MESSAGE.search(line, git.end()) if git else None
        if found:
            return _subject(found["text"], found["quote"], code[index + 1 :])
    return None


def _subject(text: str, quote: str, following: Iterable[str]) -> str | None:
    if _HEREDOC.search(text):
        return next((line.strip() for line in following if line.strip()), None)
    body = text.split(quote, maxsplit=1)[0] if quote in text.replace("\\" + quote, "") else text
    if "\\" + quote in text:
        body = text.replace("\\" + quote, "\0").split(quote)[0].replace("\0", quote)
    return body.strip() or None


def first_line(code: Sequence[str]) -> str | None:
    """Return the subject of a fenced message."""
    return commit_in_code(code) or next((line.strip() for line in code if line.strip()), None)
