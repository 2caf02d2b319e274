"""A directory of JSON values by key, each in a file of its own that is written aside and renamed."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    Value = TypeVar("Value")


class JsonStore:
    """Keeps what can be found again by computing it: an entry that is damaged is as good as none.

    Args:
        directory: Where; made when the first value is kept. One that cannot be written only costs time.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def get(self, key: str, read: Callable[[dict[str, Any]], Value]) -> Value | None:
        """Return the value of a key as ``read`` makes it, or ``None`` where there is none or it is damaged."""
        try:
            entry = json.loads(self._path(key).read_bytes())
            if entry["key"] != key or entry["digest"] != _digest(entry["value"]):
                return None
            return read(entry["value"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, key: str, value: dict[str, Any]) -> None:
        """Keep a value."""
        import tempfile

        entry = json.dumps({"key": key, "digest": _digest(value), "value": value}).encode()
        path = self._path(key)
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, aside = tempfile.mkstemp(dir=path.parent)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(entry)
            Path(aside).replace(path)

    def _path(self, key: str) -> Path:
        return self._directory / key[:2] / f"{key}.json"


def _digest(value: object) -> str:
    return blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=32).hexdigest()
