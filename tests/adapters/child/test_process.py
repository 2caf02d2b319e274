"""How long a run is waited for: told by a clock of the tests' own, so that nobody waits."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from pytest_phasegate.adapters.child.process import waited
from pytest_phasegate.app.ports.evidence import RunOrder

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Timetable:
    """A process that gives its signs of life at some seconds and ends at another; waiting for it moves its clock."""

    watched: Path
    signs: list[float]
    end: float = float("inf")
    now: float = field(default=100.0)

    def ended(self, seconds: float) -> bool:
        self.now += seconds
        self.watched.write_text("." * sum(100 + sign <= self.now for sign in self.signs))
        return self.now >= 100 + self.end


def at(last: float, each: float = 0.5) -> list[float]:
    """Give a sign after each so many seconds."""
    return [number * each for number in range(int(last / each))]


WAITS: dict[str, tuple[RunOrder, list[float], float, tuple[float, bool] | None]] = {
    # an order, signs of life, the end by itself: None if it came, else the seconds waited and whether a test hung
    "it ends in time": (RunOrder("t", timeout=8), at(4), 4, None),
    "a suite that is only long hangs nowhere": (RunOrder("t", timeout=8), at(60), 60, (8, False)),
    "a test that takes most of the time hangs": (RunOrder("t", timeout=16), [0], 99, (16, True)),
    "one that began late does not": (RunOrder("t", timeout=16), at(10), 99, (16, False)),
    "a long run goes on while tests end": (RunOrder("t", timeout=6, at_most=300), at(200, each=2.4), 200, None),
    "but not for ever": (RunOrder("t", timeout=20, at_most=30), at(200), 200, (30, False)),
    "and ends where a test hangs": (RunOrder("t", timeout=16, at_most=600), [0], 99, (16, True)),
    "or begins to": (RunOrder("t", timeout=16, at_most=600), at(20), 99, (32, True)),
    "a test that stalls hangs": (RunOrder("t", timeout=60, stall=8), [0], 99, (8, True)),
    "also late": (RunOrder("t", timeout=60, stall=8), at(40), 99, (48, True)),
    "a start without a sign may take long": (RunOrder("t", timeout=60, stall=8), [20], 25, None),
}


@pytest.mark.parametrize("case", WAITS)
def test_a_run_is_waited_for_as_long_as_its_order_says(case: str, tmp_path: Path) -> None:
    order, signs, end, expected = WAITS[case]
    process: Any = Timetable(tmp_path / "records", signs, end)

    idle = waited(process, order, process.watched, Event(), clock=lambda: process.now)

    if expected is None:
        assert (idle, process.now - 100) == (None, end)
    else:
        assert idle is not None
        assert (process.now - 100, idle >= order.hanging) == (pytest.approx(expected[0], abs=1), expected[1])


def test_what_is_to_stop_is_waited_for_no_longer_and_hangs_nowhere(tmp_path: Path) -> None:
    process: Any = Timetable(tmp_path / "records", [0])
    stop = Event()
    stop.set()

    assert waited(process, RunOrder("t"), process.watched, stop, clock=lambda: process.now) == 0.0
    assert process.now < 101


@pytest.mark.parametrize(
    ("order", "seconds"),
    [
        (RunOrder("t", timeout=120), 60),
        (RunOrder("t", timeout=120, at_most=3600), 60),
        (RunOrder("t", timeout=120, stall=10), 10),
        (RunOrder("t", timeout=120, stall=1000, at_most=1300), 650),
        (RunOrder("t", timeout=20, stall=1000), 10),
    ],
)
def test_what_hangs_is_told_by_how_long_its_tests_take_where_that_is_known(order: RunOrder, seconds: float) -> None:
    assert order.hanging == seconds
