"""A project that doubles and is to triple: what the tests of the commit hooks write and commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support import warm

if TYPE_CHECKING:
    from support.project import Project, Run

OLD = "def double(x):\n    return x * 2\n"
NEW = OLD + "def triple(x):\n    return x * 3\n"
DOUBLE = "import app\n\ndef test_double(): assert app.double(2) == 4\n"
TRIPLE = DOUBLE + "\ndef test_triple(): assert app.triple(2) == 6\n"
CODE, TESTS = "src/app/__init__.py", "tests/test_app.py"


def configured(python: str, pytest_options: str = "") -> str:
    """Return the configuration of the project; replays would run in ``python``."""
    return f"""
    [project]
    name = "app"
    [tool.phasegate]
    source = ["src"]
    python = {python!r}
    [tool.pytest.ini_options]
    pythonpath = ["src"]
    {pytest_options}
    """


def doubling(project: Project, configuration: str) -> Project:
    """Commit what doubles, with both hooks of a commit in place."""
    project.init_git().write("pyproject.toml", configuration).write(CODE, OLD).write(TESTS, DOUBLE)
    project.write(".gitignore", "__pycache__/\n.pytest_cache/\n").commit("feat: double")
    for hook, name in (("pre-commit", "red-green"), ("commit-msg", "commit-msg")):
        path = project.root / ".git/hooks" / hook
        path.write_text(f"#!/bin/sh\n{warm.command('pytest_phasegate', 'hook', name)}\n")
        path.chmod(0o755)
    return project


def commit(project: Project, message: str = "feat: triple", *options: str) -> Run:
    """Stage everything and commit it with the hooks."""
    project.git("add", "--all")
    return project.git("commit", "--quiet", "-m", message, *options)
