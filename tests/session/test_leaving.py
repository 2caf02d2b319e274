"""Whoever ends the run, or turns its exit status: without a verdict that passes it does not end with success."""

from __future__ import annotations

import sys
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from support.plan import GUIDE, planned

if TYPE_CHECKING:
    from support.project import Project

QUIET = ("-q", "-p", "no:cacheprovider", "--no-phasegate-cov")
FAILING = "def test_expires(): assert False\n"
PASSING = "def test_expires(): pass\n"
UNJUDGED = {
    "leaves at import": "import sys\nsys.exit(0)",
    "leaves without a word": "raise SystemExit",
    "leaves by a code that is 0 to the shell": "raise SystemExit(256)",
    "ends the process at import": "import os\nos._exit(0)",
    "becomes another program at import": "import os\nos.execv('/bin/true', ['true'])",
    "becomes another program by name": "import os\ndef pytest_runtest_setup(): os.execlp('true', 'true')",
    "is over while configuring": "import pytest\ndef pytest_configure(): pytest.exit('enough', returncode=0)",
    "is over at the start": "import pytest\ndef pytest_sessionstart(): pytest.exit('enough', returncode=0)",
    "runs nothing": "def pytest_cmdline_main(config): return 0",
}
REFUSED = {
    "says so in the end": "def pytest_sessionfinish(session): session.exitstatus = 0",
    "says so last of all": """
import pytest
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session):
    yield
    session.exitstatus = 0
""",
    "says so when all is over": """
def pytest_sessionstart(session): session.config.one = session
def pytest_unconfigure(config): config.one.exitstatus = 0
""",
    "says so around everything": """
import pytest
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_cmdline_main():
    yield
    return 0
""",
    "answers nothing": """
import pytest
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_cmdline_main():
    yield
    return None
""",
    "leaves in the end": "import sys\ndef pytest_sessionfinish(): sys.exit(0)",
    "leaves when all is over": "import sys\ndef pytest_unconfigure(): sys.exit(0)",
    "is over in the end": "import pytest\ndef pytest_sessionfinish(): pytest.exit('enough', returncode=0)",
    "ends the process when Python does": "import atexit, os\natexit.register(lambda: os._exit(0))",
}


def conftest(text: str, project: Project, expiry: str = FAILING) -> Project:
    return planned(project, expiry=expiry).write("conftest.py", text)


@pytest.mark.parametrize("text", UNJUDGED.values(), ids=UNJUDGED.keys())
@pytest.mark.sampled(2)
def test_a_run_that_ended_unjudged_is_no_success(text: str, project: Project) -> None:
    done = conftest(text, project, PASSING).pytest("--phase", "2", *QUIET)

    assert done.exit_code == 1, done.text
    assert done.text.count("the run ended unjudged, and does not pass") == 1


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
@pytest.mark.sampled(2)
def test_a_refusal_is_not_turned_into_a_success(text: str, project: Project) -> None:
    done = conftest(text, project).pytest("--phase", "2", *QUIET)

    assert done.exit_code == 1, done.text
    assert done.text.count("the run was refused, and does not pass") == 1


@pytest.mark.parametrize(
    "ending", ["says so around everything", "leaves in the end", "ends the process when Python does"]
)
@pytest.mark.sampled(3)
def test_who_ends_a_run_that_passed_may_do_so(ending: str, project: Project) -> None:
    done = conftest(REFUSED[ending], project, PASSING).pytest("--phase", "2", *QUIET)

    assert done.exit_code == 0, done.text
    assert "does not pass" not in done.text


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        (UNJUDGED["leaves at import"], "report"),
        (UNJUDGED["leaves at import"], "off"),
        (UNJUDGED["becomes another program by name"], "report"),
        (REFUSED["says so in the end"], "report"),
    ],
)
@pytest.mark.sampled(2)
def test_who_only_reports_leaves_every_end_alone(text: str, mode: str, project: Project) -> None:
    done = conftest(text, project).pytest("--phase", "2", "--phasegate", mode, *QUIET)

    assert done.exit_code == 0, done.text
    assert "does not pass" not in done.text


