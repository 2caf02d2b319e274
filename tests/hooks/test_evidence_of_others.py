"""What the ledger settles, and what it leaves to a replay: here the project's interpreter is out of reach."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from support.doubling import CODE, DOUBLE, NEW, OLD, TESTS, TRIPLE, commit, configured, doubling

if TYPE_CHECKING:
    from support.project import Project

UNSETTLED = "/nowhere/python"
"""What is said where only a replay could tell: the interpreter it would need."""


@pytest.fixture
def app(project: Project) -> Project:
    return doubling(project, configured(UNSETTLED))


@pytest.mark.sampled(2)
@pytest.mark.parametrize("place", [TESTS, "tests/test_more.py"])
def test_a_test_that_the_change_breaks_is_refused(app: Project, place: str) -> None:
    app.write(TESTS, "import app\n").write(place, DOUBLE).commit("test: double")
    app.pytest()
    app.write(TESTS, app.read(TESTS) + TRIPLE.removeprefix(DOUBLE)).pytest()
    app.write(CODE, NEW.replace("x * 2", "x * 5")).pytest()

    done = commit(app)

    assert done.exit_code == 1
    assert f"{place}::test_double passed before the change and fails after it" in done.stderr


def test_a_test_that_failed_before_and_fails_still_blocks_nothing(app: Project) -> None:
    app.write("tests/test_more.py", DOUBLE.replace("== 4", "== 5")).commit("test: wrong")
    app.pytest()
    app.write(TESTS, TRIPLE).pytest()
    app.write(CODE, NEW).pytest()

    done = commit(app)

    assert done.exit_code == 0, done.text


def test_a_regression_that_is_green_when_it_is_run_again_blocks_nothing(app: Project) -> None:
    by_chance = "import os\n\ndef test_chance(): assert 'BAD' not in os.environ\n"
    app.write("tests/test_more.py", by_chance).commit("test: chance")
    app.pytest()
    app.write(TESTS, TRIPLE).pytest()
    app.write(CODE, NEW).pytest(env={"BAD": "1"})
    refused = commit(app)
    app.pytest()

    done = commit(app)

    assert refused.exit_code == 1
    assert done.exit_code == 0, done.text


@pytest.mark.sampled(2)
@pytest.mark.parametrize("seen", [True, False], ids=["seen before", "not seen before"])
@pytest.mark.parametrize("place", ["class", "conftest"])
def test_a_test_that_is_not_run_any_more_is_not_settled_by_the_ledger(app: Project, place: str, seen: bool) -> None:
    held = DOUBLE + "\nclass TestMore:\n    def test_zero(self): assert app.double(0) == 0\n"
    app.write(TESTS, held).commit("test: more")
    if seen:
        app.pytest()
    app.write(TESTS, held + TRIPLE.removeprefix(DOUBLE)).pytest()
    app.write(CODE, NEW)
    if place == "class":
        app.write(TESTS, app.read(TESTS).replace("TestMore:\n", "TestMore:\n    __test__ = False\n"))
    else:
        skip = "import pytest\ndef pytest_collection_modifyitems(items):\n    items[1].add_marker(pytest.mark.skip)\n"
        app.write("tests/conftest.py", skip)
    app.pytest()

    done = commit(app)

    assert done.exit_code == 1
    assert UNSETTLED in done.stderr


def test_a_red_that_came_from_a_helper_which_was_mended_is_no_proof(app: Project) -> None:
    tests = DOUBLE + "\nWANTED = 5\n\ndef test_wanted(): assert app.double(2) == WANTED\n"
    app.write(TESTS, tests).pytest()
    app.write(TESTS, tests.replace("= 5", "= 2 * 2")).write(CODE, NEW).pytest()  # of another size: no stale bytecode

    done = commit(app)

    assert done.exit_code == 1
    assert UNSETTLED in done.stderr


def test_an_import_that_no_test_uses_proves_nothing(app: Project) -> None:
    app.write(TESTS, "from app import triple\n" + DOUBLE).pytest()
    app.write(CODE, NEW).pytest()

    done = commit(app)

    assert done.exit_code == 1


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("line", "code"), [("import no_such_package", "PG217"), ("assert app is None", "PG203")])
def test_a_new_test_that_fails_is_not_said_to_have_passed_before(app: Project, line: str, code: str) -> None:
    app.write("tests/test_new.py", f"import app\n{line}\n\ndef test_new(): pass\n").write(CODE, NEW)
    app.pytest("--continue-on-collection-errors")

    done = commit(app)

    assert done.exit_code == 1
    assert code in done.stderr
    assert "PG204" not in done.stderr


def test_data_that_changed_beside_code_is_left_to_a_replay_with_what_stood_there_before(app: Project) -> None:
    reads = "import app\nfrom pathlib import Path\n\ndef test_data():\n"
    reads += "    text = Path(__file__).with_name('data.txt').read_text()\n    assert app.double(int(text)) < 10\n"
    app.write("tests/data.txt", "1\n").write(TESTS, reads).commit("test: data")
    app.pytest()
    app.write("tests/data.txt", "6\n").pytest()
    app.write(CODE, OLD.replace("x * 2", "min(x * 2, 9)")).pytest()

    done = commit(app, "fix: at most nine")

    assert (done.exit_code, UNSETTLED in done.stderr) == (1, True), done.text


@pytest.fixture
def blocking(app: Project) -> Project:
    """The same, where red must have been observed."""
    app.environment["PHASEGATE_RED_GREEN_ON_MISSING"] = "block"
    return app


def test_under_block_a_refactoring_that_breaks_a_test_does_not_pass(blocking: Project) -> None:
    blocking.write(CODE, OLD.replace("x * 2", "x * 3")).pytest()

    done = commit(blocking, "refactor: double")

    assert done.exit_code == 1
    assert UNSETTLED in done.stderr


def test_under_block_a_refactoring_that_keeps_the_tests_green_passes(blocking: Project) -> None:
    blocking.write(CODE, OLD.replace("x * 2", "x + x")).pytest()

    done = commit(blocking, "refactor: double")

    assert done.exit_code == 0, done.text


def test_under_block_a_red_faked_by_breaking_the_code_on_the_way_is_no_proof(blocking: Project) -> None:
    guard = DOUBLE + "\ndef test_guard(): assert app.double(0) == 0\n"
    blocking.write(CODE, OLD.replace("* 2", "* 2 + 1")).write(TESTS, guard).pytest()
    blocking.write(CODE, OLD.replace("* 2", "+ x")).pytest()

    done = commit(blocking, "feat: guard")

    assert done.exit_code == 1
    assert UNSETTLED in done.stderr


def test_under_block_a_red_that_may_be_chance_was_observed(blocking: Project) -> None:
    blocking.write(TESTS, DOUBLE + "\ndef test_text(): assert app.double(None) == 0\n").pytest()
    blocking.write(CODE, OLD.replace("x * 2", "(x or 0) * 2")).pytest()

    done = commit(blocking, "fix: nothing doubled")

    assert done.exit_code == 1
    assert UNSETTLED in done.stderr


def test_under_block_a_test_that_the_ledger_cannot_hold_is_replayed(blocking: Project) -> None:
    blocking.write("tests/base.py", "class Base:\n    def test_triple(self): assert self.triple(2) == 6\n")
    mixed = "import app\nfrom base import Base\n\nclass TestTriple(Base):\n    triple = staticmethod(app.triple)\n"
    blocking.write("tests/test_mixed.py", mixed).pytest()
    blocking.write(CODE, NEW).pytest()

    done = commit(blocking)

    assert done.exit_code == 1
    assert UNSETTLED in done.stderr


def test_under_block_a_red_that_an_earlier_commit_left_open_was_observed(blocking: Project) -> None:
    blocking.write(TESTS, DOUBLE + "\ndef test_nothing(): assert app.double(None) == 0\n").commit("test: nothing")
    blocking.pytest()
    blocking.write(CODE, OLD.replace("x * 2", "(x or 0) * 2")).pytest()

    done = commit(blocking, "fix: nothing doubled")

    assert done.exit_code == 1
    assert UNSETTLED in done.stderr


def test_under_block_what_a_replay_shows_must_have_been_observed_too(blocking: Project) -> None:
    blocking.environment["PHASEGATE_PYTHON"] = sys.executable
    blocking.write("tests/test_old.py", "def test_old(): assert False\n").pytest()
    blocking.write("tests/test_old.py", "def test_old(): assert True\n").write(TESTS, TRIPLE).commit("test: triple")
    blocking.write(CODE, NEW).pytest()

    done = commit(blocking)

    assert done.exit_code == 1
    assert "PG201" in done.stderr


def test_under_block_a_test_that_the_ledger_cannot_hold_is_proved_by_a_replay(blocking: Project) -> None:
    blocking.environment["PHASEGATE_PYTHON"] = sys.executable
    blocking.write("tests/base.py", "class Base:\n    def test_triple(self): assert self.triple(2) == 6\n")
    mixed = "import app\nfrom base import Base\n\nclass TestTriple(Base):\n    triple = staticmethod(app.triple)\n"
    blocking.write("tests/test_mixed.py", mixed).pytest()
    blocking.write(CODE, NEW).pytest()

    done = commit(blocking)

    assert done.exit_code == 0, done.text


GUARD = "import app\n\ndef test_guard(): assert app.double(2) == 4\n"
READS = "import app\nfrom pathlib import Path\n\ndef test_guard():\n    here = Path(__file__).parent\n"
ELSEWHERE: dict[str, tuple[str, dict[str, str | None], dict[str, str]]] = {
    "code that is not there yet": (
        "def test_guard():\n    from app import other\n    assert other.y\n",
        {"src/app/other.py": "y = 1\n"},
        {},
    ),
    "data that lies beside the code": (
        READS + "    assert (here / '../src/app/rate.txt').read_text() == '2'\n",
        {"src/app/rate.txt": "2"},
        {},
    ),
    "data at the top": (READS + "    assert (here / '../rate.json').exists()\n", {"rate.json": "2"}, {}),
    "data of the tests": (READS + "    assert (here / 'rate.json').exists()\n", {"tests/rate.json": "2"}, {}),
    "a conftest": (
        "import os\n\ndef test_guard(): assert 'BROKEN' not in os.environ\n",
        {"tests/conftest.py": None},
        {"tests/conftest.py": "import os\nos.environ['BROKEN'] = '1'\n"},
    ),
    "a file that git ignores": (
        READS + "    assert (here / 'local.txt').read_text() == '2'\n",
        {"tests/local.txt": "2"},
        {"tests/local.txt": "1", ".git/info/exclude": "local*\n"},
    ),
    "a file that git ignores and no test names": (
        READS + "    assert list(here.glob('*.cfg'))\n",
        {"tests/my.cfg": "2"},
        {".git/info/exclude": "*.cfg\n"},
    ),
    "a directory that git ignores and no test names": (
        READS + "    assert list(here.glob('*/my.cfg'))\n",
        {"tests/mine/my.cfg": "2"},
        {".git/info/exclude": "mine/\n"},
    ),
    "a module that git ignores": (
        "import local\n\ndef test_guard(): assert local.RATE == 2\n",
        {"tests/local.py": "RATE = 2\n"},
        {"tests/local.py": "RATE = 1\n", ".git/info/exclude": "local*\n"},
    ),
}
"""Why a test may be red that asks nothing of a change: the test, what mends it, and what stands there meanwhile."""


@pytest.mark.sampled(2)
@pytest.mark.parametrize("cause", ELSEWHERE)
def test_a_red_that_was_not_seen_on_the_code_before_alone_is_no_proof(app: Project, cause: str) -> None:
    test, mends, breaks = ELSEWHERE[cause]
    app.write("tests/test_guard.py", test)
    for path, text in breaks.items():
        app.write(path, text)
    assert app.pytest().exit_code != 0
    app.write("tests/test_guard.py", test)
    for path, given in mends.items():
        if given is None:
            (app.root / path).unlink()
        else:
            app.write(path, given)
    if not breaks:
        app.git("add", *mends)
        app.git("commit", "--quiet", "--no-verify", "-m", "chore: what was missing")
    app.write(CODE, NEW)
    assert app.pytest().exit_code == 0

    done = commit(app)

    assert done.exit_code == 1
    assert UNSETTLED in done.stderr


@pytest.mark.sampled(2)
@pytest.mark.parametrize("beside", ["README.md", "CHANGELOG.rst", ".phasegate/baseline.jsonl"])
def test_words_that_change_beside_the_code_need_no_new_run(app: Project, beside: str) -> None:
    app.write(TESTS, TRIPLE).pytest("-q")
    app.write(CODE, NEW).pytest("-x", "--tb=short")
    app.write(beside, "")

    done = commit(app)

    assert done.exit_code == 0, done.text


def test_evidence_is_found_in_a_repository_of_sha_256(app: Project) -> None:
    shutil.rmtree(app.root / ".git")
    app.git("init", "--quiet", "--object-format=sha256", "--initial-branch=main")
    doubling(app, configured(UNSETTLED))
    app.write(TESTS, TRIPLE).pytest()
    app.write(CODE, NEW).pytest()

    done = commit(app)

    assert done.exit_code == 0, done.text
    assert app.git("rev-parse", "--show-object-format").stdout == "sha256\n"


GUARD = "import app\n\ndef test_guard(): assert app.double(2) == 4\n"
BREAKS = "import app\n\ndef test_a(): app.double = str\n"
BROKEN_BY_OTHERS: dict[str, tuple[dict[str, str], str | None]] = {
    "another test file": ({"tests/test_a.py": "import app\napp.double = str\n\ndef test_a(): pass\n"}, None),
    "another test of another file": ({"tests/test_a.py": BREAKS}, "def test_a(): pass\n"),
    "another test of the file": ({"tests/test_guard.py": BREAKS + GUARD[10:]}, None),
    "a statement of the file": ({"tests/test_guard.py": "import app\napp.double = str\n" + GUARD[10:]}, None),
}
"""What turns a test red that asks nothing of a change: the files that do, and what another of them says later."""


@pytest.mark.sampled(2)
@pytest.mark.parametrize("cause", BROKEN_BY_OTHERS)
def test_a_red_beside_tests_that_are_not_staged_is_no_proof(app: Project, cause: str) -> None:
    breaking, later = BROKEN_BY_OTHERS[cause]
    app.write("tests/test_guard.py", GUARD)
    for path, text in breaking.items():
        app.write(path, text)
    assert app.pytest().exit_code == 1
    for path in breaking:
        (app.root / path).unlink()
    if later:
        app.write("tests/test_a.py", later)
    app.write("tests/test_guard.py", GUARD)
    assert app.write(CODE, NEW).pytest().exit_code == 0

    done = commit(app)

    assert done.exit_code == 1
    assert UNSETTLED in done.stderr


READS_A_VARIABLE = "import app, os\n\ndef test_guard(): assert 'BROKEN' not in os.environ\n"


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("options", "variables"),
    [((), {"BROKEN": "1"}), (("--runxfail",), {}), (("-n1",), {}), (("-n0",), {"PYTEST_ADDOPTS": "-q"})],
    ids=["a variable", "an option", "workers", "options by variable"],
)
def test_a_red_of_other_surroundings_is_no_proof(
    app: Project, options: tuple[str, ...], variables: dict[str, str]
) -> None:
    app.write(TESTS, TRIPLE).write("tests/test_guard.py", READS_A_VARIABLE)
    plain = ("-n0",) if "-n1" in options else ()
    assert app.pytest(*options, env=variables).exit_code == 1
    assert app.write(CODE, NEW).pytest(*plain).exit_code == 0

    done = commit(app)

    assert done.exit_code == 1
    assert UNSETTLED in done.stderr


def test_a_green_of_another_test_in_the_surroundings_of_a_red_explains_nothing(app: Project) -> None:
    app.write("tests/test_guard.py", READS_A_VARIABLE)
    assert app.pytest(env={"BROKEN": "1"}).exit_code == 1
    app.write(CODE, NEW).pytest(TESTS, env={"BROKEN": "1"})
    assert app.pytest().exit_code == 0

    assert UNSETTLED in commit(app).stderr


WORKERS = ("-p", "xdist", "-p", "xdist.looponfail")


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("red", "green"),
    [
        ((TESTS,), ()),
        (("-q", "-x"), ("-vv", "--tb=short")),
        (("-k", "triple"), ()),
        ((), ("--lf", "--maxfail=1")),
        ((*WORKERS, "-n0"), (*WORKERS, "-n1")),
    ],
)
def test_how_tests_are_chosen_and_shown_is_no_matter(
    app: Project, red: tuple[str, ...], green: tuple[str, ...]
) -> None:
    app.write(TESTS, TRIPLE)
    assert app.pytest(*red).exit_code == 1
    app.write(CODE, NEW).pytest(*green)
    app.pytest(*(() if "--lf" in green else green))

    done = commit(app)

    assert done.exit_code == 0, done.text


FOUR = "\ndef test_four(): assert app.four() == 4\n"
WITH_FOUR = NEW + "def four():\n    return 4\n"


@pytest.mark.sampled(2)
@pytest.mark.parametrize("place", [TESTS, "tests/test_more.py"])
def test_tests_that_are_written_one_after_the_other_are_settled(app: Project, place: str) -> None:
    app.write(TESTS, TRIPLE).pytest()
    app.write(CODE, NEW).pytest()
    app.write(place, TRIPLE + FOUR if place == TESTS else "import app\n" + FOUR).pytest()
    app.write(CODE, WITH_FOUR).pytest()

    done = commit(app)

    assert done.exit_code == 0, done.text


def test_what_was_put_away_and_taken_back_needs_no_new_run(app: Project) -> None:
    app.write(TESTS, TRIPLE).pytest()
    app.write(CODE, NEW).pytest()
    app.git("stash", "--quiet", "--include-untracked")
    app.git("stash", "pop", "--quiet")

    done = commit(app)

    assert done.exit_code == 0, done.text
