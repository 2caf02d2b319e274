from __future__ import annotations

import json

import pytest

from pytest_phasegate.core.mapping.phase_run import Colour, Expectation, ExpectedTest
from pytest_phasegate.reports.as_json import expectation_json, expectation_lines


@pytest.mark.parametrize(
    ("derived", "told"),
    [
        ((False,), "1 of 1 declared tests are red"),
        ((True,), "1 of 1 derived tests are red"),
        ((False, True), "2 of 2 declared and derived tests are red"),
    ],
)
def test_an_expectation_says_whether_its_tests_are_declared(derived: tuple[bool, ...], told: str) -> None:
    tests = tuple(ExpectedTest("1", f"t{at}", f"t.py::t{at}", met=True, derived=one) for at, one in enumerate(derived))
    expectation = Expectation(Colour.RED, tests)

    assert list(expectation_lines(expectation))[-1] == f"expected red: {told}"
    assert [one["source"] for one in json.loads(expectation_json(expectation))["tests"]] == [
        "derived" if one else "declared" for one in derived
    ]
