# ruff: noqa: E501 - the rows of a table stay on one line each
from __future__ import annotations

import pytest

from pytest_phasegate.core.redgreen.case import Case
from pytest_phasegate.core.redgreen.change.changeset import FileVersions
from pytest_phasegate.core.redgreen.change.merging import restored
from pytest_phasegate.core.redgreen.change.read_change import read_change
from pytest_phasegate.core.redgreen.import_graph import everything
from pytest_phasegate.core.redgreen.judge import judge
from pytest_phasegate.core.redgreen.observed import Replay, SeenTest
from pytest_phasegate.core.redgreen.verdict import intent_of
from support.observations import LAYOUT, TESTS, seen, verdict


@pytest.mark.parametrize(
    ("after", "earlier", "back"),
    [
        ({"src/a.py": 1, "tests/a.py": 1}, {"src/a.py": 1, "tests/a.py": 1}, {"src/a.py", "tests/a.py"}),
        ({"src/a.py": 1}, {"src/a.py": 1}, {"src/a.py", "tests/a.py"}),
        ({"src/a.py": 3, "tests/a.py": 1}, {"src/a.py": 1, "tests/a.py": 1}, set()),
        ({"src/a.py": 1, "tests/a.py": 3}, {"src/a.py": 1, "tests/a.py": 1}, {"src/a.py"}),
    ],
)
def test_tests_come_back_only_where_all_the_code_does(
    after: dict[str, int], earlier: dict[str, int], back: set[str]
) -> None:
    assert restored(["src/a.py", "tests/a.py"], after, earlier, LAYOUT) == back


@pytest.mark.parametrize(
    ("woven", "back"), [({"src/a.py"}, {"src/a.py", "tests/a.py"}), ({"tests/a.py"}, set()), (set(), set())]
)
def test_a_file_that_others_have_changed_since_comes_back_by_its_text(woven: set[str], back: set[str]) -> None:
    after, earlier = {"src/a.py": 3, "tests/a.py": 1}, {"src/a.py": 1, "tests/a.py": 1}

    assert restored(["src/a.py", "tests/a.py"], after, earlier, LAYOUT, woven) == back


def test_what_is_no_code_and_no_test_comes_back_without_a_run() -> None:
    paths = ["README.md", "pyproject.toml", "src/words.json", "tests/words.json"]

    assert restored(paths, dict.fromkeys(paths, 1), dict.fromkeys(paths, 1), LAYOUT) == set(paths[2:])


RESTORED = read_change(
    [FileVersions("src/a.py", b"x = 1", b"x = 2"), FileVersions("tests/test_a.py", b"def test_a(): assert x", b"")],
    LAYOUT,
    restored={"src/a.py", "tests/test_a.py"},
)


@pytest.mark.parametrize(
    ("tests", "ruling", "said"),
    [
        ([], "exempt", "it brings earlier content back; no test was green before that it could turn red"),
        ([seen("test_z", "passed>passed")], "passed", "it brings earlier content back; 1 test of the whole suite stays green"),
        ([seen("test_z", "passed>failed")], "failed", f"{TESTS}::test_z passed before the change and fails after it"),
        ([seen("test_z", "failed>failed")], "exempt", "it brings earlier content back; no test was green before that it could turn red"),
        ([seen("test_z", "failed>failed", base="passed")], "failed", f"{TESTS}::test_z passed before the change and fails after it"),
    ],
)  # fmt: skip
def test_what_comes_back_asks_for_no_red_test_and_must_leave_the_others_green(
    tests: list[SeenTest], ruling: str, said: str
) -> None:
    given = judge(Case(RESTORED, Replay(tuple(tests), reaching=everything(())), intent=intent_of('Revert "x"')))

    assert (given.kind, given.verdict, given.reason) == ("test+code", ruling, said)
    assert given.open_red == ()
    assert judge(Case(RESTORED)).verdict == "inconclusive"


def test_a_change_that_touches_no_code_is_exempt() -> None:
    assert verdict({"README.md": ("a", "b")}, ran=False).reason == "no production behaviour and no test changes"
