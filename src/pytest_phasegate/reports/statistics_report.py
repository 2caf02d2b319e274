"""The figures of how the work went: as text, as JSON, and as the charts of a page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from rich.console import RenderableType

from pytest_phasegate.app.guide.overview import PhaseOverview
from pytest_phasegate.core.guide.progress import State
from pytest_phasegate.core.verdict.statistics import Period, PhaseFigures, Spent, Statistics, Tally
from pytest_phasegate.core.verdict.verdict import counted
from pytest_phasegate.reports.as_terminal import grid, said, shown

SCHEMA = "phasegate.stats/1"
EMPTY = "nothing is recorded yet: run `phasegate check`, or `pytest --phase N`, and ask again"
_HOUR, _DAY = 3_600, 86_400


def as_text(found: Statistics, titles: Mapping[tuple[str, str], str], names: Mapping[tuple[str, str], str]) -> str:
    """Return the figures of all, of each phase, and over time.

    Args:
        found: The figures.
        titles: The titles of the phases that guides have, by slug and id.
        names: What commands call them.
    """
    if found.empty:
        return EMPTY
    things: list[RenderableType] = [said(line) for line in overall(found)]
    if found.phases:
        head = ["phase", "checks", "tries", "at once", "seconds", "reds", "estimate", "took", "title"]
        rows = [[*_of_phase(one, names), titles.get((one.guide, one.id), "-")] for one in found.phases]
        things += ["", grid(rows, head=head)]
    if found.periods:
        head = ["week of", "checks", "passed", "failed", "inconclusive", "seconds", "reds"]
        rows = [[one.begins, *_tally(one.tally), _seconds(one.check), _reds(one.reds)] for one in found.periods]
        things += ["", grid(rows, head=head)]
    return shown(things)


def overall(found: Statistics) -> Iterator[str]:
    """Yield the figures of all of it, each behind its word."""
    tally, begun = found.tally, found.begun
    if tally.checks:
        doubt = f"{tally.inconclusive} inconclusive ({_percent(tally.inconclusive_rate)})"
        yield f"checks   {tally.checks}: {tally.passed} passed, {tally.failed} failed, {doubt}"
        first, rate = sum(one.first_pass is True for one in begun), _percent(found.first_pass_rate)
        yield f"at once  {first} of {counted(len(begun), 'phase')} passed at the first check ({rate})"
    if found.mean_tries is not None:
        yield f"tries    {found.mean_tries:g} on the average until a phase passed"
    if found.reds:
        listed = ", ".join(f"{count} {grade}" for grade, count in found.reds.items())
        yield f"reds     {sum(found.reds.values())}: {listed}; {found.flaky} flaky"
    for what, spent in (("a check", found.check), ("a judged run of pytest", found.run)):
        if spent:
            yield f"time     {as_span(spent.median)} {what} (median of {spent.count}), {as_span(spent.total)} in all"
    listed = ", ".join(f"{part} {as_span(spent.median)}" for part, spent in _longest(found.parts) if spent.median >= 1)
    if listed:
        yield f"         of a check, at the same time: {listed}"


def _longest(parts: Mapping[str, Spent]) -> list[tuple[str, Spent]]:
    return sorted(parts.items(), key=lambda pair: -pair[1].median)


def _of_phase(one: PhaseFigures, names: Mapping[tuple[str, str], str]) -> Iterator[str]:
    yield names.get((one.guide, one.id), f"{one.guide}:{one.id}")
    yield str(one.tally.checks)
    yield str(one.tries or "-")
    yield {True: "yes", False: "no", None: "-"}[one.first_pass]
    yield _seconds(one.check)
    yield _reds(one.reds)
    yield as_span(one.estimate)
    yield as_span(one.actual)


def _tally(tally: Tally) -> list[str]:
    return [str(tally.checks), str(tally.passed), str(tally.failed), str(tally.inconclusive)]


def _seconds(spent: Spent | None) -> str:
    return f"{spent.median:g}" if spent else "-"


def _reds(reds: Mapping[str, int]) -> str:
    return str(sum(reds.values()) or "-")


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.0f} %"


def as_span(seconds: float | None) -> str:
    """Return how long work took, as estimates are written, seconds to days; ``-`` where nobody knows."""
    if seconds is None:
        return "-"
    if seconds >= 2 * _DAY:
        return f"{seconds / _DAY:.1f} days"
    if seconds >= _HOUR:
        return f"{seconds / _HOUR:.1f} h"
    return f"{seconds / 60:.1f} min" if seconds >= 60 else f"{seconds:.0f} s"  # noqa: PLR2004 - a minute


def as_json(found: Statistics, titles: Mapping[tuple[str, str], str]) -> str:
    """Return them as one JSON document; a rate is a share from 0 to 1, and what is not known is null."""
    record = {
        "schema": SCHEMA,
        "checks": {**found.tally._asdict(), "inconclusive_rate": found.tally.inconclusive_rate},
        "first_pass_rate": found.first_pass_rate,
        "tries_to_green": found.mean_tries,
        "reds": {"grades": found.reds, "flaky": found.flaky},
        "seconds": {
            "check": _spent(found.check),
            "run": _spent(found.run),
            "gates": {part: _spent(spent) for part, spent in _longest(found.parts)},
        },
        "phases": [_phase(one, titles) for one in found.phases],
        "by": "week",
        "over_time": [
            {"from": one.begins, **one.tally._asdict(), "seconds": _spent(one.check), "reds": one.reds}
            for one in found.periods
        ],
    }
    return json.dumps(record, indent=2)


def _phase(one: PhaseFigures, titles: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    return {
        "guide": one.guide,
        "id": one.id,
        "title": titles.get((one.guide, one.id)),
        **one.tally._asdict(),
        "inconclusive_rate": one.tally.inconclusive_rate,
        "first_pass": one.first_pass,
        "tries_to_green": one.tries,
        "seconds": _spent(one.check),
        "reds": one.reds,
        "estimate_seconds": one.estimate,
        "actual_seconds": one.actual,
    }


def _spent(spent: Spent | None) -> dict[str, float] | None:
    return asdict(spent) if spent else None


_MOST_BARS = 52  # weeks that the chart of checks shows
_WIDEST = 60.0  # a bar, where there are few


class Point(NamedTuple):
    """An accepted phase in the chart."""

    x: float
    tests: float
    coverage: float | None
    name: str
    label: str


class Trend(NamedTuple):
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


class Checks(NamedTuple):
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
    return empty._replace(points=tuple(_points(ordered, empty)))


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
    fitted = empty._replace(step=min(_WIDEST, empty.width / len(periods)))
    return fitted._replace(bars=tuple(_bars(periods, fitted)))


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
