from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.app.regression.test_texts import TestTexts
from pytest_phasegate.app.renamed_tests import renamed_acceptances, renamed_declarations
from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.regression.baseline import BaselineTest
from pytest_phasegate.wiring import projects, readers, records

if TYPE_CHECKING:
    from collections.abc import Mapping

    from support.project import Project

GUIDE = "docs/plans/cache_implementation_guide.md"
TEXT = """
# Cache Implementation Guide

### Phase 1: Core
**Files to create**:
- `tests/test_core.py`
**Tests to write (in `tests/test_core.py`)**:
- `test_one`
- `class TestCore`:
  - `test_two`
**Commit**: `feat: core`
"""
TESTS = """\
def test_one():
    assert 1 + 1 == 2


class TestCore:
    def test_two(self):
        assert 2 + 2 == 4
"""


def planned(project: Project) -> Project:
    project.write(GUIDE, TEXT).init_git().commit("docs: plan")
    project.write("tests/test_core.py", TESTS).commit("feat: core")
    return project


def renamed(project: Project) -> dict[str, str]:
    settings = projects.settings(project.root)
    meant = projects.Project(project.root, settings)
    texts = records.texts_of_tests(meant)
    found = renamed_declarations(texts, readers.guides(meant), ())
    return {test.name: became for (_, test), became in found.items()}


def edited(project: Project, path: str, text: str) -> Project:
    project.remove("tests/test_core.py").write(path, text)
    return project


RENAMES = {
    "a function": ("tests/test_core.py", TESTS.replace("test_one", "test_uno"), {"test_one": "::test_uno"}),
    "a class": ("tests/test_core.py", TESTS.replace("TestCore", "TestHeart"), {"test_two": "::TestHeart::test_two"}),
    "a file": ("tests/unit/test_heart.py", TESTS, {"test_one": "::test_one", "test_two": "::TestCore::test_two"}),
    "nothing": ("tests/test_core.py", f"{TESTS}\n\ndef test_more(): pass\n", {}),
    "a test that goes": ("tests/test_core.py", TESTS.replace("def test_one", "def one"), {}),
    "a test that goes while another comes": (
        "tests/test_core.py",
        TESTS.replace("test_one", "test_uno").replace("1 + 1 == 2", "True"),
        {},
    ),
}


@pytest.mark.parametrize("committed", [True, False], ids=["committed", "in the work tree"])
@pytest.mark.parametrize(("path", "text", "expected"), RENAMES.values(), ids=RENAMES.keys())
def test_a_declared_test_is_followed_since_the_guide_was_written(
    path: str, text: str, expected: dict[str, str], committed: bool, project: Project
) -> None:
    edited(planned(project), path, text)
    if committed:
        project.commit("test: rename")

    assert renamed(project) == {name: path + became for name, became in expected.items()}


def test_what_was_renamed_before_the_guide_was_written_is_not_what_it_names(project: Project) -> None:
    project.write("tests/test_core.py", TESTS).init_git().commit("test: core")
    edited(project, "tests/test_heart.py", TESTS).commit("test: rename")
    project.write(GUIDE, TEXT).commit("docs: plan")

    assert renamed(project) == {}


def test_two_renames_one_after_the_other_are_followed(project: Project) -> None:
    edited(planned(project), "tests/test_heart.py", TESTS).commit("test: rename")
    project.remove("tests/test_heart.py").write("tests/test_soul.py", TESTS.replace("test_one", "test_uno"))

    assert renamed(project) == {
        "test_one": "tests/test_soul.py::test_uno",
        "test_two": "tests/test_soul.py::TestCore::test_two",
    }


def test_without_git_nothing_is_known_to_be_renamed(project: Project) -> None:
    project.write(GUIDE, TEXT).write("tests/test_heart.py", TESTS)

    assert renamed(project) == {}


def test_an_accepted_test_is_followed_into_a_file_of_another_name_though_its_text_changed(project: Project) -> None:
    edited(planned(project), "tests/test_heart.py", TESTS.replace("1 + 1 == 2", "1 + 2 == 3"))
    texts = records.texts_of_tests(projects.Project.around(project.root))
    entry = BaselineTest(TestId("tests/test_core.py::test_one"), "1", 1, "sha256:then")

    assert renamed_acceptances(texts, (), [entry]) == {entry.test: "tests/test_heart.py::test_one"}


@pytest.mark.parametrize(("phase", "follows"), [("1", False), ("2", True)])
def test_an_accepted_test_does_not_become_the_one_that_another_phase_declares(
    phase: str, follows: bool, project: Project
) -> None:
    planned(project).write(GUIDE, f"{TEXT}\n### Phase 2: More\n**Tests to write**:\n- `test_uno`\n")
    edited(project, "tests/test_core.py", TESTS.replace("test_one", "test_uno"))
    settings = projects.settings(project.root)
    meant = projects.Project(project.root, settings)
    texts = records.texts_of_tests(meant)
    entry = BaselineTest(TestId("tests/test_core.py::test_one"), phase, 1, "sha256:then")

    found = renamed_acceptances(texts, readers.guides(meant), [entry])

    assert found == ({entry.test: "tests/test_core.py::test_uno"} if follows else {})


@pytest.mark.parametrize(
    "text", [f"{TESTS}\n# long ago\n", TESTS.replace("def test_one():", "class TestMore:\n  def test_one(self):")],
    ids=["yet to be written", "in a class that the guide does not name"],
)  # fmt: skip
def test_of_what_no_commit_since_the_guide_took_away_no_old_version_is_read(
    text: str, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.init_git().write("tests/test_core.py", "old = 0\n").commit("test: begin")
    for number in range(3):
        project.write("tests/test_core.py", f"old = {number}\n").commit(f"test: {number + 1}")
    planned = text if "TestMore" in text else "old = 3\n"
    project.write("tests/test_core.py", planned).commit("test: core")
    project.write(GUIDE, TEXT).commit("docs: plan")
    asked: list[str] = []
    then = TestTexts.then

    def noted(texts: TestTexts, revision: str, path: str) -> Mapping[TestId, str]:
        asked.append(revision)
        return then(texts, revision, path)

    monkeypatch.setattr(TestTexts, "then", noted)

    assert renamed(project) == {}
    assert len(set(asked)) == ("TestMore" not in text)
