"""The file: its tables and their version, opening it, whose file it is, and what can be wrong with it."""

from __future__ import annotations

import os.path
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from pytest_phasegate.errors import LedgerError

APPLICATION_ID = 0x50474C31  # ``PGL1``: what ``file`` and we read in the header of a ledger


class Table(NamedTuple):
    """One chained table: ``seq`` and ``hash`` surround the columns named here."""

    name: str
    columns: str
    indexes: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, without their types."""
        return tuple(column.partition(" ")[0] for column in self.columns.split(", "))

    def statements(self) -> dict[str, str]:
        """Return the statement of each thing this table needs, by the name SQLite knows it by."""
        columns = f"seq INTEGER PRIMARY KEY, {self.columns}, hash BLOB NOT NULL"
        table = {self.name: f"CREATE TABLE {self.name} ({columns})"}
        names = {on: f"{self.name}_{on.partition(',')[0]}" for on in self.indexes}
        return table | {name: f"CREATE INDEX {name} ON {self.name} ({on})" for on, name in names.items()}


TESTS = Table("tests", "id TEXT NOT NULL, digest TEXT NOT NULL, helpers TEXT NOT NULL", ("digest, id, helpers",))
CONTENTS = Table("contents", "path TEXT NOT NULL, blob TEXT NOT NULL", ("path, blob",))
SNAPSHOTS = Table("snapshots", "digest TEXT NOT NULL, contents TEXT NOT NULL", ("digest",))
RUNS = Table(
    "runs",
    "at INTEGER NOT NULL, production INTEGER NOT NULL, support INTEGER NOT NULL, partial TEXT NOT NULL, "
    "incomplete TEXT NOT NULL, passed TEXT NOT NULL, skipped TEXT NOT NULL, xfailed TEXT NOT NULL, "
    "reds INTEGER NOT NULL",
    ("production",),
)
REDS = Table(
    "reds",
    "run INTEGER NOT NULL, test INTEGER NOT NULL, outcome TEXT NOT NULL, grade TEXT NOT NULL, moment TEXT, "
    "types TEXT, missing TEXT, module TEXT, function TEXT, path TEXT, line INTEGER, outside INTEGER, "
    "flaky INTEGER NOT NULL",
    ("test", "run"),
)
MODULES = Table("modules", "path TEXT NOT NULL, key TEXT NOT NULL, tests TEXT NOT NULL", ("key, path",))

TABLES = (TESTS, CONTENTS, SNAPSHOTS, RUNS, REDS, MODULES)
VERSION = 2
"""Grows with every change of the tables."""
_HEAD = {"head": "CREATE TABLE head (chain TEXT PRIMARY KEY, rows INTEGER NOT NULL, hash BLOB NOT NULL) WITHOUT ROWID"}
"""How long each chain is and where it ends: the one table whose rows change."""
STATEMENTS = _HEAD | {name: text for table in TABLES for name, text in table.statements().items()}
"""Every statement that makes up a ledger, by the name SQLite knows the thing by."""


_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_SCHEMA}
_HINTS = {
    sqlite3.SQLITE_BUSY: "another process writes to it; try again when it has finished",
    sqlite3.SQLITE_LOCKED: "another process writes to it; try again when it has finished",
    sqlite3.SQLITE_FULL: "free some space on that disk",
    sqlite3.SQLITE_IOERR: "look at that disk; PHASEGATE_LEDGER names another place",
    sqlite3.SQLITE_READONLY: "make the file and its directory writable; PHASEGATE_LEDGER names another place",
    sqlite3.SQLITE_CANTOPEN: "make the directory readable and writable; PHASEGATE_LEDGER names another place",
}
_PRIMARY = 0xFF  # SQLite's extended error codes carry the primary one in the low byte


class DamagedLedgerError(LedgerError):
    """The file is no SQLite file, or its rows are not those that were written."""

    def __init__(self, path: Path | str, what: str) -> None:
        super().__init__(
            f"the ledger {path} is damaged: {what}",
            hint="run `phasegate ledger verify --set-aside` to start a new one, then your tests again",
            code="PG921",
        )


@contextmanager
def translated(path: Path | str) -> Iterator[None]:
    """Raise what SQLite and the file system raise inside as a ``LedgerError``."""
    try:
        yield
    except sqlite3.Error as error:
        raise _translate(path, error) from error
    except UnicodeDecodeError as error:  # Python's sqlite3 decodes SQLite's message about a damaged schema
        raise DamagedLedgerError(path, "it holds text that is no text") from error
    except OSError as error:
        raise _unusable(path, error.strerror or str(error), _ELSEWHERE) from error


_ELSEWHERE = "make its directory readable and writable; PHASEGATE_LEDGER names another place"


def _translate(path: Path | str, error: sqlite3.Error) -> LedgerError:
    code = getattr(error, "sqlite_errorcode", None)
    primary = sqlite3.SQLITE_CORRUPT if code is None else code & _PRIMARY
    if primary in _DAMAGED or "decode" in str(error):
        return DamagedLedgerError(path, str(error))
    return _unusable(path, str(error), _HINTS.get(primary, _ELSEWHERE))


def _unusable(path: Path | str, what: str, hint: str) -> LedgerError:
    return LedgerError(f"the ledger {path} cannot be used: {what}", hint=hint, code="PG920")


BUSY_SECONDS = 30.0
_WARY = ("PRAGMA trusted_schema = OFF", "PRAGMA cell_size_check = ON", "PRAGMA mmap_size = 0")
_READING = (*_WARY, "PRAGMA query_only = ON", "BEGIN")
_WRITING = (*_WARY, "PRAGMA journal_mode = DELETE", "PRAGMA synchronous = FULL", "BEGIN IMMEDIATE")


@contextmanager
def for_reading(path: Path | str | None) -> Iterator[sqlite3.Connection]:
    """Open an existing ledger for queries only; without a path, an empty one.

    The file is opened for writing where that can be, since only so can SQLite undo what a killed writer left.
    """
    with translated(path or ":memory:"):
        connection = _readable(path) if path else sqlite3.connect(":memory:", isolation_level=None)
        try:
            if path is None or not holds_ledger(connection, path):
                connection.close()
                connection = sqlite3.connect(":memory:", isolation_level=None)
                create(connection)
            yield connection
        finally:
            connection.close()


@contextmanager
def for_writing(path: Path | str) -> Iterator[sqlite3.Connection]:
    """Open or create a ledger and hold it for one transaction, committed at the end unless something is raised."""
    with translated(path):
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        connection = _connect(path, "rwc")
        try:
            for setting in _WRITING:
                connection.execute(setting)
            if not holds_ledger(connection, path):
                create(connection)
            yield connection
            connection.execute("COMMIT")
        finally:
            connection.close()


def holds_ledger(connection: sqlite3.Connection, path: Path | str) -> bool:
    """Return whether a file is a ledger, as an empty one is not yet; refuse what is not ours, or of another version.

    Raises:
        LedgerError: It is damaged, not ours, or from the future.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    (things,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if not application and not found and not things:
        return False
    if application != APPLICATION_ID or found < VERSION:
        raise DamagedLedgerError(path, "its header is not that of a ledger")
    if found > VERSION:
        told = f"the ledger {path} has schema version {found}, and this phasegate knows {VERSION}"
        hint = "upgrade pytest-phasegate to the version that your other environment has"
        raise LedgerError(told, hint=hint, code="PG923")
    _require_ours(connection, path)
    return True


def create(connection: sqlite3.Connection) -> None:
    """Make the tables, inside the transaction that is open."""
    for statement in STATEMENTS.values():
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _readable(path: Path | str) -> sqlite3.Connection:
    writable = os.access(path, os.W_OK) and os.access(os.path.dirname(os.path.abspath(path)), os.W_OK)
    connection = _connect(path, "rw" if writable else "ro")
    for setting in _READING:
        connection.execute(setting)
    return connection


def _connect(path: Path | str, mode: str) -> sqlite3.Connection:
    name = str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    return sqlite3.connect(f"file:{name}?mode={mode}", uri=True, isolation_level=None, timeout=BUSY_SECONDS)


def _require_ours(connection: sqlite3.Connection, path: Path | str) -> None:
    """Refuse a file that was cut short or whose schema is not, word for word, the one that this version writes."""
    (pages,), (size,) = (connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
    if os.path.getsize(path) < pages * size:
        raise DamagedLedgerError(path, "it is shorter than it was")
    present = dict(connection.execute("SELECT name, sql FROM sqlite_master"))
    if present == STATEMENTS:
        return
    strange = sorted(str(name) for name, sql in present.items() if STATEMENTS.get(name) != sql)
    if strange:
        what = f"the {_kind(connection, strange[0])} {strange[0]!r}"  # it could act: a trigger, a view
        told = f"the ledger {path} holds {what}, which phasegate did not put there"
        raise LedgerError(told, hint="find out who wrote it, then move the file away", code="PG922")
    raise DamagedLedgerError(path, f"{min(STATEMENTS.keys() - present.keys())!r} is gone from its schema")


def _kind(connection: sqlite3.Connection, name: str) -> str:
    row = connection.execute("SELECT type FROM sqlite_master WHERE name = ?", (name,)).fetchone()
    return str(row[0]) if row else "thing"
