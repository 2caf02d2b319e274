"""Items that are no test functions: of each only its id, its path and its reports are asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from support.project import Project

GUIDE = """
# Odd Implementation Guide
## Phase 1: Odd
**Files to create**:
- `tests/test_words.yaml`
- `tests/test_words.txt`
- `tests/test_unit.py`
- `tests/test_later.py`
**Tests to write** (in `tests/test_later.py`):
- `test_later`
**Tests to write** (in `tests/test_unit.py:TestUnit`):
- `test_unit`
"""
CONFTEST = """
import asyncio
import inspect
import pytest

def pytest_collect_file(parent, file_path):
    if file_path.suffix == ".yaml":
        return YamlFile.from_parent(parent, path=file_path)

def pytest_pyfunc_call(pyfuncitem):
    if inspect.iscoroutinefunction(pyfuncitem.obj):
        asyncio.run(pyfuncitem.obj())
        return True

class YamlFile(pytest.File):
    def collect(self):
        for line in self.path.read_text().splitlines():
            name, _, value = line.partition(": ")
            yield YamlItem.from_parent(self, name=name, value=value)

class YamlItem(pytest.Item):
    def __init__(self, *, value, **more):
        super().__init__(**more)
        self.value = value

    def runtest(self):
        assert self.value == "yes"

    def repr_failure(self, excinfo):
        return "the word is not yes"
"""
QUIET = ("-q", "-p", "no:cacheprovider", "--no-phasegate-cov", "--doctest-glob=test_*.txt")


@pytest.fixture
def odd(project: Project) -> Project:
    project.init_git().write("pyproject.toml", "[tool.phasegate]\n").write(
        "docs/plans/odd_implementation_guide.md", GUIDE
    )
    project.write("conftest.py", CONFTEST).write("tests/test_words.yaml", "one: yes\ntwo: yes\n")
    project.write("tests/test_words.txt", ">>> 1 + 1\n2\n").write("src/app.py", "ONE = 1\n")
    project.write("tests/test_later.py", "async def test_later(): pass\n")
    unit = "import unittest\nclass TestUnit(unittest.TestCase):\n    def test_unit(self): self.assertEqual(1, 1)\n"
    project.write("tests/test_unit.py", unit).commit("feat: odd")
    return project


def judged(project: Project, *words: str) -> tuple[int, dict[str, Any]]:
    report = f"--phasegate-report=json:{project.home}/report.json"
    code = project.pytest("--phase", "1", report, *QUIET, *words).exit_code
    (phase,) = json.loads((project.home / "report.json").read_text(encoding="utf-8"))["phases"]
    return code, {gate["gate"]: gate["verdict"] for gate in phase["gates"]} | {"tests run": phase["tests"]["passed"]}


@pytest.mark.parametrize("words", [(), ("-n", "2")], ids=["alone", "workers"])
@pytest.mark.sampled(2)
def test_items_of_every_kind_are_run_and_counted(odd: Project, words: tuple[str, ...]) -> None:
    code, told = judged(odd, *words)

    assert (code, told["tests"], told["tests run"]) == (0, "passed", 5)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("tests/test_words.yaml", "one: yes\ntwo: no\n"),
        ("tests/test_words.txt", ">>> 1 + 1\n3\n"),
        ("tests/test_later.py", "async def test_later(): assert False\n"),
    ],
    ids=["yaml", "doctest", "async"],
)
@pytest.mark.sampled(2)
def test_an_item_of_any_kind_that_fails_fails_its_phase(odd: Project, path: str, text: str) -> None:
    code, told = judged(odd.write(path, text))

    assert (code, told["tests"]) == (1, "failed")


def test_red_is_expected_of_an_async_test_as_of_any(odd: Project) -> None:
    odd.write("tests/test_later.py", "async def test_later(): assert False\n")
    odd.write("tests/test_unit.py", odd.read("tests/test_unit.py").replace("(1, 1)", "(1, 2)"))

    assert odd.pytest("--phase", "1", "--phasegate-expect", "red", *QUIET).exit_code == 0


def test_items_without_a_definition_disturb_no_record(odd: Project) -> None:
    run = odd.pytest(*QUIET)

    assert run.exit_code == 0, run.text
    assert "phasegate" not in run.stdout
    assert "tests/test_later.py::test_later" in odd.phasegate("ledger", "export").stdout


def test_a_change_among_items_of_every_kind_is_proved(odd: Project) -> None:
    odd.write("pytest.ini", "[pytest]\npythonpath = src\naddopts = --doctest-glob=test_*.txt\n").commit(
        "chore: options"
    )
    odd.write("src/app.py", "ONE = 2\n").write("tests/test_words.yaml", "one: yes\ntwo: yes\nthree: yes\n")
    odd.write("tests/test_app.py", "import app\ndef test_one(): assert app.ONE == 2\n").commit("feat: two")

    run = odd.phasegate("verify", "HEAD")

    assert run.exit_code == 0, run.text
