"""In every state of a repository an honest change is committed, a dishonest one refused, and nothing is disturbed."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support import warm
from support.git_states import BASE, STATES, Commit, base, install, staged
from support.hook_changes import DISHONEST, HONEST, UNTESTED
from support.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _pytest.mark.structures import ParameterSet

TOP = Path(__file__).parents[2]
WATCHER = TOP / "tests" / "support" / "git_watcher.py"
HOOKS = ("pre-commit", "pre-merge-commit", "commit-msg")

NEVER_RED = {"initial commit": UNTESTED}
"""What is dishonest where there is no code before: any test that imports the code is red then."""

BROUGHT_IN = {"clean merge"}
"""A merge is judged by what it adds to its parents; the commits it brings are judged in the range."""


@dataclass(frozen=True)
class Outcome:
    made: bool
    text: str
    disturbed: list[str]


@pytest.fixture(scope="session")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger that saw the honest test red and then green, and the dishonest one green only."""
    place = tmp_path_factory.mktemp("evidence")
    project = Project(place / "project", place)
    project.root.mkdir()
    project.environment["PHASEGATE_LEDGER"] = str(place / "ledger.sqlite3")
    base(project.init_git())
    for change, code in ((HONEST, 1), (DISHONEST, 0)):
        base_files(project)
        project.write("tests/test_calc.py", change.files["tests/test_calc.py"])
        assert project.pytest("-q").exit_code == code
        change.apply(project)
        assert project.pytest("-q").exit_code == 0
    return place / "ledger.sqlite3"


def base_files(project: Project) -> None:
    for path, text in BASE.items():
        project.write(path, text)


def hooked(project: Project) -> Project:
    project.environment["PATH"] = f"{warm.programs()}{os.pathsep}{os.environ['PATH']}"
    for name in HOOKS:
        shim = [sys.executable, "-IS", str(WATCHER), str(project.home / "report"), str(TOP / "hooks" / name)]
        install(project.root / ".git", name, f'exec {shlex.join(shim)} "$@"')
    return project


def attempt(commit: Commit, evidence: Path | None = None) -> Outcome:
    """Run the command, and tell whether it made a commit and what its hooks disturbed."""
    project = commit.project
    git = commit.argv[1:3] if commit.argv[1].startswith("--git-dir") else ()
    if evidence:
        common = project.root / project.git(*git, "rev-parse", "--git-common-dir").stdout.strip()
        (common / "phasegate").mkdir()
        shutil.copy(evidence, common / "phasegate" / "ledger.sqlite3")
    before = project.git(*git, "rev-parse", "HEAD").text
    done = project.run(*commit.argv, cwd=commit.cwd, stdin=commit.stdin, env=commit.env)
    made = project.git(*git, "rev-parse", "HEAD").text != before
    assert made is (done.exit_code == 0), done.text
    report = project.home / "report"
    reports = report.read_text().splitlines() if report.exists() else []
    return Outcome(made, done.text, [path for line in reports for path in json.loads(line)["disturbed"]])


def in_turn(names: Iterable[str]) -> list[ParameterSet]:
    """Each state with both changes; the ordinary run takes every second state, with each change in turn."""
    taken = {0: True, 2: False}
    return [
        pytest.param(
            name, honest, id=f"{name}-{word}", marks=[] if taken.get(number % 4) is honest else [pytest.mark.soak]
        )
        for number, name in enumerate(names)
        for honest, word in ((True, "honest"), (False, "dishonest"))
    ]


@pytest.mark.parametrize(("name", "honest"), in_turn(STATES))
def test_by_evidence(project: Project, name: str, honest: bool, evidence: Path) -> None:
    change = HONEST if honest else NEVER_RED.get(name, DISHONEST)
    project.environment["PHASEGATE_RED_GREEN_ON_MISSING"] = "block"
    commit = STATES[name](hooked(project.init_git()), change)

    outcome = attempt(commit, evidence)

    assert outcome.made is (honest or name in BROUGHT_IN), outcome.text
    assert outcome.disturbed == []


def test_what_is_staged_is_judged_and_not_what_the_work_tree_holds(project: Project, evidence: Path) -> None:
    project.environment["PHASEGATE_RED_GREEN_ON_MISSING"] = "block"
    base(hooked(project.init_git()))
    commit = staged(project, DISHONEST)
    HONEST.apply(project)

    assert not attempt(commit, evidence).made


def test_what_the_work_tree_holds_does_not_spoil_what_is_staged(project: Project, evidence: Path) -> None:
    project.environment["PHASEGATE_RED_GREEN_ON_MISSING"] = "block"
    base(hooked(project.init_git()))
    commit = staged(project, HONEST)
    DISHONEST.apply(project)

    assert attempt(commit, evidence).made


REPLAYED = ("commit path", "poisoned environment")
"""States in which what a replay writes or inherits differs from the plain one."""


@pytest.mark.parametrize(("name", "honest"), in_turn(REPLAYED))
def test_by_replay(project: Project, name: str, honest: bool) -> None:
    change = HONEST if honest else DISHONEST
    commit = STATES[name](hooked(project.init_git()), change)

    outcome = attempt(commit)

    assert outcome.made is honest, outcome.text
    assert outcome.disturbed == []


FRAMEWORK_CONFIGURATION = """
    repos:
      - repo: local
        hooks:
          - id: phasegate-red-green
            name: red-green
            entry: phasegate hook red-green
            language: system
            always_run: true
            pass_filenames: false
            require_serial: true
            stages: [pre-commit, pre-merge-commit]
          - id: phasegate-commit-msg
            name: commit-msg
            entry: phasegate hook commit-msg
            language: system
            always_run: true
            stages: [commit-msg]
    """


@pytest.mark.parametrize(("name", "honest"), in_turn(["commit path", "dirty work tree", "clean merge"]))
@pytest.mark.parametrize("framework", ["pre-commit", "prek"])
def test_under_a_framework(project: Project, framework: str, name: str, honest: bool, evidence: Path) -> None:
    project.environment.update(
        PHASEGATE_RED_GREEN_ON_MISSING="block", PRE_COMMIT_HOME=str(project.home), PREK_HOME=str(project.home)
    )
    project.init_git().write(".pre-commit-config.yaml", FRAMEWORK_CONFIGURATION)
    types = [word for hook in HOOKS for word in ("--hook-type", hook)]
    assert project.run(framework, "install", *types).exit_code == 0
    commit = STATES[name](project, HONEST if honest else DISHONEST)

    outcome = attempt(commit, evidence)

    assert outcome.made is (honest or name in BROUGHT_IN), outcome.text
