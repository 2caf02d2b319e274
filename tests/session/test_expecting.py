from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from support.project import Project, Run

GUIDE = """
    # Cache Implementation Guide
    ## Phase Breakdown
    ### Phase 1: LRU
    **Files to create**:
    - `app/cache.py`
    **Tests to write** (in `tests/test_cache.py`):
    ```python
    def test_lru(): ...
    def test_evicts(): ...
    ```
    ### Phase 2: TTL
    **Files to modify**:
    - `app/cache.py`
    **Tests to write** (in `tests/test_ttl.py`):
    ```python
    def test_ttl(): ...
    ```
    """
LRU = "from app.cache import LRU\n\ndef test_lru(): assert LRU(1)\n\ndef test_evicts(): assert LRU(0)\n"
QUIET = ("-q", "-p", "no:cacheprovider", "--no-phasegate-cov")


@pytest.fixture
def planned(project: Project) -> Project:
    project.write("docs/plans/cache_implementation_guide.md", GUIDE).write("pyproject.toml", "[tool.phasegate]\n")
    return project.write("app/__init__.py", "").write("conftest.py", "")


def expect(project: Project, colour: str, *options: str, phase: str = "1") -> Run:
    report = f"--phasegate-report=json:{project.root}/report.json"
    return project.pytest("--phase", phase, "--phasegate-expect", colour, report, *QUIET, *options)


def told(project: Project) -> dict[str, tuple[bool, str]]:
    found = json.loads(project.read("report.json"))
    return {test["test"] or test["declared"]: (test["met"], test["grade"]) for test in found["tests"]}


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "workers"])
@pytest.mark.sampled(2)
def test_a_collection_error_in_a_planned_module_is_a_structural_red(planned: Project, options: tuple[str, ...]) -> None:
    run = expect(planned.write("tests/test_cache.py", LRU), "red", *options)

    assert run.exit_code == 0, run.text
    assert "expected red: 2 of 2 declared tests are red" in run.stdout
    assert told(planned) == {
        "tests/test_cache.py::test_lru": (True, "structural"),
        "tests/test_cache.py::test_evicts": (True, "structural"),
    }


GUARDED = "from app import cache\n\ndef test_lru(): assert cache.LRU\n\ndef test_evicts(): assert cache\n"


@pytest.mark.parametrize(
    ("tests", "advice", "after"),
    [
        (GUARDED, "it may stay, as a guard", "pytest --phase 1\n"),
        (LRU, "", "pytest --phase 1\n"),
        (GUARDED.replace("cache.LRU", "cache"), "", "phasegate check 1\n"),
        (GUARDED.replace("assert cache\n", "assert undefined("), "", "pytest --phase 1 --phasegate-expect red\n"),
    ],
    ids=["a guard", "all red", "none red", "broken"],
)
def test_one_red_test_begins_a_phase_and_guards_may_stand_beside_it(
    planned: Project, tests: str, advice: str, after: str
) -> None:
    planned.write("docs/plans/cache_implementation_guide.md", GUIDE.replace("to create", "to modify"))
    planned.write("app/cache.py", "").write(".gitignore", "__pycache__/\n").init_git().commit("docs: plan")

    run = planned.write("tests/test_cache.py", tests).pytest("--phase", "1", "--phasegate-expect", "red", *QUIET)

    assert run.exit_code == int(tests != LRU), run.text
    assert ("it may stay, as a guard" in run.stdout) == bool(advice)
    assert ("is their code there already? phasegate check runs them without it" in run.stdout) == ("check" in after)
    assert after in planned.phasegate("next").stdout


def test_workers_of_a_project_without_configuration_tell_why_a_test_is_red_too(planned: Project) -> None:
    planned.remove("pyproject.toml").write("pytest.ini", "[pytest]\n").write("tests/test_cache.py", LRU)

    run = expect(planned, "red", "-n", "1")

    assert run.exit_code == 0, run.text


