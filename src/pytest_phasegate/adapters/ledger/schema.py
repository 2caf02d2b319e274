"""What is in the file: its tables, their version, and the sign by which a file is known to be ours."""

from __future__ import annotations

from dataclasses import dataclass

APPLICATION_ID = 0x50474C31  # ``PGL1``: what ``file`` and we read in the header of a ledger


@dataclass(frozen=True, slots=True)
class Table:
    """One chained table: ``seq`` and ``hash`` surround the columns named here."""

    name: str
    columns: tuple[str, ...]
    indexes: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, without their types."""
        return tuple(column.partition(" ")[0] for column in self.columns)

    def statements(self) -> dict[str, str]:
        """Return the statement of each thing this table needs, by the name SQLite knows it by."""
        columns = ", ".join(("seq INTEGER PRIMARY KEY", *self.columns, "hash BLOB NOT NULL"))
        table = {self.name: f"CREATE TABLE {self.name} ({columns})"}
        names = {on: f"{self.name}_{on.partition(',')[0]}" for on in self.indexes}
        return table | {name: f"CREATE INDEX {name} ON {self.name} ({on})" for on, name in names.items()}


TESTS = Table(
    "tests", ("id TEXT NOT NULL", "digest TEXT NOT NULL", "helpers TEXT NOT NULL"), indexes=("digest, id, helpers",)
)
CONTENTS = Table("contents", ("path TEXT NOT NULL", "blob TEXT NOT NULL"), indexes=("path, blob",))
SNAPSHOTS = Table("snapshots", ("digest TEXT NOT NULL", "contents TEXT NOT NULL"), indexes=("digest",))
RUNS = Table(
    "runs",
    (
        "at INTEGER NOT NULL",
        "production INTEGER NOT NULL",
        "support INTEGER NOT NULL",
        "partial TEXT NOT NULL",
        "incomplete TEXT NOT NULL",
        "passed TEXT NOT NULL",
        "skipped TEXT NOT NULL",
        "xfailed TEXT NOT NULL",
        "reds INTEGER NOT NULL",
    ),
    indexes=("production",),
)
REDS = Table(
    "reds",
    (
        "run INTEGER NOT NULL",
        "test INTEGER NOT NULL",
        "outcome TEXT NOT NULL",
        "grade TEXT NOT NULL",
        "moment TEXT",
        "types TEXT",
        "missing TEXT",
        "module TEXT",
        "function TEXT",
        "path TEXT",
        "line INTEGER",
        "outside INTEGER",
        "flaky INTEGER NOT NULL",
    ),
    indexes=("test", "run"),
)

MODULES = Table("modules", ("path TEXT NOT NULL", "key TEXT NOT NULL", "tests TEXT NOT NULL"), indexes=("key, path",))

TABLES = (TESTS, CONTENTS, SNAPSHOTS, RUNS, REDS, MODULES)
VERSION = 2
"""Grows with every change of the tables."""
_HEAD = {"head": "CREATE TABLE head (chain TEXT PRIMARY KEY, rows INTEGER NOT NULL, hash BLOB NOT NULL) WITHOUT ROWID"}
"""How long each chain is and where it ends: the one table whose rows change."""
STATEMENTS = _HEAD | {name: text for table in TABLES for name, text in table.statements().items()}
"""Every statement that makes up a ledger, by the name SQLite knows the thing by."""
