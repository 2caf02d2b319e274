"""Figures of how the work went: how often it passed at once, how long it took, and against which estimate."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import fmean, median
from typing import NamedTuple

from pytest_phasegate.core.verdict.judgement import CHECK, WHOLE, Judgement
from pytest_phasegate.core.verdict.verdict import Ruling

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_READ = 200  # characters of an estimate
_LONGEST = 1e9  # seconds, some thirty years: what is said to last longer is no duration
_NUMBER = r"\d+(?:[.,]\d+)?"
_SPAN = re.compile(
    rf"(?:{_NUMBER}\s*(?:-|–|—|to)\s*)?({_NUMBER})\s*"
    r"(seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|wks?|w)(?![a-z])",
    re.IGNORECASE,
)


class RedSeen(NamedTuple):
    """One red that a run recorded: when, how it is graded, and the guide and the phase it belongs to, if known."""

    at: int
    grade: str
    flaky: bool = False
    phase: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """How long something took: how often it was done, the median and the sum in seconds."""

    count: int
    median: float
    total: float

    @classmethod
    def of(cls, seconds: Iterable[float]) -> Spent | None:
        """Return the figures, or nothing of nothing."""
        found = tuple(seconds)
        return cls(len(found), round(median(found), 2), round(sum(found), 2)) if found else None


class Tally(NamedTuple):
    """How checks of phases ended."""

    checks: int
    passed: int
    failed: int
    inconclusive: int

    @classmethod
    def of(cls, checks: Iterable[Judgement]) -> Tally:
        """Count them; what was waived or not evaluated is among the checks alone."""
        found = Counter(one.ruling for one in checks)
        failed = found[Ruling.FAILED] + found[Ruling.ERROR]
        return cls(found.total(), found[Ruling.PASSED], failed, found[Ruling.INCONCLUSIVE])

    @property
    def inconclusive_rate(self) -> float | None:
        """The share of checks that reached no verdict, from 0 to 1."""
        return _share(self.inconclusive, self.checks)


class PhaseFigures(NamedTuple):
    """The figures of one phase.

    ``tries`` counts the checks up to the first that passed, ``None`` where none did. ``estimate`` is what the guide
    says and ``actual`` the time from the first verdict to the end, both in seconds, where they are known.
    """

    guide: str
    id: str
    tally: Tally
    tries: int | None
    check: Spent | None
    reds: Mapping[str, int]
    estimate: float | None = None
    actual: float | None = None

    @property
    def first_pass(self) -> bool | None:
        """Whether the first check passed; ``None`` where there was none."""
        return self.tries == 1 if self.tally.checks else None


class Period(NamedTuple):
    """The figures of one week; ``begins`` is its Monday."""

    begins: str
    tally: Tally
    check: Spent | None
    reds: Mapping[str, int]


class Statistics(NamedTuple):
    """All figures; ``check`` and ``run`` are of whole checks and of judged runs of pytest, ``parts`` of a check's."""

    tally: Tally
    phases: tuple[PhaseFigures, ...]
    periods: tuple[Period, ...]
    check: Spent | None
    run: Spent | None
    parts: Mapping[str, Spent]
    reds: Mapping[str, int]
    flaky: int

    @property
    def begun(self) -> tuple[PhaseFigures, ...]:
        """The phases that were checked."""
        return tuple(one for one in self.phases if one.tally.checks)

    @property
    def first_pass_rate(self) -> float | None:
        """The share of the checked phases that passed at their first check, from 0 to 1."""
        return _share(sum(one.first_pass is True for one in self.begun), len(self.begun))

    @property
    def mean_tries(self) -> float | None:
        """The checks that a phase took to pass, on the average of those that did."""
        found = [one.tries for one in self.phases if one.tries is not None]
        return round(fmean(found), 2) if found else None

    @property
    def empty(self) -> bool:
        """Whether nothing was recorded."""
        return not (self.phases or self.reds or self.run)


