# ruff: noqa: E501 - the rows of a table stay on one line each
from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.project.settings import Policy
from pytest_phasegate.core.redgreen.import_graph import Reaching
from pytest_phasegate.core.redgreen.plan import Extent, by_open_reds, departed_tree, plan, red_tree, told, widened
from support.observations import CODE, LAYOUT, TESTS, read

if TYPE_CHECKING:
    from collections.abc import Iterable

F1, F2 = "def f(): return 1", "def f(): return 2"
ONE, TWO = "def test_a():\n    assert f() == 1\n", "def test_a():\n    assert f() == 2\n"


@pytest.mark.parametrize(
    ("files", "extent", "tests", "red"),
    [
        ({CODE: (F1, F2), TESTS: (ONE, TWO)}, "tests", ["test_a"], True),
        ({TESTS: ("", TWO)}, "tests", ["test_a"], False),
        ({CODE: (F1, F2)}, "suite", [], True),
        ({CODE: (F1, F2), TESTS: (ONE, "")}, "suite", [], True),
        ({"tests/data.json": ("1", "2")}, "suite", [], False),
        ({"tests/conftest.py": ("", "x = 1")}, "suite", [], False),
        ({"tests/conftest.py": ("", "x = 1"), TESTS: ("", TWO)}, "tests", ["test_a"], False),
        ({"tests/conftest.py": ("", "x = 1"), TESTS: (ONE, TWO), CODE: (F1, F2)}, "suite", ["test_a"], True),
        ({"tests/plugin.py": (None, "def pytest_collection_modifyitems(items): items.clear()"), TESTS: (ONE, TWO), CODE: (F1, F2)}, "tests", ["test_a"], True),
        ({"tests/plugin.py": ("x = 1", "def pytest_collection_modifyitems(items): items.clear()"), TESTS: (ONE, TWO), CODE: (F1, F2)}, "suite", ["test_a"], True),
        ({"pytest.ini": ("[pytest]\naddopts = -q", "[pytest]\naddopts = -q -k big"), TESTS: (ONE, TWO), CODE: (F1, F2)}, "suite", ["test_a"], True),
        ({"pytest.ini": (None, "[pytest]\n"), TESTS: (ONE, TWO), CODE: (F1, F2)}, "suite", ["test_a"], True),
        ({"pyproject.toml": ("[tool.pytest.ini_options]\ntestpaths = ['tests']", "[tool.pytest.ini_options]\ntestpaths = ['tests/new']"), TESTS: (ONE, TWO), CODE: (F1, F2)}, "suite", ["test_a"], True),
        ({"pyproject.toml": ("[tool.pytest.ini_options]\naddopts = ''", "[tool.pytest.ini_options]\naddopts = '-m fast'")}, "suite", [], False),
        ({"pyproject.toml": ("[project]\nversion = '1'", "[project]\nversion = '2'"), TESTS: (ONE, TWO), CODE: (F1, F2)}, "tests", ["test_a"], True),
        ({"setup.cfg": ("[metadata]\nname = x", "[metadata]\nname = y\n[options]\n"), TESTS: (ONE, TWO), CODE: (F1, F2)}, "tests", ["test_a"], True),
        ({"tox.ini": ("[tox]\n", "[tox]\n[pytest]\nnorecursedirs = old"), TESTS: (ONE, TWO), CODE: (F1, F2)}, "suite", ["test_a"], True),
        ({"tests/data/sample.py": ("x = 1", "print 'a'"), TESTS: ("", TWO)}, "tests", ["test_a"], False),
        ({"tests/data.json": ("1", "2"), TESTS: (ONE, TWO), CODE: (F1, F2)}, "suite", ["test_a"], True),
        ({"tests/cases.py": ("x = [1, 2]", "x = [1]"), TESTS: (ONE, TWO), CODE: (F1, F2)}, "suite", ["test_a"], True),
        ({"tests/data.json": (None, "2"), TESTS: (ONE, TWO), CODE: (F1, F2)}, "tests", ["test_a"], True),
        ({"tests/data.json": ("1", "2"), TESTS: (ONE, TWO)}, "tests", ["test_a"], False),
        ({"tests/conftest.py": ("", "# a word")}, "nothing", [], False),
        ({"tests/base.py": ("", "class Mixin:\n    def test_a(self): assert f()")}, "suite", ["test_a"], False),
        ({CODE: ("x = 1", "x = 1  # a word"), "README.md": ("a", "b")}, "nothing", [], False),
        ({CODE: (F1, F2), TESTS: (f"LIMIT = 1\ndef test_z():\n    assert f() == LIMIT\n{ONE}", f"LIMIT = 2\ndef test_z():\n    assert f() == LIMIT\n{ONE}")}, "tests", ["test_z"], True),
        ({CODE: (F1, F2), TESTS: ("LIMIT = 1\ndef test_z():\n    pass\n", "LIMIT = 2\ndef test_z():\n    pass\n")}, "suite", [], True),
        ({TESTS: (f"LIMIT = 1\ndef test_z():\n    assert f() == LIMIT\n{ONE}", f"LIMIT = 2\ndef test_z():\n    assert f() == LIMIT\n{ONE}")}, "tests", ["test_z"], False),
        ({CODE: (F1, F2), TESTS: (ONE, ONE.replace("test_a", "test_b"))}, "suite", ["test_b"], True),
    ],
)  # fmt: skip
def test_what_must_be_run_follows_from_the_change(
    files: dict[str, tuple[str | None, str | None]], extent: str, tests: list[str], red: bool
) -> None:
    given = plan(read(files))

    assert (given.extent, [test.rpartition("::")[2] for test in given.tests], given.red) == (extent, tests, red)
    assert bool(given.files) is (extent == "tests")
    assert given.reason


