"""A process that a test ends itself: ``os._exit`` skips every hook, ours too, and must not look like a pass."""

from __future__ import annotations

import os
from contextlib import nullcontext
from typing import TYPE_CHECKING, NoReturn

import pytest

from pytest_phasegate.reports.escaping import escaped
from pytest_phasegate.session.guard import guarded

if TYPE_CHECKING:
    from pytest_phasegate.session.state import SessionState

_SEEN_BY_PARENT = 0xFF
"""The bits of an exit code that a parent process is told: 256 is a success to a shell."""


class Leaving:
    """Turn a success of ``os._exit`` in this process into a failure, unless the verdict is there and passes.

    Children that a test forks end as they like: they are told apart by their process id.
    """

    def __init__(self, state: SessionState) -> None:
        self.state = state
        self.owner = os.getpid()
        self.exit = os._exit

    @pytest.hookimpl(tryfirst=True)
    @guarded
    def pytest_sessionstart(self) -> None:
        """Stand in the way, before the first test file is imported."""
        os._exit = self.leave

    @pytest.hookimpl
    @guarded
    def pytest_unconfigure(self) -> None:
        """Step aside: another session may follow in this process."""
        if os._exit == self.leave:
            os._exit = self.exit

    def leave(self, status: int) -> NoReturn:
        """End the process as asked, and say so; but with 1 where a success would be taken for a verdict."""
        if os.getpid() == self.owner and not self._passed():
            self._say(status)
            status = status if status & _SEEN_BY_PARENT else pytest.ExitCode.TESTS_FAILED
        self.exit(status)

    def _passed(self) -> bool:
        return self.state.report is not None and not self.state.report.ruling.refuses

    def _say(self, status: int) -> None:
        """Say it past the capture of output, whose tail nobody will read."""
        place = os.environ.get("PYTEST_CURRENT_TEST")
        where = f" in {escaped(place)}" if place else ""
        capturing = self.state.config.pluginmanager.getplugin("capturemanager")
        with capturing.global_and_fixture_disabled() if capturing else nullcontext():
            terminal = self.state.config.get_terminal_writer()
            terminal.line(
                f"\nphasegate: os._exit({status}) was called{where}: the run ended unjudged, and does not pass"
            )
            terminal.flush()
