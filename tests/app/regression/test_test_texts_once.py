from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_phasegate.app.regression.test_texts import TestTexts
from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.evidence.runs import TestVersion, blob_id, digest_key
from pytest_phasegate.core.project.paths import Layout

if TYPE_CHECKING:
    from collections.abc import Mapping

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
