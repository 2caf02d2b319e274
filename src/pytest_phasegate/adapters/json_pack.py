"""Many small JSON values by key, kept together in one file that is read once and written at most once."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Value = TypeVar("Value")

_ROOM = 512
"""So many values are kept in any case."""


class JsonPack:
    """Keeps what can be found again by computing it: a file that is damaged is as good as none.

    Args:
        path: The file; made by ``save`` when there is something to keep. One that cannot be written only costs time,
            and ``None`` keeps nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._old: dict[str, Any] | None = None
        self._used: dict[str, Any] = {}
        self._fresh = False

    def get(self, key: str, read: Callable[[Any], Value]) -> Value | None:
        """Return the value of a key as ``read`` makes it, or ``None`` where there is none or it cannot be read."""
        if self._old is None:
            self._old = _load(self._path)
        value = self._used.get(key, self._old.get(key))
        if value is None:
            return None
        try:
            found = read(value)
        except (ValueError, KeyError, TypeError):
            return None
        self._used[key] = value
        return found

    def put(self, key: str, value: object) -> None:
        """Keep a value; not on the disk yet."""
        self._used[key] = value
        self._fresh = True

    def save(self) -> None:
        """Write the file if there is anything new: all that was used since it was read, and of the rest the newest."""
        if self._path is None or not self._fresh:
            return
        rest = [(key, value) for key, value in (self._old or {}).items() if key not in self._used]
        room = max(_ROOM, 2 * len(self._used)) - len(self._used)
        _store(self._path, [*rest[-room:], *self._used.items()])
        self._fresh = False


def _load(path: Path | None) -> dict[str, Any]:
    try:
        digest, _, text = path.read_bytes().partition(b"\n") if path else (b"", b"", b"")
        values = json.loads(text) if digest == _digest(text) else {}
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def _store(path: Path, values: Iterable[tuple[str, Any]]) -> None:
    import tempfile

    text = json.dumps(dict(values), separators=(",", ":")).encode()
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, aside = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(_digest(text) + b"\n" + text)
        Path(aside).replace(path)


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest().encode()