def test_a_package_that_is_not_there_at_all_is_yet_to_come(planned: Project) -> None:
    planned.remove("app").write("tests/test_cache.py", LRU)

    assert expect(planned, "red").exit_code == 0


def test_a_package_that_is_there_and_that_pytest_does_not_find_is_broken(planned: Project) -> None:
    planned.write("src/pkg/__init__.py", "").write("tests/test_cache.py", LRU.replace("app.cache", "pkg.cache"))

    run = expect(planned, "red")

    assert run.exit_code == 1, run.text
    assert "(broken, ModuleNotFoundError)" in run.stdout


def test_a_missing_third_party_module_is_broken_and_refused_with_its_cause(planned: Project) -> None:
    run = expect(planned.write("tests/test_cache.py", "import nonsuch\n" + LRU), "red")

    assert run.exit_code == 1
    assert "it is broken" in run.stdout
    assert "ModuleNotFoundError" in run.stdout


STRICT = """
    import pytest

    @pytest.mark.xfail(strict=True, reason="not written yet")
    def test_lru(): assert False

    @pytest.mark.xfail(strict=True)
    def test_evicts(): assert False
    """


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "workers"])
@pytest.mark.sampled(2)
def test_a_strict_xfail_that_fails_is_a_declared_red(planned: Project, options: tuple[str, ...]) -> None:
    run = expect(planned.write("tests/test_cache.py", STRICT), "red", *options)

    assert run.exit_code == 0, run.text
    assert told(planned)["tests/test_cache.py::test_lru"] == (True, "declared")


def test_an_xfail_that_is_not_strict_is_not_red(planned: Project) -> None:
    run = expect(planned.write("tests/test_cache.py", STRICT.replace("strict=True", "strict=False")), "red")

    assert run.exit_code == 1
    assert "it is expected to fail, and not strictly" in run.stdout


@pytest.mark.parametrize(
    ("head", "status"),
    [("import app.cache\n", 1), ("from app.cache import *\n", 0), ("import app.cache\nfrom app.cache import LRU\n", 0)],
    ids=["nothing can bring the name", "a star may", "the import fails"],
)
def test_a_name_that_the_test_forgot_to_import_is_no_red(planned: Project, head: str, status: int) -> None:
    tests = "\n\ndef test_lru(): assert LRU(1)\n\ndef test_evicts(): assert LRU(0)\n"
    planned.write("app/cache.py", "").write("tests/test_cache.py", head + tests)

    run = expect(planned, "red")

    assert run.exit_code == status, run.text
    refused = "NOT tests/test_cache.py::test_lru: it is broken: no production code can mend that (broken, NameError)"
    assert (refused in run.stdout) is bool(status)


def test_a_declared_test_that_may_have_come_under_another_name_is_looked_for(planned: Project) -> None:
    planned.init_git().commit("docs: plan")
    planned.write("tests/test_cache.py", "def test_zz(): assert 0\n\ndef test_yy(): assert 0\n")

    told = "test_lru: it was not found; tests/test_cache.py has test_yy, test_zz, which the guide does not name"
    assert told in expect(planned, "red").stdout


def test_a_coroutine_that_no_plugin_runs_is_no_red(planned: Project) -> None:
    tests = LRU.partition("\n")[2].replace("def", "async def")
    planned.write("app/cache.py", "").write("tests/test_cache.py", tests)

    run = expect(planned, "red", "-p", "no:asyncio", "-p", "no:anyio")

    assert run.exit_code == 1, run.text
    assert "test_lru: it is broken: no production code can mend that (broken, Failed)" in run.stdout


def test_a_strict_xfail_that_is_not_run_shows_nothing(planned: Project) -> None:
    run = expect(planned.write("tests/test_cache.py", STRICT.replace("strict=True", "strict=True, run=False")), "red")

    assert run.exit_code == 1, run.text
    assert "it is expected to fail, and not strictly" not in run.stdout
    assert "NOT tests/test_cache.py::test_lru: it was skipped" in run.stdout


