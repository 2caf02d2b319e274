"""Commits and their messages: as git keeps them, with their trailers, and what keeps a subject from being conventional.

The rules of subjects are those of conventionalcommits.org 1.0.0, with the types that its tools agree on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches
from itertools import takewhile
from typing import NamedTuple

TYPES = ("build", "chore", "ci", "docs", "feat", "fix", "perf", "refactor", "revert", "style", "test")
"""The types known without configuration."""

_SHAPE = r"(?P<type>[A-Za-z][\w-]*)(?:\((?P<scope>[^()\s][^()]*)\))?(?P<breaking>!)?: (?P<text>\S.*)"
_AUTOSQUASH = ("fixup! ", "squash! ", "amend! ")
_MADE_BY_GIT = ("Merge ", 'Revert "', 'Reapply "', *_AUTOSQUASH)
_AT_END = r"\s*\((?:#|GH-|[A-Z][A-Z0-9]+-)\d+\)\Z"
_ISSUE_NAMES = r"(?:^|[\s(\[,])(?:(?:#|GH-)(\d+)|[A-Z][A-Z0-9]+-\d+)\b"
_IN_BRANCH = (
    r"(?:^|[/_-])(?:issue|issues|gh|#)[-_/]?(\d+)(?![\w.])|(?:^|/)(\d+)[-_]|(?:^|[/_-])([A-Z][A-Z0-9]+-\d+)(?!\w)"
)
_ISSUE_TRAILERS = frozenset({"issue", "issues", "closes", "close", "fixes", "fix", "resolves", "refs", "ref", "see"})
_ALIKE = 0.8  # how alike two subjects are, from 0 to 1, when one was meant to be the other
_LONG = 500  # nobody compares subjects of more characters by eye, and comparing them here would be slow


class Commit(NamedTuple):
    """One commit as git stores it, or as it is about to be made.

    ``trailers`` keep their order; keys are as written; ``made`` is in epoch seconds. ``sha`` is empty for a commit that
    is being made.
    """

    subject: str
    trailers: tuple[tuple[str, str], ...] = ()
    sha: str = ""
    tree: str = ""
    parents: tuple[str, ...] = ()
    message: str = ""
    made: int = 0

    @property
    def is_merge(self) -> bool:
        """Whether the commit joins two or more parents."""
        return len(self.parents) > 1

    def values(self, key: str) -> tuple[str, ...]:
        """Return the values of one trailer, whatever the case of its key."""
        return tuple(value for name, value in self.trailers if name.lower() == key.lower())


class Subject(NamedTuple):
    """A conventional subject taken apart: ``type(scope)!: text``."""

    type: str
    scope: str
    breaking: bool
    text: str


def read_subject(line: str) -> Subject | None:
    """Return the parts of a subject, or ``None`` where it has not the shape of one; its type may be unknown."""
    found = re.fullmatch(_SHAPE, line)
    if found is None:
        return None
    return Subject(found["type"], found["scope"] or "", bool(found["breaking"]), found["text"])


def made_by_git(line: str) -> bool:
    """Return whether git itself wrote this subject (merge, revert, autosquash): exempt when committing."""
    return line.startswith(_MADE_BY_GIT)


def to_be_squashed(line: str) -> bool:
    """Return whether the commit waits for ``git rebase --autosquash``: it must not be left in a range."""
    return line.startswith(_AUTOSQUASH)


def fault(line: str, further_types: Iterable[str] = ()) -> str:
    """Return what keeps a subject from being conventional, in half a sentence; empty when nothing does."""
    subject = read_subject(line)
    types = (*TYPES, *further_types)
    if subject is None:
        return "it does not begin with a type, a colon and one space, as 'feat: ' or 'fix(cache): '"
    if subject.type in types:
        return ""
    near = next(iter(get_close_matches(subject.type.lower(), types, 1)), None)
    return f"{subject.type!r} is no type" + (f"; did you mean {near!r}?" if near else f"; use {', '.join(types)}")


def resembles(line: str, declared: str) -> bool:
    """Return whether a subject is so near to a declared one that it was surely meant to be it."""
    if _bare(line) == _bare(declared):
        return True
    if max(len(line), len(declared)) > _LONG:
        return False

    one, other = read_subject(line), read_subject(declared)
    if one and other and one.text == other.text:
        return True
    return SequenceMatcher(None, _bare(line), _bare(declared), autojunk=False).ratio() > _ALIKE


def differences(line: str, declared: str) -> tuple[str, ...]:
    """Say in what a subject differs from the declared one, part by part."""
    one, other = read_subject(line), read_subject(declared)
    if one is None or other is None:
        return (f"the subject is {line!r}, declared is {declared!r}",)
    parts = (
        ("type", one.type, other.type),
        ("scope", one.scope or "none", other.scope or "none"),
        ("breaking mark", "!" if one.breaking else "none", "!" if other.breaking else "none"),
        ("description", one.text, other.text),
    )
    return tuple(f"the {name} is {given!r}, declared is {wanted!r}" for name, given, wanted in parts if given != wanted)


def names_issue(subject: str, trailers: Iterable[tuple[str, str]]) -> bool:
    """Return whether a subject (``#12``, ``GH-12``, ``ABC-12``) or a trailer (``Issue: ...``) names an issue."""
    return bool(issues_in(subject) or issue_values(trailers))


def issue_values(trailers: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the values of the trailers that name an issue."""
    return tuple(value.strip() for key, value in trailers if key.lower() in _ISSUE_TRAILERS and value.strip())


def without_issue(line: str) -> str:
    """Return a subject without the issue or pull request in brackets at its end, as ``(#12)``: no other subject."""
    return re.sub(_AT_END, "", line)


def named_issues(subject: str, trailers: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the issues that a message names; what the trailers say of them, where that is no such name."""
    values = " ".join(issue_values(trailers))
    return issues_in(f"{subject} {values}") or tuple(values.split())


def issues_in(text: str) -> tuple[str, ...]:
    """Return the issues that a text names, by their number or, as ``ABC-12``, in full."""
    return tuple(found[1] or found[0].lstrip(" ([,") for found in re.finditer(_ISSUE_NAMES, text))


def issue_of_branch(branch: str) -> str:
    """Return the issue that a branch's name says it is about (``feat/issue-12-x``, ``12-x``, ``ABC-12-x``), if any."""
    found = re.search(_IN_BRANCH, branch)
    return next(filter(None, found.groups()), "") if found else ""


def _bare(line: str) -> str:
    return re.sub(r"\W+", " ", line).strip().casefold()


SCISSORS = "------------------------ >8 ------------------------"


def may_hold_comments(text: str) -> bool:
    """Return whether a line begins with a sign of some kind: only then does it matter what a comment is."""
    return any(line and not line[0].isalnum() and not line[0].isspace() for line in text.splitlines())


def cleaned(text: str, comment: str = "#") -> str:
    """Return the message without comments and without the diff below the scissors of ``commit --verbose``.

    Args:
        text: The file's content.
        comment: What a comment line begins with (``core.commentChar``).
    """
    above = takewhile(lambda line: line != f"{comment} {SCISSORS}", text.splitlines())
    return "\n".join(line.rstrip() for line in above if not line.startswith(comment)).strip("\n")


_TRAILER = r"([A-Za-z0-9-]+)[ \t]*:[ \t]*(.*)"
_OWN_LINES = ("Signed-off-by: ", "(cherry picked from commit ")
_TOLERATED = 3


def trailers(message: str) -> tuple[tuple[str, str], ...]:
    """Return the key and value pairs of the last paragraph, in order and as written.

    As in ``git interpret-trailers``: the paragraph counts when it is not the first one and every line is a
    trailer or continues one; or when one line in four at least is, beside one that git itself writes. A line
    that starts with white space continues the one above.
    """
    is_trailer = re.compile(_TRAILER).fullmatch
    paragraphs = re.split(r"\n[ \t]*(?:\n[ \t]*)*\n", message.replace("\r\n", "\n").strip("\n \t"))
    if len(paragraphs) == 1:
        return ()
    lines = re.sub(r"[ \t]*\n[ \t]+", " ", paragraphs[-1]).split("\n")
    found = [match for line in lines if (match := is_trailer(line))]
    others = [line for line in lines if not is_trailer(line) and not line.startswith(_OWN_LINES)]
    own = any(line.startswith(_OWN_LINES) for line in lines)
    if others and not (own and len(others) <= _TOLERATED * (len(lines) - len(others))):
        return ()
    return tuple((match[1], match[2].strip()) for match in found)
