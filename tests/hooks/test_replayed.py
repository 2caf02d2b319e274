"""Commits that the ledger does not settle: the project's interpreter runs the tests on both sides."""

from __future__ import annotations

import re
import sys
import time
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.app.redgreen.commit_check import patient
from support.doubling import CODE, DOUBLE, NEW, OLD, TESTS, TRIPLE, commit, configured, doubling
from support.project import LEAN_OPTIONS

if TYPE_CHECKING:
    from support.project import Project


@pytest.fixture
def app(project: Project) -> Project:
    return doubling(project, configured(sys.executable, LEAN_OPTIONS))


def test_without_any_run_a_replay_finds_the_red_and_the_green(app: Project) -> None:
    done = commit(app.write(TESTS, TRIPLE).write(CODE, NEW))

    assert done.exit_code == 0, done.text


def test_a_test_that_the_old_code_passes_is_refused(app: Project) -> None:
    done = commit(app.write(TESTS, TRIPLE.replace("triple(2) == 6", "double(3) == 6")).write(CODE, NEW))

    assert done.exit_code == 1
    assert "PG202" in done.stderr
    assert len(done.stderr.splitlines()) <= 20


def test_a_conftest_that_cannot_be_imported_is_named_with_its_line(app: Project) -> None:
    done = commit(app.write("tests/conftest.py", "import nowhere\n").write(TESTS, TRIPLE).write(CODE, NEW))

    assert done.exit_code == 1
    assert "pytest gave up at tests/conftest.py:1: ModuleNotFoundError: No module named 'nowhere'" in done.stderr


def test_a_red_faked_by_breaking_the_code_on_the_way_is_refused(app: Project) -> None:
    guard = DOUBLE + "\ndef test_guard(): assert app.double(0) == 0\n"
    app.write(CODE, OLD.replace("* 2", "* 2 + 1")).write(TESTS, guard).pytest()
    app.write(CODE, OLD.replace("* 2", "+ x")).pytest()

    done = commit(app, "feat: guard")

    assert done.exit_code == 1
    assert "PG202" in done.stderr


def test_code_alone_is_refused_as_a_feature_and_allowed_as_a_refactoring(app: Project) -> None:
    app.write(CODE, OLD.replace("x * 2", "x + x"))

    refused = commit(app, "feat: double")
    allowed = commit(app, "refactor: double")

    assert (refused.exit_code, allowed.exit_code) == (1, 0), refused.text + allowed.text
    assert "PG201" in refused.stderr


def test_a_merge_between_a_red_commit_and_its_code_does_not_hide_the_red(app: Project) -> None:
    app.git("branch", "other")
    app.write(TESTS, TRIPLE)
    app.git("commit", "--all", "--quiet", "--no-verify", "-m", "test: triple")
    app.git("checkout", "--quiet", "other")
    app.write("src/app/other.py", "y = 1\n").git("add", "--all")
    app.git("commit", "--quiet", "--no-verify", "-m", "feat: other")
    app.git("checkout", "--quiet", "-")
    app.git("merge", "--quiet", "--no-verify", "--no-edit", "other")

    done = commit(app.write(CODE, NEW), "feat: triple")

    assert done.exit_code == 0, done.text


def test_a_replay_that_takes_a_while_says_what_it_runs_and_how_to_stop_it(app: Project) -> None:
    slow = TRIPLE.replace("def test_triple(): ", "def test_triple():\n    import time; time.sleep(1.5)\n    ")

    done = commit(app.write(TESTS, slow).write(CODE, NEW))

    assert done.exit_code == 0, done.text
    said = "phasegate: running 1 test file, for 1 test that the change concerns, on the code before and after ("
    assert said in done.stderr
    assert "Ctrl-C stops it" in done.stderr


@pytest.mark.parametrize(
    ("load", "processors", "limit"), [(0.3, 2, 120), (2.0, 2, 120), (6.0, 2, 360), (40.0, 2, 600), (3.0, 8, 120)]
)
def test_a_commit_waits_longer_where_others_have_the_processors(load: float, processors: int, limit: float) -> None:
    assert patient(120, load, processors) == limit


def test_a_hook_holds_no_commit_for_longer_than_its_time_limit_and_says_what_to_do(project: Project) -> None:
    limited = configured(sys.executable, LEAN_OPTIONS) + "\n[tool.phasegate.red_green]\ntimeout = 4\n"
    app = doubling(project, limited)
    cases = "import pytest, time\n@pytest.mark.parametrize('n', range(99))\ndef test_triple(n):\n    time.sleep(1)\n"
    slow = TRIPLE.replace("def test_triple(): ", f"{cases}    ")
    begun = time.monotonic()

    done = commit(app.write(TESTS, slow).write(CODE, NEW))

    assert done.exit_code == 1, done.text
    assert time.monotonic() - begun < 90
    said = r"the time limit for a commit is over \((\d+) s, red_green.timeout\): running 1 test file"
    over = re.search(said, done.stderr)
    assert over is not None, done.text
    assert 4 <= int(over[1]) <= 20
    assert f" s of at most {over[1]} s); Ctrl-C stops it" in done.stderr
    assert f"run `pytest {TESTS}` without the code and with it, then commit again" in done.stderr
