from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.app.regression.suite import compared_texts
from pytest_phasegate.app.regression.test_texts import TestTexts
from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.evidence.runs import TestVersion, blob_id, digest_key
from pytest_phasegate.core.guide.selection import PhaseRef
from pytest_phasegate.core.project.paths import Layout
from pytest_phasegate.core.regression.baseline import BaselineTest
from pytest_phasegate.wiring import projects, readers, records

if TYPE_CHECKING:
    from collections.abc import Mapping

    from support.project import Project

GUIDE = "docs/plans/cache_implementation_guide.md"
TEXT = """
# Cache Implementation Guide

### Phase 1: Core
**Files to modify**:
- `src/cache.py`
- `tests/test_core.py`
**Commit**: `feat: core`

### Phase 2: More
**Files to modify**:
- `tests/test_core.py`
**Commit**: `feat: more`
"""


def added(project: Project) -> dict[str, list[str]]:
    settings = projects.settings(project.root)
    meant = projects.Project(project.root, settings)
    found = records.texts_of_tests(meant).added(readers.guides(meant))
    return {ref.phase: sorted(tests) for ref, tests in found.items() if isinstance(ref, PhaseRef)}


def test_a_modified_test_file_gives_each_phase_what_came_in_during_it(project: Project) -> None:
    project.write("src/cache.py", "x = 1\n").write("tests/test_core.py", "def test_old(): pass\n").init_git().commit(
        "chore: start"
    )
    project.write(GUIDE, TEXT).commit("docs: plan")
    project.write("tests/test_core.py", "def test_old(): pass\ndef test_one(): pass\n").commit("feat: core")
    project.write("tests/test_core.py", "def test_old(): pass\ndef test_one(): pass\ndef test_two(): pass\n")

    assert added(project) == {"1": ["tests/test_core.py::test_one"], "2": ["tests/test_core.py::test_two"]}


def test_a_guide_that_came_together_with_its_code_has_the_commit_before_it_as_base(project: Project) -> None:
    project.write("tests/test_core.py", "def test_old(): pass\n").init_git().commit("chore: start")
    project.write(GUIDE, TEXT).write("src/cache.py", "x = 2\n")
    project.write("tests/test_core.py", "def test_old(): pass\ndef test_one(): pass\n").commit("feat: all at once")

    assert added(project)["1"] == ["tests/test_core.py::test_one"]


def test_without_git_nothing_was_added(project: Project) -> None:
    project.write("tests/test_core.py", "def test_old(): pass\n").write(GUIDE, TEXT)

    assert added(project) == {}


WHOLE = "def test_a():\n    r = price(1)\n    assert r.amount == 2\n    assert r.unit == 'EUR'\n"
HELPER = "def shows(r, amount, unit):\n    assert r.amount == amount\n    assert r.unit == unit\n"
HELPED = f"{HELPER}def test_a(): shows(price(1), 2, 'EUR')\n"


@pytest.mark.parametrize(
    ("now", "weaker"),
    [(HELPED, False), (HELPED.replace("r.unit == unit", "r"), True)],
)
def test_an_accepted_test_may_leave_its_assertions_to_a_function(now: str, weaker: bool, project: Project) -> None:
    test = TestId("tests/test_core.py::test_a")
    project.write("tests/test_core.py", WHOLE).init_git().commit("test: core")
    settings = projects.settings(project.root)
    digest = records.texts_of_tests(projects.Project(project.root, settings)).digests([test])[test]
    project.write("tests/test_core.py", now)

    reader = records.texts_of_tests(projects.Project(project.root, settings))
    texts = compared_texts(reader, [BaselineTest(test, "1", 1, digest)], frozenset({test}))

    assert texts.less[test] is not None
    assert bool(texts.less[test]) is weaker


SOURCE = b"def test_a(): assert 1\n\ndef test_b(): assert 2\n"
KEY = digest_key(blob_id(SOURCE), Layout())


def read(path: str) -> bytes | None:
    return SOURCE if path == "t.py" else None


class Record:
    """Knows the tests of ``sub/t.py`` at one content."""

    def __init__(self, *tests: TestVersion) -> None:
        self.tests = tests
        self.asked: list[Mapping[str, str]] = []

    def __call__(self, keys: Mapping[str, str]) -> Mapping[str, tuple[TestVersion, ...]]:
        self.asked.append(keys)
        return {path: self.tests for path, key in keys.items() if (path, key) == ("sub/t.py", KEY)}


def test_a_file_with_tests_of_many_phases_is_read_as_tests_once() -> None:
    texts = TestTexts(Layout(), read)

    first, second = texts.digests([TestId("t.py::test_a")]), texts.digests([TestId("t.py::test_b")])

    assert list(first.values()) != list(second.values())
    assert len(texts.seen) == 1


def test_what_an_earlier_run_recorded_of_a_file_is_not_read_again() -> None:
    record = Record(TestVersion(TestId("sub/t.py::test_a"), "sha256:recorded"))
    texts = TestTexts(Layout(), read, prefix="sub/", recorded=record)

    found = [texts.digests([TestId("t.py::test_a"), TestId("t.py::test_c")]) for _ in range(2)]

    assert found == [{"t.py::test_a": "sha256:recorded", "t.py::test_c": ""}] * 2
    assert record.asked == [{"sub/t.py": KEY}, {}]


def test_a_file_that_is_recorded_without_a_test_is_read_by_this_python_too() -> None:
    texts = TestTexts(Layout(), read, prefix="sub/", recorded=Record())

    assert texts.digests([TestId("t.py::test_a")]) == TestTexts(Layout(), read).digests([TestId("t.py::test_a")])
