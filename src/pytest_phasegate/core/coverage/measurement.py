"""What a measured run recorded: the lines (or arcs) that ran, by phase and file, their percentage, and the minima."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import Any, NamedTuple

from pytest_phasegate.core.guide.model import CoverageGoal, Phase
from pytest_phasegate.core.project.plain_values import as_plain, reading
from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.errors import ConfigurationError, EvidenceError

Trace = int | tuple[int, int]
"""A line that ran; or, where branches are measured, coverage.py's arc: the line left and the line gone to."""

Ran = Mapping[str, frozenset[Trace]]  # what ran, by path
_MOST_LINES = 2**31  # no file has more; a number beyond it is no line


def phase_key(guide: str, phase: str) -> str:
    """Return one name for a phase of a guide (by the guide's path), for use as a key only."""
    return f"{guide}#{phase}"


class Measurement(NamedTuple):
    """What ran in one process, or in several that were put together. Paths are relative to the project's root.

    ``imported`` holds the project's modules that were loaded, measured or not, so that a file that never ran can be
    told from one that was not measured; ``early`` those of them that were loaded before measuring began. ``elsewhere``
    gives by path of the tree the file that was loaded in its place, such as an installed copy. ``children`` says that
    tests ran other processes, which nothing measured. ``troubles`` says by phase key why what is recorded for it may be
    wrong.
    """

    branches: bool
    phases: Mapping[str, Ran] = MappingProxyType({})
    everything: Ran = MappingProxyType({})
    imported: frozenset[str] = frozenset()
    troubles: Mapping[str, str] = MappingProxyType({})
    early: frozenset[str] = frozenset()
    elsewhere: Mapping[str, str] = MappingProxyType({})
    children: bool = False


def from_plain(plain: Any) -> Measurement:
    """Read what ``as_plain`` made of a measurement.

    Raises:
        EvidenceError: It is something else, or cut short.
    """
    try:
        found = reading(Measurement)(plain)
        _check(found, plain)
    except (TypeError, ValueError) as error:
        raise EvidenceError("a coverage record cannot be read", hint="run the tests again") from error
    return found


def _check(found: Measurement, plain: Mapping[str, Any]) -> None:
    if as_plain(Measurement(found.branches)).keys() - plain.keys():
        raise ValueError("cut short")
    for trace in chain(*(traces for ran in (found.everything, *found.phases.values()) for traces in ran.values())):
        lines = trace if isinstance(trace, tuple) else (trace,)
        if len(lines) != 1 + found.branches or max(map(abs, lines)) > _MOST_LINES:
            raise ValueError(trace)


def together(parts: Iterable[Measurement]) -> Measurement | None:
    """Return what several processes recorded as one; of none, ``None``.

    Raises:
        EvidenceError: Some measured branches and some did not, so that their lines cannot be told alike.
    """
    measured = tuple(parts)
    if not measured:
        return None
    if len({part.branches for part in measured}) > 1:
        raise EvidenceError(
            "some parts of the run measured branches and some did not", hint="use the same options for every part"
        )
    phases = {phase for part in measured for phase in part.phases}
    return Measurement(
        branches=measured[0].branches,
        phases={phase: joined(part.phases.get(phase, {}) for part in measured) for phase in phases},
        everything=joined(part.everything for part in measured),
        imported=frozenset().union(*(part.imported for part in measured)),
        troubles={phase: trouble for part in measured for phase, trouble in part.troubles.items()},
        early=frozenset().union(*(part.early for part in measured)),
        elsewhere={path: file for part in measured for path, file in part.elsewhere.items()},
        children=any(part.children for part in measured),
    )


def joined(parts: Iterable[Mapping[str, Iterable[Trace]]]) -> Ran:
    """Return the union of several accounts of what ran."""
    found: dict[str, set[Trace]] = {}
    for part in parts:
        for path, traces in part.items():
            found.setdefault(path, set()).update(traces)
    return {path: frozenset(traces) for path, traces in found.items() if traces}


def lines_of(traces: Iterable[Trace]) -> Iterator[int]:
    """Yield the lines that ran; an arc from or to the outside of a function has one end only."""
    for trace in traces:
        if isinstance(trace, int):
            yield trace
        else:
            yield from (line for line in trace if line > 0)


PRECISION = 2  # decimals of every figure of ours
_WHOLE = 100.0


