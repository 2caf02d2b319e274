"""A project whose configuration lies below the top of its repository, as in a monorepo."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from project import LEAN_OPTIONS

if TYPE_CHECKING:
    from project import Project, Run

CONFIGURED = f"""
[tool.phasegate]
source = ["code"]
tests = ["checks"]

[tool.pytest.ini_options]
pythonpath = ["code"]
{LEAN_OPTIONS}
"""
ONE, TWO = "def size(): return 1\n", "def size(): return 2\n"
TEST = "import cache\ndef test_size(): assert cache.size() == 2\n"


@pytest.fixture
def below(project: Project) -> Project:
    project.init_git().write("README.md", "All of them.\n").write("parts/one/pyproject.toml", CONFIGURED)
    project.write("parts/one/code/cache.py", ONE).write("parts/one/checks/data.txt", "").commit("chore: begin")
    return project


def phasegate(project: Project, *words: str) -> Run:
    return project.run(
        sys.executable, "-m", "pytest_phasegate", *words, cwd="parts/one", env={"PHASEGATE_PYTHON": sys.executable}
    )


def test_verify_knows_the_code_of_a_project_below_the_top(below: Project) -> None:
    below.write("parts/one/code/cache.py", TWO).commit("feat: two")

    done = phasegate(below, "verify", "HEAD")

    assert (done.exit_code, "PG201" in done.stdout) == (1, True), done.text


def test_verify_proves_a_commit_of_a_project_below_the_top(below: Project) -> None:
    below.write("parts/one/code/cache.py", TWO).write("parts/one/checks/test_cache.py", TEST).commit("feat: two")

    done = phasegate(below, "verify", "HEAD")

    assert done.exit_code == 0, done.text
    assert "1 test went from red to green" in done.stdout


def test_a_configuration_named_on_the_command_line_speaks_of_the_project_too(below: Project) -> None:
    below.write("parts/one/other.toml", 'source = ["code"]\n').write("parts/one/code/cache.py", TWO).commit("feat: two")

    assert phasegate(below, "verify", "--config", "other.toml", "HEAD").exit_code == 1
