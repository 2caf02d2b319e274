from __future__ import annotations

import pytest

from pytest_phasegate.core.verdict.verdict import Ruling, combine, counted, exit_code


@pytest.mark.parametrize(
    ("rulings", "whole"),
    [
        ([], Ruling.NOT_EVALUATED),
        ([Ruling.NOT_EVALUATED], Ruling.NOT_EVALUATED),
        ([Ruling.PASSED, Ruling.NOT_EVALUATED], Ruling.PASSED),
        ([Ruling.PASSED, Ruling.INCONCLUSIVE], Ruling.INCONCLUSIVE),
        ([Ruling.INCONCLUSIVE, Ruling.FAILED], Ruling.FAILED),
        ([Ruling.FAILED, Ruling.ERROR], Ruling.ERROR),
        ([Ruling.WAIVED, Ruling.NOT_EVALUATED], Ruling.WAIVED),
        ([Ruling.WAIVED, Ruling.PASSED], Ruling.PASSED),
    ],
)
def test_the_gravest_ruling_is_the_ruling_of_the_whole(rulings: list[Ruling], whole: Ruling) -> None:
    assert combine(rulings) is whole


@pytest.mark.parametrize("ruling", list(Ruling))
def test_exactly_the_rulings_that_refuse_have_a_failing_exit_code(ruling: Ruling) -> None:
    assert (exit_code(ruling) != 0) is ruling.refuses


@pytest.mark.parametrize(("number", "told"), [(0, "0 tests"), (1, "1 test"), (2, "2 tests"), (1000, "1,000 tests")])
def test_a_number_of_things_is_told_in_singular_or_plural(number: int, told: str) -> None:
    assert counted(number, "test") == told
