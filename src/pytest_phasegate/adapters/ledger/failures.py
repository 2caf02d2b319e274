"""What can be wrong with a ledger, and what to do about each: SQLite's errors in words a user can act on."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pytest_phasegate.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_SCHEMA}
_HINTS = {
    sqlite3.SQLITE_BUSY: "another process writes to it; try again when it has finished",
    sqlite3.SQLITE_LOCKED: "another process writes to it; try again when it has finished",
    sqlite3.SQLITE_FULL: "free some space on that disk",
    sqlite3.SQLITE_IOERR: "look at that disk; PHASEGATE_LEDGER names another place",
    sqlite3.SQLITE_READONLY: "make the file and its directory writable; PHASEGATE_LEDGER names another place",
    sqlite3.SQLITE_CANTOPEN: "make the directory readable and writable; PHASEGATE_LEDGER names another place",
}
_PRIMARY = 0xFF
"""SQLite's extended error codes carry the primary one in the low byte."""


class DamagedLedgerError(LedgerError):
    """The file is no SQLite file, or its rows are not those that were written."""

    def __init__(self, path: Path | str, what: str) -> None:
        super().__init__(
            f"the ledger {path} is damaged: {what}",
            hint="run `phasegate ledger verify --set-aside` to start a new one, then your tests again",
            code="PG921",
        )


class HostileLedgerError(LedgerError):
    """The file holds something that we never put there and that could act: a trigger, a view, another table."""

    def __init__(self, path: Path | str, what: str) -> None:
        super().__init__(
            f"the ledger {path} holds {what}, which phasegate did not put there",
            hint="find out who wrote it, then move the file away",
            code="PG922",
        )


class NewerLedgerError(LedgerError):
    """A later version of phasegate wrote the file."""

    def __init__(self, path: Path | str, found: int, known: int) -> None:
        super().__init__(
            f"the ledger {path} has schema version {found}, and this phasegate knows {known}",
            hint="upgrade pytest-phasegate to the version that your other environment has",
            code="PG923",
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
