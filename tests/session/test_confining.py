"""A run of a phase collects what can hold a test of it, and judges nothing that it did not look at."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from support.project import Project

GUIDE = """
    # App Implementation Guide

    ### Phase 1: One
    **Tests to write** (in `tests/test_one.py`):
    - `test_one`

    ### Phase 2: Two
    **Tests to write** (in `tests/test_two.py`):
    - `test_two`
    """
QUIET = ("-q", "--no-phasegate-cov", "--phasegate-report", "json:r.json")
LINE = '{{"test": "tests/test_{0}.py::test_{0}", "phase": "{1}", "cases": 1, "digest": ""}}\n'


def phases(project: Project) -> Project:
    project.write("docs/plans/app_implementation_guide.md", GUIDE).write("phasegate.toml", "mode = 'enforce'\n")
    for name in ("one", "two", "loose"):
        imported = f"import pathlib\npathlib.Path('{name}').touch()\n"
        project.write(f"tests/test_{name}.py", f"{imported}def test_{name}(): pass\n")
    return project.write(".phasegate/baseline.jsonl", LINE.format("one", 1) + LINE.format("two", 2))


def verdict(project: Project, gate: str) -> str:
    (phase,) = json.loads(project.read("r.json"))["phases"]
    return next(str(one["verdict"]) for one in phase["gates"] if one["gate"] == gate)


def imported(project: Project) -> set[str]:
    return {name for name in ("one", "two", "loose") if (project.root / name).exists()}


def test_files_that_hold_nothing_of_the_phase_are_not_imported_and_one_line_says_so(project: Project) -> None:
    done = phases(project).pytest("--phase", "1", *QUIET)

    assert done.exit_code == 0, done.text
    assert imported(project) == {"one"}
    assert "2 test files were not collected: nothing of the selected phases is in them" in done.stdout
    assert (verdict(project, "tests"), verdict(project, "regression")) == ("passed", "not-evaluated")


EVERYTHING = {
    "the accepted tests are asked for": (("--phasegate-regression",), "", ""),
    "an accepted test is gone": ((), "tests/test_two.py", "def test_other(): pass\n"),
    "a conftest gives tests their phase": ((), "tests/conftest.py", "import pytest\nMARK = pytest.mark.phase\n"),
}


@pytest.mark.parametrize("why", EVERYTHING)
@pytest.mark.sampled(2)
def test_everything_is_collected_where_text_cannot_tell(why: str, project: Project) -> None:
    options, path, text = EVERYTHING[why]
    phases(project)
    if path:
        project.write(path, text)

    done = project.pytest("--phase", "1", *options, *QUIET)

    assert "loose" in imported(project)
    assert verdict(project, "regression") == ("failed" if "gone" in why else "passed" if options else "not-evaluated")
    assert done.exit_code == (1 if "gone" in why else 0), done.text


@pytest.mark.parametrize(
    ("named", "judged"),
    [
        (("tests/test_one.py",), True),
        (("tests/test_one.py", "tests/test_loose.py"), True),
        (("tests/test_loose.py",), False),
        (("tests/test_one.py::test_one",), False),
        (("tests/test_one.py", "-k", "one"), False),
    ],
)
@pytest.mark.sampled(2)
def test_a_run_of_all_files_of_the_phase_by_name_is_complete_for_it(
    named: tuple[str, ...], judged: bool, project: Project
) -> None:
    done = phases(project).pytest("--phase", "1", *named, *QUIET)

    assert ("PASSED: phase 1" in done.stdout) is judged, done.text
    assert ("the run was narrowed by" in done.stdout) is not judged