def test_tests_that_were_left_red_are_run_with_the_next_code() -> None:
    left = [TestId("tests/test_z.py::test_z")]

    with_code = plan(read({CODE: (F1, F2), TESTS: (ONE, TWO)}), open_reds=left)
    without = plan(read({TESTS: (ONE, TWO)}), open_reds=left)

    assert with_code.files == (TESTS, "tests/test_z.py")
    assert without.files == (TESTS,)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({CODE: (F1, F2)}, ("tests/test_z.py",)),
        ({CODE: (F1, F2), "README.md": ("a", "b")}, ("tests/test_z.py",)),
        ({CODE: ("x = 1\ny = 2", "x = 1")}, None),
        ({CODE: (F1, F2), "src/app/typed.py": ("x = 1", "x: int = 1")}, None),
        ({CODE: (F1, F2), "pytest.ini": ("[pytest]\n", "[pytest]\naddopts = -q")}, None),
        ({CODE: (F1, F2), TESTS: ("", TWO)}, None),
        ({TESTS: ("", TWO)}, None),
    ],
)
def test_code_alone_may_be_proved_by_the_files_of_red_tests_where_the_others_are_known_to_pass(
    files: dict[str, tuple[str | None, str | None]], expected: tuple[str, ...] | None
) -> None:
    change = read(files)

    found = by_open_reds(plan(change, open_reds=[TestId("tests/test_z.py::test_z")]), change)

    assert (found and found.files) == expected


def test_what_is_run_for_tests_left_red_is_told() -> None:
    change = read({CODE: (F1, F2)})

    found = by_open_reds(plan(change, open_reds=[TestId("tests/test_z.py::test_z")]), change)

    assert found is not None
    assert told(found) == "running 1 test file, for 1 test left red by an earlier commit"


def test_under_a_strict_policy_no_red_test_stands_for_the_others() -> None:
    change = read({CODE: (F1, F2)})

    assert by_open_reds(plan(change, Policy.STRICT, open_reds=[TestId("tests/test_z.py::test_z")]), change) is None


def test_a_strict_policy_asks_for_lines_where_behaviour_changes() -> None:
    changed, removed = read({CODE: (F1, F2)}), read({CODE: ("x = 1\ny = 2", "x = 1")})

    assert plan(changed, Policy.STRICT).lines
    assert not plan(removed, Policy.STRICT).lines
    assert not plan(changed).lines


def test_deleted_tests_are_run_once_more_where_code_only_goes() -> None:
    files = {CODE: ("x = 1\ny = 2", "x = 1"), TESTS: (ONE, "")}

    assert plan(read(files)).departed == (f"{TESTS}::test_a",)
    assert plan(read(files | {CODE: ("x = 1", "x = 2")})).departed == ()


