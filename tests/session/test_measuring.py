from __future__ import annotations

import sys

import pytest

from support.measured import PHASES, RUN, alone, sets, spied, write_project
from support.project import Project

WAYS = {
    "alone": RUN,
    "pytest-cov": (*RUN, "--cov=src", "--cov-report="),
    "coverage run": ("-m", "coverage", "run", "--source=src", *RUN),
    "xdist": (*RUN, "-n", "2"),
    "xdist and pytest-cov": (*RUN, "-n", "2", "--cov=src", "--cov-report="),
    "contexts": (*RUN, "--cov=src", "--cov-report=", "--cov-context=test"),
}


@pytest.fixture(scope="module", params=["lines", "branches"])
def shelved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project, written once for lines and once for branches."""
    base = tmp_path_factory.mktemp("shelved")
    for name in ("project", "home"):
        (base / name).mkdir()
    project = write_project(Project(base / "project", base / "home").forking())
    return project.write(".coveragerc", f"[run]\nbranch = {str(request.param == 'branches').lower()}\n")


@pytest.fixture(scope="module")
def separate(shelved: Project) -> dict[str, dict[str, set[object]]]:
    """What runs when each phase's tests run alone."""
    return {phase: alone(shelved, phase) for phase in PHASES}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.sampled(3)
def test_one_run_of_all_phases_measures_each_as_a_separate_run_of_its_tests(
    shelved: Project, separate: dict[str, dict[str, set[object]]], way: str
) -> None:
    assert sets(spied(shelved, *WAYS[way])) == separate


@pytest.mark.skipif(sys.version_info < (3, 12), reason="sys.monitoring came with Python 3.12")
@pytest.mark.parametrize("shelved", ["lines"], indirect=True)
@pytest.mark.parametrize("way", ["alone", "pytest-cov", "xdist", "contexts"])
@pytest.mark.sampled(2)
def test_the_monitoring_core_gives_the_sets_of_the_c_tracer(
    shelved: Project, separate: dict[str, dict[str, set[object]]], way: str
) -> None:
    told = spied(shelved, *WAYS[way], env={"COVERAGE_CORE": "sysmon", "SPY_MONITORS": "1"})

    assert sets(told) == separate


def test_tests_of_no_phase_run_without_a_trace_function(project: Project) -> None:
    """What they run counts for nothing, and would take several times as long."""
    project.write("pyproject.toml", '[tool.phasegate]\nsource = ["src"]\n').write("src/app/__init__.py", "")
    project.write("docs/plans/app_implementation_guide.md", GUIDE_OF_ONE).write(".gitignore", "__pycache__\n")
    project.write("tests/test_other.py", OTHER).init_git().commit("feat: begin")
    project.write("src/app/core.py", "def f(x):\n    return x\n\n\ndef end():\n    return 1\n")
    project.write("tests/test_core.py", CORE)

    done = project.phasegate("check", "1", "--format", "json", env={"PYTHONPATH": "src"})

    (phase,) = done.json["phases"]
    assert {gate["gate"]: gate["verdict"] for gate in phase["gates"]}["suite"] == "passed", done.text
    assert phase["coverage"]["line"] == {"covered": 4, "total": 4, "percent": 100.0}


SET_UP = {
    "in its body": "from app.core import f\n\nMADE = f(1)\n",
    "in a hook": "def pytest_configure(config):\n    from app.core import f\n\n    config.made = f(1)\n",
}


@pytest.mark.parametrize("conftest", SET_UP.values(), ids=SET_UP)
def test_what_a_conftest_makes_for_the_tests_counts(project: Project, conftest: str) -> None:
    """An application that is made there, or what Django calls as it is set up, no test calls itself."""
    project.write("pyproject.toml", '[tool.phasegate]\nsource = ["src"]\n').write("src/app/__init__.py", "")
    project.write("docs/plans/app_implementation_guide.md", GUIDE_OF_ONE)
    project.write("src/app/core.py", "def f(x):\n    return x\n").write("tests/conftest.py", conftest)
    project.write("tests/test_core.py", "def test_core(request):\n    assert getattr(request.config, 'made', 1) == 1\n")

    run = project.pytest("-q", "--phase", "1", env={"PYTHONPATH": "src"})

    assert "100.00 % of 2" in run.stdout, run.text


GUIDE_OF_ONE = """
    # App Implementation Guide

    ### Phase 1: Core
    **Files to create**:
    - `src/app/core.py`
    **Tests to write** (in `tests/test_core.py`):
    - `test_core`
    **Success criteria**:
    - [ ] Coverage: 100%
    """
OTHER = """
import sys
from unittest import TestCase

import pytest


def test_other():
    assert sys.gettrace() is None


class TestOfUnittest(TestCase):
    @classmethod
    def setUpClass(cls):
        pass

    def test_other(self):
        assert sys.gettrace() is None


@pytest.fixture(scope="module")
def inner():
    return 1


@pytest.fixture(scope="module")
def outer(inner):
    return inner + 1


def test_that_asks_for_shared_fixtures(outer):
    assert sys.gettrace() is None
"""
CORE = """\
import pytest


@pytest.fixture(scope="session")
def core():
    from app import core

    yield core
    core.end()


def test_core(core):
    assert core.f(1) == 1
"""
