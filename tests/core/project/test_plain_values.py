from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import pytest

from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.project.plain_values import as_plain, reading


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Inner:
    test: TestId
    colour: Colour = Colour.RED


@dataclass(frozen=True)
class Outer:
    number: float
    inner: tuple[Inner, ...] = ()
    pair: tuple[str, int] = ("", 0)
    lines: frozenset[int | tuple[int, int]] = frozenset()
    by_name: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    last: Inner | None = None
    is_so: bool = False


FULL = Outer(1.5, (Inner(TestId("t")),), ("a", 1), frozenset({(2, 3), (1, 2)}), {"b": ("c",)}, Inner(TestId("u")), True)


@pytest.mark.parametrize("record", [Outer(0.0), FULL])
def test_a_record_comes_back_as_it_was_written(record: Outer) -> None:
    assert reading(Outer)(json.loads(json.dumps(as_plain(record)))) == record


def test_a_whole_number_may_stand_for_a_fraction_and_what_is_not_known_is_ignored() -> None:
    assert reading(Outer)({"number": 2, "else": []}) == Outer(2.0)


@pytest.mark.parametrize(
    "broken",
    [
        {}, [], None, "x", {"number": "1"}, {"number": True}, {"number": 1, "inner": {}}, {"number": 1, "is_so": 1},
        {"number": 1, "inner": [{"test": "t", "colour": "splendid"}]}, {"number": 1, "pair": ["a"]},
        {"number": 1, "pair": ["a", 1, 2]}, {"number": 1, "lines": [True]}, {"number": 1, "by_name": {"b": "c"}},
        {"number": 1, "last": []},
    ],
)  # fmt: skip
def test_what_is_no_such_record_is_refused(broken: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        reading(Outer)(broken)
