"""The states a repository can be in when git calls a hook.

A state is prepared, the change is staged in the way that belongs to it, and the command that makes the commit is
given back. ``Change.apply`` writes the change into the work tree; how it gets into the index is the state's affair.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from support.project import LEAN_OPTIONS, Project

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BASE = {
    "pyproject.toml": f"""
        [tool.phasegate]
        source = ["src"]
        python = "{sys.executable}"

        [tool.pytest.ini_options]
        testpaths = ["tests"]
        pythonpath = ["src"]
        {LEAN_OPTIONS}
        """,
    "src/calc.py": """
        def add(one, other):
            return one + other
        """,
    "tests/test_calc.py": """
        from calc import add


        def test_add():
            assert add(1, 2) == 3
        """,
    "notes.txt": "notes\n",
}


@dataclass(frozen=True)
class Change:
    """Files to write; every one of them exists in the base, so that ``commit -a`` and ``-p`` find it."""

    files: Mapping[str, str]

    def apply(self, project: Project, prefix: str = "") -> None:
        for path, text in self.files.items():
            project.write(prefix + path, text)


@dataclass(frozen=True)
class Commit:
    """The command that makes the commit, and where it is run."""

    project: Project
    argv: tuple[str, ...] = ("git", "commit", "-q", "-m", "feat: a change")
    cwd: str = "."
    stdin: str = ""
    env: Mapping[str, str] = field(default_factory=dict)


STATES: dict[str, Callable[[Project, Change], Commit]] = {}


def state(prepare: Callable[[Project, Change], Commit]) -> Callable[[Project, Change], Commit]:
    STATES[prepare.__name__.replace("_", " ")] = prepare
    return prepare


def must(project: Project, *argv: str, env: Mapping[str, str] | None = None) -> str:
    done = project.git(*argv, env=env)
    assert done.exit_code == 0, f"git {shlex.join(argv)}: {done.text}"
    return done.stdout.strip()


def another(project: Project, place: str) -> Project:
    """A directory beside a project's, driven by the same user."""
    beside = Project(project.root.parent / place, project.home)
    beside.environment.update(project.environment)
    return beside


def base(project: Project) -> str:
    """The project of all states, committed once past the hooks."""
    for path, text in BASE.items():
        project.write(path, text)
    return project.commit("feat: base")


def staged(project: Project, change: Change) -> Commit:
    change.apply(project)
    must(project, "add", "--all")
    return Commit(project)


@state
def plain(project: Project, change: Change) -> Commit:
    base(project)
    return staged(project, change)


@state
def initial_commit(project: Project, change: Change) -> Commit:
    for path, text in BASE.items():
        project.write(path, text)
    return staged(project, change)


@state
def commit_all(project: Project, change: Change) -> Commit:
    base(project)
    change.apply(project)
    return Commit(project, ("git", "commit", "-q", "-a", "-m", "feat: a change"))


@state
def commit_patch(project: Project, change: Change) -> Commit:
    base(project)
    change.apply(project)
    return Commit(project, ("git", "commit", "-q", "-p", "-m", "feat: a change"), stdin="a\n" * 9)


@state
def commit_path(project: Project, change: Change) -> Commit:
    base(project)
    change.apply(project)
    project.write("notes.txt", "staged and not committed\n")
    must(project, "add", "notes.txt")
    return Commit(project, ("git", "commit", "-q", "-m", "feat: a change", "--", "src", "tests"))


@state
def commit_include(project: Project, change: Change) -> Commit:
    base(project)
    project.write("notes.txt", "staged and committed\n")
    must(project, "add", "notes.txt")
    change.apply(project)
    return Commit(project, ("git", "commit", "-q", "-m", "feat: a change", "-i", "src", "tests"))


@state
def amend(project: Project, change: Change) -> Commit:
    base(project)
    project.write("notes.txt", "more\n").commit("docs: more")
    staged(project, change)
    return Commit(project, ("git", "commit", "-q", "--amend", "-m", "feat: a change"))


@state
def subdirectory(project: Project, change: Change) -> Commit:
    base(project)
    change.apply(project)
    return Commit(project, ("git", "commit", "-q", "-a", "-m", "feat: a change"), cwd="src")


@state
def dirty_work_tree(project: Project, change: Change) -> Commit:
    base(project)
    commit = staged(project, change)
    project.write("src/calc.py", "broken after staging (\n").write("tests/test_calc.py", "broken too (\n")
    project.write("tests/test_untracked.py", "def test_untracked():\n    assert False\n").remove("notes.txt")
    return commit


@state
def linked_worktree(project: Project, change: Change) -> Commit:
    base(project)
    must(project, "worktree", "add", "-q", "-b", "side", "../linked")
    linked = another(project, "linked")
    return staged(linked, change)


