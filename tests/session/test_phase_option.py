from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.plan import EXPIRY, GUIDE, GUIDE_PATH, planned

if TYPE_CHECKING:
    from support.project import Project

QUIET = ("-q", "-p", "no:cacheprovider", "--no-phasegate-cov")


def test_a_phase_runs_its_tests_alone_and_passes(project: Project) -> None:
    done = planned(project).pytest("--phase", "1", "-v", "-p", "no:cacheprovider", "--no-phasegate-cov")

    assert done.exit_code == 0, done.text
    assert "3 passed" in done.stdout
    assert "phasegate: phase 1 of docs/plans/cache_implementation_guide.md (enforce)" in done.stdout
    assert "= phase gates =" in done.stdout
    assert "PASSED: phase 1" in done.stdout


def test_a_missing_declared_test_fails_a_run_that_pytest_calls_passed(project: Project) -> None:
    planned(project, expiry=EXPIRY.replace("test_expires", "test_expire"))

    done = project.pytest("--phase", "2", "--color=yes", *QUIET)

    assert done.exit_code == 1
    assert f"{GUIDE_PATH}:21 PG411" in done.stdout
    assert "the nearest name is tests/test_expiry.py::test_expire" in done.stdout
    *_, refusal, last = done.stdout.strip().splitlines()
    assert refusal == "\x1b[31mFAIL phase 2 (tests failed)\x1b[0m"
    assert last.startswith("\x1b[31m")
    assert "2 passed" in last.replace("\x1b[32m", "").replace("\x1b[1m", "")


def test_a_declared_test_that_its_file_only_imports_is_missing(project: Project) -> None:
    planned(project, expiry="from test_before import test_expires\n\ndef test_other(): pass\n")
    project.write("tests/test_before.py", "def test_expires(): pass\n")

    done = project.pytest("--phase", "2", *QUIET)

    assert done.exit_code == 1, done.text
    assert "PG411" in done.stdout
    assert "was not collected: tests/test_expiry.py only imports it" in done.stdout


@pytest.mark.parametrize(
    "expiry",
    [
        "from test_before import TestBase\n\nclass TestExpiry(TestBase):\n    pass\n",
        "import test_before\n\ntest_expires = test_before.made(3)\n",
        "import test_before\n\nglobals()['test_expires'] = test_before.made(3)\n",
        "import test_before\n\n@test_before.plainly\ndef test_expires(): pass\n",
    ],
    ids=["inherited", "made", "made without its name", "decorated"],
)
def test_a_test_that_others_make_for_a_file_is_its_own(project: Project, expiry: str) -> None:
    before = "class TestBase:\n    def test_expires(self): pass\n\ndef made(number):\n    return lambda: None\n\n"
    before += "def plainly(function):\n    def inner(): function()\n    return inner\n"
    planned(project, expiry=expiry).write("tests/test_before.py", before)

    done = project.pytest("--phase", "2", *QUIET)

    assert done.exit_code == 0, done.text


def test_report_mode_tells_the_true_verdict_and_leaves_the_exit_status(project: Project) -> None:
    planned(project, expiry="def test_other(): pass\n")

    done = project.pytest("--phase", "2", "--phasegate", "report", *QUIET)

    assert done.exit_code == 0
    assert "FAIL phase 2 (tests failed)" in done.stdout


def test_off_selects_and_judges_nothing(project: Project) -> None:
    planned(project, expiry="def test_other(): pass\n")

    done = project.pytest("--phase", "2", "--phasegate", "off", *QUIET)

    assert done.exit_code == 0
    assert "phase gates" not in done.stdout
    assert "1 passed, 4 deselected" in done.stdout


def test_all_phases_are_judged_in_one_run_and_unmapped_tests_left_out(project: Project) -> None:
    done = planned(project).pytest("--phase", "all", *QUIET)

    assert done.exit_code == 0, done.text
    assert "5 passed" in done.stdout
    assert "PASSED: phases 1, 2; not-evaluated: phase 3" in done.stdout


def test_a_phase_with_no_collected_test_keeps_pytests_five_and_names_what_is_missing(project: Project) -> None:
    planned(project).remove("tests/test_expiry.py")

    done = project.pytest("--phase", "2", *QUIET)

    assert done.exit_code == 5
    assert "missing: tests/test_expiry.py::test_expires" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--phase", "7"), "unknown phase '7'"),
        (("--phase", "2-1"), "runs backwards"),
        (("--phase", "1", "--phasegate-guide", "nowhere.md"), "nowhere.md: there is no such guide"),
        (("--phase", "1", "--phasegate-guide", "tests/test_core.py"), "tests/test_core.py"),
        (("--phase", "1", "--phasegate-guide", "tests"), "tests"),
    ],
)
@pytest.mark.sampled(3)
def test_what_cannot_be_selected_is_a_usage_error_before_any_test_runs(
    arguments: tuple[str, ...], message: str, project: Project
) -> None:
    done = planned(project).pytest(*arguments, *QUIET)

    assert done.exit_code == 4
    assert message in done.stderr
    assert "Traceback" not in done.text
    assert "passed" not in done.stdout


