"""Results of child runs on disk, by what was run: a second replay of the same content costs no process."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from pytest_phasegate.adapters.json_store import JsonStore
from pytest_phasegate.core.evidence.probe_json import run_from_json, run_to_json

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_phasegate.app.ports.runner import Runner, RunOrder
    from pytest_phasegate.core.evidence.probe_records import ProbedRun

_FORMAT = 3


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
        kept = self._store.get(key, run_from_json)
        if kept is not None:
            return kept
        run = self._runner.run(order)
        if not run.trouble:
            self._store.put(key, run_to_json(run))
        return run

    def _key(self, order: RunOrder) -> str:
        facts = [
            _FORMAT, self.identity, order.tree_digest, order.files, order.only, order.import_roots,
            sorted(order.packages), order.options, order.timeout, order.attempt, order.traced,
            order.backwards, order.directory,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()
