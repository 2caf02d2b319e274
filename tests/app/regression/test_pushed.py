from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.adapters.child.pytest_child import PytestChild
from pytest_phasegate.adapters.git.repository import open_repository
from pytest_phasegate.adapters.project.interpreter import inspect_interpreter
from pytest_phasegate.adapters.redgreen.workspace import BuiltFiles, ScratchWorkspace
from pytest_phasegate.app.redgreen.change import ChangeReader
from pytest_phasegate.app.redgreen.replay import Replayer
from pytest_phasegate.app.regression.suite import compared_at_end
from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.core.regression.baseline import BaselineTest
from support.project import LEAN

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_phasegate.core.regression.comparison import Compared
    from support.project import Project


def pushed(project: Project, scratch: Path, test: str, before: str = "") -> Compared:
    """How the accepted tests of phase 1 stand at the end of a push that brings this test file."""
    scratch.mkdir()
    project.init_git().write("pytest.ini", LEAN).write("src/app/__init__.py", "")
    project.write("tests/test_a.py", before).commit("begin")
    project.write("tests/test_a.py", test).commit("end")
    root = str(project.root)
    repository = open_repository(root)
    interpreter = inspect_interpreter((sys.executable,), "this test", scratch)
    workspace = ScratchWorkspace(repository, scratch, interpreter, BuiltFiles(repository, root, interpreter))
    replayer = Replayer(workspace, PytestChild(interpreter, str(scratch), [root]), timeout=60)
    change = ChangeReader(repository, Settings()).between("HEAD~1", "HEAD")
    accepted = (BaselineTest(TestId("tests/test_a.py::test_a"), "1", 1, ""),)
    return compared_at_end(change, "", accepted, replayer, {})


def test_an_accepted_test_that_fails_twice_is_broken(project: Project, tmp_path: Path) -> None:
    (lost,) = pushed(project, tmp_path / "scratch", "def test_a(): assert False\n").regressions

    assert (lost.test, lost.kind) == ("tests/test_a.py::test_a", "broke")


@pytest.mark.parametrize("moment", ["def test_a(): chance()", "chance()\ndef test_a(): pass"], ids=["test", "import"])
def test_an_accepted_test_that_passes_when_it_is_run_again_is_flaky(
    project: Project, tmp_path: Path, moment: str
) -> None:
    seen = tmp_path / "seen"
    chance = f"import pathlib\nseen = pathlib.Path({str(seen)!r})\n"
    chance += "def chance():\n    first = not seen.exists()\n    seen.touch()\n    assert not first\n"

    (lost,) = pushed(project, tmp_path / "scratch", f"{chance}\n{moment}\n").regressions

    assert (lost.test, lost.kind) == ("tests/test_a.py::test_a", "flaky")


@pytest.mark.parametrize(
    ("after", "kinds"),
    [
        ("def test_b(): assert 1 + 1 == 3\n", ["removed"]),
        ("def test_b(): assert len('abc') == 3\n", []),  # it goes by another name
        ("def test_b(): assert [1]\n\ndef test_a(): assert len('abc') == 3\n", []),
    ],
)
def test_an_accepted_test_that_a_push_deletes_is_removed(
    project: Project, tmp_path: Path, after: str, kinds: list[str]
) -> None:
    found = pushed(project, tmp_path / "scratch", after, "def test_a(): assert len('abc') == 3\n")

    assert [one.kind for one in found.broken if one.kind != "broke"] == kinds