def test_an_error_of_the_guide_refuses_the_phase_it_is_about_and_is_told_in_the_run_of_another(
    project: Project,
) -> None:
    planned(project).write(GUIDE_PATH, GUIDE.replace("docs/manual.md", "../../etc/passwd"))

    about, other = project.pytest("--phase", "3", *QUIET), project.pytest("--phase", "1", *QUIET)

    assert (about.exit_code, other.exit_code) == (4, 0), about.text + other.text
    assert f"{GUIDE_PATH}:27: PG113 the path '../../etc/passwd' climbs out" in about.stderr
    assert "phasegate lint" in about.stderr
    assert "PASSED: phase 1" in other.stdout
    told = next(line for line in other.stdout.splitlines() if "PG113" in line)
    assert told.endswith(f"; of no phase of this run: phasegate lint {GUIDE_PATH}")


def test_a_baseline_that_cannot_be_read_is_a_usage_error(project: Project) -> None:
    planned(project).write(".phasegate/baseline.jsonl", "<<<<<<< HEAD\n")

    done = project.pytest("--phase", "1", *QUIET)

    assert done.exit_code == 4
    assert ".phasegate/baseline.jsonl:1: " in done.stderr


@pytest.mark.parametrize(
    "filters",
    [("-k", "test"), ("-m", "not slow"), ("tests/test_core.py",), ("--lf",), ("--deselect", "x"), ("--co",)],
)
@pytest.mark.sampled(2)
def test_a_filtered_run_is_not_evaluated_and_keeps_pytests_exit_status(
    filters: tuple[str, ...], project: Project
) -> None:
    planned(project, expiry="def test_other(): pass\n").write("pytest.ini", "[pytest]\nmarkers = slow\n")

    done = project.pytest("--phase", "2", *filters, "-q", "--no-phasegate-cov")

    assert done.exit_code == (5 if filters == ("tests/test_core.py",) else 0), done.text
    assert [line for line in done.stdout.splitlines() if line.startswith("not evaluated: the run was narrowed by")]
    assert "FAIL" not in done.stdout
    assert "PASSED" not in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("-o", "addopts=-k 'not unforeseen'"),
        ("-oaddopts=--ignore=tests/test_expiry.py",),
        ("--override-ini=python_functions=test_store",),
        ("--override-ini", "testpaths=tests"),
    ],
)
@pytest.mark.sampled(2)
def test_an_option_that_changes_what_is_collected_narrows(words: tuple[str, ...], project: Project) -> None:
    done = planned(project).pytest("--phase", "1", *words, *QUIET)

    assert "not evaluated: the run was narrowed by -o " in done.stdout, done.text
    assert done.exit_code == 0


def test_an_option_that_changes_something_else_does_not(project: Project) -> None:
    done = planned(project).pytest("--phase", "1", "-o", "console_output_style=classic", *QUIET)

    assert "PASSED: phase 1" in done.stdout, done.text


def test_a_run_that_stopped_early_is_not_evaluated(project: Project) -> None:
    planned(project, core="def test_a(): assert False\ndef test_b(): pass\n")

    done = project.pytest("--phase", "1", "-x", *QUIET)

    assert done.exit_code == 1
    assert "not evaluated: the run was narrowed by stopping after 1 failures" in done.stdout


def test_a_filter_that_the_project_gives_every_run_narrows_nothing(project: Project) -> None:
    planned(project).write("pytest.ini", "[pytest]\naddopts = -m 'not slow'\nmarkers = slow\n")

    assert "PASSED: phase 1" in project.pytest("--phase", "1", *QUIET).stdout


STANDING = "[pytest]\naddopts = -m 'not slow' --deselect tests/test_core.py::test_odd\nmarkers = slow\n"
SLOW = """
import pytest

class TestCache:
    def test_store(self): pass
    {mark}
    def test_find(self): pass

@pytest.mark.slow
def test_unforeseen(): assert False

def test_odd(): assert False
"""


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["", "xdist"])
@pytest.mark.sampled(2)
def test_what_such_a_filter_leaves_out_belongs_to_no_run(workers: tuple[str, ...], project: Project) -> None:
    planned(project, core=SLOW.format(mark="")).write("pytest.ini", STANDING)

    done = project.pytest("--phase", "1", *workers, *QUIET)

    assert done.exit_code == 0
    assert "PASSED: phase 1" in done.stdout, done.text


def test_a_filter_that_is_not_committed_leaves_no_test_of_the_phase_out(project: Project) -> None:
    planned(project, core=SLOW.format(mark="")).init_git().commit("feat: all of it")
    project.write("pytest.ini", STANDING)

    done = project.pytest("--phase", "1", *QUIET)

    assert done.exit_code == 1
    assert "2 tests of the phase were left out by filters that are not committed" in done.stdout, done.text
    assert "tests/test_core.py::test_odd was deselected by addopts" in done.stdout

    project.commit("build: slow tests have a lane of their own")
    assert "PASSED: phase 1" in project.pytest("--phase", "1", *QUIET).stdout


