from __future__ import annotations

from pytest_phasegate.core.project.paths import Layout
from pytest_phasegate.core.redgreen.change.digests import test_versions as versions_of
from pytest_phasegate.core.redgreen.change.test_module import TestModule, read_tests

SOURCE = b"""
import pytest

LIMIT = 3

@pytest.fixture
def box(): return [LIMIT]

@pytest.mark.parametrize("size", [1, 2])
def test_size(box, size): assert size < box[0]

class TestBox:
    def test_it(self, box): assert box

    def helper(self): return 1
"""


def helpers_of(source: bytes) -> set[str]:
    return {version.helpers for version in versions_of("tests/test_a.py", source, Layout())}


def test_the_digests_are_those_of_the_full_reading() -> None:
    module = read_tests("tests/test_a.py", SOURCE, Layout())

    assert isinstance(module, TestModule)
    found = {version.id: version.digest for version in versions_of("tests/test_a.py", SOURCE, Layout())}
    assert found == {test.id: test.digest for test in module.tests.values()}
    assert len(found) == 2


def test_helpers_change_with_a_fixture_and_not_with_a_test_a_comment_or_the_order() -> None:
    assert len(helpers_of(SOURCE)) == 1
    assert helpers_of(SOURCE) == helpers_of(SOURCE.replace(b"assert box", b"assert not box") + b"# more\n")
    assert helpers_of(SOURCE) == helpers_of(SOURCE.replace(b"LIMIT = 3\n", b"") + b"\nLIMIT = 3\n")
    assert helpers_of(SOURCE) != helpers_of(SOURCE.replace(b"[LIMIT]", b"[LIMIT, 1]"))
    assert helpers_of(SOURCE) != helpers_of(SOURCE.replace(b"LIMIT = 3", b"LIMIT = 4"))


def test_a_file_that_cannot_be_read_has_no_tests() -> None:
    assert versions_of("tests/test_a.py", b"def test_a(:", Layout()) == ()
