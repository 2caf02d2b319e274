"""Success criteria, and the coverage they demand (rule 12)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from pytest_phasegate.core.guide.markdown.labels import read_label
from pytest_phasegate.core.guide.model import CoverageGoal, Criterion
from pytest_phasegate.dialects.coverage_figures import CoverageFigure, coverage_figures

_BULLET = re.compile(r"[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[(?P<box>[ xX])\][ \t]*)?(?P<text>.*)")
_OTHERS = re.compile(
    r"\d[\d.]{0,8}[ \t]?%[ \t]*(?:\+[ \t]*)?(?:of tests|(?:test )?pass(?:ing)?\b|pass rate|accuracy|precision|recall)",
    re.IGNORECASE,
)
_COMMANDS = re.compile(
    r"pre-?commit|mypy|pyright|ruff|black|lint|type[ -]?check|type errors?|hooks?|format", re.IGNORECASE
)
_TESTS = re.compile(r"\btests?\b|\bpytest\b", re.IGNORECASE)
_AS_IT_IS = re.compile(
    r"\b(?:current(?:ly)?|today|previous(?:ly)?|baseline)\b[^:.,;()]{0,30}\bcoverage\b"
    r"|\bcoverage (?:was|had been|is now|is currently|is today|now|today)\b|\bagainst\b[^:.,;()]{0,30}\d[^:,;()]{0,9}%",
    re.IGNORECASE,
)
_FROM = re.compile(r"\bfrom[ \t]+[~≈]?\d{1,4}(?:\.\d+)?[ \t]?[%％]", re.IGNORECASE)
_ASKS = re.compile(
    r"(?:^|[^\w-])coverage\b|覆盖率|覆蓋率|カバレッジ|커버리지|abdeckung\b"
    r"|\bcouverture\b|\bcobertura\b|\b\u043f\u043e\u043a\u0440\u044b\u0442\u0438[\u0435\u044f\u044e]\b",
    re.IGNORECASE,
)
_NO_COVERAGE = re.compile(
    r"coverage (?:measure|adapt|improve|gap|analys|collect)\w*|coverage report|coverage data|coverage tool"
    r"|coverage\.py|--cov",
    re.IGNORECASE,
)


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


def figures(text: str) -> tuple[CoverageFigure, ...]:
    """Return the coverage figures of one line, in their order."""
    return coverage_figures(_OTHERS.sub("", text))


def demand_in(line: str) -> str:
    """Return what a list item or a labelled line outside of the criteria says, if it demands coverage with a figure.

    Free prose demands nothing, nor does what tells how things are (``current coverage is 87%``).
    """
    if not _ASKS.search(line):
        return ""
    item, label = _BULLET.match(line), read_label(line)
    if not (item or label) or (label and label.kind == "status"):
        return ""
    text = _FROM.sub("", item["text"] if item else line)
    if text.lstrip("`").startswith("test_"):
        return ""
    return text if _ASKS.search(text) and not _AS_IT_IS.search(text) and figures(text) else ""


def goal_of(lines: Iterable[str]) -> CoverageGoal:
    """Return the goal of several lines: for each kind, the highest figure of the first line that has one.

    Lines that each name a figure (``development: 60%``, ``production: 80%``) are read as one.
    """
    found: dict[str, list[CoverageFigure]] = {}
    for line in lines:
        here: dict[str, list[CoverageFigure]] = {}
        for figure in figures(line):
            here.setdefault(figure.kind, []).append(figure)
        for kind, several in here.items():
            if kind not in found:
                found[kind] = several
            elif all(figure.name for figure in (*found[kind], *several)):
                found[kind] += several
    minimum, branch, function = (_highest(found.get(kind, ())) for kind in ("line", "branch", "function"))
    return CoverageGoal(minimum, branch, function, _steps(found))


def _highest(several: Iterable[CoverageFigure]) -> float | None:
    return max((figure.percent for figure in several), default=None)


def _steps(found: Mapping[str, Sequence[CoverageFigure]]) -> tuple[tuple[str, float], ...]:
    lines = found.get("line", ())
    return tuple((figure.name, figure.percent) for figure in lines) if len(lines) > 1 else ()
