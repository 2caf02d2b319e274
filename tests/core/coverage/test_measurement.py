from __future__ import annotations

import json

import pytest

from pytest_phasegate.core.coverage.measurement import Measurement, from_plain, joined, lines_of, phase_key, together
from pytest_phasegate.core.project.plain_values import as_plain
from pytest_phasegate.errors import EvidenceError

ARCS = Measurement(
    branches=True,
    phases={"g#1": {"a.py": frozenset({(-1, 1), (1, 2)})}},
    everything={"a.py": frozenset({(-1, 1), (1, 2), (2, -1)})},
    imported=frozenset({"a.py", "b.py"}),
    troubles={"g#2": "lost"},
)
LINES = Measurement(branches=False, phases={"g#1": {"a.py": frozenset({1, 2})}}, everything={"a.py": frozenset({1, 2})})


@pytest.mark.parametrize("measurement", [ARCS, LINES])
def test_a_measurement_survives_being_stored(measurement: Measurement) -> None:
    assert from_plain(json.loads(json.dumps(as_plain(measurement)))) == measurement


@pytest.mark.parametrize(
    "broken",
    [
        None, [], {}, {**as_plain(LINES), "phases": [1]}, {**as_plain(LINES), "everything": {"a.py": ["x"]}}, "text",
        {**as_plain(LINES), "branches": True}, {**as_plain(ARCS), "branches": False},
        {**as_plain(LINES), "branches": "no"}, {"branches": False},
        {**as_plain(LINES), "everything": {"a.py": [[1, 2]]}},
        {**as_plain(ARCS), "everything": {"a.py": ["12"]}}, {**as_plain(ARCS), "everything": {"a.py": [[1.5, 2]]}},
        {**as_plain(LINES), "everything": {"a.py": [True]}}, {**as_plain(LINES), "everything": {"a.py": [10**30]}},
    ],
)  # fmt: skip
def test_a_record_that_is_none_is_refused(broken: object) -> None:
    with pytest.raises(EvidenceError, match="cannot be read"):
        from_plain(broken)


def test_parts_of_a_run_are_united_phase_by_phase() -> None:
    other = Measurement(
        branches=False,
        phases={"g#1": {"a.py": frozenset({3})}, "g#2": {"b.py": frozenset({1})}},
        everything={"b.py": frozenset({1})},
        imported=frozenset({"c.py"}),
        troubles={"g#2": "lost"},
    )

    whole = together([LINES, other])

    assert whole is not None
    assert whole.phases == {"g#1": {"a.py": {1, 2, 3}}, "g#2": {"b.py": {1}}}
    assert whole.everything == {"a.py": {1, 2}, "b.py": {1}}
    assert whole.imported == {"c.py"}
    assert whole.troubles == {"g#2": "lost"}


def test_lines_and_arcs_do_not_mix() -> None:
    with pytest.raises(EvidenceError, match="measured branches and some did not"):
        together([LINES, ARCS])


def test_nothing_together_is_nothing() -> None:
    assert together([]) is None
    assert joined([]) == {}


def test_an_arc_has_its_lines_and_not_the_outside() -> None:
    assert set(lines_of([(-1, 3), (3, 4), (4, -1), 9])) == {3, 4, 9}


def test_the_same_phase_of_two_guides_has_two_keys() -> None:
    assert phase_key("a.md", "1") != phase_key("b.md", "1")
