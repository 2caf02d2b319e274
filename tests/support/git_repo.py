"""A repository that tests open in their own process: the environment of the process is cleaned for it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.adapters.git.repository import GitRepository, open_repository
from support.project import Project, clean_environment

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repo(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty git repository, and a process that stands in it and inherits nothing of git's."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name, value in clean_environment(project.home).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(project.root)
    return project.init_git()


def opened(project: Project) -> GitRepository:
    return open_repository(str(project.root))


def out(project: Project, *arguments: str) -> str:
    done = project.git(*arguments)
    assert done.exit_code == 0, done.text
    return done.stdout.strip()


def contents(directory: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}
