"""Results of child runs on disk, by what was run: a second replay of the same content costs no process."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from hashlib import blake2b
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from pytest_phasegate.app.ports.runner import Runner, RunOrder
from pytest_phasegate.core.evidence.probe_records import ProbedRun

Value = TypeVar("Value")

_FORMAT = 5


class CachedRunner:
    """A runner that asks a directory first.

    An entry that is damaged, of another format or of another key is as good as none; a directory that cannot be
    written only costs time. Runs that could not speak are not kept: their cause may be gone the next time.

    Args:
        runner: Runs what is not there.
        directory: Where the results lie; made when the first one is kept.
    """

    def __init__(self, runner: Runner, directory: Path) -> None:
        self._runner = runner
        self._store = JsonStore(directory)
        self.identity = runner.identity

    def run(self, order: RunOrder) -> ProbedRun:
        """Return the kept result of an order, or run it and keep what it came to."""
        key = self._key(order)
        kept: ProbedRun | None = self._store.get(key, reading(ProbedRun))
        if kept is not None:
            return kept
        run = self._runner.run(order)
        if not run.trouble:
            self._store.put(key, as_plain(run))
        return run

    def _key(self, order: RunOrder) -> str:
        facts = [
            _FORMAT, self.identity, order.tree_digest, order.files, order.only, order.import_roots,
            sorted(order.packages), order.options, order.timeout, order.attempt, order.traced,
            order.backwards, order.directory, order.replaced, order.unhooked,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def as_plain(value: Any) -> Any:
    """Return a value as JSON has it, a record by its fields."""
    if names := _fields(value):
        return {name: as_plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {key: as_plain(one) for key, one in value.items()}
    if isinstance(value, (tuple, list)):
        return [as_plain(one) for one in value]
    return sorted(value) if isinstance(value, (set, frozenset)) else value


def _fields(record: Any) -> tuple[str, ...]:
    """Return the names of the fields of a dataclass or a named tuple, or of one's value; of anything else, none."""
    return tuple(field.name for field in fields(record)) if is_dataclass(record) else getattr(record, "_fields", ())


@cache
def reading(kind: Any) -> Callable[[Any], Any]:
    """Return what makes a value of a kind of what ``as_plain`` made of it, by the types of its fields.

    It raises a ``KeyError``, ``TypeError`` or ``ValueError`` where that is something else.
    """
    if names := _fields(kind):
        hints = get_type_hints(kind)
        read = {name: reading(hints[name]) for name in names}
        return lambda plain: kind(**{name: read[name](one) for name, one in plain.items()})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    origin, of = get_origin(kind), [reading(one) for one in get_args(kind) if one not in {Ellipsis, type(None)}]
    if origin is UnionType:
        return lambda plain: None if plain is None else of[0](plain)
    if origin in {tuple, frozenset}:
        return lambda plain: origin(map(of[0], plain))
    if origin is Mapping:
        return lambda plain: {key: of[1](one) for key, one in plain.items()}
    return lambda plain: plain


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
