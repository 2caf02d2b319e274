"""Rows in and out: every row that is read is checked against its hash, every row that is written is linked.

One row is checked by itself and its predecessor, whatever the size of the table; a walk over the table finds a row
that was edited, inserted, taken out or cut off at the end (``head`` keeps each table's length and last hash).
SQLite's own ``integrity_check`` sees none of these as long as the pages are well formed.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import groupby
from pathlib import Path
from typing import Any, TypeAlias

from pytest_phasegate.adapters.ledger import file
from pytest_phasegate.adapters.ledger.file import DamagedLedgerError, Table
from pytest_phasegate.core.evidence.runs import Health
from pytest_phasegate.errors import LedgerError


def pack(numbers: Iterable[int]) -> str:
    """Return the text of a set of numbers, in order and without repeats."""
    return " ".join(str(first) if first == last else f"{first}-{last}" for first, last in _spans(numbers))


class Ranges:
    """A packed set of numbers that answers membership in logarithmic time.

    Raises:
        ValueError: If the text is none of ours.
    """

    def __init__(self, text: str) -> None:
        spans = [span.partition("-") for span in text.split()]
        self._firsts = [int(first) for first, _, _ in spans]
        self._lasts = [int(last or first) for first, _, last in spans]

    def __contains__(self, number: int) -> bool:
        place = bisect_right(self._firsts, number) - 1
        return place >= 0 and number <= self._lasts[place]

    def __iter__(self) -> Iterator[int]:
        for first, last in self.spans():
            yield from range(first, last + 1)

    def spans(self) -> Iterator[tuple[int, int]]:
        """Yield the first and last number of each unbroken span."""
        return zip(self._firsts, self._lasts, strict=True)


def _spans(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    for _, span in groupby(enumerate(sorted(set(numbers))), lambda pair: pair[1] - pair[0]):
        found = [number for _, number in span]
        yield found[0], found[-1]


Row = tuple[Any, ...]  # ``seq`` and then the table's own columns, in their order
Value: TypeAlias = int | str | None  # what a column may hold


class Rows:
    """Read and append rows on one open connection."""

    def __init__(self, connection: sqlite3.Connection, path: Path | str) -> None:
        self.connection = connection
        self.path = path
        self._tails: dict[str, tuple[int, bytes]] = {}
        self._pending: dict[Table, list[Row]] = {}

    def find(self, table: Table, condition: str, *parameters: Value) -> Iterator[Row]:
        """Yield the rows for which an SQL condition on the alias ``t`` holds, each checked.

        Raises:
            DamagedLedgerError: If a row is not what was written.
        """
        columns = ", ".join(f"t.{name}" for name in ("seq", *table.names))
        query = (
            f"SELECT {columns}, t.hash, p.hash FROM {table.name} t "  # noqa: S608 - names from the schema alone
            f"LEFT JOIN {table.name} p ON p.seq = t.seq - 1 WHERE {condition}"
        )
        for *row, own, previous in self.connection.execute(query, [plain(value) for value in parameters]):
            if link(table.name, row[0], row[1:], previous) != own:
                raise DamagedLedgerError(self.path, f"row {row[0]} of {table.name} is not what was written")
            yield tuple(row)

    def every(self, table: Table) -> Iterator[Row]:
        """Yield all rows of a table, oldest first, each checked."""
        return self.find(table, "1 ORDER BY t.seq")

    def first(self, table: Table, condition: str, *parameters: Value) -> Row | None:
        """Return the first such row, checked, if there is one."""
        return next(self.find(table, f"{condition} LIMIT 1", *parameters), None)

    def agreed(self, table: Table, column: str, value: Value, limit: int = -1) -> list[Row]:
        """Return the newest rows with a value in an indexed column, each checked, and that the index hides none.

        An index is protected by no chain. So the table itself is searched as well, which SQLite does fast enough for
        tables that hold a row for each run or file.

        Raises:
            DamagedLedgerError: If the index and the table do not tell the same, or a row is not what was written.
        """
        rows = list(self.find(table, f"t.{column} = ? ORDER BY t.seq DESC LIMIT ?", value, limit))
        query = f"SELECT seq FROM {table.name} WHERE +{column} = ? ORDER BY seq DESC LIMIT ?"  # noqa: S608 - our names
        if [row[0] for row in rows] != [seq for (seq,) in self.connection.execute(query, (plain(value), limit))]:
            raise DamagedLedgerError(self.path, f"the index of {table.name} hides rows, or shows others")
        return rows

    def numbered(self, table: Table, number: int) -> Row:
        """Return the row with this number, which another row refers to.

        Raises:
            DamagedLedgerError: If there is none.
        """
        row = self.first(table, "t.seq = ?", number)
        if row is None:
            raise DamagedLedgerError(self.path, f"row {number} of {table.name} is gone")
        return row

    def spans(self, table: Table, packed: str) -> Iterator[Row]:
        """Yield a packed set of rows unchecked, in a third of the time: for what a digest checks as a whole."""
        columns = ", ".join(("seq", *table.names))
        query = f"SELECT {columns} FROM {table.name} WHERE seq BETWEEN ? AND ?"  # noqa: S608 - names from the schema
        for span in Ranges(packed).spans():
            yield from self.connection.execute(query, span)

    def members(self, table: Table, packed: str) -> Iterator[Row]:
        """Yield a packed set of rows, each checked.

        Raises:
            DamagedLedgerError: If one is gone, or is not what was written.
        """
        for first, last in Ranges(packed).spans():
            found = list(self.find(table, "t.seq BETWEEN ? AND ?", first, last))
            if len(found) != last - first + 1:
                raise DamagedLedgerError(self.path, f"rows {first} to {last} of {table.name} are not all there")
            yield from found

    def tail(self, table: Table) -> tuple[int, bytes]:
        """Return a table's length and last hash.

        Raises:
            DamagedLedgerError: If the table does not end where it was left.
        """
        if table.name not in self._tails:
            self._tails[table.name] = self._checked_tail(table)
        return self._tails[table.name]

    def append(self, table: Table, *values: Value) -> int:
        """Add a row behind the last one and return its number; it is written by ``flush``."""
        length, previous = self.tail(table)
        number, content = length + 1, [plain(value) for value in values]
        hashed = link(table.name, number, content, previous)
        self._tails[table.name] = number, hashed
        self._pending.setdefault(table, []).append((number, *content, hashed))
        return number

    def flush(self) -> None:
        """Write what was appended, and how long each table is now."""
        for table, rows in self._pending.items():
            marks = ", ".join("?" * len(rows[0]))
            self.connection.executemany(f"INSERT INTO {table.name} VALUES ({marks})", rows)  # noqa: S608 - our names
            self.connection.execute("INSERT OR REPLACE INTO head VALUES (?, ?, ?)", (table.name, *self.tail(table)))
        self._pending.clear()

    def _checked_tail(self, table: Table) -> tuple[int, bytes]:
        query = "SELECT rows, hash FROM head WHERE chain = ?"
        kept = self.connection.execute(query, (table.name,)).fetchone() or (0, b"")
        query = f"SELECT seq, hash FROM {table.name} ORDER BY seq DESC LIMIT 1"  # noqa: S608 - names from the schema
        found = self.connection.execute(query).fetchone() or (0, b"")
        if kept != found:
            raise DamagedLedgerError(self.path, f"{table.name} ends at row {found[0]}, not at row {kept[0]} as written")
        return int(found[0]), bytes(found[1])


def plain(value: Value) -> Value:
    """Return a value that SQLite can hold: bytes that were no UTF-8 in a path are written out as escapes."""
    if not isinstance(value, str) or value.isascii():
        return value
    return value.encode("utf-8", "backslashreplace").decode("utf-8")


SIZE = 16  # bytes of a hash: chance collisions are out of the question; forgery is found by replay, not here


def link(table: str, number: int, values: Sequence[Value], previous: object) -> bytes:
    """Return the hash of row ``number`` of a table.

    ``previous`` is the hash of the row before, nothing for the first row; damage may have made anything of it.
    """
    fields = "".join([_field(value) for value in values])
    content = f"{table}:{number}:{fields}".encode()
    return blake2b((previous if isinstance(previous, bytes) else b"") + content, digest_size=SIZE).digest()


def _field(value: Value) -> str:
    """Write one value so that no two lists of values read the same; damage may have changed its type."""
    if isinstance(value, str):
        return f"s{len(value)}:{value}"
    return f"{type(value).__name__}{value!r};"


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
