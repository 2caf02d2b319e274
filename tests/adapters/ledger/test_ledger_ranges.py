from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_phasegate.adapters.ledger.rows import Ranges, pack


def test_neighbours_become_one_span() -> None:
    assert pack([3, 1, 2, 9, 2]) == "1-3 9"
    assert pack([]) == ""


@given(st.sets(st.integers(1, 500)))
def test_packing_keeps_the_set(numbers: set[int]) -> None:
    packed = Ranges(pack(numbers))

    assert set(packed) == numbers
    assert len(packed) == len(numbers)
    assert all((number in packed) == (number in numbers) for number in range(502))


def test_foreign_text_is_refused() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        Ranges("1-x")
