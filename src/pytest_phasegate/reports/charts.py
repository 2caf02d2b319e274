"""The charts of a page, measured out here and drawn by its template."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from pytest_phasegate.app.guide.overview import PhaseOverview
from pytest_phasegate.core.guide.progress import State
from pytest_phasegate.core.verdict.statistics import Period, Statistics
from pytest_phasegate.reports.statistics_report import overall

_MOST_BARS = 52  # weeks that the chart of checks shows
_WIDEST = 60.0  # a bar, where there are few


class Point(NamedTuple):
    """An accepted phase in the chart."""

    x: float
    tests: float
    coverage: float | None
    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Trend:
    """The accepted phases in the order of their commits: tests kept so far, and the coverage of each."""

    points: tuple[Point, ...]
    most: int
    width: int = 720
    height: int = 160

    @property
    def area(self) -> str:
        """The outline of the tests kept."""
        line = " ".join(f"{one.x:.1f},{one.tests:.1f}" for one in self.points)
        return f"{self.points[0].x:.1f},{self.height} {line} {self.points[-1].x:.1f},{self.height}"

    @property
    def dots(self) -> str:
        """The line of the coverage, through the phases that have one."""
        return " ".join(f"{one.x:.1f},{one.coverage:.1f}" for one in self.points if one.coverage is not None)


class Bar(NamedTuple):
    """The checks of one week: where it stands, and of each way to end its colour, its top and its height."""

    x: float
    parts: tuple[tuple[str, float, float], ...]
    label: str


@dataclass(frozen=True, slots=True)
class Checks:
    """How the checks ended, week by week, and lines about all of them."""

    lines: tuple[str, ...]
    bars: tuple[Bar, ...] = ()
    step: float = _WIDEST
    width: int = 720
    height: int = 100


def trend(phases: Iterable[PhaseOverview]) -> Trend | None:
    """Return the chart of the accepted phases in the order of their commits; none of fewer than two."""
    accepted = [one for one in phases if one.progress.state is State.ACCEPTED]
    ordered = sorted(accepted, key=lambda one: one.ended)
    total = sum(one.progress.facts.accepted_tests for one in ordered)
    if len(ordered) < 2 or not total:  # noqa: PLR2004 - one point is no line
        return None
    empty = Trend((), total)
    return replace(empty, points=tuple(_points(ordered, empty)))


def _points(ordered: Sequence[PhaseOverview], chart: Trend) -> Iterator[Point]:
    so_far = 0
    for place, one in enumerate(ordered):
        progress = one.progress
        so_far += progress.facts.accepted_tests
        coverage = progress.coverage
        told = f"phase {progress.phase.id}: {so_far} tests kept"
        if coverage is not None:
            told += f", coverage {coverage:g} %"
        yield Point(
            chart.width * place / (len(ordered) - 1),
            chart.height * (1 - so_far / chart.most),
            None if coverage is None else chart.height * (1 - coverage / 100),
            progress.phase.id,
            told,
        )


def checks(found: Statistics) -> Checks | None:
    """Return the chart of the checks; none before the first."""
    periods = [one for one in found.periods if one.tally.checks][-_MOST_BARS:]
    if not periods:
        return None
    empty = Checks(tuple(overall(found)))
    fitted = replace(empty, step=min(_WIDEST, empty.width / len(periods)))
    return replace(fitted, bars=tuple(_bars(periods, fitted)))


def _bars(periods: Sequence[Period], chart: Checks) -> Iterator[Bar]:
    most = max(one.tally.checks for one in periods)
    for place, one in enumerate(periods):
        tally, top = one.tally, float(chart.height)
        parts: list[tuple[str, float, float]] = []
        for tone, count in (("good", tally.passed), ("warn", tally.inconclusive), ("bad", tally.failed)):
            height = chart.height * count / most
            top -= height
            parts.append((tone, top, height))
        told = f"week of {one.begins}: {tally.passed} passed, {tally.failed} failed, {tally.inconclusive} inconclusive"
        yield Bar(chart.step * place, tuple(parts), told)
