from __future__ import annotations

from pytest_phasegate.app.test_texts import TestTexts
from pytest_phasegate.core.evidence import TestId
from pytest_phasegate.core.paths import Layout


def test_a_file_with_tests_of_many_phases_is_read_as_tests_once() -> None:
    texts = TestTexts(Layout(), lambda _path: b"def test_a(): assert 1\n\ndef test_b(): assert 2\n")

    first, second = texts.digests([TestId("t.py::test_a")]), texts.digests([TestId("t.py::test_b")])

    assert list(first.values()) != list(second.values())
    assert len(texts.seen) == 1
