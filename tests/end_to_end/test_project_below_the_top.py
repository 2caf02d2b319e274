"""A project whose configuration lies below the top of its repository, as in a monorepo."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from support.project import LEAN_OPTIONS

if TYPE_CHECKING:
    from support.project import Project, Run

CONFIGURED = f"""
[tool.phasegate]
source = ["code"]
tests = ["checks"]

[tool.pytest.ini_options]
pythonpath = ["code"]
{LEAN_OPTIONS}
"""
ONE, TWO = "def size(): return 1\n", "def size(): return 2\n"
TEST = "import cache\ndef test_size(): assert cache.size() == 2\n"


@pytest.fixture
def below(project: Project) -> Project:
    project.init_git().write("README.md", "All of them.\n").write("parts/one/pyproject.toml", CONFIGURED)
    project.write("parts/one/code/cache.py", ONE).write("parts/one/checks/data.txt", "").commit("chore: begin")
    return project


def phasegate(project: Project, *words: str) -> Run:
    return project.phasegate(*words, cwd="parts/one", env={"PHASEGATE_PYTHON": sys.executable})


def test_verify_knows_the_code_of_a_project_below_the_top(below: Project) -> None:
    below.write("parts/one/code/cache.py", TWO).commit("feat: two")

    done = phasegate(below, "verify", "HEAD")

    assert (done.exit_code, "PG201" in done.stdout) == (1, True), done.text


def test_verify_proves_a_commit_of_a_project_below_the_top(below: Project) -> None:
    below.write("parts/one/code/cache.py", TWO).write("parts/one/checks/test_cache.py", TEST).commit("feat: two")

    done = phasegate(below, "verify", "HEAD")

    assert done.exit_code == 0, done.text
    assert "1 test went from red to green" in done.stdout


def test_a_configuration_named_on_the_command_line_speaks_of_the_project_too(below: Project) -> None:
    below.write("parts/one/other.toml", 'source = ["code"]\n').write("parts/one/code/cache.py", TWO).commit("feat: two")

    assert phasegate(below, "verify", "--config", "other.toml", "HEAD").exit_code == 1


@pytest.fixture
def hooked(below: Project) -> Project:
    """The same with our hooks, which git starts at the top."""
    for name in ("pre-commit", "commit-msg", "pre-push"):
        path = below.root / ".git/hooks" / name
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pytest_phasegate hook {name} "$@"\n')
        path.chmod(0o755)
    below.environment["PHASEGATE_PYTHON"] = sys.executable
    return below


def commit(project: Project, message: str, *options: str) -> Run:
    project.git("add", "--all")
    return project.git("commit", "--quiet", "-m", message, *options)


def test_a_hook_that_starts_at_the_top_judges_the_project_below_it(hooked: Project) -> None:
    hooked.write("parts/one/code/cache.py", TWO)

    done = commit(hooked, "feat: two")

    assert (done.exit_code, "PG201" in done.stderr) == (1, True), done.text
    assert "phasegate: in parts/one" in done.stderr


def test_a_commit_with_its_test_passes_the_hooks_of_a_project_below_the_top(hooked: Project) -> None:
    hooked.write("parts/one/code/cache.py", TWO).write("parts/one/checks/test_cache.py", TEST)

    done = commit(hooked, "feat: two")

    assert done.exit_code == 0, done.text


@pytest.mark.parametrize(
    ("beside", "words", "code"),
    [
        ("ours", ["-m", "refactor: two"], 0),
        ("ours", ["-m", "feat: two"], 1),
        ("none", ["-m", "refactor: two"], 0),
        ("none", ["-m", "feat: two"], 1),
        ("none", ["-F", "message"], 1),
        ("another's", ["-m", "feat: two"], 1),
    ],
)
@pytest.mark.sampled(3)
def test_code_alone_is_judged_where_no_hook_of_ours_will_read_the_message(
    hooked: Project, beside: str, words: list[str], code: int
) -> None:
    hook = hooked.root / ".git/hooks/commit-msg"
    if beside != "ours":
        hook.write_text("#!/bin/sh\nexit 0\n")
        hook.chmod(0o755 if beside == "another's" else 0o644)
    hooked.write("message", "refactor: two\n").write("parts/one/code/cache.py", TWO.replace("2", "int(1)"))
    hooked.git("add", "parts")

    done = hooked.git("commit", "--quiet", *words)

    assert done.exit_code == code, done.text
    assert ("PG201" in done.stderr) == bool(code)
    assert ("only `git commit -m` tells the type" in done.stderr) == (bool(code) and beside != "ours")


def test_a_commit_beside_the_project_is_not_held_to_its_rules(hooked: Project) -> None:
    done = commit(hooked.write("README.md", "More.\n"), "more words")

    assert (done.exit_code, done.stderr) == (0, "")


def test_what_touches_two_projects_is_judged_by_both(hooked: Project) -> None:
    hooked.write("parts/two/phasegate.toml", "[commit]\nissue = true\n").write("parts/one/checks/data.txt", "1\n")

    done = commit(hooked, "Test data")

    assert done.exit_code == 1, done.text
    assert "phasegate: in parts/one" in done.stderr
    assert "phasegate: in parts/two" in done.stderr


def test_a_commit_of_two_packages_that_import_each_other_is_proved_by_the_tests_of_each(hooked: Project) -> None:
    hooked.write("parts/two/pyproject.toml", CONFIGURED).write("parts/two/code/lifetime.py", ONE).commit("chore: two")
    hooked.write("parts/one/code/cache.py", TWO).write("parts/one/checks/test_cache.py", TEST)
    hooked.write("parts/two/code/lifetime.py", TWO).write(
        "parts/two/checks/test_cache.py",
        "import cache, lifetime\ndef test_size(): assert (cache.size(), lifetime.size()) == (2, 2)\n",
    )

    done = commit(hooked, "feat: two of both")

    assert done.exit_code == 0, done.text
    assert "never seen red" not in done.stderr


def test_an_amendment_is_judged_as_a_whole(hooked: Project) -> None:
    hooked.write("parts/one/code/cache.py", TWO).commit("wip: two")

    done = commit(hooked.write("README.md", "More.\n"), "feat: two", "--amend")

    assert (done.exit_code, "PG201" in done.stderr) == (1, True), done.text


def test_a_push_is_proved_in_every_project_below_the_top(hooked: Project) -> None:
    hooked.git("init", "--quiet", "--bare", "../remote.git")
    hooked.git("push", "--quiet", "--no-verify", "../remote.git", "main")
    hooked.git("remote", "add", "origin", "../remote.git")
    hooked.git("fetch", "--quiet", "origin")
    hooked.write("parts/two/phasegate.toml", "").write("parts/two/README.md", "").commit("docs: two")
    hooked.write("parts/two/size.py", "def size(): return 2\n").commit("feat: size")

    done = hooked.git("push", "--quiet", "origin", "main")

    assert done.exit_code != 0
    assert "phasegate: in parts/two" in done.stderr


GUIDE = """
# Sizes