def test_the_configured_mode_holds_before_the_configuration_is_read_for_good(project: Project) -> None:
    conftest(UNJUDGED["leaves at import"], project).write("phasegate.toml", 'mode = "report"\n')

    assert project.pytest("--phase", "2", *QUIET).exit_code == 0


@pytest.mark.parametrize("word", ["--co", "--help", "--version", "--fixtures", "--fixtures-per-test", "--markers"])
@pytest.mark.sampled(3)
def test_what_only_shows_something_keeps_its_status(word: str, project: Project) -> None:
    planned(project, expiry=FAILING)

    done = project.pytest("--phase", "2", word, *QUIET)

    assert done.exit_code == 0, done.text
    assert "does not pass" not in done.text


@pytest.mark.parametrize("ending", ["says so around everything", "leaves in the end", "is over in the end"])
@pytest.mark.sampled(3)
def test_under_xdist_a_refusal_stands_too(ending: str, project: Project) -> None:
    done = conftest(REFUSED[ending], project).pytest("--phase", "2", "-n", "1", *QUIET)

    assert done.exit_code == 1, done.text


def test_a_run_that_starts_itself_once_more_is_judged_there(project: Project) -> None:
    again = """
        import os, sys
        if os.environ.get("PYTHONHASHSEED") != "7":
            os.environ["PYTHONHASHSEED"] = "7"
            os.execv(sys.executable, [sys.executable, "-m", "pytest", *sys.argv[1:]])
    """
    planned(project, expiry=PASSING).write("conftest.py", again)
    passed = project.pytest("--phase", "2", "-s", *QUIET)
    project.write("tests/test_expiry.py", FAILING)
    failed = project.pytest("--phase", "2", "-s", *QUIET)

    assert (passed.exit_code, failed.exit_code) == (0, 1), passed.text + failed.text
    assert "PASSED: phase 2" in passed.stdout
    assert "FAIL phase 2" in failed.stdout


def test_what_was_expected_may_end_as_it_likes(project: Project) -> None:
    conftest("import os\ndef pytest_unconfigure(): os._exit(0)", project)

    assert project.pytest("--phase", "2", "--phasegate-expect", "red", *QUIET).exit_code == 0
    assert project.pytest("--phase", "2", "--phasegate-expect", "green", *QUIET).exit_code == 1


HOST = """
import atexit, os, sys
import pytest

before = os._exit, os.execv, os.execve
print("answered", int(pytest.main(sys.argv[1:])))
assert (os._exit, os.execv, os.execve) == before
print("went on")
os._exit(0)
"""


@pytest.mark.parametrize("text", ["", REFUSED["says so around everything"], UNJUDGED["runs nothing"]])
@pytest.mark.sampled(2)
def test_a_program_that_calls_pytest_gets_the_refusal_and_ends_as_it_likes(text: str, project: Project) -> None:
    conftest(text, project).write("host.py", HOST)

    done = project.run(sys.executable, "-u", "host.py", "--phase", "2", *QUIET)

    assert done.exit_code == 0, done.text
    assert "answered 1" in done.stdout
    assert done.stdout.endswith("went on\n")


NESTED = """
import os

pytest_plugins = ["pytester"]

def test_expires(pytester):
    before = os._exit
    pytester.makeconftest("def pytest_cmdline_main(config): return 0")
    pytester.path.joinpath("guide.md").write_text({guide!r})
    done = pytester.runpytest_inprocess("--phase", "2", "--phasegate-guide", "guide.md", "--no-phasegate-cov")
    assert done.ret == 1
    assert os._exit == before
"""


def test_a_run_inside_a_run_disturbs_neither(project: Project) -> None:
    planned(project, expiry=NESTED.format(guide=dedent(GUIDE))).write("conftest.py", "pytest_plugins = ['pytester']")

    done = project.pytest("--phase", "2", *QUIET)

    assert done.exit_code == 0, done.text
