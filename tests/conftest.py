from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from project import Project

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = ["pytester"]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project directory with a home of its own."""
    root = tmp_path / "project"
    home = tmp_path / "home"
    root.mkdir()
    home.mkdir()
    return Project(root, home)