def test_the_whole_suite_is_run_where_the_changed_tests_prove_nothing() -> None:
    change = read({CODE: (F1, F2), TESTS: (ONE, TWO)})
    first = plan(change)

    wider = widened(first, change, proved=False)

    assert wider is not None
    assert (wider.extent, wider.red, wider.tests) == (Extent.SUITE, True, first.tests)
    assert widened(first, change, proved=True) is None
    assert widened(wider, change, proved=False) is None


SOME = Reaching(("tests/test_z.py",), 9)
CONFTEST, MADE = "tests/some/conftest.py", ("def made(): return 1", "def made(): return 2")
TYPES = ("def f(x): return x", "def f(x: int): return x")


@pytest.mark.parametrize(
    ("files", "asked", "run"),
    [
        ({CODE: (F1, F2)}, [CODE], ["tests/test_z.py"]),
        ({CODE: TYPES}, [CODE], ["tests/test_z.py"]),
        ({CODE: ("x = 1\ny = 2", "x = 1")}, [CODE], ["tests/test_z.py"]),
        ({CODE: (F1, F2), TESTS: (ONE, TWO)}, [], [TESTS]),
        ({CODE: (F1, F2), "src/b.py": TYPES, TESTS: (ONE, TWO)}, ["src/b.py"], [TESTS, "tests/test_z.py"]),
        ({CODE: ("x = 1\ny = 2", "x = 1"), TESTS: (ONE, TWO)}, [CODE], [TESTS, "tests/test_z.py"]),
        ({CODE: TYPES, TESTS: (ONE, TWO)}, [CODE], [TESTS, "tests/test_z.py"]),
        ({TESTS: (ONE, TWO)}, [], [TESTS]),
        ({CODE: ("x = 1", "x = 1  # why")}, [], []),
        ({CODE: (F1, F2), TESTS: (ONE, TWO), CONFTEST: MADE}, [CONFTEST], [TESTS, "tests/test_z.py"]),
        ({CODE: (F1, F2), CONFTEST: MADE}, [CODE, CONFTEST], ["tests/test_z.py"]),
        ({CODE: TYPES, CONFTEST: MADE}, [CODE, CONFTEST], ["tests/test_z.py"]),
    ],
)
def test_what_no_changed_test_speaks_for_is_run_by_the_tests_that_reach_it(
    files: dict[str, tuple[str | None, str | None]], asked: list[str], run: list[str]
) -> None:
    questions: list[str] = []

    def reach(paths: Iterable[str]) -> Reaching:
        questions.extend(paths)
        return SOME

    given = plan(read(files), reach=reach)

    assert (questions, list(given.files)) == (asked, run)
    assert given.red is (CODE in files and bool(run))


@pytest.mark.parametrize(
    ("files", "proving"),
    [
        ({CODE: (F1, F2), "src/b.py": TYPES, TESTS: (ONE, TWO)}, (TESTS,)),
        ({CODE: TYPES, TESTS: (ONE, TWO)}, (TESTS,)),
        ({CODE: (F1, F2), "src/b.py": TYPES, TESTS: (ONE, "import os\n" + TWO)}, (TESTS,)),
        ({CODE: (F1, F2), TESTS: (ONE, TWO)}, None),
        ({CODE: TYPES}, None),
        ({CODE: (F1, F2), "src/b.py": TYPES}, None),
        ({CODE: (F1, F2), "src/b.py": TYPES, TESTS: (ONE, TWO), "tests/data.json": ("1", "2")}, None),
        ({CODE: (F1, F2), "src/b.py": TYPES, TESTS: (ONE, TWO), "tests/conftest.py": ("", "x = 1")}, None),
        ({CODE: (F1, F2), "src/b.py": TYPES, TESTS: (ONE, TWO), "tox.ini": ("", "[pytest]\naddopts = -q")}, None),
    ],
)
def test_what_only_has_to_stay_green_is_not_run_on_the_red_tree(
    files: dict[str, tuple[str | None, str | None]], proving: tuple[str, ...] | None
) -> None:
    assert plan(read(files), reach=lambda _: SOME).proving == proving
    assert plan(read(files)).proving == proving


