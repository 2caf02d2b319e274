"""Under ``protocol = "test-first"`` the order of the commits is judged too."""

from __future__ import annotations

import pytest

from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.redgreen.observed import SeenTest
from pytest_phasegate.core.redgreen.ranges import out_of_order
from support.observations import CODE, TESTS, read, seen, verdict

F1, F2 = "def f(): return 1", "def f(): return 2"
TEST = "def test_a():\n    assert f() == 2\n"
MARK = "@pytest.mark.xfail(strict=True)\n"
OTHER = "def test_b():\n    assert f() != 1\n"
A = TestId(f"{TESTS}::test_a")
NOTHING: frozenset[TestId] = frozenset()
RED = frozenset({A})
TURNED, B_TURNED = seen("test_a", "failed>passed"), seen("test_b", "failed>passed")


@pytest.mark.parametrize(
    ("files", "tests", "open_reds", "said"),
    [
        pytest.param({TESTS: ("", TEST)}, [seen("test_a", "failed>failed")], NOTHING, "", id="the-red-commit"),
        pytest.param({CODE: (F1, F2)}, [TURNED], RED, "", id="the-fix-after-it"),
        pytest.param(
            {CODE: (F1, F2), TESTS: (TEST, TEST + OTHER)}, [TURNED, B_TURNED], RED, "", id="a-test-more-with-the-fix"
        ),
        pytest.param({CODE: ("x = 1", "x = 1  # why")}, [], NOTHING, "", id="a-comment"),
        pytest.param(
            {CODE: (F1, F2), TESTS: (f"import pytest\n\n{MARK}{TEST}", f"import pytest\n\n{TEST}")},
            [seen("test_a", "xfailed>passed", grade="declared")],
            RED,
            "",
            id="the-mark-that-declared-it-red-goes",
        ),
        pytest.param(
            {CODE: (F1, F2), TESTS: (TEST, TEST.replace("test_a", "test_c"))},
            [seen("test_c", "failed>passed")],
            RED,
            "",
            id="renamed-by-the-fix",
        ),
        pytest.param({"README.md": ("a", "b")}, [], NOTHING, "", id="documents"),
        pytest.param(
            {TESTS: ("", TEST), CODE: ("x = 1", "x = 1  # why")},
            [seen("test_a", "failed>failed")],
            NOTHING,
            "",
            id="a-comment-in-the-red-commit",
        ),
        pytest.param({CODE: (F1, F2), TESTS: ("", TEST)}, [TURNED], NOTHING, "came with the code", id="in-one-commit"),
        pytest.param({CODE: (F1, F2)}, [TURNED], NOTHING, "no commit of the range shows", id="red-before-the-range"),
        pytest.param(
            {CODE: (F1, F2), TESTS: (TEST, TEST.replace("== 2", "== 1 + 1"))},
            [TURNED],
            RED,
            "changed by the commit that turns it green",
            id="rewritten-by-the-fix",
        ),
        pytest.param(
            {TESTS: ("", TEST), CODE: ("import os\nx = 1", "import sys\nx = 1")},
            [seen("test_a", "failed>failed")],
            NOTHING,
            "in the commit that brings the red test",
            id="code-in-the-red-commit",
        ),
    ],
)
def test_a_red_test_comes_first_alone_and_unchanged(
    files: dict[str, tuple[str, str]], tests: list[SeenTest], open_reds: frozenset[TestId], said: str
) -> None:
    given = verdict(files, *tests)

    faults = list(out_of_order(given, read(files), open_reds, strict=False))

    assert [fault.finding.code for fault in faults] == ["PG221"] * bool(said)
    assert all(said in fault.finding.message for fault in faults)


def test_a_refactoring_and_what_failed_by_its_content_are_not_asked() -> None:
    files = {CODE: (F1, F2)}

    for given in (verdict(files, seen("test_z", "passed>passed"), message="refactor: x"), verdict(files)):
        assert not list(out_of_order(given, read(files), NOTHING, strict=False))


def test_the_strict_policy_asks_it_of_every_test_that_turns_green() -> None:
    files = {CODE: (F1, F2), TESTS: (TEST, TEST + OTHER)}

    (fault,) = out_of_order(verdict(files, TURNED, B_TURNED), read(files), RED, strict=True)

    assert fault.finding.message.startswith(f"{TESTS}::test_b came with the code")
