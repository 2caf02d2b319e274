"""The commit-msg hook cleans a message as git will, whatever sign a comment has in the repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_phasegate import cli
from support.guides import CACHE_GUIDE, GUIDE_PATH, PYPROJECT

if TYPE_CHECKING:
    from support.project import Project

TRAILED = "docs: say it\n\nPhase: cache/1\nRed-Green: waived (words)\n"


@pytest.mark.parametrize(
    ("setting", "comment"),
    [
        (("core.commentChar", ";"), "; On branch main\n;\tnotes.md\n"),
        (("core.commentString", "//"), "// On branch main\n"),
        (("core.commentChar", "auto"), "; On branch main\n; a # in the message took the usual sign away\n"),
        (("core.commentChar", "auto"), "# On branch main\n"),
        (None, "# On branch main\n"),
    ],
)
def test_comments_go_by_the_sign_of_the_repository(
    setting: tuple[str, str] | None, comment: str, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("pyproject.toml", PYPROJECT).write(GUIDE_PATH, CACHE_GUIDE).init_git().commit("docs: plan")
    if setting:
        project.git("config", *setting)
    seen: list[str] = []

    def refused(text: str, _project: object) -> int:
        seen.append(text)
        return 1

    monkeypatch.setattr("pytest_phasegate.hooks.commit_msg.judged_message", refused)
    monkeypatch.chdir(project.root)
    project.write(".git/COMMIT_EDITMSG", f"{TRAILED}\n{comment}")

    assert cli.main(["hook", "commit-msg", ".git/COMMIT_EDITMSG"]) == 1
    assert seen == [TRAILED.strip()]


def test_with_another_sign_a_subject_may_begin_with_a_number_sign(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write("pyproject.toml", PYPROJECT).write(GUIDE_PATH, CACHE_GUIDE).init_git().commit("docs: plan")
    project.git("config", "core.commentChar", ";")
    monkeypatch.chdir(project.root)
    project.write(".git/COMMIT_EDITMSG", "#12 say it\n; On branch main\n")

    assert cli.main(["hook", "commit-msg", ".git/COMMIT_EDITMSG"]) == 1
    assert "the subject '#12 say it' is not conventional" in capsys.readouterr().err
