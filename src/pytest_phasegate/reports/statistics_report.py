"""The figures of how the work went: as text, as JSON, and as the charts of a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from itertools import accumulate
from typing import Any, NamedTuple

from rich.console import RenderableType

from pytest_phasegate.app.guide.overview import PhaseOverview
from pytest_phasegate.core.guide.progress import State
from pytest_phasegate.core.verdict.statistics import Period, PhaseFigures, Spent, Statistics
from pytest_phasegate.core.verdict.verdict import counted
from pytest_phasegate.reports.as_json import picked
from pytest_phasegate.reports.as_terminal import grid, said, shown

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
        rows = [[one.begins, *map(str, one.tally), _seconds(one.check), _reds(one.reds)] for one in found.periods]
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


def as_record(found: Statistics, titles: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """Return them as plain values; a rate is a share from 0 to 1, and what is not known is null."""
    return {
        "schema": "phasegate.stats/1",
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


def _phase(one: PhaseFigures, titles: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    return {
        **picked(one, "guide", "id"),
        "title": titles.get((one.guide, one.id)),
        **one.tally._asdict(),
        **picked(one, "tally.inconclusive_rate", "first_pass"),
        "tries_to_green": one.tries,
        "seconds": _spent(one.check),
        "reds": one.reds,
        "estimate_seconds": one.estimate,
        "actual_seconds": one.actual,
    }


def _spent(spent: Spent | None) -> dict[str, float] | None:
    return asdict(spent) if spent else None


_MOST_WEEKS = 52  # that the chart of checks shows


class Point(NamedTuple):
    """An accepted phase in a chart: the tests kept by then, and its coverage."""

    phase: str
    tests: int
    coverage: float | None


class Checks(NamedTuple):
    """How the checks ended, in lines about all of them, and the last weeks for a chart."""

    lines: tuple[str, ...]
    weeks: tuple[Period, ...]


def trend(phases: Iterable[PhaseOverview]) -> tuple[Point, ...]:
    """Return the accepted phases in the order of their commits; fewer than two, or none with tests, are no chart."""
    accepted = (one for one in phases if one.progress.state is State.ACCEPTED)
    ordered = [one.progress for one in sorted(accepted, key=lambda one: one.ended)]
    kept = list(accumulate(one.facts.accepted_tests for one in ordered))
    if len(ordered) < 2 or not kept[-1]:  # noqa: PLR2004 - one point is no line
        return ()
    return tuple(Point(one.phase.id, so_far, one.coverage) for one, so_far in zip(ordered, kept, strict=True))


def checks(found: Statistics) -> Checks | None:
    """Return how the checks ended; nothing before the first."""
    weeks = tuple(one for one in found.periods if one.tally.checks)[-_MOST_WEEKS:]
    return Checks(tuple(overall(found)), weeks) if weeks else None
