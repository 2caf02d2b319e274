from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from support.plan import planned

if TYPE_CHECKING:
    from support.project import Project

QUIET = ("-q", "-p", "no:cacheprovider", "--no-phasegate-cov", "--phasegate-report", "json:r.json")


def gate(project: Project, phase: str = "2", name: str = "tests") -> tuple[str, str]:
    report = json.loads(project.read("r.json"))
    (found,) = [one for one in report["phases"] if one["id"] == phase]
    (verdict,) = [one for one in found["gates"] if one["gate"] == name]
    return verdict["verdict"], verdict["reason"]


def test_a_session_that_a_test_ended_with_success_is_no_pass(project: Project) -> None:
    planned(project, expiry="import pytest\ndef test_expires(): pytest.exit('enough', returncode=0)\n")

    done = project.pytest("--phase", "2", *QUIET)

    assert done.exit_code == 1
    verdict, reason = gate(project)
    assert verdict == "inconclusive"
    assert "1 collected test was never reported: tests/test_expiry.py::test_expires" in reason


def test_a_process_that_a_test_ended_with_success_is_no_pass(project: Project) -> None:
    planned(project, expiry="import os\ndef test_expires(): os._exit(0)\n")

    done = project.pytest("--phase", "2", *QUIET)

    assert done.exit_code == 1
    assert "os._exit(0) was called in tests/test_expiry.py::test_expires (call)" in done.stdout
    assert not (project.root / "r.json").exists()


@pytest.mark.parametrize(
    "ending",
    [
        "import os\nos._exit(0)\ndef test_expires(): pass\n",
        "import os\ndef test_expires(): os._exit(256)\n",
    ],
    ids=["at import", "by a code that is 0 to the shell"],
)
def test_wherever_the_process_is_ended_the_run_does_not_pass(project: Project, ending: str) -> None:
    planned(project, expiry=ending)

    assert project.pytest("--phase", "2", "--phasegate-expect", "red", *QUIET).exit_code == 1


FORKING = """
import os

def test_expires():
    child = os.fork()
    if child == 0:
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
"""


def test_a_child_of_a_test_ends_as_it_likes(project: Project) -> None:
    planned(project, expiry=FORKING)

    done = project.pytest("--phase", "2", *QUIET)

    assert done.exit_code == 0, done.text
    assert gate(project)[0] == "passed"


@pytest.mark.parametrize("mode", ["report", "off"])
def test_who_only_reports_leaves_the_exit_status_alone(project: Project, mode: str) -> None:
    planned(project, expiry="import os\ndef test_expires(): os._exit(0)\n")

    assert project.pytest("--phase", "2", "--phasegate", mode, *QUIET).exit_code == 0


def test_a_failure_that_ends_the_process_itself_keeps_its_code(project: Project) -> None:
    planned(project, expiry="import os\ndef test_expires(): os._exit(7)\n")

    done = project.pytest("--phase", "2", *QUIET)

    assert done.exit_code == 7
    assert "os._exit(7) was called in tests/test_expiry.py::test_expires (call)" in done.stdout


def test_a_plugin_that_ends_the_process_after_the_verdict_cannot_turn_it(project: Project) -> None:
    planned(project, expiry="def test_expires(): assert False\n")
    project.write("conftest.py", "import os\ndef pytest_sessionfinish(): os._exit(0)\n")

    assert project.pytest("--phase", "2", *QUIET).exit_code == 1
    project.write("tests/test_expiry.py", "def test_expires(): pass\n")
    assert project.pytest("--phase", "2", *QUIET).exit_code == 0


SUBTESTS = """
import unittest

class TestAges(unittest.TestCase):
    def test_expires(self):
        for age in (1, 2):
            with self.subTest(age=age):
                self.assertEqual(age, 1)
"""


