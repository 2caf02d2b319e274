"""What disturbs a measurement is noticed, and makes no figure that could pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.measured import RUN, spied, write_project

if TYPE_CHECKING:
    from support.project import Project

UNTRACE = "import sys\n\n\ndef test_untrace():\n    sys.settrace(None)\n"
OTHER_TRACE = "import sys\n\n\ndef test_other():\n    sys.settrace(lambda *event: None)\n"
PUTS_BACK = (
    "import sys\n\n\ndef test_back():\n    trace = sys.gettrace()\n    sys.settrace(None)\n    sys.settrace(trace)\n"
)
SECOND_COVERAGE = """
    import coverage

    KEPT = coverage.Coverage(data_file=None)

    def test_second():
        KEPT.start()
    """
KILLS = """
    import os, pytest

    @pytest.mark.phase("3")
    def test_kill():
        os._exit(1)
    """


BY_TRACING = {"COVERAGE_CORE": "ctrace"}
"""Since Python 3.12 lines are measured by what no test takes away."""


@pytest.fixture
def measured(project: Project) -> Project:
    return write_project(project)


@pytest.mark.parametrize("text", [UNTRACE, OTHER_TRACE])
@pytest.mark.sampled(2)
def test_a_trace_function_taken_away_is_told_for_every_phase_that_ran_from_then_on(
    measured: Project, text: str
) -> None:
    of_a_phase = text.replace("\n\n\ndef", "\nimport pytest\n\n\n@pytest.mark.phase('1')\ndef")
    measured.write("tests/test_first_x.py", of_a_phase)

    told = spied(measured, *RUN, env=BY_TRACING, exit_code=0)

    troubles = told["measured"]["troubles"]
    assert {"g.md#1", "g.md#2", "g.md#3"} <= set(troubles)
    assert "sys.settrace" in troubles["g.md#2"]
    assert "test_first_x.py" in troubles["g.md#1"]


@pytest.mark.parametrize("text", [UNTRACE, OTHER_TRACE])
@pytest.mark.sampled(2)
def test_a_trace_function_taken_away_by_a_test_of_no_phase_is_set_again(measured: Project, text: str) -> None:
    measured.write("tests/test_first_x.py", text)

    assert spied(measured, *RUN, env=BY_TRACING)["measured"]["troubles"] == {}


def test_a_trace_function_that_a_test_puts_back_disturbs_nothing(measured: Project) -> None:
    measured.write("tests/test_a.py", PUTS_BACK)

    assert spied(measured, *RUN)["measured"]["troubles"] == {}


def test_a_second_measurement_is_told(measured: Project) -> None:
    measured.write("tests/test_second_x.py", SECOND_COVERAGE)

    told = spied(measured, *RUN)

    assert "another coverage measurement" in told["measured"]["troubles"]["g.md#3"]


@pytest.mark.parametrize("options", [(), ("--cov=src", "--cov-report=")])
@pytest.mark.sampled(2)
def test_a_worker_that_dies_takes_its_share_along_and_that_is_told(measured: Project, options: tuple[str, ...]) -> None:
    measured.write("tests/test_zz.py", KILLS)

    told = spied(measured, *RUN, "-n", "2", *options, exit_code=1)

    assert len(told["lost"]) == 1


def test_a_debugger_keeps_its_trace_function(measured: Project) -> None:
    measured.write("sitecustomize.py", "import sys\nsys.settrace(lambda *event: None)\n")

    told = spied(measured, *RUN, env={"PYTHONPATH": str(measured.root)})

    assert told["measured"] is None
    assert "another tool" in told["reason"]


def test_broken_settings_of_coverage_are_the_reason(measured: Project) -> None:
    measured.write(".coveragerc", "[run]\nconcurrency = nonsense\n")

    told = spied(measured, *RUN)

    assert told["measured"] is None
    assert "coverage.py refuses its settings" in told["reason"]


def test_a_run_inside_a_run_leaves_the_outer_account_whole(measured: Project) -> None:
    measured.write(
        "tests/test_inner.py",
        """
        import pytest

        pytest_plugins = ["pytester"]

        @pytest.mark.phase("1")
        def test_inner(pytester):
            pytester.makepyfile(test_within="def test_nothing(): pass")
            assert pytester.inline_run("--phasegate-cov", "-p", "no:randomly").ret == 0
            from app.never import never
            assert never() == 1
        """,
    )

    told = spied(measured, *RUN)

    assert told["measured"]["phases"]["g.md#1"]["src/app/never.py"] == [1, 2]
    assert told["measured"]["troubles"] == {}


GUIDE = """
    # App Implementation Guide

    ### Phase 1: Add
    **Files to create**:
    - `src/app/add.py`
    **Tests to write** (in `tests/test_add.py`):
    - `test_add`
    **Success criteria**:
    - [ ] Coverage: 100%
    """


def adding(project: Project, toml: str = "") -> Project:
    project.write("docs/plans/app_implementation_guide.md", GUIDE)
    project.write("src/app/__init__.py", "").write("src/app/add.py", "def add(a, b):\n    return a + b\n")
    project.write("tests/test_add.py", "from app.add import add\n\ndef test_add(): assert add(1, 2) == 3\n")
    return project.write("pyproject.toml", f'[tool.phasegate]\nsource = ["src"]\n{toml}')


PLACES = {
    "the tree": ("src", (), "", "coverage   passed        100.00 % of 2 lines"),
    "the tree, by a plugin of the command line": (
        "src",
        ("-p", "app.add"),
        "",
        "coverage   inconclusive  1 line may have run before measuring began",
    ),
    "an installed copy": ("lib", (), "", "the tests imported lib/app/add.py in its place"),
    "the tree, with a plugin of coverage that is not there": (
        "src",
        (),
        '[tool.coverage.run]\nplugins = ["nowhere"]\n',
        "coverage   inconclusive  coverage.py cannot begin: ",
    ),
}


@pytest.mark.parametrize("how", PLACES)
@pytest.mark.sampled(2)
def test_what_is_known_of_a_file_depends_on_where_and_when_it_was_imported(how: str, project: Project) -> None:
    place, options, toml, told = PLACES[how]
    adding(project, toml).write("lib/app/__init__.py", "").write("lib/app/add.py", project.read("src/app/add.py"))

    done = project.pytest("-q", "--phase", "1", *options, env={"PYTHONPATH": place})

    assert told in done.stdout, done.text
    assert "Traceback" not in done.text
    assert done.exit_code == (0 if "passed" in told else 1)
