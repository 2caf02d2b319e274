"""Every way by which coverage data come in: what is damaged, foreign or lost adds nothing to a figure."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

import pytest

from support.project import without_foreign_plugins

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.project import Project

GUIDE = """
    # Box Implementation Guide
    ## Phases
    ### Phase 1: Put
    **Files to create**:
    - `app/box.py`
    **Tests to write** (in `tests/test_box.py`):
    ```python
    def test_put(): ...
    def test_size(): ...
    ```
    **Success criteria**:
    - [ ] Coverage: 90%
    """
BOX = "def put(one):\n    return one\n\n\ndef size():\n    return 1\n"
TESTS = "from app.box import put, size\n\ndef test_put(): assert put(1)\n\ndef test_size(): assert {size}\n"
QUIET = ("-q", "-p", "no:cacheprovider", "--phasegate-report", "json:r.json")


def boxed(project: Project, *, size: str = "size()") -> Project:
    project.write("docs/plans/box_implementation_guide.md", GUIDE).write("conftest.py", "")
    project.write("app/__init__.py", "").write("app/box.py", BOX)
    return project.write("tests/test_box.py", TESTS.format(size=size))


def coverage(project: Project) -> tuple[str, str]:
    (phase,) = json.loads(project.read("r.json"))["phases"]
    (gate,) = [one for one in phase["gates"] if one["gate"] == "coverage"]
    return gate["verdict"], gate["reason"]


def garbage(project: Project) -> None:
    (project.root / ".coverage").write_bytes(b"this is no data base" * 50)


def other_schema(project: Project) -> None:
    with sqlite3.connect(project.root / ".coverage") as data:
        data.execute("create table coverage_schema (version integer)")
        data.execute("insert into coverage_schema values (99)")
    data.close()


def cut_short(project: Project) -> None:
    more_than_this_run(project)
    file = project.root / ".coverage"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def more_than_this_run(project: Project) -> None:
    project.write("ran.py", "from app.box import size\nsize()\n")
    assert project.python("-m", "coverage", "run", "--source=app", "ran.py").exit_code == 0
    project.remove("ran.py")


APPENDING = {
    "coverage run": ("coverage", "run", "--append", "--source=app", "-m", "pytest", *without_foreign_plugins()),
    "pytest-cov": ("pytest", "--cov=app", "--cov-append", "--cov-report=", *without_foreign_plugins("--cov")),
    "ours": ("pytest", *without_foreign_plugins()),
}


@pytest.mark.parametrize("words", APPENDING.values(), ids=APPENDING.keys())
@pytest.mark.parametrize("before", [garbage, other_schema, cut_short, more_than_this_run])
@pytest.mark.sampled(4)
def test_a_data_file_that_was_there_before_makes_no_phase_pass(
    before: Callable[[Project], None], words: tuple[str, ...], project: Project
) -> None:
    before(boxed(project, size="1"))

    done = project.python("-m", *words, "--phase", "1", *QUIET)

    assert done.exit_code not in {0, 5}, done.text
    if (project.root / "r.json").exists():
        assert coverage(project) == ("failed", "line coverage is 75.00 % of 4, 90 % asked by guide")


def test_a_module_beside_the_configuration_is_measured_by_us(project: Project) -> None:
    boxed(project).remove("app")
    project.write("box.py", BOX).write("pytest.ini", "[pytest]\npythonpath = .\n")
    project.write("tests/test_box.py", TESTS.format(size="size()").replace("app.box", "box"))
    project.write("docs/plans/box_implementation_guide.md", GUIDE.replace("app/box.py", "box.py"))

    done = project.pytest("--phase", "1", *QUIET)

    assert done.exit_code == 0, done.text
    assert coverage(project) == ("passed", "100.00 % of 4 lines")


SPOILING = """
    import pytest

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(session):
        output = getattr(session.config, "workeroutput", None)
        if output is not None and session.config.workerinput["workerid"] == "gw1":
            {spoil}
    """


@pytest.mark.parametrize(
    "spoil",
    [
        "output['Measurement'] = output['Measurement'][:20]",
        "del output['Measurement']",
    ],
    ids=["cut short", "lost"],
)
@pytest.mark.sampled(2)
def test_what_a_worker_hands_over_is_read_whole_or_not_at_all(spoil: str, project: Project) -> None:
    boxed(project).write("conftest.py", SPOILING.format(spoil=spoil))

    done = project.pytest("--phase", "1", "-n", "2", *QUIET)

    assert done.exit_code == 1
    assert coverage(project) == ("inconclusive", "coverage is incomplete: lost with worker gw1")
