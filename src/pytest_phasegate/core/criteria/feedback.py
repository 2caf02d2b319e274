"""Comments of reviewers: numbered, with a priority, a place and what became of them; one line of JSON each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from pytest_phasegate.core.project.plain_values import Foreign
from pytest_phasegate.core.verdict.gate import Fact, Need
from pytest_phasegate.core.verdict.verdict import counted
from pytest_phasegate.errors import PhasegateError

PATH = ".phasegate/feedback.jsonl"
"""Where they stand, from the project's root: committed, so that a clone and a reviewer see each of them."""


FOLDER = "reviews"  # where reviewers, people or programs, put their reports


WIDE = 1000  # nothing that we look for stands in a longer line
_TITLE = 100
FENCED = re.compile(r"^[ \t]*(```+|~~~+).*?(?:^[ \t]*\1|\Z)", re.DOTALL | re.MULTILINE)
_TAG = r"(?i)</?(?:details|summary|blockquote|sub|sup|b|i|br|p|img|a)\b[^>\n]*>"
_BADGE = r"^[\s|]*(?:_[^_\n]+_[\s|]*)+$|!\[[^\]\n]*\]\([^)\n]*\)"


class Priority(StrEnum):
    """How much a comment matters: an open ``P0`` blocks."""

    P0 = "P0"
    P1 = "P1"
    P2 = "P2"


class Comment(NamedTuple):
    """What a reviewer said.

    ``number`` is 0 until it is imported, ``key`` tells it from any other over several imports, and ``why`` says what
    its priority was read from. ``since`` is the commit it was imported on: only later ones can answer it. ``closed`` is
    the reason that it needs no fix, ``by`` who said so, or who gave it another priority.
    """

    number: int
    key: str
    text: str
    priority: Priority
    why: str
    author: str = ""
    path: str = ""
    line: int | None = None
    url: str = ""
    at: str = ""
    since: str = ""
    closed: str = ""
    by: str = ""

    @property
    def name(self) -> str:
        """What to call it: a finding of a report has no number."""
        return f"comment {self.number}" if self.number else f"a critical finding of {self.author}"

    @property
    def code(self) -> str:
        """The code of the finding that it is open."""
        return "PG551" if self.number else "PG553"

    @property
    def told(self) -> str:
        """That it is open, with its title."""
        return f"{self.name} is open: {title_of(self.text)}"

    @property
    def place(self) -> str:
        """The file and the line it is about; empty for one that is about the whole."""
        return f"{self.path}:{self.line}" if self.path and self.line else self.path


@dataclass(frozen=True, slots=True)
class Feedback(Fact):
    """All comments, the commits that fix them, by number, and what the reports of reviewers call critical."""

    need = Need.FEEDBACK
    comments: tuple[Comment, ...] = ()
    fixes: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    critical: tuple[Comment, ...] = ()
    elsewhere: frozenset[int] = frozenset()
    """The numbers of those whose fixes touch other files than the one they are about."""

    def state(self, comment: Comment) -> str:
        """Return what became of a comment: ``open``, ``fixed`` or ``closed``."""
        return "closed" if comment.closed else "fixed" if self.fixes.get(comment.number) else "open"

    @property
    def open(self) -> tuple[Comment, ...]:
        """Those that nothing answers, the gravest first."""
        waiting = (one for one in self.comments if self.state(one) == "open")
        return tuple(sorted(waiting, key=lambda one: (one.priority, one.number)))

    @property
    def blocking(self) -> tuple[Comment, ...]:
        """The open ones of the highest priority, and what reports call critical."""
        return (*(one for one in self.open if one.priority is Priority.P0), *self.critical)

    @property
    def told(self) -> str:
        """How many there are and how many of each priority are open, in one line."""
        counts = [f"{sum(one.priority is each for one in self.open)} {each}" for each in Priority]
        waiting = f"open: {', '.join(counts)}" if self.open else "none is open"
        said = f"{counted(len(self.comments), 'review comment')}, {waiting}"
        critical = f"{counted(len(self.critical), 'critical finding')} in {FOLDER}/"
        both = (said if self.comments or not self.critical else "", critical if self.critical else "")
        return "; ".join(filter(None, both))


def fixing(comment: Comment) -> str:
    """Return the words for what answers a comment, or what a report found, which has no number."""
    if not comment.number:
        return f"mend what {comment.author} found, and have it reviewed again: that replaces the file in {FOLDER}/"
    return f"fix comment {comment.number}, and commit with the trailer `Feedback: {comment.number}`"


def merged(kept: Sequence[Comment], found: Iterable[Comment], since: str) -> tuple[Comment, ...]:
    """Return the comments with newly imported ones: a known one keeps its number, and what a person said of it."""
    known = {one.key: one for one in kept}
    number = max((one.number for one in kept), default=0)
    for new in found:
        there = known.get(new.key)
        if there is None:
            number += 1
            known[new.key] = new._replace(number=number, since=since)
        elif there.by:
            known[new.key] = there._replace(text=new.text, line=new.line)
        else:
            known[new.key] = new._replace(number=there.number, since=there.since)
    return tuple(sorted(known.values(), key=lambda one: one.number))


def as_lines(comments: Iterable[Comment]) -> str:
    """Return the file's text."""
    return "".join(f"{json.dumps(one._asdict())}\n" for one in comments)


def read_comments(text: str) -> tuple[Comment, ...]:
    """Read the file's text.

    Raises:
        PhasegateError: A line cannot be read, or two have the same number: no comment may be lost that way.
    """
    found = tuple(_read(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())
    numbers = [one.number for one in found]
    twice = next((number for place, number in enumerate(numbers) if number in numbers[:place]), None)
    if twice is not None:
        hint = "give one of them the next free number, as after a merge of two branches that both imported"
        raise PhasegateError(f"{PATH}: two comments have the number {twice}", hint=hint)
    return found


def _read(number: int, line: str) -> Comment:
    place = f"{PATH}:{number}:"
    try:
        record = Foreign(json.loads(line), place)
    except (ValueError, RecursionError):
        raise PhasegateError(f"{place} no line of JSON", hint="git log -p shows what it was") from None
    own, priority = record.number("number"), record.text("priority")
    if own is None or priority not in set(Priority):
        raise PhasegateError(f"{place} a comment needs a number and a priority, P0, P1 or P2", hint=f"mend {PATH}")
    words = ("key", "text", "why", "author", "path", "url", "at", "since", "closed", "by")
    said = {name: record.text(name) for name in words}
    return Comment(own, priority=Priority(priority), line=record.number("line"), **said)


def title_of(text: str) -> str:
    """Return the line that says what a comment is about, without markup."""
    bare = re.sub(_TAG, "", FENCED.sub("", text))
    lines = (re.sub(_BADGE, "", line[:WIDE]).lstrip(" \t*_#>-").rstrip(" \t*_") for line in bare.split("\n"))
    found = next((line for line in lines if line), "") or next(iter(text.strip().split("\n")), "")
    return found if len(found) <= _TITLE else f"{found[: _TITLE - 1]}…"
