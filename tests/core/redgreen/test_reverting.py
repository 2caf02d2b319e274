from __future__ import annotations

import pytest

from observing import LAYOUT, verdict
from pytest_phasegate.core.change.reader import FileVersions, read_change
from pytest_phasegate.core.redgreen.case import Case
from pytest_phasegate.core.redgreen.intent import intent_of
from pytest_phasegate.core.redgreen.judging import judge
from pytest_phasegate.core.redgreen.reverting import restored


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


def test_what_comes_back_counts_for_the_kind_of_a_change_alone() -> None:
    files = [
        FileVersions("src/a.py", b"x = 1", b"x = 2"),
        FileVersions("tests/test_a.py", b"def test_a(): assert x", b""),
    ]
    change = read_change(files, LAYOUT, restored={"src/a.py", "tests/test_a.py"})

    given = judge(Case(change, intent=intent_of('Revert "x"')))

    assert (given.kind, given.verdict, given.reason) == ("test+code", "exempt", "it brings earlier content back")
    assert verdict({"README.md": ("a", "b")}, ran=False).reason == "neither production behaviour nor a test changes"