## Phase 1: Size

### Files to create
- `code/cache.py`
- `checks/test_cache.py`

### Tests
- `test_size`
"""


def at_top(project: Project, *words: str) -> Run:
    return project.phasegate(*words, env={"PHASEGATE_PYTHON": sys.executable})


@pytest.fixture
def guided(below: Project) -> Project:
    """A repository of two projects, of which one has a guide."""
    below.write("parts/two/phasegate.toml", "").write("parts/one/docs/plans/size_implementation_guide.md", GUIDE)
    below.write("parts/one/checks/test_cache.py", "def test_size(): pass\n")
    below.commit("docs: plan sizes")
    return below


def test_a_command_at_the_top_says_which_projects_there_are(guided: Project) -> None:
    for words in (["status"], ["check", "1"], ["lint"]):
        done = at_top(guided, *words)

        assert (done.exit_code, done.stdout) == (2, ""), done.text
        assert "which project? They lie in parts/one, parts/two" in done.stderr
        assert "hint: go to one: cd parts/one" in done.stderr


def test_a_guide_that_is_named_is_linted_at_the_top(guided: Project) -> None:
    lint = at_top(guided, "lint", "parts/one/docs/plans/size_implementation_guide.md")

    assert (lint.exit_code, "1 guide: 0 errors" in lint.stderr) == (0, True), lint.text


def test_a_phase_at_the_top_of_projects_is_run_in_theirs(guided: Project) -> None:
    done = guided.pytest("--phase", "1")

    assert done.exit_code == 4
    assert "projects lie in parts/one, parts/two" in done.stderr
    assert "cd parts/one" in done.stderr
