"""Success criteria, and the coverage they demand (rule 12)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_phasegate.core.guide import CoverageGoal, Criterion
from pytest_phasegate.core.markdown.labels import read_label

if TYPE_CHECKING:
    from collections.abc import Iterable

_BULLET = re.compile(r"[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[(?P<box>[ xX])\][ \t]*)?(?P<text>.*)")
_FIGURE = re.compile(r"(\d{1,4}(?:\.\d+)?)[ \t]?[%％]")
_OTHERS = re.compile(
    r"\d[\d.]*[ \t]?%[ \t]*\+?[ \t]*(?:of tests|(?:test )?pass(?:ing)?\b|pass rate|accuracy|precision|recall)",
    re.IGNORECASE,
)
_COVERAGE = re.compile(r"\bcoverage\b|\bcovered\b", re.IGNORECASE)
_KIND = re.compile(r"\b(line|statement|branch|function)(?:s|es)?\b", re.IGNORECASE)
_ONE = r"(?:line|statement|branch|function)(?:s|es)?"
_KINDS = rf"{_ONE}(?:(?: and |, | & | ?/ ?| \+ ){_ONE})*"
_AHEAD = re.compile(
    rf"\b({_KINDS})\b(?:[ \t:=≥>≤~()*–-]|\b(?:coverage|of|is|at least|above|over|minimum|min)\b)*\Z", re.IGNORECASE
)
_BEHIND = re.compile(rf"[ \t]?\+?[ \t]?({_KINDS})\b", re.IGNORECASE)
_REACH = 80
"""So many characters before a figure may say what it is a figure of."""
_COMMANDS = re.compile(
    r"pre-?commit|mypy|pyright|ruff|black|lint|type[ -]?check|type errors?|hooks?|format", re.IGNORECASE
)
_TESTS = re.compile(r"\btests?\b|\bpytest\b", re.IGNORECASE)
_AS_IT_IS = re.compile(
    r"\b(?:current(?:ly)?|today|previous(?:ly)?|baseline)\b[^:.,;()]{0,30}\bcoverage\b"
    r"|\bcoverage (?:was|had been|is now|is currently|is today|now|today)\b",
    re.IGNORECASE,
)
_FROM = re.compile(r"\bfrom[ \t]+[~≈]?\d{1,4}(?:\.\d+)?[ \t]?[%％]", re.IGNORECASE)
_ASKS = re.compile(r"(?:^|[^\w-])(?:test |code |line |branch |full |high |good )*coverage\b", re.IGNORECASE)
_NO_COVERAGE = re.compile(r"coverage report|coverage data|coverage tool|coverage\.py|--cov", re.IGNORECASE)


def read_criterion(line: str, number: int) -> Criterion | None:
    """Read a bullet of the success criteria; anything else is ``None``."""
    found = _BULLET.match(line)
    if not found or not found["text"].strip():
        return None
    text = found["text"].strip()
    return criterion(text, number, checked=(found["box"] or " ") in "xX")


def criterion(text: str, number: int, *, checked: bool = False) -> Criterion:
    """Return a criterion with its kind: ``coverage``, ``tests``, ``commands`` or ``other``."""
    return Criterion(text, checked, kind_of_criterion(text), number)


def kind_of_criterion(text: str) -> str:
    """Say what a criterion is about, by its words."""
    if figures(text) or asks_for_coverage(text):
        return "coverage"
    if _COMMANDS.search(text):
        return "commands"
    return "tests" if _TESTS.search(text) else "other"


def asks_for_coverage(text: str) -> bool:
    """Return whether a criterion speaks of coverage as a goal, with or without a figure."""
    return _ASKS.search(text) is not None and not _NO_COVERAGE.search(text)


def figures(text: str) -> dict[str, float]:
    """Return the coverage figures of one line in percent: ``line``, ``branch``, ``function``, the first of each."""
    if not _COVERAGE.search(text):
        return {}
    found: dict[str, float] = {}
    bare = _OTHERS.sub("", text)
    told = 0
    for match in _FIGURE.finditer(bare):
        kinds, told = _kinds(bare, match, told)
        percent = float(match[1])
        if percent <= 100:  # noqa: PLR2004 - percent
            for kind in kinds:
                found.setdefault(kind, percent)
    return found


def demand_in(line: str) -> str:
    """Return what a list item or a labelled line outside of the criteria says, if it demands coverage with a figure.

    Free prose demands nothing, nor does what tells how things are (``current coverage is 87%``).
    """
    if "overage" not in line:
        return ""
    item, label = _BULLET.match(line), read_label(line)
    if not (item or label) or (label and label.kind == "status"):
        return ""
    text = _FROM.sub("", item["text"] if item else line)
    return text if _ASKS.search(text) and not _AS_IT_IS.search(text) and figures(text) else ""


def _kinds(text: str, figure: re.Match[str], told: int) -> tuple[list[str], int]:
    """Return what a figure is a figure of, by the words right before or right behind it, and up to where they stand.

    Args:
        text: The line.
        figure: The figure in it.
        told: Where the words of the figure before end: they are not this one's.
    """
    ahead = _AHEAD.search(text, max(told, figure.start() - _REACH), figure.start())
    behind = None if ahead else _BEHIND.match(text, figure.end())
    near = ahead or behind
    words = [found[1].lower() for found in _KIND.finditer(near[1])] if near else ["line"]
    return ["line" if word == "statement" else word for word in words], max(figure.end(), behind.end() if behind else 0)


def goal_of(lines: Iterable[str]) -> CoverageGoal:
    """Return the goal of several lines: the first figure of each kind."""
    found: dict[str, float] = {}
    for line in lines:
        for kind, percent in figures(line).items():
            found.setdefault(kind, percent)
    return CoverageGoal(found.get("line"), found.get("branch"), found.get("function"))
