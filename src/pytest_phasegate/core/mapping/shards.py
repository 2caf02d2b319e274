"""One part of a run, as it is recorded, and the parts put together again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pytest_phasegate.core.coverage.measurement import Measurement, from_plain, together
from pytest_phasegate.core.evidence.outcomes import CaseRun, NodeId, TestRun, worst
from pytest_phasegate.core.guide.selection import PhaseRef
from pytest_phasegate.core.mapping.mapping import Collected
from pytest_phasegate.core.project.plain_values import as_plain, reading
from pytest_phasegate.core.verdict.verdict import AMONG_OTHERS, listed
from pytest_phasegate.errors import ConfigurationError, EvidenceError

SCHEMA = "phasegate.record/2"
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Shard:
    """Part ``index`` of ``count``, from 1."""

    index: int
    count: int


WHOLE = Shard(1, 1)


def read_shard(text: str) -> Shard:
    """Read ``I/N``.

    Raises:
        ConfigurationError: It is no part of a whole.
    """
    index, _, count = text.partition("/")
    if index.isascii() and count.isascii() and index.isdigit() and count.isdigit() and 1 <= int(index) <= int(count):
        return Shard(int(index), int(count))
    raise ConfigurationError(f"{text!r} is no part of a whole", hint="give I/N, as 1/3")


class Record(NamedTuple):
    """What one part of a run observed.

    ``tree`` names the content it ran on, ``guides`` the digest of each guide by path, ``doubt`` why nothing that was
    measured can be trusted (or why nothing was measured).
    """

    tree: str
    guides: Mapping[str, str]
    selection: tuple[PhaseRef, ...]
    shard: Shard
    run: TestRun
    collected: tuple[Collected, ...]
    measured: Measurement | None = None
    doubt: str = ""
    # every case of the selection that this part found, before others chose among them
    selected: tuple[NodeId, ...] = ()
    prefix: str = ""  # what stands before a node id's path to make it relative to the project's root

    def plain(self) -> dict[str, Any]:
        """Return the record as it is written."""
        return {"schema": SCHEMA, **as_plain(self)}


def read_record(plain: Any) -> Record:
    """Read what ``plain()`` wrote.

    Raises:
        EvidenceError: It is something else, or was written by a version whose records differ.
    """
    if not isinstance(plain, dict) or plain.get("schema") != SCHEMA:
        raise EvidenceError(f"this is no record of the schema {SCHEMA}", hint="write it with --phasegate-record")
    measured = plain.get("measured")
    try:
        found = reading(Record)({**plain, "measured": None})
    except (TypeError, ValueError) as error:
        told = "a record cannot be read: it is cut short or damaged"
        raise EvidenceError(told, hint="run that part again") from error
    return found if measured is None else found._replace(measured=from_plain(measured))


def unite(records: Sequence[Record]) -> Record:
    """Return the whole that the parts make.

    Raises:
        EvidenceError: A part is missing or there twice, or the parts are not of one whole.
    """
    if not records:
        raise EvidenceError("there is no record to combine")
    _one(records, "content", lambda record: record.tree)
    _one(records, "guides", lambda record: tuple(sorted(record.guides.items())))
    _one(records, "selections", lambda record: record.selection)
    _one(records, "numbers of shards", lambda record: record.shard.count)
    _one(records, "root directories", lambda record: record.prefix)
    _refuse_gaps(records)
    return records[0]._replace(
        shard=WHOLE,
        run=_whole_run(records),
        selected=tuple(dict.fromkeys(one for record in records for one in record.selected)),
        collected=tuple(dict.fromkeys(one for record in records for one in record.collected)),
        measured=together(record.measured for record in records if record.measured),
        doubt="; ".join(dict.fromkeys(_doubts(records))),
    )


def _one(records: Iterable[Record], noun: str, of: Callable[[Record], object]) -> None:
    if len({of(record) for record in records}) > 1:
        raise EvidenceError(f"the records are of different {noun}", hint="run every shard on the same commit, alike")


def _refuse_gaps(records: Sequence[Record]) -> None:
    there = sorted(record.shard.index for record in records)
    twice = sorted({index for index in there if there.count(index) > 1})
    missing = [index for index in range(1, records[0].shard.count + 1) if index not in there]
    if twice or missing:
        faults = (("missing", missing), ("twice", twice))
        words = "; ".join(f"{noun} {', '.join(map(str, some))}" for noun, some in faults if some)
        told = f"the records do not make a whole of {records[0].shard.count} shards: {words}"
        raise EvidenceError(told, hint="give each shard's record once")


def _doubts(records: Iterable[Record]) -> Iterable[str]:
    for record in records:
        if record.doubt or record.measured is None:
            yield f"shard {record.shard.index}: {record.doubt or 'coverage was not measured'}"


def _whole_run(records: Sequence[Record]) -> TestRun:
    cases: dict[NodeId, CaseRun] = {}
    for case in (case for record in records for case in record.run.cases):
        known = cases.get(case.node_id)
        cases[case.node_id] = case if known is None else _both(known, case)
    lost = sorted({one for record in records for one in record.selected if one not in cases})
    shown = listed(lost, _SHOWN, AMONG_OTHERS)
    gaps = (f"{len(lost)} collected {'test' if len(lost) == 1 else 'tests'} ran in no shard: {shown}",) if lost else ()
    return TestRun(
        cases=tuple(cases.values()),
        partial=tuple(dict.fromkeys(word for record in records for word in record.run.partial)),
        incomplete="; ".join((*(record.run.incomplete for record in records if record.run.incomplete), *gaps)),
        collected=frozenset().union(*(record.run.collected for record in records)),
        filtered=frozenset().union(*(record.run.filtered for record in records)),
        uncollected={path: why for record in records for path, why in record.run.uncollected.items()},
    )


def _both(one: CaseRun, other: CaseRun) -> CaseRun:
    """Return the worse of a case that ran in two shards; if they differ, it is flaky."""
    outcome = worst(frozenset({one.outcome, other.outcome}))
    return CaseRun(one.node_id, one.test, outcome, flaky=one.flaky or other.flaky or one.outcome is not other.outcome)
