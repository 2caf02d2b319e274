from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from support.project import Project, Run

CONFIGURED = (
    '[project]\nname = "app"\n[tool.phasegate]\nsource = ["src"]\n[tool.pytest.ini_options]\npythonpath = ["src"]\n'
)
CODE = "def double(x):\n    return x * 2\n"
TEST = """
    from app import double

    def test_double():
        assert double(2) == 4
"""


@pytest.fixture
def configured(project: Project) -> Project:
    project.init_git().write("pyproject.toml", CONFIGURED).write("src/app/__init__.py", CODE)
    project.write("tests/test_app.py", TEST).write(".gitignore", "__pycache__/\n.pytest_cache/\n")
    project.commit("feat: app")
    return project


def records(project: Project) -> list[dict[str, Any]]:
    done = project.phasegate("ledger", "export")
    assert done.exit_code == 0, done.text
    return [json.loads(line) for line in done.stdout.splitlines()]


def observations(project: Project) -> dict[str, str]:
    return {record["test"]: record["outcome"] for record in records(project) if record["record"] == "observation"}


def reds(project: Project) -> dict[str, tuple[str, str, str]]:
    found = [record for record in records(project) if "grade" in record]
    return {record["test"]: (record["moment"], record["exception"], record["grade"]) for record in found}


def said(run: Run) -> str:
    return run.stdout.partition(" in ")[0]


def test_a_run_leaves_its_observations_and_says_nothing_of_it(configured: Project) -> None:
    run = configured.pytest()

    assert run.exit_code == 0, run.text
    assert "phasegate: warning" not in run.text
    assert observations(configured) == {"tests/test_app.py::test_double": "passed"}
    assert configured.git("status", "--porcelain").stdout == ""


@pytest.mark.parametrize("option", ["-pno:phasegate", "--phasegate=off", "--collect-only"])
@pytest.mark.sampled(2)
def test_nothing_is_recorded_where_it_is_turned_off_or_nothing_ran(configured: Project, option: str) -> None:
    configured.pytest(option)

    assert records(configured) == []


def test_nothing_is_recorded_in_a_project_that_is_not_configured(configured: Project) -> None:
    configured.write("pyproject.toml", CONFIGURED.replace("tool.phasegate", "tool.other"))
    configured.pytest()

    assert not (configured.root / ".git/phasegate").exists()


def test_reds_are_graded_and_tell_when_and_why(configured: Project) -> None:
    configured.write(
        "tests/test_red.py",
        """
        import pytest, app

        @pytest.fixture
        def broken(): raise OSError

        def test_assertion(): assert app.double(2) == 5
        def test_name(): app.triple(2)
        def test_fixture(broken): pass
        @pytest.mark.xfail(strict=True)
        def test_declared(): assert app.double(2) == 5
        @pytest.mark.xfail(strict=False)
        def test_expected(): assert app.double(2) == 5
        @pytest.mark.skip
        def test_skipped(): pass
        @pytest.mark.parametrize("x", [1, 2])
        def test_cases(x): assert app.double(x) == 2
        """,
    ).pytest()

    assert reds(configured) == {
        "tests/test_red.py::test_assertion": ("call", "AssertionError", "behavioural"),
        "tests/test_red.py::test_name": ("call", "AttributeError", "structural"),
        "tests/test_red.py::test_fixture": ("setup", "OSError", "broken"),
        "tests/test_red.py::test_declared": (None, "", "declared"),
        "tests/test_red.py::test_cases": ("call", "AssertionError", "behavioural"),
    }
    plain = observations(configured)
    assert plain["tests/test_red.py::test_expected"] == "xfailed"
    assert plain["tests/test_red.py::test_skipped"] == "skipped"


def test_a_file_that_cannot_be_imported_reds_every_test_in_it(configured: Project) -> None:
    configured.write("tests/test_new.py", "from app.new import new\ndef test_a(): new()\ndef test_b(): new()\n")

    run = configured.pytest()

    assert run.exit_code == 2
    expected = ("collect", "ModuleNotFoundError", "structural")
    assert reds(configured) == {"tests/test_new.py::test_a": expected, "tests/test_new.py::test_b": expected}


def test_workers_hand_their_facts_to_the_controller_who_alone_writes(configured: Project) -> None:
    configured.write("tests/test_red.py", "import app\ndef test_red(): app.triple(2)\n")
    configured.write("tests/test_new.py", "from app.new import new\ndef test_a(): new()\n")

    run = configured.pytest("-n", "2", "--continue-on-collection-errors")

    assert run.exit_code == 1, run.text
    assert [record["record"] for record in records(configured)].count("run") == 1
    assert reds(configured) == {
        "tests/test_red.py::test_red": ("call", "AttributeError", "structural"),
        "tests/test_new.py::test_a": ("collect", "ModuleNotFoundError", "structural"),
    }
    assert observations(configured)["tests/test_app.py::test_double"] == "passed"


