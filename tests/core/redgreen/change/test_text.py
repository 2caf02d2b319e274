from __future__ import annotations

import pytest

from pytest_phasegate.core.project.paths import Layout
from pytest_phasegate.core.project.syntax import Unreadable
from pytest_phasegate.core.redgreen.change.test_module import TestModule, read_tests, read_versions

LAYOUT = Layout(test_roots=("tests",))
ONE = b"@mark\ndef test_a():\n    assert x\n\n\ndef test_b():\n    assert y\n\n\ndef helper():\n    return 1\n"


def read(before: bytes, after: bytes) -> tuple[set[str], set[str]]:
    """The names that are read of the later version: tests, helpers."""
    _, module = read_versions("tests/test_a.py", before, after, LAYOUT)
    assert isinstance(module, TestModule)
    return {test.name for test in module.tests.values()}, set(module.helpers)


@pytest.mark.parametrize(
    ("old", "new", "tests", "helpers"),
    [
        (b"assert x", b"assert z", {"test_a"}, set()),
        (b"@mark", b"@other", {"test_a"}, set()),
        (b"return 1", b"return 2", set(), {"helper"}),
        (b"@mark\n", b"mark = 1\n@mark\n", {"test_a", "test_b"}, {"mark", "helper"}),
        (b"@mark\n", b"import os\n@mark\n", set(), {"os"}),
        (b"@mark\n", b"pytestmark = 1\n@mark\n", {"test_a", "test_b"}, {"pytestmark", "helper"}),
        (b"@mark\n", b"other = 1\n@mark\n", set(), {"other"}),
        (b"@mark\n", b"class A: ...\n@mark\n", set(), {"A"}),
        (b"@mark\n", b"class A:\n    pytestmark = 1\n@mark\n", set(), {"A", "A::pytestmark"}),
        (b"@mark\n", b"class mark: ...\n@mark\n", {"test_a", "test_b"}, {"mark", "helper"}),
    ],
)
def test_only_what_stands_elsewhere_by_another_text_is_read(
    old: bytes, new: bytes, tests: set[str], helpers: set[str]
) -> None:
    assert read(ONE, ONE.replace(old, new)) == (tests, helpers)


def test_every_test_that_stands_is_known_whether_it_was_read_or_not() -> None:
    _, module = read_versions("tests/test_a.py", ONE, ONE.replace(b"return 1", b"return 2"), LAYOUT)

    assert isinstance(module, TestModule)
    assert module.standing == {"tests/test_a.py::test_a", "tests/test_a.py::test_b"}
    assert set(module.support()) == module.standing


def test_a_version_that_cannot_be_parsed_leaves_the_other_to_be_read_whole() -> None:
    before, after = read_versions("tests/test_a.py", b"def f(:", ONE, LAYOUT)

    assert isinstance(before, Unreadable)
    assert after == read_tests("tests/test_a.py", ONE, LAYOUT)


def test_versions_nested_too_deeply_are_facts() -> None:
    import sys

    limit = sys.getrecursionlimit()
    deep = "def test_a():\n" + "".join(f"{' ' * depth}if x:\n" for depth in range(1, 95)) + " " * 95 + "assert x\n"
    sys.setrecursionlimit(250)
    try:
        found = read_versions("tests/test_a.py", b"", deep.encode(), LAYOUT)
    finally:
        sys.setrecursionlimit(limit)

    assert all(isinstance(version, Unreadable) for version in found)
