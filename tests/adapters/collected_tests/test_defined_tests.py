from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.adapters.collected_tests import DefinedTests, Imported
from pytest_phasegate.core.guide.model import DeclaredTest

if TYPE_CHECKING:
    from pathlib import Path

    from support.project import Project


@pytest.fixture
def tests(project: Project) -> DefinedTests:
    project.write("tests/test_a.py", "def test_one(): ...\nclass TestB:\n    async  def test_two(self): ...\n")
    project.write("tests/deep/test_c.py", "# def test_not_there\ndef test_three(x): ...\n")
    project.write("tests/helper.py", "def test_hidden(): ...\n").write("src/a.py", "").write("docs/one.md", "")
    return DefinedTests(project.root)


@pytest.mark.parametrize(
    ("test", "there"),
    [
        (DeclaredTest("test_one", 1, file="tests/test_a.py"), True),
        (DeclaredTest("test_two", 1, class_name="TestB", file="tests/test_a.py"), True),
        (DeclaredTest("test_two", 1, class_name="TestC", file="tests/test_a.py"), False),
        (DeclaredTest("test_three", 1, file="tests/test_a.py"), False),
        (DeclaredTest("test_three", 1), True),
        (DeclaredTest("test_not_there", 1), False),
        (DeclaredTest("test_hidden", 1), False),
        (DeclaredTest("test_one", 1, file="../project/tests/test_a.py"), True),
        (DeclaredTest("test_one", 1, file="../elsewhere.py"), False),
        (DeclaredTest("test_one", 1, file="/etc/passwd"), False),
        (DeclaredTest("test_one", 1, file="a\0b"), False),
    ],
)
def test_a_declared_test_is_found_where_it_is_said_to_be_else_in_any_test_file(
    tests: DefinedTests, test: DeclaredTest, there: bool
) -> None:
    assert tests.declared(test) is there


def test_a_file_the_phase_names_counts_whatever_its_name(tests: DefinedTests) -> None:
    assert tests.declared(DeclaredTest("test_hidden", 1), ["tests/helper.py"])


@pytest.mark.parametrize(
    ("pattern", "there"),
    [
        ("src/a.py", True), ("src/*.py", True), ("src/*.txt", False), ("docs/", True), ("**/test_c.py", True),
        ("../*", False), ("nowhere/*", False), ("../home", False),
    ],
)  # fmt: skip
def test_a_declared_path_exists_inside_the_root_only(tests: DefinedTests, pattern: str, there: bool) -> None:
    assert tests.exists(pattern) is there


def test_an_accepted_test_is_sought_where_it_stood(tests: DefinedTests) -> None:
    assert tests.test("tests/test_a.py::TestB::test_two")
    assert not tests.test("tests/test_gone.py::test_one")
    assert tests.test("docs/one.md")


def test_a_file_that_only_imports_a_class_is_read_once_for_all_tests_of_it(tmp_path: Path) -> None:
    file, is_imported = tmp_path / "test_a.py", Imported()
    file.write_text("from tests.suite import TestA\n")
    one = is_imported(file, "test_a.py::TestA::test_one", "tests/suite.py")
    file.unlink()

    assert one
    assert is_imported(file, "test_a.py::TestA::test_two", "tests/suite.py")