def test_a_failed_subtest_is_a_failure_whatever_is_reported_after_it(project: Project) -> None:
    planned(project, expiry=SUBTESTS)

    assert project.pytest("--phase", "2", *QUIET).exit_code == 1
    assert gate(project)[0] == "failed"


RERUN = """
import pytest

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    from _pytest.runner import runtestprotocol
    first = runtestprotocol(item, nextitem=nextitem, log=False)
    for report in first:
        if report.when == "call" and report.failed:
            report.outcome = "rerun"
            item.ihook.pytest_runtest_logreport(report=report)
            item._initrequest()
            first = runtestprotocol(item, nextitem=nextitem, log=False)
            break
    for report in first:
        item.ihook.pytest_runtest_logreport(report=report)
    return True

def pytest_report_teststatus(report):
    if report.outcome == "rerun":
        return "rerun", "R", "RERUN"
"""


def test_green_only_after_a_rerun_is_flaky_and_no_pass(project: Project) -> None:
    planned(project, expiry="tries = []\ndef test_expires():\n    tries.append(1)\n    assert len(tries) > 1\n")
    project.write("conftest.py", RERUN)

    assert project.pytest("--phase", "2", *QUIET).exit_code == 1
    assert gate(project)[0] == "inconclusive"


TURNED = {
    "while it is made": """
        import pytest

        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_makereport():
            report = yield
            report.outcome = "passed"
            return report
        """,
    "before we see it": """
        import pytest

        @pytest.hookimpl(wrapper=True, tryfirst=True)
        def pytest_runtest_logreport(report):
            report.outcome = "passed"
            return (yield)
        """,
}


@pytest.mark.parametrize("conftest", TURNED.values(), ids=TURNED.keys())
@pytest.mark.parametrize(
    ("raising", "workers"),
    [
        ("def test_expires(): assert False\n", ()),
        ("import pytest\n@pytest.fixture\ndef f():\n    yield\n    1 / 0\ndef test_expires(f): pass\n", ()),
        ("def test_expires(): assert False\n", ("-n", "1")),
    ],
    ids=["call", "tear-down", "xdist"],
)
@pytest.mark.sampled(3)
def test_a_failure_that_somebody_reports_as_passed_is_no_pass(
    raising: str, workers: tuple[str, ...], conftest: str, project: Project
) -> None:
    planned(project, expiry=raising).write("conftest.py", conftest)

    assert project.pytest("--phase", "2", *workers, *QUIET).exit_code == 1
    assert gate(project)[0] == "inconclusive"


def test_a_failure_that_somebody_reports_as_expected_is_none(project: Project) -> None:
    conftest = (
        TURNED["while it is made"].replace("passed", "skipped").replace("outcome =", "wasxfail = report.outcome =")
    )
    planned(
        project,
        core="class TestCache:\n    def test_store(self): pass\n    def test_find(self): pass\n"
        "def test_odd(): assert False\n",
    ).write("conftest.py", conftest.replace("report.was", "if report.failed: report.was"))

    assert project.pytest("--phase", "1", *QUIET).exit_code == 0


def test_every_outcome_survives_the_workers_of_xdist(project: Project) -> None:
    planned(project)

    done = project.pytest("--phase", "all", "-n", "2", *QUIET)

    assert done.exit_code == 0, done.text
    assert gate(project, "1") == ("passed", "3 tests passed, among them every declared one (2)")
    assert gate(project, "2") == ("passed", "1 test (2 cases) passed, among them every declared one (1)")


def test_a_worker_that_a_test_took_down_failed_that_test_and_leaves_the_rest_in_doubt(project: Project) -> None:
    planned(project, expiry="import os\ndef test_expires(): os._exit(1)\n")

    done = project.pytest("--phase", "all", "-n", "2", *QUIET)

    assert done.exit_code == 1
    assert gate(project, "2")[0] == "failed"
    verdict, reason = gate(project, "1")
    assert verdict == "inconclusive"
    assert "crashed" in reason


