from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.adapters.project.config import find_root, load
from pytest_phasegate.core.project.settings import Mode
from pytest_phasegate.errors import ConfigurationError
from pytest_phasegate.wiring import projects

if TYPE_CHECKING:
    from support.project import Project


def test_the_root_is_the_nearest_directory_that_configures_us(project: Project) -> None:
    project.write(".git/HEAD", "").write("pyproject.toml", "[tool.phasegate]\n")
    project.write("packages/one/pyproject.toml", "[project]\nname = 'one'\n").write("packages/one/src/a.py", "")

    assert find_root(project.root / "packages/one/src") == project.root.resolve()


def test_the_root_is_not_sought_above_the_work_tree(project: Project) -> None:
    project.write("phasegate.toml", "").write("inner/.git/HEAD", "").write("inner/src/a.py", "")

    assert find_root(project.root / "inner/src") == (project.root / "inner").resolve()


def test_without_git_and_configuration_the_nearest_pyproject_is_the_root(project: Project) -> None:
    project.write("pyproject.toml", "[project]\nname = 'x'\n").write("deep/er/a.py", "")

    assert find_root(project.root / "deep/er") == project.root.resolve()


def test_a_broken_pyproject_that_speaks_of_us_is_the_root_so_that_its_error_is_told(project: Project) -> None:
    project.write("pyproject.toml", "[tool.phasegate\n").write("src/a.py", "")

    root = find_root(project.root / "src")

    with pytest.raises(ConfigurationError, match=r"pyproject.toml: not valid TOML: .*line 1"):
        load(root, environment={})


def test_a_named_file_replaces_the_projects_own(project: Project) -> None:
    project.write("pyproject.toml", '[tool.phasegate]\nmode = "off"\n').write("other.toml", 'mode = "report"\n')

    assert load(project.root, project.root / "other.toml", environment={}).mode is Mode.REPORT
    named = {"PHASEGATE_CONFIG": str(project.root / "other.toml")}
    assert load(project.root, environment=named).mode is Mode.REPORT


def test_a_named_file_that_is_not_there_is_an_error(project: Project) -> None:
    with pytest.raises(ConfigurationError, match=r"no\.toml: cannot be read: No such file"):
        load(project.root, project.root / "no.toml", environment={})


def test_bytes_that_are_no_utf8_are_named_with_their_place(project: Project) -> None:
    (project.root / "phasegate.toml").write_bytes(b"mode = '\xff'")

    with pytest.raises(ConfigurationError, match=r"phasegate.toml: not UTF-8 at byte 8"):
        load(project.root, environment={})


def test_a_byte_order_mark_is_no_error(project: Project) -> None:
    (project.root / "phasegate.toml").write_bytes(b"\xef\xbb\xbfmode = 'off'")

    assert load(project.root, environment={}).mode is Mode.OFF


def test_the_settings_of_another_revision_can_be_read(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PHASEGATE_MODE", raising=False)
    monkeypatch.chdir(project.root)
    project.init_git().write("pyproject.toml", "[tool.phasegate]\nmode='off'").commit("chore: begin")
    project.write("pyproject.toml", "[tool.phasegate]\nmode='report'")
    repository = projects.repository(project.root)

    assert projects.settings_at(repository, "HEAD").mode is Mode.OFF
    assert projects.settings_at(repository, None) == projects.settings_at(repository, repository.empty_tree())
    assert projects.is_configured_in_index(project.root)
