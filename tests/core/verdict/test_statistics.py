from __future__ import annotations

import pytest

from pytest_phasegate.core.verdict.judgement import Judgement
from pytest_phasegate.core.verdict.statistics import Course, RedSeen, Spent, seconds_of, statistics_of
from pytest_phasegate.core.verdict.verdict import Ruling

DAY = 86_400
PASSED = Judgement(DAY, "g", "1", "t", Ruling.PASSED, "check", seconds=(("tests", 2.0), ("whole", 3.0)))
FAILED = PASSED._replace(at=DAY // 2, ruling=Ruling.FAILED, seconds=(("tests", 6.0), ("whole", 7.0)))
DOUBT = FAILED._replace(at=DAY // 4, ruling=Ruling.INCONCLUSIVE, seconds=())
RUN = PASSED._replace(source="pytest", seconds=(("whole", 1.5),))


def test_the_figures_of_a_phase_tell_how_it_came_to_green() -> None:
    course = {("g", "1"): Course("2 hours", DAY), ("g", "2"): Course("1 day")}
    reds = (RedSeen(10, "structural", phase=("g", "1")), RedSeen(20, "behavioural", flaky=True))

    found = statistics_of((DOUBT, FAILED, RUN, PASSED), reds, course)

    (one,) = found.phases
    assert (one.tries, one.first_pass, one.check, one.reds) == (3, False, Spent(2, 5.0, 10.0), {"structural": 1})
    assert (one.estimate, one.actual) == (7_200, DAY - DAY // 4)
    assert (found.tally.checks, found.tally.passed, found.tally.failed, found.tally.inconclusive) == (3, 1, 1, 1)
    assert (found.tally.inconclusive_rate, found.first_pass_rate, found.mean_tries) == (0.3333, 0.0, 3)
    assert (found.check, found.run, found.parts) == (Spent(2, 5, 10), Spent(1, 1.5, 1.5), {"tests": Spent(2, 4, 8)})
    assert (found.reds, found.flaky) == ({"structural": 1, "behavioural": 1}, 1)
    told = [(period.begins, period.tally.checks, period.reds) for period in found.periods]
    assert told == [("1969-12-29", 3, {"structural": 1, "behavioural": 1})]


def test_a_run_that_judged_several_phases_took_its_time_once() -> None:
    found = statistics_of((PASSED, PASSED._replace(phase="2")), (), {})

    assert found.check == Spent(1, 3.0, 3.0)
    assert [one.check for one in found.phases] == [Spent(1, 3.0, 3.0)] * 2
    assert (found.first_pass_rate, found.mean_tries) == (1.0, 1)


@pytest.mark.parametrize(
    ("judgements", "rate", "tries"),
    [
        ((FAILED, PASSED), 0.0, 2),
        ((PASSED, FAILED), 1.0, 1),
        ((FAILED,), 0.0, None),
        ((RUN,), None, None),
        ((FAILED, PASSED, PASSED._replace(phase="2")), 0.5, 1.5),
        ((PASSED._replace(ruling=Ruling.WAIVED),), 0.0, None),
    ],
)
def test_only_a_check_is_a_try(judgements: tuple[Judgement, ...], rate: float | None, tries: float | None) -> None:
    found = statistics_of(judgements, (), {})

    assert (found.first_pass_rate, found.mean_tries) == (rate, tries)


def test_of_nothing_there_are_no_figures() -> None:
    found = statistics_of((), (), {("g", "1"): Course("1 hour", 5)})

    assert found.empty
    assert (found.phases, found.periods, found.check, found.first_pass_rate) == ((), (), None, None)
    assert found.tally.inconclusive_rate is None


@pytest.mark.parametrize(
    ("judged", "ended", "actual"), [(DAY, DAY + 60, 60.0), (DAY, 0, None), (DAY, DAY, None), (DAY, DAY - 60, None)]
)
def test_what_ended_before_it_was_first_judged_took_nobody_knows_how_long(
    judged: int, ended: int, actual: float | None
) -> None:
    (one,) = statistics_of((PASSED._replace(at=judged),), (), {("g", "1"): Course("", ended)}).phases

    assert one.actual == actual


@pytest.mark.parametrize("at", [1_795_831_200, 1_795_392_000])  # a Saturday, 02:00 UTC, and the Monday before
def test_a_week_begins_on_monday(at: int) -> None:
    (week,) = statistics_of((PASSED._replace(at=at),), (), {}).periods

    assert week.begins == "2026-11-23"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1.5 hours", 5_400),
        ("1,5 h", 5_400),
        ("30 min", 1_800),
        ("~45 minutes", 2_700),
        ("1 h 30 min", 5_400),
        ("1h30m", 3_600 + 1_800),
        ("2-3 days", 3 * DAY),
        ("2–3 days", 3 * DAY),
        ("1 to 2 weeks", 14 * DAY),
        ("90s", 90),
        ("Half a day", None),
        ("2 months", None),
        ("S", None),
        ("", None),
        ("0 hours", None),
        ("9" * 400 + " hours", None),
    ],
)
def test_an_estimate_is_read_as_people_write_it(text: str, seconds: float | None) -> None:
    assert seconds_of(text) == seconds
