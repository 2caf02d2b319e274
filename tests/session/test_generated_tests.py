"""Tests that a library makes of one function, each under a name of its own, are the cases of that function."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from support.project import Project

GUIDE = """
# Sums Implementation Guide
## Phase 1: Add
**Files to create**:
- `src/app/sums.py`
**Tests to write** (in `tests/test_sums.py`):
- `test_add`
"""
LIBRARIES = {
    "parameterized": """
import unittest
from parameterized import parameterized
from app.sums import add
class TestSums(unittest.TestCase):
    @parameterized.expand([{}])
    def test_add(self, a, b, c): self.assertEqual(add(a, b), c)
""",
    "ddt": """
import unittest
from ddt import data, ddt, unpack
from app.sums import add
@ddt
class TestSums(unittest.TestCase):
    @data({})
    @unpack
    def test_add(self, a, b, c): self.assertEqual(add(a, b), c)
""",
    "a class of parameterized": """
import unittest
from parameterized import parameterized_class
from app.sums import add
@parameterized_class(("a", "b", "c"), [{}])
class TestSums(unittest.TestCase):
    def test_add(self): self.assertEqual(add(self.a, self.b), self.c)
""",
    "a decorator that names its function by the attribute alone": """
import unittest
from app.sums import add
from making import cases
@cases({})
class TestSums(unittest.TestCase):
    def test_add(self, a, b, c): self.assertEqual(add(a, b), c)
""",
}
MAKING = """
import functools
def cases(*given):
    def make(cls):
        written = vars(cls)["test_add"]
        for at, values in enumerate(given):
            made = functools.wraps(written)(lambda self, values=values: written(self, *values))
            setattr(cls, f"test_add{at}", made)
        del cls.test_add
        return cls
    return make
"""
TEST = "tests/test_sums.py::TestSums::test_add"


@pytest.fixture(params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> str:
    return LIBRARIES[request.param]


@pytest.fixture
def sums(project: Project, library: str) -> Project:
    project.init_git().write("pyproject.toml", "[tool.phasegate]\n").write(
        "pytest.ini", "[pytest]\npythonpath = src lib\n"
    )
    project.write("docs/plans/sums_implementation_guide.md", GUIDE).write(".gitignore", "__pycache__\n")
    project.write("lib/making.py", MAKING).write("src/app/__init__.py", "").commit("docs: plan")
    project.write("src/app/sums.py", "def add(a, b): return a + b\n")
    return project.write("tests/test_sums.py", library.format("(1, 2, 3), (2, 2, 4)"))


@pytest.mark.parametrize("words", [(), ("-n", "2")], ids=["alone", "workers"])
def test_they_are_the_declared_test(sums: Project, words: tuple[str, ...]) -> None:
    report = sums.home / "report.json"

    run = sums.pytest("--phase", "1", f"--phasegate-report=json:{report}", "-p", "no:cacheprovider", *words)

    assert run.exit_code == 0, run.text
    (phase,) = json.loads(report.read_text(encoding="utf-8"))["phases"]
    assert phase["tests"] == {"declared": 1, "collected": 1, "passed": 1, "failed": 0, "skipped": 0, "missing": []}


def test_one_case_that_fails_fails_the_declared_test(sums: Project, library: str) -> None:
    sums.write("tests/test_sums.py", library.format("(1, 2, 3), (2, 2, 5)"))

    run = sums.pytest("--phase", "1", "-p", "no:cacheprovider")

    assert run.exit_code == 1
    assert TEST in run.stdout


def test_the_map_has_them_under_their_function(sums: Project) -> None:
    assert [one["test"] for one in sums.phasegate("map", "--format", "json").json["tests"]] == [TEST]


def test_one_that_comes_between_the_others_takes_none_away(sums: Project, library: str) -> None:
    sums.commit("feat: add")
    sums.write("src/app/sums.py", "def add(a, b): return max(a, 0) + max(b, 0)\n")
    sums.write("tests/test_sums.py", library.format("(1, 2, 3), (-1, 2, 2), (2, 2, 4)")).commit("feat: no debts")

    (commit,) = sums.phasegate("verify", "--python", sys.executable, "HEAD", "--format", "json").json["commits"]

    assert commit["verdict"] == "passed"
    assert [*commit["fail_to_pass"], *commit["fail_to_pass_unchanged"]] == [TEST]


def test_one_that_goes_while_code_changes_is_refused(sums: Project, library: str) -> None:
    sums.write("tests/test_sums.py", library.format("(1, 2, 3), (-2, 2, 0), (2, 2, 4)")).commit("feat: add")
    sums.write("src/app/sums.py", "def add(a, b): return max(a, 0) + max(b, 0)\n")
    sums.write("tests/test_sums.py", library.format("(1, 2, 3), (2, 2, 4)"))
    sums.write("tests/test_more.py", "import app.sums\ndef test_none(): assert app.sums.add(-1, 0) == 0\n")
    sums.commit("feat: no debts")

    (commit,) = sums.phasegate("verify", "--python", sys.executable, "HEAD", "--format", "json").json["commits"]

    assert (commit["verdict"], commit["reason"]) == ("failed", f"fewer cases of {TEST} are run than before")


def test_a_function_of_the_test_file_itself_is_no_case_of_another(sums: Project) -> None:
    text = "def test_add(): assert False\ndef test_add_well(): pass\ntest_add_well.place_as = test_add\ndel test_add\n"
    sums.write("tests/test_sums.py", text)

    run = sums.pytest("--phase", "1", "-p", "no:cacheprovider")

    assert run.exit_code != 0
    assert "PG411 tests/test_sums.py::test_add is declared and was not collected" in run.stdout
