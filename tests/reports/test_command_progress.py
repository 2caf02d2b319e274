from __future__ import annotations

import time
from itertools import count
from threading import Event

import pytest

from pytest_phasegate.core.redgreen.verdict import CommitRuling, CommitVerdict
from pytest_phasegate.reports.command_progress import CheckCourse, Course, lasted, ticking
from support.observations import CODE, seen, verdict


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (8, "8 s"), (59.6, "1 min"), (125, "2 min 5 s"), (3780, "1 h 3 min")]
)
def test_a_time_is_said_as_people_say_it(seconds: float, words: str) -> None:
    assert lasted(seconds) == words


def test_a_line_is_said_each_time_some_seconds_have_passed(capsys: pytest.CaptureFixture[str]) -> None:
    asked = count()
    enough = Event()

    def way() -> str:
        if next(asked) == 2:  # two were said before
            enough.set()
        return "half\x1b way"

    with ticking(way, every=0.02):
        assert enough.wait(60)
    said = capsys.readouterr().err
    time.sleep(0.1)

    assert said.splitlines()[:2] == ["half\\x1b way"] * 2
    assert capsys.readouterr().err == ""


def test_what_is_quick_is_not_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    with ticking(lambda: "half way", every=60):
        pass

    assert capsys.readouterr().err == ""


def test_a_range_says_what_is_to_be_done_and_how_far_it_is() -> None:
    course = Course("A..B", expected=0.0)
    course.read(3, 1_234)
    assert course.line() == "reading the commits: 3 of 1,234"
    course.start(4, 2)
    unknown = course.first_line()
    for ruling, seconds in ((CommitRuling.FAILED, 30.0), (CommitRuling.EXEMPT, 0.0)):
        course.add(_took(ruling, seconds))

    assert unknown == "verify A..B: 4 commits, 2 to replay, duration not known yet"
    assert course.line() == "2 of 4 commits judged, 1 failed, 0 inconclusive; 0 s, about 30 s left"
    assert course.pace == 30.0


def test_what_a_commit_took_last_time_tells_how_long_a_range_will_take() -> None:
    course = Course("A..B", expected=20.0, jobs=2)
    course.start(10, 8)

    assert course.first_line() == "verify A..B: 10 commits, 8 to replay, about 1 min 20 s by the last run here"


def test_time_that_passes_is_taken_off_what_is_left_and_an_estimate_that_is_used_up_is_not_said() -> None:
    course = Course("A..B", expected=20.0)
    course.start(1, 1)
    course.begun = course.since = time.monotonic() - 15.0
    later = course.line()
    course.begun = course.since = time.monotonic() - 60.0

    assert later == "0 of 1 commit judged, 0 failed, 0 inconclusive; 15 s, about 5 s left"
    assert course.line() == "0 of 1 commit judged, 0 failed, 0 inconclusive; 1 min"


def test_a_range_says_which_commit_it_is_at() -> None:
    course = Course("A..B", expected=0.0)
    course.start(2, 2)
    course.begin("68a9d58" * 5, "fix(cache): the oldest value goes when the cache is full, and no other")
    at_first = course.line()
    course.add(_took(CommitRuling.PASSED, 0.0)._replace(sha="68a9d58" * 5))

    assert at_first.endswith("; 0 s; now 68a9d5868a9d fix(cache): the oldest value goes when …")
    assert course.line() == "1 of 2 commits judged, 0 failed, 0 inconclusive; 0 s"
    course.begin("", "the tests that can reach the change, at the end of the range")
    assert course.line().endswith("; now the tests that can reach the change, at the end of the range")


def test_a_check_names_all_that_goes_on_and_nothing_that_is_done() -> None:
    course = CheckCourse(suite=False)
    for part in ("tests", "red-green", "commands"):
        course.begin(part)
    course.end("commands")

    assert course.line() == "running the tests of the phase: 0 s; proving red before green: 0 s"

    course.begin("message")
    course.end("tests")
    assert course.line() == "proving red before green: 0 s"

    course.end("red-green")
    assert course.line() == "reading the history and the guide"


def _took(ruling: CommitRuling, seconds: float) -> CommitVerdict:
    passed = verdict({CODE: ("x = 1", "x = 2")}, seen("test_a", "failed>passed"))
    return passed._replace(verdict=ruling, seconds=seconds)
