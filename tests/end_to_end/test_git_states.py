from __future__ import annotations

import json
import os
import shlex
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.git_states import STATES, Change, Commit, base, install, must, staged
from support.git_watcher import written
from support.hook_changes import HONEST
from support.project import Project, clean_environment
from support.sending import heeding

if TYPE_CHECKING:
    from collections.abc import Callable

WATCHER = Path(__file__).parents[1] / "support" / "git_watcher.py"


def watched(project: Project) -> Path:
    """Install our look at the index as every hook that runs before a commit."""
    report = project.home / "report"
    for name in ("pre-commit", "pre-merge-commit"):
        install(project.root / ".git", name, shlex.join(["exec", sys.executable, str(WATCHER), str(report)]))
    return report


def make(commit: Commit) -> None:
    done = commit.project.run(*commit.argv, cwd=commit.cwd, stdin=commit.stdin, env=commit.env)
    assert done.exit_code == 0, done.text


@pytest.mark.parametrize("prepare", STATES.values(), ids=STATES)
@pytest.mark.sampled(2)
def test_the_tree_seen_in_a_hook_is_the_tree_committed_and_nothing_is_disturbed(
    project: Project, prepare: Callable[[Project, Change], Commit], tmp_path: Path
) -> None:
    report = watched(project.init_git())
    commit = prepare(project, HONEST)

    make(commit)

    seen = json.loads(report.read_text().splitlines()[-1])
    git = commit.argv[1:3] if commit.argv[1].startswith("--git-dir") else ()
    assert seen["tree"] == must(commit.project, *git, "rev-parse", "HEAD^{tree}")
    assert seen["root"] == os.path.realpath(commit.project.root)
    assert seen["disturbed"] == []
    assert seen["agree"]
    assert not (project.home / "post-checkout-ran").exists()
    aside = str(tmp_path / "out")
    must(commit.project, *git, "-c", "core.sparseCheckout=false", "worktree", "add", "-q", "--detach", aside, "HEAD")
    assert seen["files"] == written(tmp_path / "out")


def facts(project: Project) -> dict[str, str]:
    """What a user would miss after an interrupted commit."""
    questions = {
        "index": "ls-files --stage --debug",
        "work tree": "status --porcelain=v2 --untracked-files=all",
        "refs": "for-each-ref",
        "stash": "stash list",
        "worktrees": "worktree list --porcelain",
        "head": "rev-parse HEAD",
        "merge": "rev-parse MERGE_HEAD",
    }
    locks = sorted(str(path) for path in (project.root / ".git").rglob("*.lock"))
    return {**{name: project.git(*asked.split()).text for name, asked in questions.items()}, "locks": str(locks)}


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.sampled(3)
def test_a_hook_that_is_interrupted_leaves_everything_as_it_was(project: Project, sent: signal.Signals) -> None:
    """The filter sleeps while files are written, so the signal always comes in the middle."""
    watched(project.init_git())
    project.write(".gitattributes", "notes.txt filter=slow\n")
    base(project)
    must(project, "checkout", "-q", "-b", "side")
    project.write("side.txt", "side\n").commit("docs: side")
    must(project, "checkout", "-q", "main")
    must(project, "merge", "-q", "--no-ff", "--no-commit", "side")
    commit = staged(project, HONEST)
    asleep = shlex.quote(str(project.home / "asleep"))
    must(project, "config", "filter.slow.smudge", f"echo here >> {asleep}; exec sleep 30")
    must(project, "status")
    before = facts(project)
    environment = {**clean_environment(project.home), "TMPDIR": str(project.home)}

    with heeding(sent, commit.argv, cwd=project.root, env=environment) as git:
        while not (project.home / "asleep").exists():
            assert git.poll() is None
            time.sleep(0.01)
        os.killpg(git.pid, sent)
        git.wait(60)

    if sent is signal.SIGKILL:  # git's own lock: nobody was left to remove it
        (project.root / ".git/index.lock").unlink(missing_ok=True)
    assert facts(project) == before
    if sent is signal.SIGINT:
        assert sorted(path.name for path in project.home.iterdir()) == ["asleep"]
