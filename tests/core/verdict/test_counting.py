from __future__ import annotations

import pytest

from pytest_phasegate.core.verdict.verdict import counted


@pytest.mark.parametrize(("number", "told"), [(0, "0 tests"), (1, "1 test"), (2, "2 tests"), (1000, "1,000 tests")])
def test_a_number_of_things_is_told_in_singular_or_plural(number: int, told: str) -> None:
    assert counted(number, "test") == told
