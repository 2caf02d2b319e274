"""A look at all of a ledger: pages, indexes, chains, references."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from pytest_phasegate.adapters.ledger import file
from pytest_phasegate.adapters.ledger.file import Table
from pytest_phasegate.adapters.ledger.rows import Ranges, Rows, link
from pytest_phasegate.core.evidence.runs import Health
from pytest_phasegate.errors import LedgerError


def examine(path: Path) -> Health:
    """Return what is wrong with the file, if anything; a file that cannot be opened is a problem like others."""
    if not path.exists():
        return Health(str(path), exists=False, rows={})
    try:
        with file.for_reading(path) as connection:
            rows = {table.name: _length(connection, table) for table in file.TABLES}
            problems = tuple(_problems(connection, path)) or tuple(_dangling(connection))
            return Health(str(path), exists=True, rows=rows, problems=problems)
    except LedgerError as error:
        return Health(str(path), exists=True, rows={}, problems=(error.problem,))


def _length(connection: sqlite3.Connection, table: Table) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0])  # noqa: S608 - our names


def _problems(connection: sqlite3.Connection, path: Path) -> Iterator[str]:
    for (word,) in connection.execute("PRAGMA integrity_check(20)"):
        if word != "ok":
            yield str(word)
    rows = Rows(connection, path)
    for table in file.TABLES:
        yield from _broken_links(connection, table)
        try:
            rows.tail(table)
        except LedgerError as error:
            yield error.problem


def _broken_links(connection: sqlite3.Connection, table: Table) -> Iterator[str]:
    """Walk one chain from its first row to its last."""
    previous: object = None
    query = f"SELECT * FROM {table.name} ORDER BY seq"  # noqa: S608 - names from the schema alone
    for expected, (number, *values, own) in enumerate(connection.execute(query), start=1):
        if number != expected:
            yield f"row {expected} of {table.name} is gone"
            return
        if link(table.name, number, values, previous) != own:
            yield f"row {number} of {table.name} is not what was written"
            return
        previous = own


def _dangling(connection: sqlite3.Connection) -> Iterator[str]:
    """Find references beyond the end of a table: each chain is whole, but one was cut and its head made to fit."""
    for owner, column, target in _REFERENCES:
        length = _length(connection, target)
        query = f"SELECT seq, {column} FROM {owner.name}"  # noqa: S608 - names from the schema alone
        for number, packed in connection.execute(query):
            if any(last > length for _, last in Ranges(str(packed)).spans()):
                yield f"row {number} of {owner.name} refers to rows of {target.name} that are gone"


_REFERENCES = (
    (file.SNAPSHOTS, "contents", file.CONTENTS),
    (file.RUNS, "passed", file.TESTS),
    (file.RUNS, "skipped", file.TESTS),
    (file.RUNS, "xfailed", file.TESTS),
    (file.MODULES, "tests", file.TESTS),
    (file.RUNS, "production", file.SNAPSHOTS),
    (file.RUNS, "support", file.SNAPSHOTS),
    (file.REDS, "run", file.RUNS),
    (file.REDS, "test", file.TESTS),
)