@state
def linked_worktree_commit_all(project: Project, change: Change) -> Commit:
    linked = linked_worktree(project, Change({})).project
    change.apply(linked)
    return Commit(linked, ("git", "commit", "-q", "-a", "-m", "feat: a change"))


@state
def inside_a_submodule(project: Project, change: Change) -> Commit:
    base(project)
    outer = another(project, "outer")
    outer.root.mkdir()
    outer.init_git().write("a", "1\n").commit("feat: outer")
    must(outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(project.root), "sub")
    outer.commit("feat: submodule")
    inner = another(project, "outer/sub")
    _move_hooks(project, outer.root / ".git/modules/sub")
    return staged(inner, change)


@state
def a_submodule_changes(project: Project, change: Change) -> Commit:
    base(project)
    library = another(project, "library")
    library.root.mkdir()
    library.init_git().write("a", "1\n").commit("feat: library")
    must(project, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library.root), "lib")
    project.commit("feat: submodule")
    another(project, "project/lib").write("a", "2\n").commit("feat: more")
    return staged(project, change)


@state
def detached_head(project: Project, change: Change) -> Commit:
    base(project)
    must(project, "checkout", "-q", "--detach")
    return staged(project, change)


def _side_branch(project: Project, path: str, text: str) -> None:
    """A branch ``side`` that changes one file, and a main that has moved on."""
    base(project)
    must(project, "checkout", "-q", "-b", "side")
    project.write(path, text).commit("docs: side")
    must(project, "checkout", "-q", "main")


@state
def clean_merge(project: Project, change: Change) -> Commit:
    """The change comes in with the branch; pre-merge-commit is the hook that sees it."""
    base(project)
    must(project, "checkout", "-q", "-b", "side")
    change.apply(project)
    project.commit("feat: side")
    must(project, "checkout", "-q", "main")
    project.write("notes.txt", "main moved on\n").commit("docs: main")
    return Commit(project, ("git", "merge", "-q", "--no-ff", "-m", "Merge branch 'side'", "side"))


@state
def merge_with_a_change_of_its_own(project: Project, change: Change) -> Commit:
    _side_branch(project, "side.txt", "side\n")
    project.write("notes.txt", "main moved on\n").commit("docs: main")
    must(project, "merge", "-q", "--no-ff", "--no-commit", "side")
    return staged(project, change)


@state
def conflicted_merge(project: Project, change: Change) -> Commit:
    _side_branch(project, "notes.txt", "side\n")
    project.write("notes.txt", "main\n").commit("docs: main")
    assert project.git("merge", "-q", "side").exit_code == 1
    project.write("notes.txt", "both\n")
    return staged(project, change)


@state
def cherry_pick_without_commit(project: Project, change: Change) -> Commit:
    base(project)
    must(project, "checkout", "-q", "-b", "side")
    change.apply(project)
    project.commit("feat: side")
    must(project, "checkout", "-q", "main")
    must(project, "cherry-pick", "-n", "side")
    return Commit(project)


@state
def revert_without_commit(project: Project, change: Change) -> Commit:
    base(project)
    change.apply(project)
    project.commit("feat: forth")
    for path, text in BASE.items():
        project.write(path, text)
    project.commit("feat: back")
    must(project, "revert", "-n", "HEAD")
    return Commit(project)


@state
def rebase_stopped_at_edit(project: Project, change: Change) -> Commit:
    base(project)
    project.write("notes.txt", "one\n").commit("docs: one")
    project.write("notes.txt", "two\n").commit("docs: two")
    must(project, "rebase", "-q", "-i", "HEAD~2", env={"GIT_SEQUENCE_EDITOR": "sed -i 1s/pick/edit/"})
    staged(project, change)
    return Commit(project, ("git", "commit", "-q", "--amend", "-m", "feat: a change"))


@state
def intent_to_add(project: Project, change: Change) -> Commit:
    base(project)
    commit = staged(project, change)
    project.write("tests/test_later.py", "def test_later():\n    assert False\n").write("empty.txt", "")
    must(project, "add", "empty.txt")
    must(project, "add", "--intent-to-add", "tests/test_later.py")
    return commit


@state
def rename(project: Project, change: Change) -> Commit:
    base(project)
    must(project, "mv", "notes.txt", "renamed.txt")
    return staged(project, change)


@state
def sparse_checkout(project: Project, change: Change) -> Commit:
    base(project)
    project.write("elsewhere/big.txt", "big\n").commit("docs: big")
    must(project, "sparse-checkout", "init", "--cone", "--sparse-index")
    must(project, "sparse-checkout", "set", "src", "tests")
    change.apply(project)
    must(project, "add", "src", "tests")
    return Commit(project)


@state
def shallow_clone(project: Project, change: Change) -> Commit:
    base(project)
    project.write("notes.txt", "more\n").commit("docs: more")
    clone = another(project, "clone")
    must(project, "clone", "-q", "--depth=1", f"file://{project.root}", str(clone.root))
    _move_hooks(project, clone.root / ".git")
    return staged(clone, change)


