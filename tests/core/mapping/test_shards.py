from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pytest_phasegate.core.coverage.measurement import Measurement
from pytest_phasegate.core.evidence.outcomes import CaseRun, NodeId, Outcome, TestId, TestRun, function_of
from pytest_phasegate.core.guide.selection import PhaseRef
from pytest_phasegate.core.mapping.mapping import Collected
from pytest_phasegate.core.mapping.shards import SCHEMA, Record, Shard, read_record, read_shard, unite
from pytest_phasegate.errors import ConfigurationError, EvidenceError


def case(name: str, outcome: Outcome = Outcome.PASSED) -> CaseRun:
    node_id = NodeId(f"t.py::{name}")
    return CaseRun(node_id, function_of(node_id), outcome)


def record(index: int, *cases: CaseRun, count: int = 2) -> Record:
    return Record(
        tree="abc",
        guides={"g.md": "sha256:1"},
        selection=(PhaseRef("g.md", "1"),),
        shard=Shard(index, count),
        run=TestRun(cases, collected=frozenset({TestId("t.py::test_a")})),
        collected=(Collected(TestId("t.py::test_a"), "t.py", ("1",)),),
        measured=Measurement(branches=False, phases={"g.md#1": {"a.py": frozenset({index})}}),
    )


ONE, TWO = record(1, case("test_a[1]")), record(2, case("test_a[2]", Outcome.FAILED))


def test_a_record_survives_being_written() -> None:
    assert read_record(json.loads(json.dumps(ONE.plain()))) == ONE
    bare = ONE._replace(measured=None, doubt="not measured", collected=(ONE.collected[0]._replace(imported=True),))
    assert read_record(json.loads(json.dumps(bare.plain()))) == bare


@pytest.mark.parametrize(
    "broken",
    [None, [], {}, {"schema": "phasegate.record/9"}, {"schema": SCHEMA}, {**ONE.plain(), "run": {"cases": [["a"]]}},
     {**ONE.plain(), "run": {"cases": [{"node_id": "a", "test": "a", "outcome": "odd"}]}}, {**ONE.plain(), "tree": 1},
     {**ONE.plain(), "measured": {}}],
)  # fmt: skip
def test_what_is_no_record_is_refused(broken: object) -> None:
    with pytest.raises(EvidenceError):
        read_record(broken)


def test_a_case_that_one_part_found_and_none_ran_leaves_the_whole_in_doubt() -> None:
    selected = tuple(NodeId(f"t.py::test_a[{number}]") for number in (1, 2, 3))
    one, two = (part._replace(selected=selected) for part in (ONE, TWO))

    assert unite([one, two]).run.incomplete == "1 collected test ran in no shard: t.py::test_a[3]"
    assert unite([ONE, TWO]).run.incomplete == ""
    assert read_record(json.loads(json.dumps(one.plain()))) == one


def test_parts_make_a_whole_whatever_their_order() -> None:
    whole = unite([TWO, ONE])

    assert {one.node_id: one.outcome for one in whole.run.cases} == {
        "t.py::test_a[1]": Outcome.PASSED,
        "t.py::test_a[2]": Outcome.FAILED,
    }
    assert whole.measured is not None
    assert whole.measured.phases == {"g.md#1": {"a.py": {1, 2}}}
    assert whole.collected == ONE.collected
    assert whole.doubt == ""


@pytest.mark.parametrize(
    ("records", "problem"),
    [
        ([], "no record"),
        ([ONE], "missing 2"),
        ([ONE, ONE], "missing 2; twice 1"),
        ([ONE, TWO, TWO], "twice 2"),
        ([ONE, TWO._replace(tree="other")], "different content"),
        ([ONE, TWO._replace(guides={"g.md": "sha256:2"})], "different guides"),
        ([ONE, TWO._replace(selection=())], "different selections"),
        ([ONE, TWO._replace(shard=Shard(2, 3))], "different numbers of shards"),
        ([ONE, TWO._replace(prefix="sub/")], "different root directories"),
        ([ONE, TWO._replace(measured=Measurement(branches=True))], "measured branches and some did not"),
    ],
)
def test_parts_that_make_no_whole_are_refused(records: list[Record], problem: str) -> None:
    with pytest.raises(EvidenceError, match=problem):
        unite(records)


def test_what_was_not_measured_or_is_doubtful_in_one_part_is_so_in_the_whole() -> None:
    whole = unite([ONE._replace(measured=None), TWO._replace(doubt="lost with worker gw1")])

    assert whole.doubt == "shard 1: coverage was not measured; shard 2: lost with worker gw1"


def test_what_narrowed_or_broke_a_part_narrows_and_breaks_the_whole() -> None:
    whole = unite([ONE._replace(run=replace(ONE.run, partial=("-k x",), incomplete="a worker crashed")), TWO])

    assert whole.run.partial == ("-k x",)
    assert whole.run.incomplete == "a worker crashed"


def test_a_case_that_ran_in_two_parts_has_the_worse_outcome_and_is_flaky_if_they_differ() -> None:
    same = unite([ONE, record(2, case("test_a[1]"))]).run.cases
    differing = unite([ONE, record(2, case("test_a[1]", Outcome.FAILED))]).run.cases

    assert [(one.outcome, one.flaky) for one in same] == [(Outcome.PASSED, False)]
    assert [(one.outcome, one.flaky) for one in differing] == [(Outcome.FAILED, True)]


def test_a_part_is_read() -> None:
    assert read_shard("2/3") == Shard(2, 3)


@pytest.mark.parametrize("text", ["", "1", "0/2", "3/2", "-1/2", "a/b", "1/2/3", "1 / 2", "²/3"])
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="no part of a whole"):
        read_shard(text)