def test_a_declared_test_that_such_a_filter_leaves_out_is_missing(project: Project) -> None:
    planned(project, core=SLOW.format(mark="@pytest.mark.slow")).write("pytest.ini", STANDING)

    done = project.pytest("--phase", "1", *QUIET)

    assert done.exit_code == 1
    assert "did not run: tests/test_core.py::TestCache::test_find was deselected" in done.stdout, done.text


def test_what_others_leave_out_beside_such_a_filter_narrows(project: Project) -> None:
    planned(project, core=SLOW.format(mark="")).write("pytest.ini", STANDING)
    project.write("conftest.py", DESELECTING)

    done = project.pytest("--phase", "1", *QUIET)

    assert "not evaluated: the run was narrowed by 1 of the selected tests were left out" in done.stdout, done.text


DESELECTING = """
    def pytest_collection_modifyitems(config, items):
        gone = [item for item in items if item.name == "test_find"]
        items[:] = [item for item in items if item not in gone]
        config.hook.pytest_deselected(items=gone)
"""


def test_the_whole_of_testpaths_narrows_nothing(project: Project) -> None:
    planned(project).write("pytest.ini", "[pytest]\ntestpaths = tests\n")

    assert "PASSED: phase 1" in project.pytest("--phase", "1", "tests", *QUIET).stdout


def test_strict_refuses_unmapped_tests_before_any_test_runs(project: Project) -> None:
    done = planned(project).pytest("--phase", "1", "--phasegate-strict", *QUIET)

    assert done.exit_code == 4
    assert "PG418 tests/test_loose.py::test_loose belongs to no phase" in done.stderr
    assert "passed" not in done.stdout


@pytest.mark.parametrize("setting", ["strict = true", "strict_config = true", "strict_markers = true"])
@pytest.mark.sampled(3)
def test_how_strict_pytest_is_says_nothing_of_tests_without_a_phase(project: Project, setting: str) -> None:
    planned(project).write("pytest.ini", f"[pytest]\n{setting}\n")

    done = project.pytest("--phase", "1", *QUIET)

    assert done.exit_code == 0
    assert "PASSED: phase 1" in done.stdout


def test_the_key_strict_refuses_them_and_names_no_more_than_ten(project: Project) -> None:
    many = "".join(f"def test_loose_{number}(): pass\n" for number in range(40))
    planned(project).write("phasegate.toml", "strict = true\n").write("tests/test_loose.py", many)

    done = project.pytest("--phase", "1", *QUIET)

    assert done.exit_code == 4
    assert done.stderr.count("PG418") == 10
    assert "and 30 more: phasegate map lists them" in done.stderr


def test_junit_cases_carry_guide_and_phase(project: Project) -> None:
    planned(project).pytest("--phase", "1", "--junitxml", "out.xml", *QUIET)

    text = project.read("out.xml")
    assert text.count('<property name="phasegate.guide" value="cache"') == 3
    assert text.count('<property name="phasegate.phase" value="1"') == 3


def test_junit_cases_carry_their_phase_in_a_configured_project_whatever_is_run(project: Project) -> None:
    planned(project).write("phasegate.toml", "mode = 'report'\n").pytest("--junitxml", "out.xml", *QUIET)

    text = project.read("out.xml")
    assert text.count('<property name="phasegate.phase"') == 5
    assert text.count("<testcase ") == 6


def test_a_plain_junit_run_is_as_it_was(project: Project) -> None:
    planned(project).pytest("--junitxml", "out.xml", *QUIET)

    assert "phasegate" not in project.read("out.xml")


SUITE_THRESHOLDS = {
    "in addopts": ("[pytest]\naddopts = --cov=src --cov-fail-under=90\n", "", (), 0),
    "in coverage's settings": ("[pytest]\naddopts = --cov=src\n", "[report]\nfail_under = 90\n", (), 0),
    "none": ("[pytest]\naddopts = --cov=src\n", "", (), 0),
    "typed for this run": ("[pytest]\naddopts = --cov=src\n", "", ("--cov-fail-under=90",), 1),
}


@pytest.mark.parametrize("how", SUITE_THRESHOLDS)
@pytest.mark.sampled(2)
def test_a_threshold_of_the_suite_is_not_asked_of_a_phase(how: str, project: Project) -> None:
    ini, settings, options, status = SUITE_THRESHOLDS[how]
    planned(project).write("pytest.ini", ini).write(".coveragerc", settings).write("src/app.py", "x = 1\n")

    done = project.pytest("--phase", "1", "-q", "-p", "pytest_cov", *options)

    assert "PASSED: phase 1" in done.stdout, done.text
    assert done.exit_code == status, done.text
    assert ("the suite's threshold (--cov-fail-under 90) was set aside" in done.stdout) is ("in " in how)
