"""How many tests of a run are done, for whoever started it and waits."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

VARIABLE = "_PHASEGATE_COUNTS"  # names the file that is written; a run that a test starts does not inherit it
_SECONDS = 0.5


class Counting:
    """Write twice a second how many tests are done, and of how many."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.done = self.total = 0
        self.written = 0.0

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Learn how many tests there are."""
        self.total = len(session.items)
        self._write()

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Learn the same of a worker: all collect the same."""
        self.total = len(ids)

    def pytest_runtest_logfinish(self) -> None:
        """Count a test that came to its end."""
        self.done += 1
        if time.monotonic() - self.written >= _SECONDS:
            self._write()

    def _write(self) -> None:
        self.written = time.monotonic()
        with suppress(OSError):  # nobody's verdict hangs on it
            Path(self.path).write_text(f"{self.done} {self.total}", encoding="ascii")


def asked() -> str:
    """Return the file that is to be written, if any, and keep it from what this process starts."""
    return os.environ.pop(VARIABLE, "")