@pytest.mark.parametrize("path", ["src/app/__init__.py", "tests/data.json", "tests/test_app.py"])
@pytest.mark.sampled(2)
def test_what_was_touched_while_the_tests_ran_shows_nothing(configured: Project, path: str) -> None:
    configured.write("tests/data.json", "{}").write(
        "tests/test_edit.py",
        f"""
        from pathlib import Path

        def test_edit():
            with open({path!r}, "a") as file:
                file.write("\\n")
        """,
    )
    configured.pytest()

    assert "tests/test_app.py::test_double" not in observations(configured)


def test_cases_that_were_left_out_keep_a_function_from_being_green(configured: Project) -> None:
    configured.write(
        "tests/test_cases.py",
        """
        import pytest

        @pytest.mark.parametrize("x", [1, 2])
        def test_cases(x): assert x == 1
        """,
    )
    configured.pytest("tests/test_cases.py::test_cases[1]", "tests/test_app.py")

    assert observations(configured) == {"tests/test_app.py::test_double": "passed"}


def test_the_suite_that_ends_itself_records_nothing_green(configured: Project) -> None:
    configured.write("tests/test_end.py", "import os\ndef test_end(): os._exit(0)\n").pytest()

    assert records(configured) == []


def test_paths_count_from_the_top_of_the_repository(project: Project) -> None:
    project.init_git().write("sub/pyproject.toml", CONFIGURED).write("sub/src/app/__init__.py", CODE)
    project.write("sub/tests/test_app.py", TEST).run("python", "-m", "pytest", cwd="sub")

    assert observations(project) == {"sub/tests/test_app.py::test_double": "passed"}


def test_without_git_the_ledger_lies_in_the_project(project: Project) -> None:
    project.write("pyproject.toml", CONFIGURED).write("src/app/__init__.py", CODE).write("tests/test_app.py", TEST)

    assert project.pytest().exit_code == 0
    assert (project.root / ".phasegate/ledger.sqlite3").is_file()
    assert observations(project) == {"tests/test_app.py::test_double": "passed"}


TROUBLE = {
    "a directory": lambda path: path.mkdir(parents=True),
    "another's file": lambda path: (path.parent.mkdir(parents=True), path.write_bytes(b"\0" * 5000)),
    "no directory": lambda path: path.parent.write_text(""),
}


@pytest.mark.parametrize("trouble", TROUBLE.values(), ids=TROUBLE)
@pytest.mark.sampled(2)
def test_a_ledger_in_trouble_costs_one_line_and_nothing_else(configured: Project, trouble: Any) -> None:
    configured.write("tests/test_more.py", "def test_more(): assert 0\n")
    without = configured.pytest("-pno:phasegate", "-q")
    trouble(configured.root / ".git/phasegate/ledger.sqlite3")

    run = configured.pytest("-q")

    assert run.exit_code == without.exit_code, run.text
    warnings = [line for line in run.stdout.splitlines() if "phasegate: warning" in line]
    assert len(warnings) == 1
    assert run.stdout.splitlines()[0] == without.stdout.splitlines()[0]


def test_a_full_disk_costs_one_line_and_nothing_else(configured: Project) -> None:
    configured.write(
        "conftest.py",
        """
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
        """,
    )
    run = configured.pytest("-pno:cacheprovider", env={"PYTHONUNBUFFERED": "1"})

    assert run.exit_code == 0, run.text
    assert "phasegate: warning: the ledger" in run.stdout


def test_a_message_of_an_exception_never_reaches_the_ledger(configured: Project) -> None:
    configured.write(
        "tests/test_secret.py", 'def test_secret(): raise ValueError("hunter2 " + __import__("os").getcwd())\n'
    )
    configured.pytest()

    content = (configured.root / ".git/phasegate/ledger.sqlite3").read_bytes()
    assert b"ValueError" in content
    assert b"hunter2" not in content
    assert os.fsencode(configured.root) not in content


def test_a_run_of_a_phase_is_one_of_whole_files_where_it_left_no_test_of_them_out(configured: Project) -> None:
    def narrowed_by() -> list[str]:
        configured.pytest("--phase", "1", "--no-phasegate-cov")
        runs = [record for record in records(configured) if record["record"] == "run"]
        return list(runs[-1]["partial"])

    configured.write(
        "docs/plans/app_implementation_guide.md",
        "### Phase 1: Double\n**Tests to write** (in `tests/test_app.py`):\n- `test_double`\n### Phase 2: Later\n",
    ).write("tests/test_other.py", "def test_other(): pass\n")
    whole = narrowed_by()
    later = "\n    import pytest\n    @pytest.mark.phase('2')\n    def test_more(): pass\n"
    configured.write("tests/test_app.py", TEST + later)

    assert whole == ["tests/test_app.py"]
    assert "tests/test_app.py" not in narrowed_by()
