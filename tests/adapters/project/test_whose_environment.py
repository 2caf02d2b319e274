"""Whose environment runs phasegate: the project's, or one that merely holds a distribution of the project's name."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.wiring.redgreen import is_of_project

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("came_from", "of_project"),
    [("project", True), ("project/packages/demo", True), ("", False), ("elsewhere", False)],
    ids=["installed from it", "a member of it", "a dependency from an index", "another tree"],
)
def test_an_environment_is_the_projects_if_its_distribution_came_from_the_project(
    came_from: str, of_project: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, site = tmp_path / "project", tmp_path / "site"
    info = site / "demo_app-1.dist-info"
    for directory in (root, info):
        directory.mkdir(parents=True)
    root.joinpath("pyproject.toml").write_text('[project]\nname = "demo-app"\n')
    info.joinpath("METADATA").write_text("Metadata-Version: 2.1\nName: demo-app\nVersion: 1\n")
    if came_from:
        url = (tmp_path / came_from).as_uri()
        info.joinpath("direct_url.json").write_text(json.dumps({"url": url, "dir_info": {"editable": True}}))
    monkeypatch.setattr(sys, "path", [str(site), *sys.path])

    assert is_of_project(root) is of_project
