"""Commits judged by what earlier test runs showed: the project's interpreter is out of reach, nothing is replayed."""

from __future__ import annotations

import os
import shutil
import sys
import time
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.adapters.ledger.store import SqliteLedger
from pytest_phasegate.core.evidence.runs import RecordedRun
from support.doubling import CODE, DOUBLE, NEW, OLD, TESTS, TRIPLE, commit, configured, doubling

if TYPE_CHECKING:
    from pathlib import Path

    from support.project import Project, Run

MOST_GIT_CHILDREN = 7
"""A child costs as much as ten short tests: more than these would make every commit wait."""
CONFIGURED = configured("/nowhere/python")


@pytest.fixture
def app(project: Project) -> Project:
    return doubling(project, CONFIGURED)


def test_red_then_green_is_committed_without_running_anything(app: Project) -> None:
    assert app.write(TESTS, TRIPLE).pytest().exit_code == 1
    assert app.write(CODE, NEW).pytest().exit_code == 0

    done = commit(app)

    assert done.exit_code == 0, done.text
    assert done.text == ""


def test_a_run_counts_however_many_came_after_it(app: Project) -> None:
    app.write(TESTS, TRIPLE).pytest()
    app.write(CODE, NEW).pytest()
    ledger = SqliteLedger(app.root / ".git/phasegate/ledger.sqlite3")
    green = ledger.recent_runs(1)[0]
    code, rest = ledger.members(green.production), ledger.members(green.support)
    for at in range(30):
        ledger.record(RecordedRun(green.at + at, code, rest, partial=(f"{TESTS}::test_double",)))

    done = commit(app)

    assert (done.exit_code, done.text) == (0, "")


def test_a_conftest_or_data_of_tests_alone_is_committed_without_running_anything(app: Project) -> None:
    app.write("tests/conftest.py", "LIMIT = 1\n").write("tests/data.json", "1\n")

    done = commit(app, "test: hold a limit")

    assert done.exit_code == 0, done.text
    assert done.text == ""