def test_where_the_changed_tests_prove_nothing_the_red_tree_is_run_by_all_that_reach_the_code() -> None:
    change = read({CODE: (F1, F2), "src/b.py": TYPES, TESTS: (ONE, TWO)})
    first = plan(change)

    wider = widened(first, change, proved=False)

    assert wider is not None
    assert (first.extent, wider.extent, wider.proving) == (Extent.SUITE, Extent.SUITE, None)
    assert widened(first, change, proved=True) is None


def test_a_hook_that_evidence_answers_leaves_what_looks_inert_to_others() -> None:
    change = read({CODE: (F1, F2), "src/b.py": TYPES, TESTS: (ONE, TWO)})

    assert plan(change, reach=lambda _: SOME, inert=False).files == (TESTS,)


def test_where_the_changed_tests_prove_nothing_those_are_run_that_reach_the_code() -> None:
    change = read({CODE: (F1, F2), TESTS: (ONE, TWO)})
    first = plan(change, reach=lambda _: SOME)

    wider = widened(first, change, proved=False, reach=lambda _: SOME)

    assert wider is not None
    assert (wider.extent, wider.files) == (Extent.TESTS, (TESTS, "tests/test_z.py"))
    assert widened(first, change, proved=False, reach=lambda _: Reaching((TESTS,), 1)) is None
    assert widened(first, read({CODE: TYPES}), proved=False) is None


BEFORE = {"src/same.py": 1, "setup.cfg": 1, "src/app.py": 1, "src/gone.py": 1, "src/data.json": 1, "src/tests/test_x.py": 1, "tests/test_app.py": 1, "tests/old.json": 1, "pyproject.toml": 1, "docs/a.md": 1}  # fmt: skip
AFTER = {"src/same.py": 1, "setup.cfg": 1, "src/app.py": 2, "src/new.py": 2, "src/data.json": 2, "src/new.json": 2, "tests/test_app.py": 2, "tests/new.json": 2, "pyproject.toml": 2}  # fmt: skip


def test_the_red_tree_is_after_with_befores_production() -> None:
    assert red_tree(BEFORE, AFTER, LAYOUT) == {
        "src/same.py": 1,
        "setup.cfg": 1,
        "src/app.py": 1,
        "src/gone.py": 1,
        "src/data.json": 1,
        "tests/test_app.py": 2,
        "tests/new.json": 2,
        "pyproject.toml": 2,
    }


def test_the_departed_tree_has_befores_configuration_where_that_decides_how_tests_end() -> None:
    assert departed_tree(BEFORE, AFTER, LAYOUT, ("pyproject.toml", "pytest.ini"))["pyproject.toml"] == 1
    assert "src/new.py" in departed_tree(BEFORE, AFTER, LAYOUT, ("src/new.json",))
    assert "src/new.json" not in departed_tree(BEFORE, AFTER, LAYOUT, ("src/new.json",))


def test_the_departed_tree_is_after_with_befores_tests() -> None:
    assert departed_tree(BEFORE, AFTER, LAYOUT) == {
        "src/same.py": 1,
        "setup.cfg": 1,
        "src/app.py": 2,
        "src/new.py": 2,
        "src/data.json": 2,
        "src/new.json": 2,
        "src/tests/test_x.py": 1,
        "tests/test_app.py": 1,
        "tests/old.json": 1,
        "pyproject.toml": 2,
    }


WHOLE = Reaching(known=9, whole="every test file can reach it")


@pytest.mark.parametrize(
    ("files", "reaching", "said"),
    [
        ({CODE: (F1, F2)}, Reaching(("tests/test_a.py", "tests/test_b.py"), 9), "running 2 of 9 test files, which can reach the change"),
        ({CODE: (F1, F2)}, Reaching(("tests/test_a.py",), 9), "running 1 of 9 test files, which can reach the change"),
        ({CODE: (F1, F2)}, WHOLE, "running the whole suite (every test file can reach it)"),
        ({CODE: (F1, F2), "pytest.ini": (None, "[pytest]\n")}, WHOLE, "running the whole suite (pytest.ini decides which tests run)"),
        ({CODE: (F1, F2), TESTS: (ONE, TWO)}, WHOLE, "running 1 test file, for 1 test that the change concerns"),
    ],
)  # fmt: skip
def test_who_waits_is_told_what_is_run_of_how_much_and_why_all_of_it(
    files: dict[str, tuple[str | None, str]], reaching: Reaching, said: str
) -> None:
    assert told(plan(read(files), reach=lambda _: reaching)) == said
