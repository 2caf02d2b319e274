from __future__ import annotations

import pytest

from pytest_phasegate.core.project.layout import find_layout
from pytest_phasegate.core.project.paths import Layout
from pytest_phasegate.core.redgreen.change.changeset import FileVersions
from pytest_phasegate.core.redgreen.change.merging import Links, is_woven, judging_layout, side_of_link

TREE = ("pyproject.toml", "src/app/__init__.py", "src/app/calc.py", "tests/test_calc.py", "tests/conftest.py")
CODE = b"def price(n):\n    return n\n\n\ndef tax(n):\n    return n\n"
TEST = b"def test_price():\n    assert price(1) == 1\n"


def options(**said: object) -> str:
    lines = (f"{name} = {value!r}" for name, value in said.items())
    return "\n".join(["[tool.pytest.ini_options]", *lines]).replace("'", '"')


def side(
    path: str,
    before: str,
    after: str,
    files: tuple[FileVersions, ...] = (),
    source: tuple[tuple[str, ...], tuple[str, ...]] = (("src",), ("src",)),
) -> str:
    came = [file.path for file in files if file.before is None]
    one = find_layout(TREE, {"pyproject.toml": before}, source=source[0])
    other = find_layout((*TREE, *came), {"pyproject.toml": after}, source=source[1])
    return judging_layout(one, other, TREE, files).side(path).value


PLAIN = options(testpaths=["tests"])


@pytest.mark.parametrize(
    ("path", "after", "expected"),
    [
        ("src/app/calc.py", options(testpaths=["tests", "src"], python_files=["test_*.py", "calc*.py"]), "production"),
        ("src/app/calc.py", options(testpaths=["src/app/calc.py"], python_files=["calc.py"]), "production"),
        ("src/app/__init__.py", options(python_files=["__init__.py", "test_*.py"]), "production"),
        ("tests/test_calc.py", options(testpaths=["checks"], python_files=["check_*.py"]), "test"),
        ("tests/test_calc.py", options(testpaths=["src"]), "test"),
        ("tests/conftest.py", options(testpaths=["src"]), "test"),
        ("src/app/calc.py", PLAIN, "production"),
        ("pyproject.toml", options(testpaths=["."], python_files=["*"]), "neither"),
    ],
)
def test_what_was_on_a_side_stays_there_whatever_the_change_configures(path: str, after: str, expected: str) -> None:
    assert side(path, PLAIN, after) == expected


def test_a_file_that_comes_in_is_a_test_if_the_configuration_that_comes_with_it_says_so() -> None:
    came = FileVersions("checks/check_price.py", None, TEST)

    found = side(came.path, PLAIN, options(testpaths=["tests", "checks"], python_files=["check_*.py"]), (came,))

    assert found == "test"


def test_a_new_test_file_inside_the_package_is_a_test() -> None:
    came = FileVersions("src/app/price_spec.py", None, TEST)

    found = side(
        came.path, PLAIN, options(testpaths=["tests", "src"], python_files=["test_*.py", "*_spec.py"]), (came,)
    )

    assert found == "test"


@pytest.mark.parametrize(
    ("name", "after"),
    [
        ("src/app/calc_test.py", options()),
        ("src/app/test_calc.py", options()),
        ("src/app/calc_spec.py", options(python_files=["*_spec.py", "test_*.py"])),
    ],
)
def test_production_code_that_is_moved_to_the_name_of_a_test_stays_production(name: str, after: str) -> None:
    moved = (FileVersions("src/app/calc.py", CODE, None), FileVersions(name, None, CODE + TEST))

    assert side(name, options(), after, moved) == "production"


def test_a_new_test_of_what_goes_is_a_test() -> None:
    files = (FileVersions("src/app/calc.py", CODE, None), FileVersions("src/app/calc_test.py", None, TEST))

    assert side("src/app/calc_test.py", options(), options(), files) == "test"


def test_a_helper_that_leaves_the_package_for_the_tests_is_no_production_code_any_more() -> None:
    moved = (FileVersions("src/app/calc.py", CODE, None), FileVersions("tests/calc.py", None, CODE))

    assert side("tests/calc.py", PLAIN, PLAIN, moved) == "test"


ONE, OTHER = "A\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\n"


@pytest.mark.parametrize(
    ("merged", "said"),
    [
        ("A\nb\nc\nd\nE\n", True),
        ("A\nb\nC\nd\nE\n", False),
        ("A\nb\nd\nE\n", False),
        ("A\nb\nc\nnew\nd\nE\n", False),
        ("both\nb\nc\nd\nE\n", False),
    ],
    ids=["clean", "a line changed", "a line taken out", "a line put in", "a conflict resolved anew"],
)
def test_a_merge_is_woven_where_each_line_is_a_parents(merged: str, said: bool) -> None:
    assert is_woven([ONE, OTHER], merged) is said


def test_a_line_that_one_side_took_out_stays_out() -> None:
    assert is_woven(["a\nb\nc\n", "a\nb\nc\nd\n"], "a\nb\nc\nd\n")
    assert is_woven(["a\nc\nd\n", "a\nb\nc\nd\ne\n"], "a\nc\nd\ne\n")


FILES = [
    "lib/app/calc.py",
    "lib/app/sub/more.py",
    "README.md",
    "src/app",
    "src/one.py",
    "src/far.py",
    "a/b",
    "loop",
    "pool",
]
LINKS = Links(
    {
        "src/app": "../lib/app",
        "src/one.py": "app/calc.py",
        "src/far.py": "../../elsewhere.py",
        "a/b": "/etc",
        "loop": "pool",
        "pool": "loop",
    },
    FILES,
)


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("README.md", "README.md"),
        ("src/app", "lib/app"),
        ("src/app/calc.py", "lib/app/calc.py"),
        ("src/one.py", "lib/app/calc.py"),
        ("src/app/none.py", None),
        ("src/far.py", None),
        ("a/b", None),
        ("loop", None),
    ],
)
def test_a_path_leads_through_links_to_a_file_of_the_tree_or_nowhere(path: str, target: str | None) -> None:
    assert LINKS.target(path) == target


def test_what_links_show_is_on_their_side() -> None:
    layout = Layout(source=("src",), import_roots=("src",), test_roots=("tests",))
    links = Links({"src/app": "../lib/app", "tests": "checks", "docs/x": "../lib"}, [*FILES, "checks/test_a.py"])

    assert sorted(links.shown()) == [
        "docs/x/app/calc.py",
        "docs/x/app/sub/more.py",
        "src/app/calc.py",
        "src/app/sub/more.py",
        "tests/test_a.py",
    ]
    laid = links.laid_out(layout)
    assert (laid.source, laid.test_roots) == (("src", "lib/app"), ("tests", "checks"))
    assert [side_of_link(link, layout) for link in ("src/a.py", "src/a", "tests/x", "docs/x")] == [
        "production",
        "production",
        "test",
        "neither",
    ]