def test_what_evidence_settles_asks_git_seven_times_at_most(app: Project, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    (tmp_path / "bin").mkdir()
    shim = tmp_path / "bin/git"
    shim.write_text(f'#!/bin/sh\necho "$*" >> "{asked}"\nexec "{shutil.which("git")}" "$@"\n')
    shim.chmod(0o755)
    app.write(TESTS, TRIPLE).pytest()
    app.write(CODE, NEW).pytest()
    app.git("add", "--all")

    done = app.run(
        sys.executable,
        "-m",
        "pytest_phasegate",
        "hook",
        "red-green",
        env={"PATH": f"{shim.parent}:{os.environ['PATH']}"},
    )

    assert done.exit_code == 0, done.text
    assert len(asked.read_text().splitlines()) <= MOST_GIT_CHILDREN, asked.read_text()


def test_a_test_never_seen_red_is_not_settled_by_the_ledger(app: Project) -> None:
    app.write(CODE, NEW).write(TESTS, TRIPLE).pytest()

    done = commit(app)

    assert done.exit_code == 1
    assert "no run has shown a test red on the code before" in done.stderr or "interpreter" in done.stderr
    assert len(done.stderr.splitlines()) <= 20


def test_under_block_a_test_never_seen_red_is_refused(app: Project) -> None:
    app.write("pyproject.toml", CONFIGURED + '    [tool.phasegate.red_green]\n    on_missing = "block"\n')
    app.git("commit", "--quiet", "--no-verify", "-am", "chore: block")
    app.write(CODE, NEW).write(TESTS, TRIPLE).pytest()

    done = commit(app)

    assert done.exit_code == 1
    assert "PG202" in done.stderr
    assert "waive" in done.stderr


@pytest.mark.parametrize("test", [TESTS, "tests/test_triple.py"])
def test_a_test_that_was_forgotten_in_the_commit_is_named(app: Project, test: str) -> None:
    app.environment["PHASEGATE_PYTHON"] = sys.executable
    app.write(test, TRIPLE).write(CODE, NEW).write("README.md", "Not staged either.\n").git("add", CODE)

    done = app.git("commit", "--quiet", "-m", "feat: triple")

    assert "PG201" in done.stderr
    assert f"\n  not staged: {test} (git add?)\n" in done.stderr
    assert "README" not in done.stderr
    app.git("stash", "--include-untracked", "--quiet")
    assert "not staged" not in commit(app.write("src/app/other.py", "x = 1\n"), "feat: x").stderr


def test_a_new_test_that_is_red_on_the_staged_code_is_refused_at_once(app: Project) -> None:
    app.write(TESTS, TRIPLE).pytest()
    app.write(CODE, NEW.replace("* 3", "* 4")).pytest()

    done = commit(app)

    assert done.exit_code == 1
    assert "PG203" in done.stderr
    assert "pytest tests/test_app.py::test_triple" in done.stderr


def test_green_on_other_code_than_the_staged_is_no_proof(app: Project) -> None:
    app.write(TESTS, TRIPLE).pytest()
    app.write(CODE, NEW).pytest()
    app.write(CODE, NEW.replace("* 3", "* 4"))

    assert commit(app).exit_code == 1


def test_an_edited_test_is_another_test(app: Project) -> None:
    app.write(TESTS, TRIPLE).pytest()
    app.write(CODE, NEW).write(TESTS, TRIPLE.replace("== 6", "in (5, 6)")).pytest()

    assert commit(app).exit_code == 1


def test_layout_and_comments_do_not_make_another_test(app: Project) -> None:
    app.write(TESTS, TRIPLE).pytest()
    app.write(CODE, NEW).write(TESTS, "# more\n" + TRIPLE.replace(": assert", ":\n    assert")).pytest()

    assert commit(app).exit_code == 0


def test_a_red_on_half_done_code_that_the_code_before_would_not_show_is_no_proof(app: Project) -> None:
    guard = DOUBLE + "\ndef test_guard(): assert app.double(0) == 0\n"
    app.write(CODE, OLD.replace("* 2", "* 2 + 1")).write(TESTS, guard).pytest()
    app.write(CODE, OLD.replace("* 2", "+ x")).pytest()

    assert commit(app, "feat: guard").exit_code == 1


def test_a_red_commit_is_allowed_and_remembered_and_a_green_one_may_follow(app: Project) -> None:
    app.write(TESTS, TRIPLE).pytest()
    red = commit(app, "test: triple")
    app.write(CODE, NEW).pytest()
    green = commit(app)

    assert red.exit_code == 0, red.text
    assert "left red for a later commit to turn green: tests/test_app.py::test_triple" in red.stderr
    assert green.exit_code == 0, green.text


@pytest.mark.parametrize(("message", "code"), [("refactor: double", 0), ("feat: double", 1)])
def test_production_alone_is_for_the_message_to_say(app: Project, message: str, code: int) -> None:
    app.write(CODE, OLD.replace("x * 2", "x + x")).pytest()

    done = commit(app, message)

    assert done.exit_code == code, done.text


@pytest.mark.parametrize("path", ["README.md", "docs/a.md"])
def test_what_is_neither_side_needs_no_evidence(app: Project, path: str) -> None:
    assert commit(app.write(path, "words\n"), "docs: words").exit_code == 0


def test_a_waiver_on_the_command_line_lets_through_and_is_said(app: Project) -> None:
    app.write(CODE, NEW).pytest()

    done = commit(app, "feat: triple", "--trailer", "Red-Green: waived (spike for the demo)")

    assert done.exit_code == 0, done.text
    assert "waived: spike for the demo" in done.stderr


def test_report_mode_says_so_and_lets_through(app: Project) -> None:
    app.write("pyproject.toml", CONFIGURED.replace("source", 'mode = "report"\n    source'))
    app.git("commit", "--quiet", "--no-verify", "-am", "chore: report")
    app.write(TESTS, TRIPLE).pytest()
    app.write(CODE, NEW.replace("* 3", "* 4")).pytest()

    done = commit(app)

    assert done.exit_code == 0
    assert "would refuse this commit" in done.stderr


def test_a_damaged_ledger_refuses_and_says_what_to_do(app: Project) -> None:
    app.write(TESTS, TRIPLE).pytest()
    app.write(CODE, NEW).pytest()
    (app.root / ".git/phasegate/ledger.sqlite3").write_bytes(b"\0" * 9000)

    done = commit(app)

    assert done.exit_code == 1
    assert "PG921" in done.stderr
    assert "phasegate ledger verify --set-aside" in done.stderr


def test_evidence_survives_an_amended_commit(app: Project) -> None:
    app.write(TESTS, TRIPLE).pytest()
    app.write(CODE, NEW).pytest()
    assert commit(app).exit_code == 0
    app.write(CODE, NEW.replace("x * 3", "3 * x")).pytest()

    done = commit(app, "feat: triple", "--amend")

    assert done.exit_code == 0, done.text


def test_evidence_survives_a_squash_of_a_red_and_a_green_commit(app: Project) -> None:
    app.write(TESTS, TRIPLE).pytest()
    commit(app, "test: triple")
    app.write(CODE, NEW).pytest()
    commit(app)
    app.git("reset", "--soft", "HEAD~2")

    done = commit(app)

    assert done.exit_code == 0, done.text


@pytest.mark.parametrize(("path", "code"), [("README.md", 0), ("src/app/other.py", 1)])
def test_evidence_survives_a_rebase_unless_the_red_was_seen_beside_other_code(
    app: Project, path: str, code: int
) -> None:
    app.git("switch", "--quiet", "--create", "side")
    app.write(TESTS, TRIPLE).pytest()
    app.write(CODE, NEW).pytest()
    commit(app)
    app.git("switch", "--quiet", "main")
    app.write(path, "y = 1\n").commit("feat: other")
    app.git("switch", "--quiet", "side")
    assert app.git("rebase", "--quiet", "main").exit_code == 0
    app.pytest()
    app.git("reset", "--soft", "HEAD~1")

    done = commit(app)

    assert done.exit_code == code, done.text
    assert not code or "PG931" in done.stderr


def test_evidence_is_shared_by_all_worktrees_and_carries_a_cherry_pick(app: Project) -> None:
    app.write(TESTS, TRIPLE).pytest()
    app.write(CODE, NEW).pytest()
    commit(app)
    app.git("worktree", "add", "--quiet", "-b", "side", str(app.home / "linked"), "HEAD~1")
    linked = type(app)(app.home / "linked", app.home)
    linked.git("cherry-pick", "--no-commit", "main")

    done = linked.git("commit", "--quiet", "-m", "feat: triple")

    assert done.exit_code == 0, done.text


WORDS = {"docs/words.rst": "It triples.\n"}
MODELS = "class Sample:\n    size = 3\n"


@pytest.mark.parametrize(
    ("beside", "by_run"),
    [
        ({}, False),
        ({"tests/models.py": MODELS, "tests/more.py": "from tests.models import Sample\n", **WORDS}, False),
        ({"tests/conftest.py": MODELS}, True),
    ],
    ids=["alone", "words, and helpers that no test uses", "a conftest"],
)
def test_code_without_a_test_is_refused_before_anything_is_run(
    app: Project, beside: dict[str, str], *, by_run: bool
) -> None:
    for path, text in beside.items():
        app.write(path, text)

    done = commit(app.write(CODE, NEW))

    assert done.exit_code == 1, done.text
    assert ("PG201" in done.stderr) is not by_run
    assert ("/nowhere/python" in done.stderr) is by_run


def test_a_test_file_that_nobody_can_parse_is_refused_before_anything_is_run(app: Project) -> None:
    done = commit(app.write(CODE, NEW).write(TESTS, "def test_triple(:\n"))

    assert done.exit_code == 1
    assert "PG216 tests/test_app.py: tests/test_app.py cannot be parsed: line 1" in done.stderr
    assert "/nowhere/python" not in done.text


def test_a_test_file_that_went_left_nothing_red_for_code_alone(app: Project) -> None:
    app.write("tests/test_old.py", "import app\n\nTWO = 2\n\ndef test_old(): assert app.double(1) == TWO\n")
    app.commit("test: old")
    app.git("rm", "--quiet", "tests/test_old.py")
    app.commit("test: the old one goes")

    assert "PG201" in commit(app.write(CODE, NEW)).stderr


def test_a_red_that_was_turned_green_in_an_earlier_commit_proves_nothing_new(app: Project) -> None:
    app.write(TESTS, TRIPLE).pytest()
    app.write(CODE, NEW).pytest()
    assert commit(app).exit_code == 0

    done = commit(app.write(CODE, NEW + "def quadruple(x):\n    return x * 4\n"), "feat: quadruple")

    assert done.exit_code == 1
    assert "PG201" in done.stderr


def test_a_red_that_was_turned_green_two_commits_ago_proves_nothing_new(app: Project) -> None:
    app.write(TESTS, TRIPLE).pytest()
    app.write(CODE, NEW).pytest()
    assert commit(app).exit_code == 0
    more = NEW + "def half(x):\n    return x / 2\n"
    app.write("tests/test_half.py", "import app\n\ndef test_half(): assert app.half(4) == 2\n")
    app.pytest("tests/test_half.py")
    app.write(CODE, more).pytest("tests/test_half.py")
    time.sleep(1)  # git counts seconds: a run in that of the commit may have come after it
    assert commit(app, "feat: half").exit_code == 0

    done = commit(app.write(CODE, more + "def quadruple(x):\n    return x * 4\n"), "feat: quadruple")

    assert done.exit_code == 1
    assert "PG201" in done.stderr


def _needs_a_run(done: Run) -> bool:
    return "PG201" not in done.text and "/nowhere/python" in done.text


def test_a_test_that_is_expected_to_fail_waits_for_no_code_alone(app: Project) -> None:
    waiting = TRIPLE.replace("def test_triple", "@pytest.mark.xfail(strict=True)\ndef test_triple")
    app.write(TESTS, f"import pytest\n{waiting}").pytest()
    app.commit("test: triple, some day")
    app.write("src/app/more.py", "y = 1\n").commit("feat: more")

    assert "PG201" in commit(app.write(CODE, OLD + "x = 1\n"), "feat: x").stderr


def test_a_recorded_red_that_the_code_may_turn_green_is_left_to_a_replay(app: Project) -> None:
    app.write(TESTS, TRIPLE).pytest()
    assert commit(app, "test: triple").exit_code == 0
    app.write("notes.md", "words\n").commit("docs: words")

    assert _needs_a_run(commit(app.write(CODE, NEW)))


def test_a_red_commit_of_somebody_else_is_left_to_a_replay(app: Project) -> None:
    app.write(TESTS, TRIPLE).git("add", "--all")
    app.git("commit", "--quiet", "--no-verify", "-m", "test: triple")

    assert _needs_a_run(commit(app.write(CODE, NEW)))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("docs/usage.rst", ">>> import app\n>>> app.triple(2)\n6\n"),
        ("tests/conftest.py", "import app\n\napp.triple(2)\n"),
        ("tests/data/cases.json", "[[2, 6]]\n"),
        ("pytest.ini", "[pytest]\npythonpath = src\ntestpaths = tests docs\n"),
    ],
)
def test_what_may_hold_a_test_is_left_to_a_replay(app: Project, path: str, text: str) -> None:
    assert _needs_a_run(commit(app.write(CODE, NEW).write(path, text)))


def test_a_refactoring_is_left_to_a_replay(app: Project) -> None:
    assert _needs_a_run(commit(app.write(CODE, NEW), "refactor: double"))
