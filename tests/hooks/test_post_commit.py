from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.adapters.git.hooks import leave_note, take_note
from pytest_phasegate.cli import main
from support.git_repo import repo

if TYPE_CHECKING:
    from support.project import Project

__all__ = ["repo"]

SHIM = Path(__file__).parents[2] / "hooks" / "post-commit"


def configured(project: Project, mode: str = "enforce") -> Project:
    return project.write("phasegate.toml", f'mode = "{mode}"\n')


def test_a_commit_that_passed_the_hook_is_not_talked_about(repo: Project, capsys: pytest.CaptureFixture[str]) -> None:
    configured(repo).commit("one")
    leave_note()

    assert main(["hook", "post-commit"]) == 0
    assert capsys.readouterr().err == ""


def test_the_note_counts_for_one_commit(repo: Project, capsys: pytest.CaptureFixture[str]) -> None:
    configured(repo).commit("one")
    leave_note()
    main(["hook", "post-commit"])

    assert main(["hook", "post-commit"]) == 0
    assert "prove it: phasegate verify HEAD\n" in capsys.readouterr().err


def test_a_commit_past_the_hooks_is_named_with_the_command_that_proves_it(repo: Project) -> None:
    configured(repo).commit("one")
    hook = repo.root / ".git/hooks/post-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.symlink_to(SHIM)

    done = repo.write("a", "1\n").run("git", "commit", "-a", "--no-verify", "--allow-empty", "-m", "two")

    assert done.exit_code == 0
    sha = repo.git("rev-parse", "--short=12", "HEAD").stdout.strip()
    assert f"phasegate: commit {sha} went past the red-green hook" in done.stderr
    assert "phasegate verify HEAD~1..HEAD" in done.stderr


@pytest.mark.parametrize("mode", [None, "off"])
def test_a_project_that_does_not_ask_hears_nothing(
    repo: Project, mode: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if mode:
        configured(repo, mode)
    repo.write("a", "1\n").commit("one")

    assert main(["hook", "post-commit"]) == 0
    assert capsys.readouterr().err == ""


def test_the_note_lies_in_the_git_directory_of_a_linked_worktree(
    repo: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.write("a", "1\n").commit("one")
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"))
    monkeypatch.chdir(tmp_path / "linked")

    leave_note()

    assert (repo.root / ".git/worktrees/linked/phasegate-passed").exists()
    assert "phasegate-passed" not in os.listdir(repo.root / ".git")
    assert take_note()
    assert not take_note()
