"""What coverage excludes is held against what it excluded before the phase."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from support.project import Project

GUIDE = """
    # App Implementation Guide

    ### Phase 1: Core
    **Files to modify**:
    - `src/app/core.py`
    **Tests to write** (in `tests/test_core.py`):
    - `test_core`
    **Success criteria**:
    - [ ] Coverage: 100%
    """
BEFORE = "def old():  # pragma: no cover\n    return 1\n"
PHASEGATE = '[tool.phasegate]\nsource = ["src"]\n'
WAIVER = (
    "[[tool.phasegate.red_green.waivers]]\nmatch = 'src/app/core.py'\nreason = 'no such system here'\n"
    "expires = '2999-12-31'\n"
)
ALSO = '[tool.coverage.report]\nexclude_also = ["return 0"]\n'
PLAIN, MARKED = "return 0", "return 0  # pragma: no cover"


def excluding(project: Project, before: str, after: str, line: str, *, inside: str = "") -> Project:
    """A project whose phase is under way: settings as they were and as they are, and the untested line of the phase."""
    project.write("pyproject.toml", PHASEGATE + before).write(".gitignore", "__pycache__\n")
    project.write("src/app/__init__.py", "").write("src/app/core.py", BEFORE).init_git().commit("feat: begin")
    project.write("docs/plans/app_implementation_guide.md", GUIDE).commit("docs: plan")
    project.write("pyproject.toml", PHASEGATE + after)
    project.write("src/app/core.py", f"{BEFORE}{inside}\n\ndef f(x):\n    if x:\n        return x\n    {line}\n")
    return project.write("tests/test_core.py", "from app.core import f\n\ndef test_core(): assert f(1) == 1\n")


CASES = {
    "a rule of the phase": ("", ALSO, PLAIN, "failed", [8]),
    "a rule of the phase, beside older ones": (
        ALSO,
        ALSO.replace("0", "9").replace('"r', '"return 0", "r'),
        PLAIN,
        "passed",
        [],
    ),
    "a rule that was there": (ALSO, ALSO, PLAIN, "passed", []),
    "a comment of the phase": ("", "", MARKED, "failed", [8]),
    "a comment of the phase where a rule was there": (ALSO, ALSO, MARKED, "passed", []),
    "a rule of the phase, waived": ("", ALSO + WAIVER, PLAIN, "waived", [8]),
    "a comment of the phase, waived": ("", WAIVER, MARKED, "waived", [8]),
    "no exclusion": ("", "", PLAIN, "failed", []),
    "a file that the phase omits": ("", '[tool.coverage.run]\nomit = ["*/core.py"]\n', PLAIN, "inconclusive", []),
    "a rule of the phase for every line": (
        "",
        '[tool.coverage.report]\nexclude_lines = [".*"]\n',
        PLAIN,
        "inconclusive",
        [],
    ),
}


@pytest.mark.parametrize("how", CASES)
@pytest.mark.sampled(2)
def test_lines_that_the_phase_itself_excludes_are_listed_and_refused_unless_waived(how: str, project: Project) -> None:
    before, after, line, ruling, excluded = CASES[how]
    excluding(project, before, after, line)

    done = project.pytest("-q", "--phase", "1", "--phasegate-report", "json:r.json", env={"PYTHONPATH": "src"})

    (phase,) = json.loads(project.read("r.json"))["phases"]
    told = {gate["gate"]: gate for gate in phase["gates"]}["coverage"]
    assert told["verdict"] == ruling, done.text
    assert done.exit_code == (0 if ruling in {"passed", "waived"} else 1)
    if ruling != "inconclusive":
        assert phase["coverage"]["excluded"] == len(excluded)
        assert [file["excluded"] for file in phase["coverage"]["files"]] == [excluded]
    assert any(finding["code"] == "PG308" for finding in told["findings"]) is bool(excluded or "every" in how)


def test_an_old_comment_around_new_lines_was_there_before(project: Project) -> None:
    excluding(project, "", "", PLAIN, inside="    return 2\n")
    project.write("tests/test_core.py", "from app.core import f\n\ndef test_core(): assert f(1) + f(0) == 1\n")

    done = project.pytest("-q", "--phase", "1", env={"PYTHONPATH": "src"})

    assert done.exit_code == 0, done.text


GUARD = 'if __name__ == "__main__":  # pragma: no cover\n    {}\n'


@pytest.mark.parametrize(
    ("guard", "exit_code"),
    [
        (GUARD.format("f(1)"), 0),
        (GUARD.format("raise SystemExit(f(1))"), 0),
        (GUARD.format("f(1)\n    f(2)"), 1),
        (GUARD.format("f(1 if f(2) else 3)"), 1),
        (GUARD.format("f(1)\nelse:\n    f(2)"), 1),
        (GUARD.replace("__main__", "app").format("f(1)"), 1),
    ],
)
@pytest.mark.sampled(2)
def test_a_script_s_guard_that_only_calls_may_be_excluded_by_the_phase(
    project: Project, guard: str, exit_code: int
) -> None:
    excluding(project, "", "", f"return 0\n\n\n{guard}")
    project.write("tests/test_core.py", "from app.core import f\n\ndef test_core(): assert f(1) + f(0) == 1\n")

    done = project.pytest("-q", "--phase", "1", env={"PYTHONPATH": "src"})

    assert done.exit_code == exit_code, done.text


FILES = '\n[tool.phasegate.coverage]\nscope = "files"\n'


@pytest.mark.parametrize(
    ("before", "after", "line", "excluded"),
    [("", ALSO, PLAIN, [8]), ("", "", MARKED, [8]), (ALSO, ALSO, PLAIN, []), (ALSO, ALSO, MARKED, [])],
    ids=["a rule of the phase", "a comment of the phase", "a rule that was there", "a comment where a rule was"],
)
@pytest.mark.sampled(2)
def test_exclusions_of_whole_files_are_held_against_the_base_too(
    before: str, after: str, line: str, excluded: list[int], project: Project
) -> None:
    excluding(project, FILES + before, FILES + after, line)

    done = project.pytest("-q", "--phase", "1", "--phasegate-report", "json:r.json", env={"PYTHONPATH": "src"})

    (phase,) = json.loads(project.read("r.json"))["phases"]
    assert done.exit_code == (1 if excluded else 0), done.text
    assert [file["excluded"] for file in phase["coverage"]["files"]] == [excluded]


PARTIAL = '[tool.coverage.report]\npartial_branches = ["if x"]\n'


@pytest.mark.parametrize(
    ("before", "after", "comment", "excluded"),
    [("", PARTIAL, "", [6]), ("", "", "  # pragma: no branch", [6]), (PARTIAL, PARTIAL, "", [])],
    ids=["a rule of the phase", "a comment of the phase", "a rule that was there"],
)
@pytest.mark.sampled(2)
def test_branches_that_the_phase_itself_leaves_out_are_listed_and_refused(
    before: str, after: str, comment: str, excluded: list[int], project: Project
) -> None:
    excluding(project, before, after, PLAIN)
    guide = project.read("docs/plans/app_implementation_guide.md").replace("100%", "100% branch")
    project.write("docs/plans/app_implementation_guide.md", guide).commit("docs: branches")
    core = project.read("src/app/core.py").replace("if x:", f"if x:{comment}")
    project.write("src/app/core.py", core)

    done = project.pytest("-q", "--phase", "1", "--phasegate-report", "json:r.json", env={"PYTHONPATH": "src"})

    (phase,) = json.loads(project.read("r.json"))["phases"]
    assert done.exit_code == (1 if excluded else 0), done.text
    assert [file["excluded"] for file in phase["coverage"]["files"]] == [excluded]
