"""How long runs of tests may take: the first one, those that follow it, and a commit that waits for them."""

from __future__ import annotations

from pytest_phasegate.core.evidence.probe_records import ProbedRun

_LEAST_STALL = 10.0
_SLOWEST_CASE = 10.0
_WHOLE_RUN = 3.0
_FIRST_RUN = 30.0
"""How many time limits the first run of some tests may last, which tells how long the others may."""
_MOST_PATIENT = 5.0  # times that a commit waits longer, at most


def of_the_first(limit: float) -> float:
    """Return the seconds that the first run of some tests may take, whose length nobody knows."""
    return _FIRST_RUN * limit


def of_the_others(green: ProbedRun) -> float:
    """Return the seconds that other runs of the same tests may take."""
    return _WHOLE_RUN * green.seconds + stall_after(green)


def stall_after(green: ProbedRun) -> float:
    """Return the seconds without a sign of life that mean a hang, by how long the same tests take when they pass."""
    slowest = max((case.seconds for case in green.cases), default=0.0)
    return max(_LEAST_STALL, _SLOWEST_CASE * slowest, _WHOLE_RUN * green.seconds)


def patient(seconds: float, load: float, processors: int) -> float:
    """Return for how long a commit waits for runs of so many seconds where others, by the load, have the processors."""
    return round(seconds * min(max(load / processors, 1.0), _MOST_PATIENT))
