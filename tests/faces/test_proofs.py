"""What proves a change, and what only looks as if it did not, in small histories of their own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from support.project import LEAN

if TYPE_CHECKING:
    from support.project import Project

ONE, TWO = "SIZES = {'small': 1}\n", "SIZES = {'small': 1, 'large': 2}\n"


@pytest.fixture
def history(project: Project) -> Project:
    project.init_git().write("pytest.ini", LEAN).write("src/app/__init__.py", "").write("src/app/cache.py", ONE)
    project.write("tests/test_old.py", "def test_old(): pass\n").commit("chore: begin")
    return project


def judged(history: Project) -> Any:
    return history.phasegate("verify", "--python", sys.executable, "--format", "json", "HEAD").json["commits"][0]


def test_a_file_that_only_the_code_before_keeps_from_being_imported_is_red_whatever_it_raises(history: Project) -> None:
    """Production is all that differs between the two trees."""
    test = "from app.cache import SIZES\nLARGE = SIZES['large']\ndef test_large(): assert LARGE == 2\n"
    history.write("src/app/cache.py", TWO).write("tests/test_cache.py", test).commit("feat: large")

    found = judged(history)

    assert (found["verdict"], found["fail_to_pass"]) == ("passed", ["tests/test_cache.py::test_large"])
    assert [(red["grade"], red["exception"]) for red in found["red"]] == [("structural", "KeyError")]


def test_where_the_changed_tests_are_skipped_here_an_unchanged_one_may_be_the_proof(history: Project) -> None:
    test = "from app.cache import SIZES\ndef test_large(): assert SIZES['large'] == 2\n"
    history.write("tests/test_cache.py", test).commit("test: large")
    skipped = "import pytest\ndef test_more(): pytest.skip('not here')\n"
    history.write("src/app/cache.py", TWO).write("tests/test_more.py", skipped).commit("feat: large")

    found = judged(history)

    assert (found["verdict"], found["fail_to_pass_unchanged"]) == ("passed", ["tests/test_cache.py::test_large"])
