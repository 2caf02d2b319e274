# ruff: noqa: E501 - the files of a table stay on one line each
from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.adapters.project.interpreter import Interpreter
from pytest_phasegate.adapters.redgreen.workspace import StandIns

if TYPE_CHECKING:
    from pathlib import Path

DECLARED = {
    "pyproject.toml": '[project]\nname = "the-app"\nversion = "3"\nscripts.say = "app.cli:main"\nentry-points.pytest11.app = "app.plugin"\n',
    "pyproject.toml of poetry": '[tool.poetry]\nname = "the-app"\nversion = "3"\nscripts.say = "app.cli:main"\nplugins.pytest11.app = "app.plugin"\n',
    "pyproject.toml of flit": '[tool.flit.metadata]\nmodule = "the_app"\n[tool.flit.scripts]\nsay = "app.cli:main"\n[tool.flit.entrypoints.pytest11]\napp = "app.plugin"\n',
    "setup.cfg": "[metadata]\nname = the-app\nversion = 3\n[options.entry_points]\nconsole_scripts =\n    say = app.cli:main\npytest11 =\n    app = app.plugin\n",
    "setup.py": "from setuptools import setup\nNAME = 'the-app'\nsetup(name=NAME, version='3', entry_points={'console_scripts': ['say = app.cli:main'], 'pytest11': 'app = app.plugin'})\n",
    "setup.py that computes": "import setuptools\nsetuptools.setup(name='the-app', version=read(), entry_points={'console_scripts': ['say=app.cli:main'], 'pytest11': ['app=app.plugin'], **more})\n",
}  # fmt: skip


@pytest.fixture
def stand_ins(tmp_path: Path) -> StandIns:
    alone = Interpreter((sys.executable,), sys.executable, "3", "this test", "", distributions={})
    return StandIns(tmp_path / "more", alone)


@pytest.mark.parametrize("file", DECLARED)
def test_a_project_that_is_not_installed_gets_scripts_and_metadata_wherever_it_declares_them(
    stand_ins: StandIns, tmp_path: Path, file: str
) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / file.partition(" ")[0]).write_text(DECLARED[file])

    stand_ins.make(tree)

    (metadata,) = (tmp_path / "more" / "metadata").iterdir()
    assert metadata.name in {"the_app-3.dist-info", "the_app-0.dist-info"}
    assert f"Version: {metadata.name[8]}\n" in (metadata / "METADATA").read_text()
    points = "[console_scripts]\nsay = app.cli:main\n[pytest11]\napp = app.plugin\n"
    assert (metadata / "entry_points.txt").read_text() == points
    assert "from app.cli import main" in (tmp_path / "more" / "bin" / "say").read_text()


@pytest.mark.parametrize("text", ["", "setup(name=", "setup()", "x = 1"])
def test_a_project_that_does_not_name_itself_gets_none(stand_ins: StandIns, tmp_path: Path, text: str) -> None:
    (tmp_path / "setup.py").write_text(text)

    stand_ins.make(tmp_path)

    assert not (tmp_path / "more").exists()


@pytest.mark.parametrize(
    ("declared", "told"),
    [("3.1", "3.1"), ("3.0.0", ""), ("3-dev", "")],
    ids=["another", "the same", "one that a build would write otherwise"],
)
def test_the_metadata_of_a_project_that_is_installed_tell_the_version_of_the_tree(
    tmp_path: Path, declared: str, told: str
) -> None:
    site, tree = tmp_path / "site", tmp_path / "tree"
    (site / "The_App-3.0.dist-info").mkdir(parents=True)
    (site / "The_App-3.0.dist-info" / "METADATA").write_text("Name: The-App\nVersion: 3.0\nSummary: x\n\nVersion: y\n")
    tree.mkdir()
    (tree / "pyproject.toml").write_text(f'[project]\nname = "the-app"\nversion = "{declared}"\n')
    installed = Interpreter(
        (sys.executable,), sys.executable, "3", "this test", "", {"the-app": "3.0"}, sites=(str(site),)
    )

    StandIns(tmp_path / "more", installed).make(tree)

    made = [file.read_text() for file in (tmp_path / "more").glob("metadata/the_app-*.dist-info/METADATA")]
    assert made == ([f"Name: The-App\nVersion: {told}\nSummary: x\n\nVersion: y\n"] if told else [])
