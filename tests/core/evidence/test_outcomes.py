from __future__ import annotations

import pytest

from pytest_phasegate.core.evidence.outcomes import NodeId, Outcome, function_of, worst


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
