from __future__ import annotations

import math

import pytest
from coverage.results import display_covered
from hypothesis import given
from hypothesis import strategies as st

from pytest_phasegate.core.coverage.measurement import (
    Figure,
    Minimum,
    Override,
    first_minimum,
    overriding,
    percent,
    read_override,
)
from pytest_phasegate.errors import ConfigurationError


@st.composite
def parts(draw: st.DrawFn) -> tuple[int, int]:
    total = draw(st.integers(1, 10**7))
    return draw(st.integers(0, total)), total


@given(parts())
def test_a_percentage_reads_as_coverage_py_writes_it(part: tuple[int, int]) -> None:
    covered, total = part

    assert f"{percent(covered, total):.2f}" == display_covered(100.0 * covered / total, 2)


@given(parts())
def test_only_all_is_100_and_only_none_is_0(part: tuple[int, int]) -> None:
    covered, total = part

    assert (percent(covered, total) == 100) == (covered == total)
    assert (percent(covered, total) == 0) == (covered == 0)


def test_a_figure_of_nothing_has_no_percentage_and_misses_no_minimum() -> None:
    assert Figure(0, 0).percent is None
    assert Figure(0, 0).meets(100)


@pytest.mark.parametrize(
    ("covered", "total", "percent"),
    [
        (40, 41, 97.56),
        (0, 7, 0.0),
        (7, 7, 100.0),
        (0, 0, 100.0),
        (99_999, 100_000, 99.99),
        (1, 100_000, 0.01),
        (1, 3, 33.33),
    ],
)
def test_a_report_shows_a_hundred_only_when_it_is_exactly_that(covered: int, total: int, percent: float) -> None:
    assert Figure(covered, total).shown == percent


@pytest.mark.parametrize(
    ("covered", "total", "minimum", "meets"),
    [
        (10, 10, 100, True),
        (9, 10, 90, True),
        (9, 10, 90.01, False),
        (99_999, 100_000, 100, False),
        (2, 3, 66.67, True),
        (2, 3, 66.68, False),
        (0, 3, 0, True),
        (0, 3, None, True),
    ],
)
def test_the_figure_shown_is_the_figure_judged(covered: int, total: int, minimum: float | None, meets: bool) -> None:
    assert Figure(covered, total).meets(minimum) is meets


def test_figures_add_up_by_counting() -> None:
    assert Figure(1, 2) + Figure(3, 30) == Figure(4, 32)


@pytest.mark.parametrize(
    ("text", "override"),
    [
        ("85", Override(None, 85.0)),
        ("2=90.5", Override("2", 90.5)),
        (" 4b = 100% ", Override("4b", 100.0)),
        ("0", Override(None, 0.0)),
        ("a=b=7", Override("a=b", 7.0)),
    ],
)
def test_a_minimum_for_one_run_is_read(text: str, override: Override) -> None:
    assert read_override(text) == override


@pytest.mark.parametrize("text", ["", "x", "101", "-1", "2=", "=80", "nan", "2=inf"])
def test_what_is_no_percentage_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="is no minimum"):
        read_override(text)


def test_a_minimum_for_the_phase_beats_one_for_all_whatever_their_order() -> None:
    overrides = [Override("2", 50.0), Override(None, 80.0)]

    assert overriding(overrides, "2") == 50
    assert overriding(overrides, "1") == 80
    assert overriding([], "1") is None


def test_the_last_of_two_equal_options_holds() -> None:
    assert overriding([Override(None, 80.0), Override(None, 0.0)], "1") == 0


def test_the_first_minimum_named_holds_even_if_it_is_zero() -> None:
    assert first_minimum((None, "option"), (0.0, "guide"), (90.0, "stage")) == Minimum(0.0, "guide")
    assert first_minimum((None, "option")) is None
    assert math.isclose(Minimum(1.5, "guide").percent, 1.5)
