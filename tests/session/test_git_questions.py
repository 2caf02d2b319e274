"""A judged run asks git for each thing once: a child costs as much as ten short tests."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from support.plan import GUIDE, GUIDE_PATH, planned
from support.project import without_foreign_plugins

if TYPE_CHECKING:
    from support.project import Project

SHIM = '#!/bin/sh\nfor word in "$@"; do printf "%s " "$word"; done >> "{log}"\necho >> "{log}"\nexec "{git}" "$@"\n'


def questions_of(project: Project, tmp_path: Path, *words: str) -> list[str]:
    """Return what a run of a committed project asks git; one that is not, is committed whole."""
    if not (project.root / ".git").exists():
        named = GUIDE.replace("`tests/test_core.py`\n", "`core.py`\n").replace(
            "`tests/test_expiry.py`\n", "`expiry.py`\n"
        )
        planned(project).write(GUIDE_PATH, named).write("core.py", "").write("expiry.py", "")
        project.init_git().commit("docs: plan")
    log, shim = tmp_path / "questions", tmp_path / "bin/git"
    shim.parent.mkdir()
    shim.write_text(SHIM.format(log=log, git=shutil.which("git")))
    shim.chmod(0o755)
    plugins = without_foreign_plugins()
    paths = {"PATH": f"{shim.parent}:{Path(shutil.which('python') or '').parent}:/usr/bin:/bin"}
    done = project.pytest("--phase", "all", *words, "-p", "no:cacheprovider", *plugins, env=paths)
    assert done.exit_code == 0, done.text
    return log.read_text().splitlines()


def asking(questions: list[str], word: str) -> int:
    return sum(f" {word} " in question for question in questions)


def test_a_judged_run_asks_git_for_each_thing_once(project: Project, tmp_path: Path) -> None:
    questions = questions_of(project, tmp_path)

    assert asking(questions, "add") == asking(questions, "write-tree") == 2, "to judge it, and when all is written"
    assert asking(questions, "ls-tree") == 2, "what stands, and what stood where the guide came"
    assert asking(questions, "--show-object-format") <= 3
    by_id = [one for one in questions if any(f" {word} " in one for word in ("rev-list", "diff-tree", "cat-file"))]
    assert sorted(by_id) == sorted(set(by_id))
    assert sum(".phasegate/baseline.jsonl" in one for one in questions) == 2, "who changed it, and what HEAD has"


def test_where_only_the_guide_is_committed_git_is_not_asked_of_what_came_after_it(
    project: Project, tmp_path: Path
) -> None:
    planned(project).init_git().git("add", "docs")
    project.git("commit", "--quiet", "--no-verify", "-m", "docs: plan")

    questions = questions_of(project, tmp_path)

    assert sum(".phasegate/baseline.jsonl" in one for one in questions) == 1, "what HEAD has"
    assert asking(questions, "rev-list") == 1, "who changed the guide"


def test_a_run_that_only_collects_does_not_look_at_the_content(project: Project, tmp_path: Path) -> None:
    questions = questions_of(project, tmp_path, "--collect-only")

    assert asking(questions, "add") == asking(questions, "write-tree") == 0
