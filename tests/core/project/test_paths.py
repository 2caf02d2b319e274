from __future__ import annotations

import pytest

from pytest_phasegate.core.project.paths import ends_with, is_of_tests, is_test_module, matches, plain


@pytest.mark.parametrize(
    ("path", "of_tests", "module"),
    [
        ("tests/test_a.py", True, True),
        ("src/app/test_a.py", True, True),
        ("src/app/a_test.py", True, True),
        ("src/app/tests/helpers.py", True, True),
        ("conftest.py", True, True),
        ("shop/tests.py", True, True),
        ("test.py", True, True),
        ("tests/golden/a.json", True, False),
        ("tests/", True, False),
        ("src/app/test.py", False, False),
        ("src/app/testing.py", False, False),
        ("src/app/latest.py", False, False),
        ("test_data.json", False, False),
    ],
)
def test_what_is_of_tests_is_told_by_name_and_place(path: str, of_tests: bool, module: bool) -> None:
    assert (is_of_tests(path), is_test_module(path)) == (of_tests, module)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("tests/test_a.py", "tests/test_a.py"),
        ("./tests/test_a.py", "tests/test_a.py"),
        ("tests", "tests/unit/test_a.py"),
        ("tests/", "tests/test_a.py"),
        ("tests/*.py", "tests/test_a.py"),
        ("tests/**", "tests/unit/deep/test_a.py"),
        ("tests/**/test_*.py", "tests/test_a.py"),
        ("tests/**/test_*.py", "tests/unit/deep/test_a.py"),
        ("tests/test_{a, b}.py", "tests/test_b.py"),
        ("tests/test_[ab].py", "tests/test_a.py"),
        ("tests/test_[!ab].py", "tests/test_c.py"),
        ("tests/test_[a-c].py", "tests/test_b.py"),
        ("tests/test_?.py", "tests/test_a.py"),
        ("odd[/x.py", "odd[/x.py"),
    ],
)
def test_a_pattern_means_this_path(pattern: str, path: str) -> None:
    assert matches(pattern, path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("tests/test_a.py", "tests/test_ab.py"),
        ("tests/test_a.py", "other/tests/test_a.py"),
        ("test", "tests/test_a.py"),
        ("tests/*.py", "tests/unit/test_a.py"),
        ("tests/test_?.py", "tests/test_ab.py"),
        ("tests/test_[!ab].py", "tests/test_a.py"),
        ("tests/test.a", "tests/testxa"),
    ],
)
def test_a_pattern_does_not_mean_this_path(pattern: str, path: str) -> None:
    assert not matches(pattern, path)


def test_only_a_single_path_is_plain() -> None:
    assert [plain(path) for path in ("a/b.py", "a/", "a/*.py", "a/{b,c}.py", "a/[b].py")] == [True] + [False] * 4


def test_the_tail_of_a_path_is_whole_parts() -> None:
    assert ends_with("tests/unit/test_a.py", "unit/test_a.py")
    assert not ends_with("tests/unit_test_a.py", "test_a.py")
