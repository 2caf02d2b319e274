"""A judged run asks git for each thing once: a child costs as much as ten short tests."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.plan import planned
from support.project import without_foreign_plugins

if TYPE_CHECKING:
    from support.project import Project

SHIM = '#!/bin/sh\nfor word in "$@"; do printf "%s " "$word"; done >> "{log}"\necho >> "{log}"\nexec "{git}" "$@"\n'


def questions_of(project: Project, tmp_path: Path, *words: str) -> list[str]:
    """Return what a run of a committed project asks git."""
    planned(project).init_git().commit("docs: plan")
    log, shim = tmp_path / "questions", tmp_path / "bin/git"
    shim.parent.mkdir()
    shim.write_text(SHIM.format(log=log, git=shutil.which("git")))
    shim.chmod(0o755)
    plugins = without_foreign_plugins()
    paths = {"PATH": f"{shim.parent}:{Path(shutil.which('python') or '').parent}:/usr/bin:/bin"}
    done = project.pytest("--phase", "all", *words, "-p", "no:cacheprovider", *plugins, env=paths)
    assert done.exit_code == 0, done.text
    return log.read_text().splitlines()


@pytest.fixture
def questions(project: Project, tmp_path: Path) -> list[str]:
    """What a judged run asks git."""
    return questions_of(project, tmp_path)


def asking(questions: list[str], word: str) -> int:
    return sum(f" {word} " in question for question in questions)


def test_the_content_is_looked_at_once_to_judge_it_and_once_when_all_is_written(questions: list[str]) -> None:
    assert asking(questions, "add") == asking(questions, "write-tree") == 2


def test_the_files_of_a_tree_are_listed_once(questions: list[str]) -> None:
    assert asking(questions, "ls-tree") == 1


def test_the_repository_is_looked_for_where_it_is_used_first(questions: list[str]) -> None:
    assert asking(questions, "--show-object-format") <= 3


def test_a_run_that_only_collects_does_not_look_at_the_content(project: Project, tmp_path: Path) -> None:
    questions = questions_of(project, tmp_path, "--collect-only")

    assert asking(questions, "add") == asking(questions, "write-tree") == 0
