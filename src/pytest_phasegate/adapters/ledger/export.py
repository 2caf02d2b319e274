"""The ledger as plain records: one a run, then one an observation; for people, other tools and backups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_phasegate.adapters.ledger.ranges import Ranges
from pytest_phasegate.adapters.ledger.schema import RUNS
from pytest_phasegate.adapters.ledger.writing import PLAIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_phasegate.adapters.ledger.reading import Reading
    from pytest_phasegate.adapters.ledger.rows import Row
    from pytest_phasegate.core.evidence.runs import Red, TestVersion


def records(reading: Reading) -> Iterator[Mapping[str, object]]:
    """Yield each run and what it observed, in the order of recording."""
    for row in reading.every(RUNS):
        yield from _run(reading, row)


def _run(reading: Reading, row: Row) -> Iterator[Mapping[str, object]]:
    run = reading.run(row)
    yield {
        "record": "run",
        "run": run.number,
        "at": run.at,
        "production": run.production,
        "support": run.support,
        "partial": list(run.partial),
        "incomplete": run.incomplete,
    }
    for outcome, packed in zip(PLAIN, row[6:9], strict=True):
        yield from (_observation(run.number, reading.test(key), outcome.value) for key in Ranges(packed))
    yield from (_red(run.number, red) for red in reading.reds_of(run.number))


def _observation(run: int, test: TestVersion, outcome: str) -> dict[str, object]:
    return {
        "record": "observation",
        "run": run,
        "test": test.id,
        "digest": test.digest,
        "helpers": test.helpers,
        "outcome": outcome,
    }


def _red(run: int, red: Red) -> dict[str, object]:
    facts = {"grade": red.grade.value, "moment": red.moment and red.moment.value, "flaky": red.flaky}
    exception = red.raised.name if red.raised else ""
    return {**_observation(run, red.test, red.outcome.value), **facts, "exception": exception}
