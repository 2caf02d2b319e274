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
    project = write_project(Project(base / "project", base / "home"))
    return project.write(".coveragerc", f"[run]\nbranch = {str(request.param == 'branches').lower()}\n")


@pytest.fixture(scope="module")
def separate(shelved: Project) -> dict[str, dict[str, set[object]]]:
    """What runs when each phase's tests run alone."""
    return {phase: alone(shelved, phase) for phase in PHASES}


@pytest.mark.parametrize("way", WAYS)
def test_one_run_of_all_phases_measures_each_as_a_separate_run_of_its_tests(
    shelved: Project, separate: dict[str, dict[str, set[object]]], way: str
) -> None:
    assert sets(spied(shelved, *WAYS[way])) == separate


@pytest.mark.skipif(sys.version_info < (3, 12), reason="sys.monitoring came with Python 3.12")
@pytest.mark.parametrize("shelved", ["lines"], indirect=True)
@pytest.mark.parametrize("way", ["alone", "pytest-cov", "xdist", "contexts"])
def test_the_monitoring_core_gives_the_sets_of_the_c_tracer(
    shelved: Project, separate: dict[str, dict[str, set[object]]], way: str
) -> None:
    told = spied(shelved, *WAYS[way], env={"COVERAGE_CORE": "sysmon", "SPY_MONITORS": "1"})

    assert sets(told) == separate
