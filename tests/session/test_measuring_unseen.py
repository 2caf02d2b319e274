"""Whoever measures beside us gets the reports they would get without us."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

from support.measured import PYTEST, spied, write_project

if TYPE_CHECKING:
    from pathlib import Path

    from support.project import Project

RUN = (*PYTEST, "--cov=src")
REPORTS = (
    "--cov-report=term-missing",
    "--cov-report=json",
    "--cov-report=xml",
    "--cov-report=html",
    "--cov-report=lcov",
)
MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?(\.\d+)?( [+-]\d{4})?|timestamp=\"\d+\"|in \d+\.\d\ds|\"globals\": \"\w+\""
)
SEED = {"PYTHONHASHSEED": "0"}  # the JSON report lists contexts in the order of a set
CONTEXTS = "[run]\nbranch = {branch}\n[html]\nshow_contexts = true\n[json]\nshow_contexts = true\n"


def reports(project: Project) -> dict[str, str]:
    """Every report that was written, times aside; they are removed."""
    written: list[Path] = [project.root / name for name in ("coverage.json", "coverage.xml", "coverage.lcov")]
    written += sorted((project.root / "htmlcov").glob("*.*"))
    found = {file.name: MOMENT.sub("", file.read_text(encoding="utf-8")) for file in written if file.suffix != ".png"}
    for file in written:
        file.unlink()
    return found


@pytest.mark.parametrize("branch", ["false", "true"])
@pytest.mark.parametrize("options", [(), ("--cov-context=test",), ("-n", "2")], ids=["plain", "contexts", "xdist"])
@pytest.mark.sampled(6)
def test_reports_of_pytest_cov_are_the_same_with_us_and_without(
    project: Project, options: tuple[str, ...], branch: str
) -> None:
    write_project(project).write(".coveragerc", CONTEXTS.format(branch=branch))
    without = project.python(*RUN, *REPORTS, *options, "-p", "no:phasegate", "-W", "ignore", env=SEED)
    expected = reports(project)

    told = spied(project, *RUN, *REPORTS, *options, "--phasegate-cov", env=SEED)

    assert without.exit_code == 0, without.text
    assert "class_index.html" in expected
    assert told["measured"]["phases"]["g.md#1"]
    assert reports(project) == expected


GUIDE = """# App Implementation Guide

## Phase 1: First
**Files to create**:
- `src/app/first.py`
**Success criteria**:
- [ ] Coverage: 100%

## Phase 2: Second
**Files to create**:
- `src/app/second.py`

## Phase 3: Third
**Files to create**:
- `src/app/lazy.py`
"""
SECTION = re.compile(r"^=+ phase gates =+\n(?:(?!=).*\n)*", re.MULTILINE)
HEADER = re.compile(r"^phasegate: .*\n", re.MULTILINE)
VERBOSE = tuple(word for word in PYTEST if word != "-q")


@pytest.mark.parametrize("branch", ["false", "true"])
@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["plain", "xdist"])
@pytest.mark.sampled(4)
def test_the_terminal_shows_the_same_but_for_our_header_and_our_section(
    project: Project, options: tuple[str, ...], branch: str
) -> None:
    write_project(project, configuration="guides = ['app_implementation_guide.md']\nmode = 'report'\n")
    project.write("app_implementation_guide.md", GUIDE).write(".coveragerc", CONTEXTS.format(branch=branch))
    argv = (*VERBOSE, "--cov=src", "--cov-report=term-missing:skip-covered", "--cov-fail-under=50", *options)

    without = project.python(*argv, "-p", "no:phasegate", "-W", "ignore")
    beside = project.python(*argv, "--phase", "all", "-W", "ignore")

    assert without.exit_code == beside.exit_code == 0, beside.text
    assert "Required test coverage of 50% reached" in without.stdout
    assert [len(part.findall(beside.stdout)) for part in (HEADER, SECTION)] == [1, 1], beside.text
    assert "FAIL phase 1" in beside.stdout
    assert shown(beside.stdout) == shown(without.stdout)


def shown(terminal: str) -> str:
    """What is shown by others.

    Times, the last line's rules, our name in pytest's list of plugins, and the dots aside: tests run phase by phase.
    """
    terminal = re.sub(r"^tests/\S+ \.+ .*\n", "", terminal, flags=re.MULTILINE)
    terminal = re.sub(r"phasegate-[^,\n]+, |, phasegate-[^,\n]+", "", terminal)
    others = MOMENT.sub("", SECTION.sub("", HEADER.sub("", terminal)))
    return re.sub(r"=+ (.* passed .*?)=+$", r"\1", others, flags=re.MULTILINE)


def test_the_data_file_of_coverage_run_holds_no_context_of_ours(project: Project) -> None:
    write_project(project)

    spied(project, "-m", "coverage", "run", "--source=src", "-m", "pytest", "-q", "--phasegate-cov")

    listed = project.run(
        sys.executable, "-c", "import coverage; d = coverage.CoverageData(); d.read(); print(d.measured_contexts())"
    )
    assert listed.stdout == "{''}\n"


def test_our_own_measurement_writes_no_file_and_says_nothing(project: Project) -> None:
    write_project(project).write(
        ".coveragerc", "[run]\nparallel = true\nconcurrency = multiprocessing, thread\nsigterm = true\nbranch = true\n"
    )
    told = spied(project, "-W", "error", *RUN[:-1], "--phasegate-cov")

    assert told["measured"]["branches"] is True
    assert [path.name for path in project.root.rglob(".coverage*")] == [".coveragerc"]


def test_without_being_asked_nothing_is_measured(project: Project) -> None:
    write_project(project)

    run = project.pytest("-q", "-p", "no:cacheprovider", "-W", "error", env={"PYTHONVERBOSE": "1"})

    assert run.exit_code == 0
    assert "import 'coverage" not in run.stderr


LOOKS = """
    import importlib.machinery
    import sys
    import traceback

    import pytest

    def test_specs_are_what_they_were():
        from app import first, shared
        assert {type(first.__spec__), type(shared.__spec__)} == {importlib.machinery.ModuleSpec}

    def test_a_warning_on_import_is_put_down_to_whoever_imports():
        with pytest.warns(UserWarning) as caught:
            import app.warns
        assert caught[0].filename == __file__

    def test_a_failed_import_shows_no_frame_of_ours():
        with pytest.raises(ZeroDivisionError) as caught:
            import app.broken
        frames = traceback.extract_tb(caught.tb)
        assert [frame.filename for frame in frames if "phasegate" in frame.filename] == []
        assert "app.broken" not in sys.modules
    """


def test_imports_look_to_the_tests_as_they_would_without_us(project: Project) -> None:
    write_project(project)
    project.write("src/app/warns.py", "import warnings\nwarnings.warn('old', UserWarning, stacklevel=2)\n")
    project.write("src/app/broken.py", "1 / 0\n").write("tests/test_looks.py", LOOKS)

    assert spied(project, *RUN[:-1], "--phasegate-cov")["measured"]
