from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.guide.model import Action, DeclaredFile, DeclaredTest, Phase
from pytest_phasegate.core.regression.baseline import BaselineTest
from pytest_phasegate.session.test_files import phase_files

if TYPE_CHECKING:
    from support.project import Project

PLACED = DeclaredTest("test_a", 3, None, "tests/test_a.py")
BARE = DeclaredTest("test_a", 3)
FILE = DeclaredFile("tests/test_a.py", Action.CREATE, 2)
MODULES = {
    "tests/test_a.py": b"def test_a(): pass",
    "tests/test_namesake.py": b"def test_a(): pass",
    "tests/test_marked.py": b"@pytest.mark.phase('1')\ndef test_m(): pass",
    "tests/e2e/test_mapped.py": b"def test_e(): pass",
    "tests/test_other.py": b"def test_abc(): 'phases and test_a_b'",
}
RELEVANT = frozenset(MODULES) - {"tests/test_other.py"}


def phase(*items: DeclaredTest | DeclaredFile) -> Phase:
    tests = tuple(item for item in items if isinstance(item, DeclaredTest))
    return Phase("1", "", 1, 9, tests=tests, files=tuple(item for item in items if isinstance(item, DeclaredFile)))


def accepted(test: str) -> tuple[BaselineTest, ...]:
    return (BaselineTest(TestId(test), "0", 1, ""),)


@pytest.mark.parametrize("declared", [phase(PLACED), phase(PLACED, FILE), phase(BARE, FILE), phase(FILE)])
def test_only_files_with_a_name_a_mark_or_a_place_of_the_phase_are_collected(declared: Phase) -> None:
    found = phase_files(
        [declared], MODULES, [b"import os"], ["tests/e2e/**"], accepted("tests/test_other.py::test_abc")
    )

    namesakes_count = declared.tests and not declared.tests[0].file
    assert found == (RELEVANT if namesakes_count else RELEVANT - {"tests/test_namesake.py"})


@pytest.mark.parametrize(
    "text",
    [
        b"# set up in the first phase\nimport os",
        b"def pytest_report_header(): return 'phase one of the moon'",
        b"def named(one): return one.phase",
        b"PROJECT = '''\n@pytest.mark.phase('1')\n'''",
    ],
)
def test_a_file_that_only_speaks_of_phases_has_no_mark_of_one(text: bytes) -> None:
    found = phase_files([phase(PLACED)], {**MODULES, "tests/test_moon.py": text}, [text], (), ())

    assert found == frozenset({"tests/test_a.py", "tests/test_marked.py"})


@pytest.mark.parametrize("test", [PLACED._replace(file="tests/test_gone.py"), PLACED._replace(class_name="TestA")])
def test_a_file_with_the_name_is_collected_where_the_test_is_not_where_the_guide_says(test: DeclaredTest) -> None:
    found = phase_files([phase(test)], MODULES, (), (), ())

    assert found is not None
    assert "tests/test_namesake.py" in found


@pytest.mark.parametrize(
    ("declared", "others", "before"),
    [
        (phase(BARE), (), ()),
        (phase(DeclaredTest("test_inherited", 3), FILE), (), ()),
        (
            phase(PLACED),
            (b"def pytest_collection_modifyitems(items): items[0].add_marker(pytest.mark.phase('1'))",),
            (),
        ),
        (phase(PLACED), (b"import pytest\nm = pytest.mark\nFIRST = m.phase('1')",), ()),
        (phase(PLACED), (b"def first(item): item.add_marker('phase')",), ()),
        (phase(PLACED), (b"def phase(:",), ()),
        (phase(PLACED), (), accepted("tests/test_other.py::test_gone")),
        (phase(PLACED), (), accepted("tests/test_gone.py::test_gone")),
    ],
)
def test_where_text_cannot_tell_every_file_is_collected(
    declared: Phase, others: tuple[bytes, ...], before: tuple[BaselineTest, ...]
) -> None:
    assert phase_files([declared], MODULES, others, (), before) is None


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


def test_a_package_whose_tests_cannot_be_collected_beside_those_of_the_phase_is_left_alone(project: Project) -> None:
    for package in ("app", "other"):
        project.write(f"{package}/tests/__init__.py", "").write(f"{package}/tests/conftest.py", "")
    project.write("other/tests/test_two.py", "def test_two(): pass\n").write("phasegate.toml", "mode = 'enforce'\n")
    project.write("app/tests/test_one.py", "def test_one(): pass\n")
    project.write("docs/plans/app_implementation_guide.md", GUIDE.replace("tests/test_one.py", "app/tests/test_one.py"))

    done = project.pytest("--phase", "1", *QUIET)

    assert (done.exit_code, verdict(project, "tests")) == (0, "passed"), done.text


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
