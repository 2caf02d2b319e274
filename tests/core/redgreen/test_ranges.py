from __future__ import annotations

import pytest

from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.project.settings import Waiver
from pytest_phasegate.core.redgreen.ranges import (
    OpenRed,
    broken_at_the_end,
    judge_range,
    let_go,
    still_open,
    touched_while_open,
    unknown_at_the_end,
    with_findings,
)
from pytest_phasegate.core.redgreen.verdict import CommitRuling, CommitVerdict
from support.observations import CODE, TESTS, read, seen, verdict

ONE = "def test_a():\n    assert f() == 1\n"
A = TestId(f"{TESTS}::test_a")
RED = verdict({TESTS: ("", ONE)}, seen("test_a", "failed>failed"))._replace(sha="aaa")
NOTHING = read({"README.md": ("a", "b")})


def test_a_red_commit_is_open_until_a_commit_turns_it_green() -> None:
    opened = still_open((), RED, read({TESTS: ("", ONE)}))
    code = verdict({CODE: ("x = 1", "x = 2")}, seen("test_a", "failed>passed"))

    assert opened == (OpenRed(A, "aaa"),)
    assert still_open(opened, code, NOTHING) == ()


def test_a_red_that_is_seen_again_keeps_the_commit_that_brought_it() -> None:
    again = RED._replace(sha="bbb")

    assert still_open((OpenRed(A, "aaa"),), again, NOTHING) == (OpenRed(A, "aaa"),)


@pytest.mark.parametrize(
    ("files", "left"),
    [
        ({TESTS: (ONE, "")}, []),
        ({TESTS: (ONE, ONE.replace("test_a", "test_b"))}, [f"{TESTS}::test_b"]),
        ({"README.md": ("a", "b")}, [A]),
    ],
)
def test_an_open_red_goes_with_its_test_and_keeps_its_new_name(
    files: dict[str, tuple[str | None, str | None]], left: list[str]
) -> None:
    quiet = verdict(files, ran=False)

    assert [red.test for red in still_open((OpenRed(A, "aaa"),), quiet, read(files))] == left


def test_a_range_may_not_end_red() -> None:
    given = judge_range([RED], [OpenRed(A, "aaa")])

    assert (given.verdict, [finding.code for finding in given.findings]) == ("failed", ["PG212"])
    assert given.reason == "1 test left red at the end, 1 passed"


@pytest.mark.parametrize(
    ("match", "expires", "ruling"),
    [("tests/*", "", "passed"), ("tests/*", "2026-01-01", "failed"), ("src/*", "", "failed")],
)
def test_an_open_red_can_be_waived_by_its_name(match: str, expires: str, ruling: str) -> None:
    given = judge_range([RED], [OpenRed(A, "aaa")], waivers=[Waiver(match, "known bug", expires)], today="2026-11-21")

    assert (given.verdict, given.open_red) == (ruling, (OpenRed(A, "aaa"),))


def test_a_range_is_as_grave_as_its_gravest_commit_and_counts_waivers() -> None:
    refused = verdict({CODE: ("x = 1", "x = 2")})
    waived = verdict({CODE: ("x = 1", "x = 2")}, message="feat: x\n\nRed-Green: waived (spike)")

    assert judge_range([RED, refused, waived], []).reason == "1 of 3 failed, 1 passed, 1 waived"
    assert judge_range([RED, refused, waived], []).verdict == "failed"
    assert judge_range([RED, waived], []).reason == "1 of 2 commits passed, 1 waived"
    assert judge_range([RED], []).reason == "1 of 1 commit passed"
    assert judge_range([], []).verdict == "not-evaluated"
    assert judge_range([], []).reason == "no commits in this range"


REFUSED = verdict({CODE: ("x = 1", "x = 2")})._replace(sha="0123456789abcdef")


@pytest.mark.parametrize(
    ("commits", "told", "verdict"),
    [
        ([REFUSED, RED], True, "failed"),
        ([RED, REFUSED, RED], True, "failed"),
        ([RED, REFUSED], False, "failed"),  # the last one is amended
        ([REFUSED], False, "failed"),
        ([RED, RED], False, "passed"),
        ([REFUSED._replace(verdict=CommitRuling.WAIVED), RED], False, "passed"),
        ([REFUSED._replace(verdict=CommitRuling.INCONCLUSIVE), RED], False, "inconclusive"),  # nothing to mend is known
    ],
)
def test_how_a_commit_is_mended_that_others_stand_on_is_told_once(
    commits: list[CommitVerdict], told: bool, verdict: str
) -> None:
    given = judge_range(commits, [])

    joined = "git reset --soft 0123456789ab && git commit --amend"  # the first commit of all has none before it
    assert [(one.code, joined in one.fix) for one in given.findings] == [("PG225", True)] * told
    assert given.verdict == verdict


def test_every_refused_commit_that_others_stand_on_is_named_and_the_rebase_begins_at_the_first() -> None:
    refused = [REFUSED._replace(sha=letter * 40) for letter in "abcd"]

    (told,) = judge_range([*refused, RED], []).findings

    named = ", ".join(letter * 12 for letter in "abc")
    assert told.message == f"{named} and 1 more are refused for what they hold, whatever comes after them"
    assert "git rebase -i aaaaaaaaaaaa~" in told.fix


def test_what_is_not_known_is_counted_apart_from_what_failed() -> None:
    unknown = RED._replace(verdict=CommitRuling.INCONCLUSIVE)
    exempt = verdict({"README.md": ("a", "b")}, ran=False)
    failed = verdict({CODE: ("x = 1", "x = 2")})

    assert judge_range([unknown, RED, RED], []).reason == "1 of 3 inconclusive, 0 failed, 2 passed"
    assert judge_range([unknown, failed], []).reason == "1 of 2 failed, 1 inconclusive"
    assert judge_range([exempt], []).reason == "nothing to prove: 1 commit exempt"
    assert judge_range([exempt, exempt], []).reason == "nothing to prove: 2 commits exempt"
    assert judge_range([RED, exempt], []).reason == "1 of 2 commits passed, 1 exempt"


def test_a_test_may_not_be_weakened_between_red_and_green() -> None:
    weaker = read({TESTS: (ONE, "def test_a():\n    assert f()\n")})

    assert [(found.code, found.line) for found in touched_while_open({A}, weaker)] == [("PG206", 1)]
    assert touched_while_open(set(), weaker) == ()
    assert touched_while_open({A}, read({TESTS: (ONE, ONE.replace("1", "2"))})) == ()


def test_what_comes_to_no_end_behind_a_range_leaves_it_open() -> None:
    unknown, fallen = unknown_at_the_end("2 tests never ended").finding, broken_at_the_end(A, several=True)

    assert with_findings(judge_range([RED], []), [unknown]).verdict == "inconclusive"
    assert with_findings(judge_range([RED], []), [unknown, fallen.finding]).verdict == "failed"
    assert with_findings(judge_range([RED], []), [let_go(fallen, "meant")]).verdict == "passed"
