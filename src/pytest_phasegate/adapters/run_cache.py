"""Results of child runs on disk, by what was run: a second replay of the same content costs no process."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_phasegate.core.probing_json import run_from_json, run_to_json

if TYPE_CHECKING:
    from pytest_phasegate.app.running_port import Runner, RunOrder
    from pytest_phasegate.core.probing import ProbedRun

_FORMAT = 2


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
        self._directory = directory
        self.identity = runner.identity

    def run(self, order: RunOrder) -> ProbedRun:
        """Return the kept result of an order, or run it and keep what it came to."""
        key = self._key(order)
        kept = self._read(key)
        if kept is not None:
            return kept
        run = self._runner.run(order)
        if not run.trouble:
            self._write(key, run)
        return run

    def _key(self, order: RunOrder) -> str:
        facts = [
            _FORMAT, self.identity, order.tree_digest, order.files, order.only, order.import_roots,
            sorted(order.packages), order.options, order.timeout, order.attempt, order.traced,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()

    def _path(self, key: str) -> Path:
        return self._directory / key[:2] / f"{key}.json"

    def _read(self, key: str) -> ProbedRun | None:
        try:
            entry = json.loads(self._path(key).read_bytes())
            if entry["key"] != key or entry["digest"] != _digest(entry["run"]):
                return None
            return run_from_json(entry["run"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _write(self, key: str, run: ProbedRun) -> None:
        body = run_to_json(run)
        entry = json.dumps({"key": key, "digest": _digest(body), "run": body}).encode()
        path = self._path(key)
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, aside = tempfile.mkstemp(dir=path.parent)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(entry)
            Path(aside).replace(path)


def _digest(body: object) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