def test_where_tests_are_only_collected_nothing_is_expected(planned: Project) -> None:
    run = expect(planned.write("tests/test_cache.py", STRICT), "red", "--co")

    assert run.exit_code == 0, run.text
    assert "not evaluated: the run was narrowed by --co" in run.stdout
    assert "NOT" not in run.stdout


def test_a_file_that_cannot_be_parsed_is_refused_with_its_cause(planned: Project) -> None:
    run = expect(planned.write("tests/test_cache.py", "def test_lru(:\n"), "red")

    assert run.exit_code == 1
    assert "NOT tests/test_cache.py::test_lru: its file cannot be collected (SyntaxError)" in run.stdout


def test_a_test_that_passes_already_is_not_red(planned: Project) -> None:
    planned.write("app/cache.py", "LRU = lambda size: size\n").write("tests/test_cache.py", LRU)

    run = expect(planned, "red")

    assert run.exit_code == 1
    assert told(planned) == {
        "tests/test_cache.py::test_lru": (False, "none"),
        "tests/test_cache.py::test_evicts": (True, "behavioural"),
    }
    assert "NOT tests/test_cache.py::test_lru: it passes already" in run.stdout


def test_a_declared_test_that_was_not_written_is_not_red(planned: Project) -> None:
    run = expect(planned.write("tests/test_cache.py", LRU.replace("test_evicts", "test_other")), "red")

    assert run.exit_code == 1
    assert "NOT tests/test_cache.py::test_evicts: it was not found" in run.stdout


def test_a_declared_test_that_was_written_elsewhere_is_named(planned: Project) -> None:
    run = expect(planned.write("tests/test_store.py", LRU), "red")

    near = "it was not found; the nearest name is tests/test_store.py::test_evicts"
    assert f"NOT tests/test_cache.py::test_evicts: {near}" in run.stdout


def test_a_missing_name_is_not_red_enough_where_behaviour_is_asked_for(planned: Project) -> None:
    planned.write("pyproject.toml", '[tool.phasegate.red_green]\nred = "behavioural"\n')

    assert expect(planned.write("tests/test_cache.py", LRU), "red").exit_code == 1


def test_a_file_of_another_phase_that_cannot_be_imported_does_not_matter(planned: Project) -> None:
    planned.write("tests/test_cache.py", LRU).write("tests/test_ttl.py", "from app.ttl import x\ndef test_ttl(): x()\n")
    planned.write("app/cache.py", "LRU = lambda size: 0\n")

    run = expect(planned, "red")

    assert run.exit_code == 0, run.text
    assert set(told(planned)) == {"tests/test_cache.py::test_lru", "tests/test_cache.py::test_evicts"}


def test_a_plugin_that_adds_to_the_status_takes_no_red_away(planned: Project) -> None:
    """As one that keeps snapshots does: it was told the status that the red tests give."""
    adds = "def pytest_sessionfinish(session, exitstatus): session.exitstatus |= exitstatus\n"
    planned.write("conftest.py", adds).write("tests/test_cache.py", LRU).write("app/cache.py", "LRU = lambda size: 0\n")

    assert expect(planned, "red").exit_code == 0


@pytest.mark.parametrize(("code", "status"), [("LRU = lambda size: 1\n", 0), ("LRU = lambda size: size\n", 1)])
def test_green_is_expected_of_every_declared_test(planned: Project, code: str, status: int) -> None:
    run = expect(planned.write("app/cache.py", code).write("tests/test_cache.py", LRU), "green")

    assert run.exit_code == status, run.text


def test_without_a_phase_there_is_nothing_to_expect(planned: Project) -> None:
    run = planned.pytest("--phasegate-expect", "red")

    assert run.exit_code == 4
    assert "--phasegate-expect is about phases" in run.stderr


def test_an_interrupted_run_is_not_called_red(planned: Project) -> None:
    planned.write("tests/test_cache.py", LRU).write("app/cache.py", "def LRU(size): raise KeyboardInterrupt\n")

    assert expect(planned, "red").exit_code == 2
