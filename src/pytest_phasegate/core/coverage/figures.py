"""Percentages by coverage.py's rules, and the minimum they are held against."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from pytest_phasegate.errors import ConfigurationError

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