class Course(NamedTuple):
    """What is known of a phase beside its verdicts: the estimate as written, and when it ended (0: not yet)."""

    estimate: str = ""
    ended: int = 0


def statistics_of(
    judgements: Sequence[Judgement], reds: Sequence[RedSeen], courses: Mapping[tuple[str, str], Course]
) -> Statistics:
    """Return the figures of everything that was recorded.

    Args:
        judgements: Oldest first.
        reds: Those that runs have recorded.
        courses: What else is known of the phases, by the guide's slug and the phase's id, in the order to tell them.
    """
    checks = [one for one in judgements if one.source == CHECK]
    seen = dict.fromkeys([*courses, *((one.guide, one.phase) for one in judgements)])
    judged = {(one.guide, one.phase) for one in judgements} | {one.phase for one in reds if one.phase}
    whole = _runs(checks)
    return Statistics(
        Tally.of(checks),
        tuple(_of_phase(key, judgements, reds, courses.get(key, Course())) for key in seen if key in judged),
        tuple(_periods(checks, reds)),
        _whole(checks),
        _whole(one for one in judgements if one.source != CHECK),
        {
            part: spent
            for part in dict.fromkeys(name for took in whole for name in took if name != WHOLE)
            if (spent := Spent.of(took[part] for took in whole if part in took))
        },
        _graded(reds),
        sum(one.flaky for one in reds),
    )


def _of_phase(
    key: tuple[str, str], judgements: Sequence[Judgement], reds: Sequence[RedSeen], course: Course
) -> PhaseFigures:
    own = [one for one in judgements if (one.guide, one.phase) == key]
    checks = [one for one in own if one.source == CHECK]
    tries = next((number for number, one in enumerate(checks, 1) if one.ruling is Ruling.PASSED), None)
    lasted = course.ended - min((one.at for one in own), default=course.ended)
    return PhaseFigures(
        *key,
        Tally.of(checks),
        tries,
        _whole(checks),
        _graded(one for one in reds if one.phase == key),
        seconds_of(course.estimate),
        float(lasted) if lasted > 0 else None,
    )


def _periods(checks: Sequence[Judgement], reds: Sequence[RedSeen]) -> Iterable[Period]:
    for begins in sorted({_monday(at) for at in (*(one.at for one in checks), *(one.at for one in reds))}):
        own = [one for one in checks if _monday(one.at) == begins]
        yield Period(begins, Tally.of(own), _whole(own), _graded(one for one in reds if _monday(one.at) == begins))


def _monday(at: int) -> str:
    """Return the first day of the week a moment lies in, ISO, in UTC."""
    day = datetime.fromtimestamp(at, UTC).date()
    return (day - timedelta(days=day.weekday())).isoformat()


def _runs(judgements: Iterable[Judgement]) -> list[dict[str, float]]:
    """Return how long each run took, by part: one that judged several phases has left as many judgements."""
    found = {(one.at, one.source, one.tree, one.seconds): dict(one.seconds) for one in judgements if one.seconds}
    return list(found.values())


def _whole(judgements: Iterable[Judgement]) -> Spent | None:
    return Spent.of(took[WHOLE] for took in _runs(judgements) if WHOLE in took)


def _graded(reds: Iterable[RedSeen]) -> dict[str, int]:
    return dict(Counter(one.grade for one in reds).most_common())


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def seconds_of(estimate: str) -> float | None:
    """Return a duration as people write it (``1.5 hours``, ``2-3 days``, ``1 h 30 min``) in seconds on the clock.

    Of a range it is the upper end; ``None`` where no duration can be read.
    """
    spans = _SPAN.findall(estimate[:_READ])
    found = [(float(number.replace(",", ".")), _UNITS[unit[0].lower()]) for number, unit in spans]
    seconds = sum(number * unit for number, unit in found)
    return seconds if 0 < seconds < _LONGEST else None
