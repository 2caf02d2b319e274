from __future__ import annotations

import pytest

from pytest_phasegate.core.redgreen.change.merging import is_woven

ONE, OTHER = "A\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\n"


@pytest.mark.parametrize(
    ("merged", "said"),
    [
        ("A\nb\nc\nd\nE\n", True),
        ("A\nb\nC\nd\nE\n", False),
        ("A\nb\nd\nE\n", False),
        ("A\nb\nc\nnew\nd\nE\n", False),
        ("both\nb\nc\nd\nE\n", False),
    ],
    ids=["clean", "a line changed", "a line taken out", "a line put in", "a conflict resolved anew"],
)
def test_a_merge_is_woven_where_each_line_is_a_parents(merged: str, said: bool) -> None:
    assert is_woven([ONE, OTHER], merged) is said


def test_a_line_that_one_side_took_out_stays_out() -> None:
    assert is_woven(["a\nb\nc\n", "a\nb\nc\nd\n"], "a\nb\nc\nd\n")
    assert is_woven(["a\nc\nd\n", "a\nb\nc\nd\ne\n"], "a\nc\nd\ne\n")
