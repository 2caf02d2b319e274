from __future__ import annotations

import pytest

from pytest_phasegate.core.evidence.outcomes import NodeId, Outcome, function_of, told_uncollected, worst


@pytest.mark.parametrize(
    ("node_id", "function"),
    [
        ("tests/test_a.py::test_b", "tests/test_a.py::test_b"),
        ("tests/test_a.py::test_b[1-x]", "tests/test_a.py::test_b"),
        ("tests/test_a.py::TestC::test_b[a::b[0]]", "tests/test_a.py::TestC::test_b"),
        ("tests/odd[dir]/test_a.py::test_b", "tests/odd[dir]/test_a.py::test_b"),
        ("docs/guide.md", "docs/guide.md"),
    ],
)
def test_a_node_id_without_its_parameters_names_the_function(node_id: str, function: str) -> None:
    assert function_of(NodeId(node_id)) == function


def test_a_pass_after_a_failed_subtest_is_a_failure() -> None:
    assert worst(frozenset({Outcome.PASSED, Outcome.FAILED})) is Outcome.FAILED


def test_no_report_at_all_is_missing() -> None:
    assert worst(frozenset()) is Outcome.MISSING


_SETTINGS = "ImproperlyConfigured: settings are not configured"


@pytest.mark.parametrize(
    ("uncollected", "told"),
    [
        ({"a.py": "ImportError: no"}, "a.py could not be collected: ImportError: no"),
        ({"a.py": ""}, "a.py could not be collected"),
        ({"a.py": "ImportError", "b.py": "SyntaxError"}, "a.py, b.py could not be collected; a.py: ImportError"),
        (dict.fromkeys("abcde", _SETTINGS), f"a, b, c and 2 more could not be collected: {_SETTINGS}"),
    ],
)  # fmt: skip
def test_of_many_files_that_could_not_be_collected_a_few_are_named_and_what_kept_all_from_it(
    uncollected: dict[str, str], told: str
) -> None:
    assert told_uncollected(uncollected) == told
