"""Hash chains: each row carries a hash over its own fields and the hash of the row before it.

One row is checked by itself and its predecessor, whatever the size of the table; a walk over the table finds a row
that was edited, inserted, taken out or cut off at the end (``head`` keeps each table's length and last hash).
SQLite's own ``integrity_check`` sees none of these as long as the pages are well formed.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    Value: TypeAlias = int | str | None
    """What a column may hold."""

SIZE = 16
"""Bytes of a hash: chance collisions are out of the question; forgery is found by replay, not here."""


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
