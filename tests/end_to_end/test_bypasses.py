"""Every way around the hooks lands a dishonest commit in the local repository, and ``verify`` finds it."""

from __future__ import annotations

import json
import os
import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.adapters.ledger.store import SqliteLedger
from pytest_phasegate.adapters.work_files import WorkFiles
from pytest_phasegate.app.commit.revision_range import span_of
from pytest_phasegate.app.recorded_run import begin, record
from pytest_phasegate.app.redgreen.verify import Verifier
from pytest_phasegate.core.evidence.observations import Fault, Observed
from pytest_phasegate.core.evidence.outcomes import CaseRun, Moment, NodeId, Outcome, Raised, TestRun, function_of
from pytest_phasegate.wiring import projects, redgreen
from support import warm
from support.git_states import base, install, must
from support.hook_changes import DISHONEST, HONEST
from support.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_phasegate.app.redgreen.verification import Verification

TOP = Path(__file__).parents[2]
HOOKS = ("pre-commit", "pre-merge-commit", "commit-msg")
COMMIT = ("commit", "-q", "-m", "feat: double")
CODE, TESTS = "src/calc.py", "tests/test_calc.py"
FRAMEWORK = """
    repos:
      - repo: local
        hooks:
          - {id: phasegate-red-green, name: red-green, entry: phasegate hook red-green, language: system,
             always_run: true, pass_filenames: false, stages: [pre-commit]}
          - {id: phasegate-commit-msg, name: commit-msg, entry: phasegate hook commit-msg, language: system,
             always_run: true, stages: [commit-msg]}
    """


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The base with our hooks, and beside it a branch with a dishonest commit that somebody made without them."""
    project = Project(tmp_path_factory.mktemp("calc"), tmp_path_factory.mktemp("home")).init_git()
    base(project)
    must(project, "checkout", "-q", "-b", "elsewhere")
    DISHONEST.apply(project)
    project.commit("feat: double")
    must(project, "checkout", "-q", "main")
    hooked(project)
    return project


@pytest.fixture
def guarded(repository: Project) -> Iterator[Project]:
    """The repository, on the base again; what a test does to it is taken back."""
    yield repository
    repository.environment.clear()
    (repository.root / ".git/phasegate/ledger.sqlite3").unlink(missing_ok=True)
    hooked(repository)
    for words in (("am", "--abort"), ("revert", "--abort"), ("merge", "--abort"), ("rebase", "--abort")):
        repository.git(*words)
    must(repository, "checkout", "-q", "--force", "main")
    must(repository, "clean", "-qfdx")


def hooked(project: Project) -> Project:
    places = (warm.programs(), str(Path(sys.executable).parent), os.environ["PATH"])
    project.environment["PATH"] = os.pathsep.join(places)
    for name in HOOKS:
        install(project.root / ".git", name, f'exec {shlex.join(["sh", str(TOP / "hooks" / name)])} "$@"')
    return project


@pytest.fixture(scope="module")
def verify(repository: Project) -> Iterator[Callable[[], Verification]]:
    """``verify main..HEAD`` as CI does it, with one set of scratch trees for all."""
    history = projects.repository(repository.root)
    settings = projects.settings_at(history, "main")
    with redgreen.benches(history, settings, python=sys.executable) as benches:
        verifier = Verifier(history, settings, benches, today="2026-11-21")
        yield lambda: verifier.verify(span_of(history, "main..HEAD"))


def staged(project: Project) -> Project:
    must(project, "checkout", "-q", "--detach", "main")
    DISHONEST.apply(project)
    must(project, "add", "--all")
    return project


def test_without_a_way_around_them_the_hooks_refuse(guarded: Project) -> None:
    done = staged(guarded).git(*COMMIT)

    assert done.exit_code == 1
    assert "PG202" in done.stderr


def no_verify(project: Project) -> None:
    must(staged(project), *COMMIT, "--no-verify")


def another_hooks_path(project: Project) -> None:
    must(staged(project), "-c", f"core.hooksPath={os.devnull}", *COMMIT)


def configuration_by_variables(project: Project) -> None:
    hooks = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.hooksPath", "GIT_CONFIG_VALUE_0": "/nowhere"}
    must(staged(project), *COMMIT, env=hooks)


def hooks_that_cannot_be_executed(project: Project) -> None:
    for name in HOOKS:
        (project.root / ".git/hooks" / name).chmod(0o644)
    must(staged(project), *COMMIT)


def skip_of_a_framework(project: Project, framework: str = "pre-commit") -> None:
    project.environment.update(PRE_COMMIT_HOME=str(project.home), PREK_HOME=str(project.home))
    staged(project).write(".pre-commit-config.yaml", FRAMEWORK)
    must(project, "add", "--all")
    types = [word for hook in ("pre-commit", "commit-msg") for word in ("--hook-type", hook)]
    done = project.run(framework, "install", "--overwrite", *types)
    assert done.exit_code == 0, done.text
    assert project.git(*COMMIT).exit_code == 1
    must(project, *COMMIT, env={"SKIP": "phasegate-red-green,phasegate-commit-msg"})


def skip_of_prek(project: Project) -> None:
    skip_of_a_framework(project, "prek")


def cherry_pick(project: Project) -> None:
    must(project, "checkout", "-q", "--detach", "main")
    must(project, "cherry-pick", "elsewhere")


def a_merge_that_brings_it(project: Project) -> None:
    must(project, "checkout", "-q", "--detach", "main")
    project.write("notes.txt", "more notes\n").commit("docs: notes")
    must(project, "merge", "-q", "--no-ff", "--no-edit", "elsewhere")


def a_merge_that_adds_it(project: Project) -> None:
    must(project, "checkout", "-q", "-b", f"side-{time.monotonic_ns()}", "main")
    project.write("notes.txt", "more notes\n").commit("docs: notes")
    must(project, "checkout", "-q", "--detach", "main")
    must(project, "merge", "-q", "--no-ff", "--no-commit", "@{-1}")
    DISHONEST.apply(project)
    must(project, "add", "--all")
    must(project, "commit", "-q", "--no-verify", "-m", "Merge")


def rebase(project: Project) -> None:
    must(project, "checkout", "-q", "--detach", "main")
    project.write("notes.txt", "more notes\n").commit("docs: notes")
    onto = must(project, "rev-parse", "HEAD")
    must(project, "checkout", "-q", "--detach", "elsewhere")
    must(project, "rebase", "-q", onto)


def am(project: Project) -> None:
    patch = must(project, "format-patch", "-q", "-1", "--output-directory", str(project.home), "elsewhere")
    must(project, "checkout", "-q", "--detach", "main")
    must(project, "am", "-q", *map(str, project.home.glob("*.patch")))
    assert not patch


def commit_tree(project: Project) -> None:
    must(project, "checkout", "-q", "--detach", "main")
    made = must(project, "commit-tree", "-p", "main", "-m", "feat: double", "elsewhere^{tree}")
    must(project, "reset", "-q", "--hard", made)


def a_forged_ledger(project: Project) -> None:
    """What is written by hand lacks what a run stood on, so that the hook does not believe it either."""
    must(project, "checkout", "-q", "--detach", "main")
    ledger = SqliteLedger(project.root / ".git/phasegate/ledger.sqlite3")
    project.write(TESTS, DISHONEST.files[TESTS])
    forge(project, ledger, red=True)
    DISHONEST.apply(project)
    forge(project, ledger, red=False)
    must(project, "add", "--all")
    assert project.git(*COMMIT, env={"PHASEGATE_PYTHON": "/nowhere/python"}).exit_code != 0
    must(project, *COMMIT, "--no-verify")


def forge(project: Project, ledger: SqliteLedger, *, red: bool) -> None:
    names = [NodeId(f"{TESTS}::test_double"), NodeId(f"{TESTS}::test_add")]
    outcomes = (Outcome.FAILED if red else Outcome.PASSED, Outcome.PASSED)
    cases = tuple(CaseRun(name, function_of(name), how) for name, how in zip(names, outcomes, strict=True))
    faults = {names[0]: Fault(Moment.CALL, Raised(("AssertionError", "Exception")))} if red else {}
    files, settings = WorkFiles(project.root), projects.settings(project.root)
    record(begin(files, settings), files, ledger, Observed(int(time.time()), TestRun(cases), faults=faults))


def a_test_weakened_after_red(project: Project) -> None:
    """Each commit is one that the hooks let through: red, then weaker, then code that is wrong."""
    must(project, "checkout", "-q", "--detach", "main")
    project.write(TESTS, HONEST.files[TESTS])
    must(project, "commit", "-qam", "test: double")
    project.write(TESTS, HONEST.files[TESTS].replace("assert double(4) == 8", "assert double(4)"))
    must(project, "commit", "-qam", "test: double")
    project.write(CODE, HONEST.files[CODE].replace("add(one, one)", "add(one, 1)"))
    must(project, "commit", "-qam", "feat: double")


def loosened(project: Project, old: str, new: str) -> None:
    """The hook goes by the configuration of the commit below, as a range goes by that of its base."""
    assert old in project.read("pyproject.toml")
    staged(project).write("pyproject.toml", project.read("pyproject.toml").replace(old, new))
    must(project, "add", "--all")
    assert project.git(*COMMIT).exit_code != 0
    must(project, *COMMIT, "--no-verify")


def a_policy_loosened_with_it(project: Project) -> None:
    loosened(project, "[tool.pytest", '[tool.phasegate.red_green]\npolicy = "observe"\n[tool.pytest')


def a_waiver_granted_with_it(project: Project) -> None:
    waiver = '[[tool.phasegate.red_green.waivers]]\nmatch = "src/**"\nreason = "mine"\nexpires = "2099-01-01"\n'
    loosened(project, "[tool.pytest", f"{waiver}[tool.pytest")


def everything_switched_off_with_it(project: Project) -> None:
    loosened(project, "source =", 'mode = "off"\nsource =')


WAYS = [
    (no_verify, "PG202"),
    (another_hooks_path, "PG202"),
    (configuration_by_variables, "PG202"),
    (hooks_that_cannot_be_executed, "PG202"),
    (skip_of_a_framework, "PG202"),
    (skip_of_prek, "PG202"),
    (cherry_pick, "PG202"),
    (a_merge_that_brings_it, "PG202"),
    (a_merge_that_adds_it, "PG202"),
    (rebase, "PG202"),
    (am, "PG202"),
    (commit_tree, "PG202"),
    (a_forged_ledger, "PG202"),
    (a_test_weakened_after_red, "PG206"),
    (a_policy_loosened_with_it, "PG202"),
    (a_waiver_granted_with_it, "PG202"),
    (everything_switched_off_with_it, "PG202"),
]


@pytest.mark.sampled(4)
@pytest.mark.parametrize(("way", "code"), WAYS, ids=[way.__name__.replace("_", " ") for way, _ in WAYS])
def test_a_bypass_lands_and_is_found(
    guarded: Project, way: Callable[[Project], None], code: str, verify: Callable[[], Verification]
) -> None:
    way(guarded)

    found = verify()

    assert must(guarded, "status", "--porcelain", "--untracked-files=no") == ""
    assert found.verdict.verdict.value == "failed", found.verdict.reason
    codes = {finding.code for one in found.commits for finding in one.verdict.findings}
    assert code in codes, json.dumps(sorted(codes))
