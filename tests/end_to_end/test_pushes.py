from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support import warm
from support.git_states import Change, base, install, must
from support.hook_changes import DISHONEST, HONEST
from support.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable

TOP = Path(__file__).parents[2]
WATCHER = TOP / "tests" / "support" / "git_watcher.py"


@pytest.fixture(scope="session")
def replays(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What phasegate keeps of the replays of both changes, so that each push need not run their tests again."""
    place = tmp_path_factory.mktemp("replays")
    project = Project(place / "project", place)
    project.root.mkdir()
    base(project.init_git())
    for name, change in (("honest", HONEST), ("dishonest", DISHONEST)):
        branch(project, name, change)
        assert project.phasegate("verify", f"main..{name}").exit_code == (0 if change is HONEST else 1)
    return project.root / ".git/phasegate"


@pytest.fixture
def pushing(project: Project, replays: Path) -> Project:
    """A project whose base is on its remote, with the native pre-push hook, watched."""
    project.environment["PATH"] = f"{warm.programs()}{os.pathsep}{os.environ['PATH']}"
    base(project.init_git())
    shutil.copytree(replays, project.root / ".git/phasegate")
    must(project, "init", "-q", "--bare", "../remote.git")
    must(project, "remote", "add", "origin", "../remote.git")
    must(project, "push", "-q", "origin", "main", "main:old")
    shim = [sys.executable, "-IS", str(WATCHER), str(project.home / "report"), str(TOP / "hooks" / "pre-push")]
    install(project.root / ".git", "pre-push", f'exec {shlex.join(shim)} "$@"')
    return project


def branch(project: Project, name: str, change: Change) -> str:
    must(project, "checkout", "-q", "-b", name, "main")
    change.apply(project)
    tip = project.commit(f"feat: {name}")
    must(project, "checkout", "-q", "main")
    return tip


def a_branch_that_is_not_head(project: Project, change: Change) -> list[str]:
    branch(project, "side", change)
    return ["side"]


def several_refs(project: Project, change: Change) -> list[str]:
    branch(project, "first", HONEST)
    branch(project, "second", change)
    return ["first", "second"]


def a_tag(project: Project, change: Change) -> list[str]:
    branch(project, "side", change)
    must(project, "tag", "-a", "v1", "-m", "v1", "side")
    return ["v1"]


def a_raw_sha(project: Project, change: Change) -> list[str]:
    return [f"{branch(project, 'side', change)}:refs/heads/raw"]


def an_update_by_force(project: Project, change: Change) -> list[str]:
    project.write("notes.txt", "elsewhere\n").commit("docs: elsewhere")
    must(project, "push", "-q", "--no-verify", "origin", "main:side")
    must(project, "reset", "-q", "--hard", "HEAD~")
    branch(project, "side", change)
    return ["--force", "side"]


PUSHES = [a_branch_that_is_not_head, several_refs, a_tag, a_raw_sha, an_update_by_force]


@pytest.mark.parametrize("arrange", PUSHES, ids=lambda arrange: arrange.__name__.replace("_", " "))
@pytest.mark.parametrize("change", [HONEST, DISHONEST], ids=["honest", "dishonest"])
@pytest.mark.sampled(3)
def test_a_push_goes_through_when_every_commit_it_brings_was_red_before_green(
    pushing: Project, arrange: Callable[[Project, Change], list[str]], change: Change
) -> None:
    words = arrange(pushing, change)
    refs = must(pushing, "ls-remote", "origin")

    done = pushing.git("push", "-q", "origin", *words)

    assert (done.exit_code == 0) is (change is HONEST), done.text
    assert (must(pushing, "ls-remote", "origin") == refs) is (change is DISHONEST)
    assert json.loads((pushing.home / "report").read_text().splitlines()[-1])["disturbed"] == []


def test_under_block_a_push_asks_that_red_was_seen(pushing: Project) -> None:
    with (pushing.root / "pyproject.toml").open("a", encoding="utf-8") as config:
        config.write('\n[tool.phasegate.red_green]\non_missing = "block"\n')
    pushing.commit("chore: ask for red")
    must(pushing, "push", "-q", "--no-verify", "origin", "main")
    must(pushing, "checkout", "-q", "-b", "side")
    HONEST.apply(pushing)
    code = pushing.read("src/calc.py")
    pushing.commit("feat: double")

    refused = pushing.git("push", "-q", "origin", "side")
    must(pushing, "checkout", "-q", "main", "--", "src/calc.py")
    pushing.pytest("-q")
    pushing.write("src/calc.py", code)
    seen = pushing.git("push", "-q", "origin", "side")

    assert refused.exit_code == 1
    assert "PG202 no run has shown tests/test_calc.py::test_double red" in refused.stderr
    assert seen.exit_code == 0, seen.text


def test_a_push_that_breaks_an_accepted_test_is_refused(pushing: Project) -> None:
    line = '{"test": "tests/test_calc.py::test_double", "phase": "1", "cases": 1, "digest": ""}\n'
    HONEST.apply(pushing)
    (pushing.root / ".phasegate").mkdir()
    (pushing.root / ".phasegate/baseline.jsonl").write_text(line, encoding="utf-8")
    pushing.commit("feat: double")
    kept = pushing.git("push", "-q", "origin", "main")
    pushing.write("src/calc.py", pushing.read("src/calc.py").replace("add(one, one)", "add(one, 1)"))
    pushing.commit("fix: double\n\nRed-Green: waived (an experiment)")
    broke = pushing.git("push", "-q", "origin", "main")
    must(pushing, "reset", "-q", "--hard", "HEAD~")
    pushing.remove(".phasegate/baseline.jsonl").commit("docs: no plan")
    let_go = pushing.git("push", "-q", "origin", "main")

    assert kept.exit_code == 0, kept.text
    assert (let_go.exit_code, "1 accepted test left the baseline" in let_go.stderr) == (0, True), let_go.text
    assert broke.exit_code == 1
    assert "tests/test_calc.py::test_double of phase 1 broke: failed" in broke.stderr


def test_a_deletion_brings_nothing_to_judge(pushing: Project) -> None:
    DISHONEST.apply(pushing)
    pushing.commit("feat: not pushed")

    done = pushing.git("push", "-q", "origin", ":old")

    assert done.exit_code == 0, done.text
    assert "refs/heads/old is deleted" in done.text


def test_a_test_that_one_commit_empties_and_a_later_one_breaks_is_judged_as_in_one(pushing: Project) -> None:
    pushing.write("tests/test_other.py", "from calc import add\ndef test_other(): assert add(2, 2) == 4\n")
    pushing.commit("test: other")
    must(pushing, "push", "-q", "--no-verify", "origin", "main")
    pushing.write("tests/test_other.py", "def test_other(): pass\n").commit("test: other")
    pushing.write("tests/test_none.py", "from calc import add\ndef test_none(): assert add() is None\n")
    pushing.commit("test: none")
    pushing.write("src/calc.py", "def add(*numbers):\n    return sum({*numbers}) or None\n").commit("feat: none")

    refused = pushing.git("push", "-q", "origin", "main")

    assert (refused.exit_code, "tests/test_other.py::test_other" in refused.text) == (1, True), refused.text
