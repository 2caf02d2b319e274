"""A commit that looks inert: a recorded run, or a quick one, or one line that says who runs it later."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from support.doubling import CODE, NEW, OLD, TESTS, TRIPLE, commit, configured, doubling
from support.project import LEAN_OPTIONS

if TYPE_CHECKING:
    from support.project import Project

TYPED = OLD.replace("(x)", "(x: int)")
READS = "import app\n\n\ndef test_types():\n    assert app.double.__annotations__ == {}\n"
QUICK = """
import time
import app


def test_slow():
    time.sleep(60 * hasattr(app, "triple"))
    assert app.double
"""
SLOW = "import time\nimport app\n\n\ndef test_slow():\n    time.sleep(60)\n    assert app.double\n"


@pytest.fixture
def app(project: Project) -> Project:
    return doubling(project, configured(sys.executable, LEAN_OPTIONS) + waits(120))


def waits(seconds: int) -> str:
    return f"""[tool.phasegate.red_green]
    hook_timeout = {seconds}
    """


def test_types_that_a_recorded_run_shows_green_are_let_through_without_a_word(app: Project) -> None:
    assert TYPED != OLD
    app.write(CODE, TYPED).pytest()

    done = commit(app, "fix: types")

    assert (done.exit_code, done.text) == (0, "")


def test_types_that_nobody_ran_are_run_quickly(app: Project) -> None:
    done = commit(app.write(CODE, TYPED), "fix: types")

    assert (done.exit_code, done.text) == (0, "")


def test_types_that_break_a_test_are_refused(app: Project) -> None:
    app.write("tests/test_types.py", READS)
    assert commit(app, "test: types").exit_code == 0

    done = commit(app.write(CODE, TYPED), "fix: types")

    assert done.exit_code == 1
    assert "PG204 tests/test_types.py" in done.stderr


def test_types_whose_tests_take_too_long_go_through_with_one_line(project: Project) -> None:
    app = doubling(project, configured(sys.executable, LEAN_OPTIONS) + waits(2))
    app.write("tests/test_slow.py", SLOW)
    app.git("add", "--all")
    app.git("commit", "--quiet", "--no-verify", "-m", "test: slow")

    done = commit(app.write(CODE, TYPED), "fix: types")

    assert done.exit_code == 0, done.text
    assert done.text.splitlines() == [
        "phasegate: no run shows that the tests which reach this change stay green; verify and pre-push will tell"
    ]


def test_types_without_an_interpreter_go_through_with_one_line(project: Project) -> None:
    app = doubling(project, configured("/nowhere/python", LEAN_OPTIONS))

    done = commit(app.write(CODE, TYPED), "fix: types")

    assert done.exit_code == 0, done.text
    assert "verify and pre-push will tell" in done.text


@pytest.fixture
def long(project: Project) -> Project:
    """Tests of which one takes a minute, in a project that leaves such runs to verify."""
    app = doubling(project, configured(sys.executable, LEAN_OPTIONS) + waits(2) + "leave_to_verify = true\n")
    app.write("tests/test_slow.py", SLOW)
    app.git("add", "--all")
    app.git("commit", "--quiet", "--no-verify", "--amend", "--no-edit")
    return app


LATER = "verify and pre-push will tell"


def test_a_refactoring_whose_tests_take_too_long_is_left_to_verify_where_the_project_says_so(long: Project) -> None:
    done = commit(long.write(CODE, OLD.replace("x * 2", "2 * x")), "refactor: two times")

    assert (done.exit_code, LATER in done.text) == (0, True), done.text


@pytest.mark.parametrize("whole", [False, True], ids=["", "after a run of all tests"])
@pytest.mark.sampled(2)
def test_code_for_a_test_left_red_is_taken_by_what_was_recorded_where_the_rest_takes_too_long(
    long: Project, *, whole: bool
) -> None:
    settings = long.read("pyproject.toml").replace("leave_to_verify = true\n", "")
    long.write("pyproject.toml", settings).git("commit", "--quiet", "--no-verify", "--all", "--amend", "--no-edit")
    if whole:
        assert long.write("tests/test_slow.py", QUICK).pytest().exit_code == 0
        assert commit(long, "test: quick").exit_code == 0
    assert long.write(TESTS, TRIPLE).pytest(TESTS).exit_code == 1
    assert commit(long, "test: triple").exit_code == 0
    assert long.write(CODE, NEW).pytest(TESTS).exit_code == 0

    done = commit(long, "feat: triple")

    assert (done.exit_code, LATER in done.text) == (0, True), done.text


def test_code_that_nobody_saw_a_test_fail_without_is_refused_however_long_the_rest_takes(long: Project) -> None:
    assert commit(long.write(CODE, NEW), "feat: triple").exit_code == 1


INERT = {"types": (OLD, TYPED, READS), "code that only goes": (NEW, OLD, TRIPLE)}


@pytest.mark.parametrize("before", [True, False], ids=["green before", "red before"])
@pytest.mark.parametrize("kind", INERT)
@pytest.mark.sampled(3)
def test_without_an_interpreter_a_recorded_run_tells_what_the_change_breaks(
    project: Project, kind: str, before: bool
) -> None:
    old, new, test = INERT[kind]
    app = doubling(project, configured("/nowhere/python", LEAN_OPTIONS))
    app.write(CODE, old).write("tests/test_more.py", test if before else test.replace("==", "!=")).git("add", "--all")
    app.git("commit", "--quiet", "--no-verify", "-m", "test: more")
    app.write("tests/test_red.py", "def test_red(): assert 0\n").git("add", "--all")
    app.git("commit", "--quiet", "--no-verify", "-m", "test: red")
    app.pytest()
    app.write(CODE, new).pytest()

    done = commit(app, "fix: less")

    assert (done.exit_code, "PG204 tests/test_more.py" in done.text) == ((1, True) if before else (0, False)), done.text
    assert "test_red.py" not in done.text


def test_behaviour_beside_types_is_asked_for_as_before(app: Project) -> None:
    done = commit(app.write(CODE, TYPED.replace("x * 2", "x * 3")), "fix: types")

    assert done.exit_code == 1
    assert "PG201" in done.stderr


def test_a_test_beside_types_is_judged_by_itself(app: Project) -> None:
    app.write(CODE, TYPED).write(TESTS, "import app\n\n\ndef test_zero():\n    assert app.double(0) == 0\n")

    done = commit(app, "test: zero")

    assert done.exit_code == 0, done.text


def test_a_revert_is_run_and_one_that_leaves_its_test_red_is_refused(app: Project) -> None:
    assert commit(app.write(CODE, NEW).write("tests/test_triple.py", TRIPLE)).exit_code == 0
    sha = app.git("rev-parse", "HEAD").stdout.strip()
    message = f'Revert "feat: triple"\n\nThis reverts commit {sha}.'

    half = commit(app.write(CODE, OLD), message)
    whole = app.git("rm", "--quiet", "tests/test_triple.py") and commit(app, message)

    assert (half.exit_code, "PG204" in half.stderr) == (1, True), half.text
    assert whole.exit_code == 0, whole.text


def test_a_revert_is_known_before_its_message_is_written(app: Project) -> None:
    assert commit(app.write(CODE, NEW).write("tests/test_triple.py", TRIPLE)).exit_code == 0
    app.git("revert", "--no-commit", "HEAD")

    done = app.phasegate("hook", "red-green")

    assert done.exit_code == 0, done.text


def test_code_that_only_goes_is_run(app: Project) -> None:
    app.write(CODE, OLD + "\n\ndef spare():\n    return 1\n").git("add", "--all")
    app.git("commit", "--quiet", "--no-verify", "-m", "feat: spare")

    spare = commit(app.write(CODE, OLD), "feat: nothing to spare")
    needed = commit(app.write(CODE, "\n"), "feat: nothing at all")

    assert spare.exit_code == 0, spare.text
    assert (needed.exit_code, "PG204" in needed.stderr) == (1, True), needed.text