@dataclass(frozen=True, slots=True)
class Figure:
    """How many of some things were reached."""

    covered: int
    total: int

    @property
    def percent(self) -> float | None:
        """The share in percent, rounded once for verdict and display alike; ``None`` of nothing.

        As coverage.py rounds: 100 only if exactly all, and 0 only if exactly none.
        """
        return percent(self.covered, self.total) if self.total else None

    @property
    def shown(self) -> float:
        """The percentage for a report, which has to name one: of nothing, 100, as in coverage.py."""
        share = self.percent
        return _WHOLE if share is None else share

    def meets(self, minimum: float | None) -> bool:
        """Whether the figure as shown reaches a minimum in percent; of nothing, any minimum is reached."""
        share = self.percent
        return share is None or minimum is None or share >= minimum

    def __add__(self, other: Figure) -> Figure:
        return Figure(self.covered + other.covered, self.total + other.total)


def percent(covered: int, total: int) -> float:
    """Return ``covered`` of ``total`` (at least 1) in percent, at our precision."""
    step = 10.0**-PRECISION
    share = _WHOLE * covered / total
    if 0 < covered < total:
        return min(max(round(share, PRECISION), step), round(_WHOLE - step, PRECISION))
    return round(share, PRECISION)


class Minimum(NamedTuple):
    """A minimum in percent, and who asked for it."""

    percent: float
    source: str


class Override(NamedTuple):
    """One ``--phasegate-fail-under``: a minimum in percent for one phase, or for every phase (``None``)."""

    phase: str | None
    percent: float


def read_override(text: str) -> Override:
    """Read ``[ID=]PCT``.

    Raises:
        ConfigurationError: It is no percentage from 0 to 100.
    """
    phase, _, number = text.rpartition("=")
    try:
        share = float(number.strip().removesuffix("%"))
    except ValueError:
        share = math.nan
    if not 0 <= share <= _WHOLE or ("=" in text and not phase.strip()):
        raise ConfigurationError(
            f"--phasegate-fail-under {text!r} is no minimum", hint="give a percentage from 0 to 100, as 85 or 2=85"
        )
    return Override(phase.strip() or None, share)


def overriding(overrides: Iterable[Override], phase: str) -> float | None:
    """Return what the option says for a phase: the last one that names it, else the last one for all."""
    last = {one.phase: one.percent for one in overrides}
    return last.get(phase, last.get(None))


def first_minimum(*candidates: tuple[float | None, str]) -> Minimum | None:
    """Return the first candidate that has a figure; a candidate is a percentage and who asked for it."""
    return next((Minimum(share, source) for share, source in candidates if share is not None), None)


class Minima(NamedTuple):
    """What a phase must reach, each figure on its own; ``None`` where nobody asks."""

    line: Minimum | None
    branch: Minimum | None
    function: Minimum | None

    @property
    def asked(self) -> bool:
        """Whether any figure is asked for."""
        return any((self.line, self.branch, self.function))


def minima(phase: Phase, settings: Settings, overrides: tuple[Override, ...] = ()) -> Minima:
    """Return the minima of a phase: the option beats the guide, the guide the stage, the stage the configuration."""
    goal, configured = phase.coverage, settings.coverage
    return Minima(
        line=first_minimum(
            (overriding(overrides, phase.id), "--phasegate-fail-under"),
            (_of_the_stage(goal, settings), "guide"),
            (settings.stage_minimum, f"stage {settings.stage}"),
            (configured.minimum, "configuration"),
        ),
        branch=first_minimum((goal.branch, "guide"), (configured.branch, "configuration")),
        function=first_minimum((goal.function, "guide"), (configured.function, "configuration")),
    )


def _of_the_stage(goal: CoverageGoal, settings: Settings) -> float | None:
    """Return the guide's minimum of lines: of several figures the one for the configured stage, else the highest."""
    stage = (settings.stage or "").lower()
    if not goal.stages or settings.stage_minimum is None:
        return goal.minimum
    named = [percent for name, percent in goal.stages if name and name == stage]
    alike = [percent for _, percent in goal.stages if percent == settings.stage_minimum]
    ordered = [name.lower() for name in settings.stages]
    placed = [goal.stages[ordered.index(stage)][1]] if len(ordered) == len(goal.stages) else []
    return next(iter((*named, *alike, *placed)), goal.minimum)
