"""An issue as the beginning of a guide: its acceptance criteria are the criteria of the first phase."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pytest_phasegate.core.project.plain_values import Foreign

_NAMED = r"(?i)[\s>*_]*issue[*_\s]*:[*_\s]*(?:#|GH-)?(\d{1,9}|[A-Z][A-Z0-9]*-\d+)\b"
_HEADING = r"\s{0,3}(?:#{1,6}\s+(.*?)[\s#:*]*|\*\*(.{1,80}?):?\*\*:?\s*)"
_ITEM = r"(\s*)(?:[-*+]|\d{1,4}[.)])\s+(?:\[[ xX]\]\s+)?(\S.*)"
_ACCEPTED = r"(?i)\W*(?:acceptance criteria|definition of done|success criteria)\W*"
_FENCE = r"\s*(```|~~~)"
_WIDE, _LONG = 500, 2000
_SUBJECT = 60


class Issue(NamedTuple):
    """What an issue asks for."""

    number: int
    title: str
    goal: str
    criteria: tuple[str, ...]
    labels: frozenset[str]
    url: str = ""
    open: bool = True

    @property
    def slug(self) -> str:
        """Return its title as a part of a file's name."""
        words = re.findall(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+(?![a-z])", self.title)
        return "_".join(words[:6]).lower()[:_SUBJECT] or f"issue_{self.number}"

    @property
    def branch(self) -> str:
        """The name of a branch for it."""
        return f"{self._type}/issue-{self.number}-{self.slug.replace('_', '-')}"

    @property
    def subject(self) -> str:
        """The subject of its commit."""
        text = re.sub(r"\A(?:feat|fix|chore|docs|refactor)(?:\([^)]*\))?!?:\s*", "", self.title)
        text = re.sub(r"[`\\<>]", "", text)
        first = text.partition(" ")[0]
        small = text[:1].lower() + text[1:] if first[1:].islower() else text
        return f"{self._type}: {small if len(small) <= _SUBJECT else small[:_SUBJECT].rpartition(' ')[0]}"

    @property
    def _type(self) -> str:
        return "fix" if {"bug", "fix"} & {one.casefold() for one in self.labels} else "feat"


def read_issue(document: Foreign) -> Issue:
    """Read the JSON of ``gh issue view --json number,title,body,labels,state,url``, or of GitHub's REST interface.

    Raises:
        PhasegateError: A value is missing or of another kind, or the issue lists no acceptance criteria.
    """
    number, title = document.number("number"), _line(document.text("title"))
    if number is None:
        raise document.at("number").unfit("the issue's number")
    if not title:
        raise document.at("title").unfit("the issue's title")
    body = document.text("body")
    criteria = tuple(_criteria(body))
    if not criteria:
        raise document.at("body").unfit("a list below the heading `Acceptance criteria`")
    labels = frozenset(
        one.value if isinstance(one.value, str) else one.text("name") for one in document.at("labels").items()
    )
    state = document.text("state").upper()
    return Issue(number, title, _goal(body), criteria, labels, document.text("html_url", "url"), state != "CLOSED")


def as_guide(issue: Issue, *, approved: str) -> str:
    """Return a guide of one phase; ``approved`` says by which label it is approved, if it is."""
    status = f"Approved ({_markdown(approved)})" if approved else "Draft"
    where = f" ({_markdown(issue.url)})" if re.fullmatch(r"https?://[\w./-]+", issue.url) else ""
    lines = [
        f"# {_markdown(issue.title)}",
        "",
        f"**Issue**: #{issue.number}{where}",
        "",
        f"**Status**: {status}",
        "",
        f"### Phase 1: {_markdown(issue.title)}",
        "",
        f"**Goal**: {_markdown(issue.goal or issue.title)}",
        "",
        "**Success criteria**:",
        "",
        *(f"- [ ] {_markdown(one)}" for one in issue.criteria),
        "",
        f"**Commit**: `{issue.subject}`",
    ]
    return "\n".join(lines) + "\n"


def issue_named(lines: Iterable[str]) -> str:
    """Return the issue that the head of a guide names (``**Issue**: #12``), by its number or as ``ABC-12``."""
    return next((found[1] for line in lines if (found := re.match(_NAMED, line[:_WIDE]))), "")


def _criteria(body: str) -> Iterator[str]:
    """Yield the items below the heading of the criteria; an item below another belongs to it."""
    inside = fenced = False
    item, depth = "", 0
    for line in body.replace("\r", "").split("\n"):
        if re.match(_FENCE, line):
            fenced = not fenced
        heading = None if fenced else re.fullmatch(_HEADING, line[:_WIDE])
        found = None if fenced or heading else re.fullmatch(_ITEM, line[:_WIDE])
        if item and (heading or not line.strip() or (found and len(found[1]) <= depth)):
            yield item
            item = ""
        if heading:
            inside = re.fullmatch(_ACCEPTED, heading[1] or heading[2] or "") is not None
        elif inside and found and not item:
            item, depth = _line(found[2]), len(found[1])
        elif item and not fenced and len(item) < _LONG:
            item = f"{item} {_line(found[2] if found else line)}"
    if item:
        yield item


def _goal(body: str) -> str:
    """Return the first paragraph of prose."""
    paragraphs = re.split(r"\n[ \t]*\n", body.replace("\r", "")[: 20 * _WIDE])
    prose = (
        one for one in paragraphs if not (re.match(_HEADING, one) or re.match(_ITEM, one) or re.match(_FENCE, one))
    )
    return _line(next((one for one in prose if one.strip()), ""))[:_WIDE]


def _line(text: str) -> str:
    return " ".join(
        re.sub(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", " ", text).split()
    )


def _markdown(text: str) -> str:
    """Return a line that no reader of Markdown takes for the beginning of a comment, or for HTML."""
    return re.sub(r"<(?=[!/?A-Za-z])", "&lt;", text)