@state
def git_directory_elsewhere(project: Project, change: Change) -> Commit:
    base(project)
    change.apply(project)
    (project.root / ".git").rename(project.root.parent / "elsewhere.git")
    options = ("--git-dir=../elsewhere.git", "--work-tree=.")
    return Commit(project, ("git", *options, "commit", "-q", "-a", "-m", "feat: a change"))


@state
def odd_names(project: Project, change: Change) -> Commit:
    base(project)
    for name in (b"sp ace", b"-dash", b'qu"ote', b"new\nline", b"\xff\xfe", "ünï".encode(), b"HEAD", b"\x1besc", b"*"):
        (project.root / os.fsdecode(name)).write_bytes(name)
    return staged(project, change)


@state
def symlinked_root(project: Project, change: Change) -> Commit:
    base(project)
    staged(project, change)
    (project.root.parent / "link").symlink_to(project.root)
    return Commit(another(project, "link"))


@state
def line_ends_converted(project: Project, change: Change) -> Commit:
    must(project, "config", "core.autocrlf", "true")
    base(project)
    return staged(project, change)


@state
def export_ignore(project: Project, change: Change) -> Commit:
    project.write(".gitattributes", "src export-ignore\ntests export-ignore\nnotes.txt export-subst\n")
    base(project)
    return staged(project, change)


@state
def required_filter(project: Project, change: Change) -> Commit:
    must(project, "config", "filter.case.clean", "tr A-Z a-z")
    must(project, "config", "filter.case.smudge", "tr a-z A-Z")
    must(project, "config", "filter.case.required", "true")
    project.write(".gitattributes", "notes.txt filter=case\n")
    base(project)
    return staged(project, change)


@state
def the_users_post_checkout_hook(project: Project, change: Change) -> Commit:
    base(project)
    install(project.root / ".git", "post-checkout", f"touch {shlex.quote(str(project.home))}/post-checkout-ran")
    return staged(project, change)


DIFF_CONFIGURATION = {
    "diff.noprefix": "true",
    "diff.mnemonicPrefix": "true",
    "diff.renames": "copies",
    "diff.algorithm": "patience",
    "diff.external": "false",
    "diff.ignoreSubmodules": "all",
    "diff.odd.command": "false",
    "diff.odd.textconv": "false",
    "color.ui": "always",
    "core.fsmonitor": "false",
    "core.quotePath": "false",
    "core.abbrev": "4",
    "status.showUntrackedFiles": "no",
}


@state
def diff_configuration(project: Project, change: Change) -> Commit:
    project.write(".gitattributes", "*.py diff=odd\n*.txt -diff\n")
    base(project)
    for name, value in DIFF_CONFIGURATION.items():
        must(project, "config", name, value)
    return staged(project, change)


@state
def split_index(project: Project, change: Change) -> Commit:
    base(project)
    must(project, "config", "core.splitIndex", "true")
    must(project, "update-index", "--split-index")
    return staged(project, change)


@state
def empty_environment(project: Project, change: Change) -> Commit:
    base(project)
    must(project, "config", "user.name", "Ada")
    must(project, "config", "user.email", "ada@example.org")
    staged(project, change)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.defpath])
    return Commit(project, ("env", "-i", f"PATH={path}", "git", "commit", "-q", "-m", "feat: a change"))


POISON = {
    "GIT_EXTERNAL_DIFF": "false",
    "GIT_DIFF_OPTS": "--unified=9",
    "GIT_ICASE_PATHSPECS": "1",
    "GIT_NAMESPACE": "elsewhere",
    "GIT_REPLACE_REF_BASE": "refs/other/",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "diff.noprefix",
    "GIT_CONFIG_VALUE_0": "true",
    "PYTEST_ADDOPTS": "--collect-only",
    "PYTHONWARNINGS": "ignore",
    "COVERAGE_PROCESS_START": "nowhere",
}


@state
def poisoned_environment(project: Project, change: Change) -> Commit:
    base(project)
    staged(project, change)
    argv = ("git", "-c", "core.quotePath=false", "commit", "-q", "-m", "feat: a change")
    return Commit(project, argv, env=POISON)


def install(git_directory: object, name: str, script: str) -> None:
    """Put a shell script among the hooks of a git directory."""
    hook = Path(str(git_directory), "hooks", name)
    hook.parent.mkdir(parents=True, exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    hook.chmod(0o755)


def _move_hooks(project: Project, git_directory: object) -> None:
    """Take the hooks along to where the commit happens."""
    target = Path(str(git_directory), "hooks")
    shutil.rmtree(target, ignore_errors=True)
    if (project.root / ".git/hooks").is_dir():
        shutil.copytree(project.root / ".git/hooks", target)