def test_strict_is_an_error_under_xdist_too(project: Project) -> None:
    planned(project)

    assert project.pytest("--phase", "1", "-n", "1", "--phasegate-strict", *QUIET).exit_code not in {0, 5}


def test_xdists_groups_do_not_hide_a_test(project: Project) -> None:
    planned(project, expiry="import pytest\n@pytest.mark.xdist_group('g')\ndef test_expires(): pass\n")

    assert project.pytest("--phase", "2", "-n", "1", "--dist", "loadgroup", *QUIET).exit_code == 0
    assert gate(project)[0] == "passed"


def test_a_part_of_a_split_suite_is_not_evaluated(project: Project) -> None:
    planned(project)

    done = project.pytest("--phase", "1", "--splits", "2", "--group", "1", *QUIET)

    assert done.exit_code == 0, done.text
    assert "not evaluated: the run was narrowed by --splits" in done.stdout


def test_a_shuffled_run_is_judged_and_stays_shuffled(project: Project) -> None:
    planned(project)

    done = project.run("python", "-m", "pytest", "-p", "randomly", "-p", "randomly", "--phase", "all", *QUIET)

    assert done.exit_code == 0, done.text
    assert "PASSED: phases 1, 2; not-evaluated: phase 3" in done.stdout


def test_a_file_that_cannot_be_collected_is_no_pass(project: Project) -> None:
    planned(project).write("tests/test_broken.py", "import nowhere, pytest\npytestmark = pytest.mark.phase('1')\n")

    stopped = project.pytest("--phase", "1", *QUIET)
    assert stopped.exit_code == 2
    went_on = project.pytest("--phase", "1", "--continue-on-collection-errors", *QUIET)

    assert went_on.exit_code == 1
    said = "tests/test_broken.py could not be collected: ModuleNotFoundError: No module named 'nowhere'"
    assert gate(project, "1") == ("inconclusive", said)


def test_a_suite_of_another_runner_is_told_and_no_suite_that_passed(project: Project) -> None:
    planned(project).write("tests/old_case.py", "class OldCase:\n    def test_old(self): pass\n")
    mixed = project.pytest("--phase", "3", "--phasegate-suite", *QUIET)
    for path in ("core", "expiry", "loose"):
        project.remove(f"tests/test_{path}.py")

    project.pytest("--phase", "3", "--phasegate-suite", *QUIET)
    report = json.loads(project.read("r.json"))

    assert "pytest collects none" not in mixed.text
    assert report["suite"]["incomplete"].startswith("pytest collects none of the tests in tests/old_case.py: ")
    assert report["notes"] == [report["suite"]["incomplete"]]


def test_a_syntax_error_in_code_is_told_where_it_stands(project: Project) -> None:
    planned(project, expiry="import app.broken\ndef test_expires(): pass\n").write("app/__init__.py", "")
    project.write("app/broken.py", "x = 1\ndef f(:\n")

    done = project.pytest("--phase", "2", *QUIET)

    assert "tests/test_expiry.py PG420 could not be imported: app/broken.py:2: SyntaxError: " in done.stdout


@pytest.mark.parametrize("name", ["::error::x", "\x1b[31mred", "\u202egpj", "a\x00b"])
@pytest.mark.sampled(2)
def test_hostile_ids_reach_neither_terminal_nor_junit(name: str, project: Project) -> None:
    planned(
        project,
        expiry=f"import pytest\n@pytest.mark.parametrize('x', [1], ids=[{name!r}])\ndef test_expires(x): assert 0\n",
    )

    done = project.pytest("--phase", "2", "--junitxml", "out.xml", *QUIET, "--color=no")

    import xml.etree.ElementTree as ET

    section = done.stdout.partition("= phase gates =")[2]
    assert done.exit_code == 1
    assert not [line for line in section.splitlines() if line.lstrip().startswith("::")]
    assert "\x1b" not in section
    assert ET.parse(project.root / "out.xml") is not None
