from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.wiring.projects import content_id

if TYPE_CHECKING:
    from support.project import Project


@pytest.fixture
def committed(project: Project) -> Project:
    project.init_git().write("src/app.py", "ONE = 1\n").write(".gitignore", "build/\n").commit("feat: app")
    return project


@pytest.mark.parametrize("path", ["src/new.py", "tests/conftest.py", "setup.cfg"])
def test_code_that_git_does_not_know_yet_is_part_of_the_content(committed: Project, path: str) -> None:
    before = content_id(committed.root)

    first = content_id(committed.write(path, "A = 1\n").root)
    second = content_id(committed.write(path, "A = 2\n").root)

    assert len({before, first, second}) == 3


@pytest.mark.parametrize("path", ["junit.xml", "record.json", "build/generated.py", ".coverage"])
def test_what_a_run_leaves_behind_is_not(committed: Project, path: str) -> None:
    before = content_id(committed.root)

    assert content_id(committed.write(path, "A = 1\n").root) == before


def test_it_is_the_same_in_a_clone(committed: Project) -> None:
    committed.run("git", "clone", "-q", ".", str(committed.home / "clone"))

    assert content_id(committed.home / "clone") == content_id(committed.root)
