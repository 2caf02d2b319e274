from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.adapters.ledger.store import SqliteLedger
from pytest_phasegate.adapters.work_files import WorkFiles
from pytest_phasegate.app.recorded_run import Footing, begin, record
from pytest_phasegate.core.evidence.observations import Observed
from pytest_phasegate.core.evidence.outcomes import CaseRun, NodeId, Outcome, TestRun, function_of
from pytest_phasegate.core.evidence.runs import blob_id
from pytest_phasegate.core.project.settings import Settings

if TYPE_CHECKING:
    from support.project import Project

GREEN = NodeId("tests/test_app.py::test_app")


@pytest.fixture
def app(project: Project) -> Project:
    project.init_git().write("src/app/__init__.py", "x = 1\n").write("tests/data/a.json", "{}").write("README.md", "")
    project.write("tests/conftest.py", "").write("pyproject.toml", "").write("tests/test_other.py", "")
    return project.write("tests/test_app.py", "def test_app(): pass\n")


def observed() -> Observed:
    return Observed(7, TestRun((CaseRun(GREEN, function_of(GREEN), Outcome.PASSED),)))


def put_down(project: Project, footing: Footing) -> SqliteLedger:
    ledger = SqliteLedger(project.root / ".git/phasegate/ledger.sqlite3")
    assert record(footing, WorkFiles(project.root), ledger, observed()) == ""
    return ledger


def test_a_run_stands_on_production_and_on_all_of_the_test_side_but_the_tests(app: Project) -> None:
    footing = begin(WorkFiles(app.root), Settings())

    assert set(footing.ground.production) == {"src/app/__init__.py"}
    assert set(footing.ground.support) == {"tests/data/a.json", "tests/conftest.py", "pyproject.toml"}
    assert footing.packages == {"app"}


def test_a_run_is_recorded_with_the_content_it_stood_on(app: Project) -> None:
    ledger = put_down(app, begin(WorkFiles(app.root), Settings()))

    (run, test) = ledger.export()
    assert (test["test"], test["outcome"]) == ("tests/test_app.py::test_app", "passed")
    assert ledger.contents(str(run["production"]), ["src/app/__init__.py"]) == {
        "src/app/__init__.py": blob_id(b"x = 1\n")
    }


def test_a_test_file_is_read_once_while_it_stays_the_same(app: Project) -> None:
    put_down(app, begin(WorkFiles(app.root), Settings()))
    ledger = put_down(app, begin(WorkFiles(app.root), Settings()))

    assert ledger.health().rows["modules"] == 1
    app.write("tests/test_app.py", "def test_app(): assert 1\n")
    assert put_down(app, begin(WorkFiles(app.root), Settings())).health().rows["modules"] == 2


@pytest.mark.parametrize("path", ["src/app/__init__.py", "tests/conftest.py", "tests/test_app.py"])
def test_a_file_touched_since_the_run_began_makes_it_show_nothing(app: Project, path: str) -> None:
    footing = begin(WorkFiles(app.root), Settings())
    app.write(path, "y = 2\n")

    assert [found for found in put_down(app, footing).export() if found["record"] == "observation"] == []


def test_another_test_file_touched_meanwhile_does_not_matter(app: Project) -> None:
    footing = begin(WorkFiles(app.root), Settings())
    app.write("tests/test_other.py", "y = 2\n")

    assert len(list(put_down(app, footing).export())) == 2


def test_a_run_of_a_project_below_the_top_stands_on_the_code_it_configures(project: Project) -> None:
    project.init_git().write("parts/one/code/app.py", "x = 1\n").write("parts/one/pyproject.toml", "")
    project.write("parts/one/checks/test_app.py", "def test_app(): pass\n")

    footing = begin(WorkFiles(project.root / "parts/one"), Settings(source=("code",), tests=("checks",)))

    assert set(footing.ground.production) == {"parts/one/code/app.py"}
    assert footing.packages == {"app"}


def test_a_virtual_environment_that_git_does_not_ignore_is_nothing_to_stand_on(project: Project) -> None:
    project.init_git().write("app.py", "").write("venv/pyvenv.cfg", "").write("venv/lib/six.py", "")

    assert WorkFiles(project.root).paths() == ("app.py",)


def test_a_directory_with_a_tracked_file_is_no_environment_whatever_lies_in_it(project: Project) -> None:
    project.init_git().write("src/app.py", "").commit("feat: app")
    project.write("src/pyvenv.cfg", "")

    assert sorted(WorkFiles(project.root).paths()) == ["src/app.py", "src/pyvenv.cfg"]
