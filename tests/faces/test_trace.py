"""``phasegate trace`` in a real project: one of every gap, and none where all is there."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest

from support.project import LEAN_OPTIONS

if TYPE_CHECKING:
    from support.project import Project

pytestmark = pytest.mark.slow
SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "schemas" / "phasegate.trace.1.json"
SPEC = "# Feature Specification: Login\n### User Story 1 - Log in (Priority: P1)\n- **FR-001**: =cmd <b>\n"
TASKS = """
# Tasks: Login
## Phase 1: User Story 1
- [ ] T001 [US1] Write test_login in tests/test_login.py
- [ ] T002 [US1] Create src/login.py
"""
TESTS = """
import pytest
def test_login():
    import login
    assert login.log_in()
@pytest.mark.requirement(id=["FR-001"])
def test_keep():
    import login
    assert login.log_in()
"""


@pytest.fixture
def planned(project: Project) -> Project:
    project.write(
        "pyproject.toml",
        '[tool.phasegate]\nguides = ["specs/*/tasks.md"]\n'
        '[tool.pytest.ini_options]\npythonpath = ["src"]\n'
        f"{LEAN_OPTIONS[:-1]}, '--strict-markers']\n",
    )
    project.write("specs/login/spec.md", SPEC)
    project.write("specs/login/tasks.md", TASKS)
    project.init_git().commit("docs: plan")
    project.write("tests/test_login.py", TESTS)
    project.write("src/login.py", "def log_in(): return True\n")
    return project


def test_a_trace_is_whole_once_its_phases_were_judged_on_this_content(planned: Project) -> None:
    before = planned.phasegate("trace", "--fail-on-gap")
    judged = planned.phasegate("check", "1")
    after = planned.phasegate("trace", "--fail-on-gap", "--format", "json")

    assert before.exit_code == 4, before.text
    assert "not-judged: US1, FR-001: phase 1 was not judged on this content" in before.stdout
    assert judged.exit_code == 0, judged.text
    assert after.exit_code == 0, after.text
    jsonschema.validate(after.json, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert {row["id"]: [test["test"] for test in row["tests"]] for row in after.json["requirements"]} == {
        "US1": ["tests/test_login.py::test_keep", "tests/test_login.py::test_login"],
        "FR-001": ["tests/test_login.py::test_keep"],
    }
    assert {row["verdict"] for row in after.json["requirements"]} == {"passed"}

    planned.write("src/login.py", "def log_in(): return 1\n")
    planned.write("specs/login/spec.md", SPEC + "- **FR-002**: more\n")
    changed = planned.phasegate("trace", "--fail-on-gap")

    assert changed.exit_code == 1
    assert "FR-002: no phase and no test names it" in changed.stdout
    assert "stale" in changed.stdout


def test_pages_and_tables_show_what_a_specification_says_as_text(planned: Project) -> None:
    page = planned.phasegate("trace", "--format", "html").stdout
    rows = list(csv.DictReader(io.StringIO(planned.phasegate("trace", "--format", "csv").stdout)))

    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert {row["id"]: row["title"] for row in rows} == {"US1": "Log in", "FR-001": "'=cmd <b>"}


def test_a_document_of_requirements_can_be_named(planned: Project) -> None:
    planned.write("needs.md", "| R-1 | keep |\n")

    told = planned.phasegate("trace", "--spec", "needs.md", "--fail-on-gap", "forward")

    assert told.exit_code == 1
    assert "needs.md:1: no-phase: R-1: no phase and no test names it" in told.stdout
