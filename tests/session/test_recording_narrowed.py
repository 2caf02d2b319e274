from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from support.project import Project

CASES = """
import pytest

@pytest.mark.parametrize("x", [1, 2])
def test_cases(x): pass

@pytest.mark.parametrize("x", ["one", "two"])
def test_words(x): pass
"""


@pytest.fixture
def configured(project: Project) -> Project:
    project.init_git().write("pyproject.toml", '[project]\nname = "app"\n[tool.phasegate]\nsource = ["src"]\n')
    project.write("src/app.py", "ONE = 1\n").write("tests/test_some.py", CASES).commit("feat: app")
    return project


def seen(project: Project) -> set[str]:
    records = map(json.loads, project.phasegate("ledger", "export").stdout.splitlines())
    return {record["test"].partition("::")[2] for record in records if record["record"] == "observation"}


@pytest.mark.parametrize(
    ("words", "green"),
    [
        (("-k", "test_cases"), {"test_cases"}),
        (("-k", "test_cases or one"), {"test_cases"}),
        (("-k", "test_words and one"), set()),
        (("--deselect", "tests/test_some.py::test_words[two]"), {"test_cases"}),
        (("-k", "test_cases", "-n", "1"), set()),
    ],
    ids=["a function", "a function and a case", "a case", "all but a case", "workers do not tell"],
)
@pytest.mark.sampled(2)
def test_a_function_that_ran_with_all_its_cases_is_seen_green_though_others_were_left_out(
    configured: Project, words: tuple[str, ...], green: set[str]
) -> None:
    assert configured.pytest("-q", *words).exit_code == 0

    assert seen(configured) == green


@pytest.mark.parametrize(("place", "partial"), [("tests/unit", ["tests/unit"]), (".", [])])
def test_a_run_from_a_directory_below_is_no_run_of_the_suite(
    configured: Project, place: str, partial: list[str]
) -> None:
    configured.write("tests/unit/test_one.py", "def test_one(): pass\n")

    assert configured.pytest("-q", cwd=place).exit_code == 0

    records = map(json.loads, configured.phasegate("ledger", "export").stdout.splitlines())
    assert [record["partial"] for record in records if record["record"] == "run"] == [partial]


def test_a_run_from_below_the_top_is_known_where_nothing_configures_pytest(project: Project) -> None:
    project.init_git().write("phasegate.toml", 'source = ["src"]\n').write("src/app.py", "ONE = 1\n")
    project.write("tests/unit/test_one.py", "def test_one(): pass\n").commit("feat: app")

    done = project.pytest("-q", cwd="tests/unit")

    assert done.exit_code == 0, done.text
    records = map(json.loads, project.phasegate("ledger", "export").stdout.splitlines())
    assert [record["partial"] for record in records if record["record"] == "run"] == [["tests/unit"]]


def test_a_run_by_a_configuration_of_pytest_below_is_a_part_of_the_project(configured: Project) -> None:
    configured.write("backend/pytest.ini", "[pytest]\n").write("backend/test_one.py", "def test_one(): pass\n")

    done = configured.pytest("-q", cwd="backend")

    assert done.exit_code == 0, done.text
    records = map(json.loads, configured.phasegate("ledger", "export").stdout.splitlines())
    assert [record["partial"] for record in records if record["record"] == "run"] == [["backend"]]
