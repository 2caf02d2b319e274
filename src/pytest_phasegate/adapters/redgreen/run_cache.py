"""Results of child runs on disk, by what was run: a second replay of the same content costs no process."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar

from pytest_phasegate.adapters.project.worktree import replace_file
from pytest_phasegate.app.ports.evidence import Runner, RunOrder
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.core.evidence.probe_records import ProbedRun
from pytest_phasegate.core.project.plain_values import as_plain, reading

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
        kept = self._store.get(key, reading(ProbedRun))
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
        entry = json.dumps({"key": key, "digest": _digest(value), "value": value})
        with suppress(OSError):
            replace_file(self._path(key), entry)

    def _path(self, key: str) -> Path:
        return self._directory / key[:2] / f"{key}.json"


def kept_values(repository: Repository) -> JsonStore:
    """Return where commands keep a word for the next time, such as how long they took, beside these results."""
    return JsonStore(Path(repository.common_dir, "phasegate", "cache"))


def _digest(value: object) -> str:
    return blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=32).hexdigest()
