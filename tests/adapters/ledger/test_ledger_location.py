from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_phasegate.adapters.project.config import locate, repository_top

if TYPE_CHECKING:
    from support.project import Project


def test_in_a_repository_it_lies_in_the_git_directory_also_from_below(project: Project) -> None:
    project.init_git().write("sub/pyproject.toml", "")

    assert locate(project.root, {}) == project.root / ".git/phasegate/ledger.sqlite3"
    assert locate(project.root / "sub", {}) == project.root / ".git/phasegate/ledger.sqlite3"
    assert repository_top(project.root / "sub") == project.root


def test_all_worktrees_share_one(project: Project) -> None:
    project.init_git().write("a.py", "")
    project.commit("feat: a")
    project.git("worktree", "add", "-q", str(project.home / "linked"), "-b", "side")

    assert locate(project.home / "linked", {}) == project.root.resolve() / ".git/phasegate/ledger.sqlite3"


def test_a_submodule_has_its_own(project: Project) -> None:
    project.init_git().write("sub/.git", "gitdir: ../.git/modules/sub\n")
    (project.root / ".git/modules/sub").mkdir(parents=True)

    expected = project.root / ".git/modules/sub/phasegate/ledger.sqlite3"
    assert locate(project.root / "sub", {}).resolve() == expected


def test_without_git_it_lies_in_the_project(project: Project) -> None:
    assert locate(project.root, {}) == project.root / ".phasegate/ledger.sqlite3"


def test_a_git_directory_elsewhere_is_taken_from_the_environment(project: Project) -> None:
    (project.home / "elsewhere.git").mkdir()
    environment = {"GIT_DIR": str(project.home / "elsewhere.git")}

    assert locate(project.root, environment) == project.home / "elsewhere.git/phasegate/ledger.sqlite3"


def test_the_environment_can_name_the_file(project: Project) -> None:
    project.init_git()

    assert locate(project.root, {"PHASEGATE_LEDGER": "/some/where.db"}).as_posix() == "/some/where.db"
    assert locate(project.root, {"PHASEGATE_LEDGER": "here.db"}) == project.root / "here.db"
