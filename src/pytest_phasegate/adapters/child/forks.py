"""Runs as forks of a warm process, as far as nothing could tell them from processes that were started anew."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_phasegate.adapters.child.attempt import Attempt, read_attempt
from pytest_phasegate.adapters.child.leftovers import kill_leftovers
from pytest_phasegate.adapters.child.process import Limits, run_limited
from pytest_phasegate.adapters.child.step import Step
from pytest_phasegate.adapters.child.warm_process import WarmProcess

if TYPE_CHECKING:
    from threading import Event

    from pytest_phasegate.adapters.child.step import Outfit
    from pytest_phasegate.app.ports.runner import RunOrder


class Forks:
    """Keeps one warm process for all orders that are run in one tree.

    What Python and a ``.pth`` file read at their start, the environment and the directory, is the same byte for byte
    for each of these orders: all have their home and their temporary files in one place, which is emptied for each. An
    order with another environment, or for another directory than the top, is not run here.

    Args:
        argv: The interpreter.
        scratch: Directory for what is written.
        outfit: What all runs have in common.
        stop: Set when what runs shall end.
    """

    def __init__(self, argv: tuple[str, ...], scratch: Path, outfit: Outfit, stop: Event) -> None:
        self._argv = argv
        self._scratch = scratch
        self._outfit = outfit
        self._stop = stop
        self._step = Step(scratch / "step")
        self._mark = uuid.uuid4().hex
        self._environment: dict[str, str] = {}
        self._warm: WarmProcess | None = None

    def warm_up(self, order: RunOrder) -> None:
        """Start the warm process for the first order, before its tree is written: nothing of it can be imported."""
        if order.directory or self._environment or any(map(_holds_anything, self._outfit.searched(order))):
            return
        self._clear()
        self._environment = self._outfit.environment(self._step, order, self._mark)
        self._warm = WarmProcess.started(self._argv, order.tree, self._environment, self._scratch / "warm", self._stop)

    def attempt(self, order: RunOrder) -> Attempt | None:
        """Run an order in a fork; return nothing where it is to be run in a new process."""
        warm = None if order.directory else self._warm
        if warm is None or self._outfit.environment(self._step, order, self._mark) != self._environment:
            return None
        self._clear()
        self._outfit.write_settings(self._step, order)
        self._step.console.touch()
        run = warm.forked(self._step.settings, self._step.console, self._outfit.searched(order))
        try:
            if run is None:
                return None
            limits = Limits.of(order)
            ended = run_limited(
                run, mark=self._mark, watched=self._step.records, limits=limits, stop=self._stop, keep=warm.pid
            )
            attempt = read_attempt(self._step, ended, order)
            return attempt if attempt.started and not warm.gone else None
        finally:
            if warm.gone:
                self.close()

    def close(self) -> None:
        """End the warm process, and what a run left that nobody could tell of."""
        if self._warm is not None:
            self._warm.close()
            kill_leftovers(self._mark)
            self._warm = None

    def _clear(self) -> None:
        """Give the step's directory a new content; the old one goes away whole, also what cannot be removed."""
        old = tempfile.mkdtemp(prefix="old", dir=self._scratch)
        if self._step.directory.exists():
            self._step.directory.rename(old)
        shutil.rmtree(old, ignore_errors=True)
        self._step.directory.mkdir(mode=0o700)
        self._step.make()


def _holds_anything(directory: str) -> bool:
    path = Path(directory)
    return path.exists() and any(path.iterdir())
