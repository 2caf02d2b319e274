"""Parts of a repository with a policy of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.core.project.settings import PathPolicy, Policy, RedGreenSettings, Settings
from pytest_phasegate.core.redgreen.observed import LineEvidence, SeenTest
from pytest_phasegate.core.redgreen.plan import Extent, plan
from support.observations import TESTS, codes, read, seen, verdict

if TYPE_CHECKING:
    from pytest_phasegate.core.redgreen.verdict import CommitVerdict

F1, F2 = "def f(): return 1", "def f(): return 2"
A, OLD, CORE = "src/app.py", "src/old/a.py", "src/core/a.py"
TEST = "def test_a():\n    assert f() == 2\n"
PARTS = (
    PathPolicy("src/old/**", Policy.OBSERVE),
    PathPolicy("src/old/free/**", Policy.OFF),
    PathPolicy("src/core", Policy.STRICT),
    PathPolicy("tests/old/**", Policy.OBSERVE),
)
SETTINGS = RedGreenSettings(paths=PARTS)


def judged(files: dict[str, tuple[str, str]], *tests: SeenTest, settings: RedGreenSettings = SETTINGS) -> CommitVerdict:
    policy = read(files).policy_under(settings)
    return verdict(files, *tests, policy=policy, parts=settings)


@pytest.mark.parametrize(
    ("files", "tests", "expected", "said"),
    [
        pytest.param({A: (F1, F2)}, [], "failed", ["PG201"], id="the-rest-is-standard"),
        pytest.param({OLD: (F1, F2)}, [], "waived", ["PG201"], id="observed"),
        pytest.param({OLD: (F1, F2), A: (F1, F2)}, [], "failed", ["PG201"], id="observed-beside-standard"),
        pytest.param({"src/old/free/a.py": (F1, F2)}, [], "exempt", [], id="off"),
        pytest.param({"src/old/free/a.py": (F1, F2), A: (F1, F2)}, [], "failed", ["PG201"], id="off-beside-standard"),
        pytest.param(
            {"src/old/free/a.py": (F1, F2), TESTS: (TEST, TEST.replace("== 2", "!= 9"))},
            [seen("test_a", "passed>passed")],
            "failed",
            ["PG206", "PG202"],
            id="off-is-no-cover-for-a-test-of-the-rest",
        ),
        pytest.param(
            {OLD: (F1, F2), TESTS: ("", TEST)},
            [seen("test_a", "failed>passed")],
            "passed",
            [],
            id="observed-and-proved",
        ),
        pytest.param({OLD: (F1, F2)}, [seen("test_z", "passed>failed")], "failed", ["PG204", "PG201"], id="a-break"),
        pytest.param(
            {A: (F1, F2), TESTS: ("", TEST)},
            [seen("test_a", "failed>passed"), seen("test_b", "passed>passed")],
            "passed",
            [],
            id="standard",
        ),
        pytest.param(
            {CORE: (F1, F2), TESTS: ("", TEST + TEST.replace("_a", "_b"))},
            [seen("test_a", "failed>passed"), seen("test_b", "passed>passed")],
            "failed",
            ["PG210"],
            id="strict",
        ),
    ],
)
def test_what_a_commit_touches_decides_how_it_is_judged(
    files: dict[str, tuple[str, str]], tests: list[SeenTest], expected: str, said: list[str]
) -> None:
    policy = read(files).policy_under(SETTINGS)
    given = verdict(files, *tests, policy=policy, parts=SETTINGS, lines=LineEvidence())

    assert (given.verdict, codes(given)) == (expected, said)


def test_an_observed_refusal_names_the_part_that_lets_it_pass() -> None:
    given = judged({OLD: (F1, F2)})

    assert given.reason.startswith('waived (policy = "observe" for src/old/**): production code changed')
    assert given.waiver == 'policy = "observe" for src/old/**'


def test_an_exempt_part_is_named_and_nothing_of_it_is_run() -> None:
    files = {"src/old/free/a.py": (F1, F2)}
    change = read(files)

    assert judged(files).reason == 'policy = "off" for src/old/free/a.py'
    assert plan(change, change.policy_under(SETTINGS)).extent is Extent.NOTHING


def test_the_line_of_a_standard_file_asks_nothing_where_only_another_one_is_strict() -> None:
    lines = LineEvidence(changed={A: frozenset({1}), CORE: frozenset({1})}, run={CORE: frozenset({1})})
    files = {A: (F1, F2), CORE: (F1, F2), TESTS: ("", TEST)}
    red = seen("test_a", "failed>passed")

    passing = verdict(files, red, policy=Policy.STRICT, parts=SETTINGS, lines=lines)
    failing = verdict(files, red, policy=Policy.STRICT, parts=SETTINGS, lines=lines._replace(run={}))

    assert (passing.verdict, codes(failing)) == ("passed", ["PG213"])


def test_a_repository_may_be_off_but_for_a_part() -> None:
    settings = RedGreenSettings(policy=Policy.OFF, paths=(PathPolicy("src/core/**", Policy.STANDARD),))

    assert judged({A: (F1, F2)}, settings=settings).verdict == "exempt"
    assert judged({CORE: (F1, F2)}, settings=settings).verdict == "failed"


def test_the_globs_of_a_project_below_the_top_are_its_own() -> None:
    seen_from_top = Settings(red_green=SETTINGS).seen_from_top("packages/a/").red_green

    assert seen_from_top.policy_for(["packages/a/src/old/x.py"]) is Policy.OBSERVE
    assert seen_from_top.policy_for(["src/old/x.py"]) is Policy.STANDARD
