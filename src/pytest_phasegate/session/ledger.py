"""Every run leaves its observations in the ledger; whatever goes wrong with that is no concern of the tests."""

from __future__ import annotations

import os
import time
from dataclasses import replace

import pytest

from pytest_phasegate.adapters.evidence import surroundings
from pytest_phasegate.adapters.ledger.location import locate
from pytest_phasegate.adapters.ledger.store import SqliteLedger
from pytest_phasegate.app.evidence import Footing, begin, record
from pytest_phasegate.app.ports.repository import WorkTree
from pytest_phasegate.core.evidence.observations import PHASE_FILES, Observed
from pytest_phasegate.core.evidence.outcomes import TestRun, file_of
from pytest_phasegate.core.evidence.runs import SPREAD
from pytest_phasegate.errors import PhasegateError
from pytest_phasegate.reports.escaping import escaped
from pytest_phasegate.session.grading import Faults
from pytest_phasegate.session.outcomes import Watching
from pytest_phasegate.session.state import SessionState, guarded


class Recording:
    """Look at the project's files before anything of it is imported, and put down the run when it is over.

    Under xdist this is the controller's work alone.
    """

    def __init__(self, state: SessionState, files: WorkTree, watching: Watching, faults: Faults) -> None:
        self.state = state
        self.files = files
        self.watching = watching
        self.faults = faults
        self.remark = ""
        self._footing: Footing | None = None

    @pytest.hookimpl(tryfirst=True)
    @guarded
    def pytest_sessionstart(self) -> None:
        """Remember how every file that matters stands now."""
        try:
            started = self.state.config.invocation_params
            place = os.path.relpath(os.path.realpath(started.dir), os.path.realpath(self.files.top))
            around = surroundings(tuple(map(str, started.args)), place, os.environ)
            around += SPREAD if self.state.config.getoption("dist", "no") != "no" else ""
            self._footing = begin(self.files, self.state.settings, around)
        except (PhasegateError, OSError) as error:
            self.remark = f"{error}; nothing of this run is recorded"

    @guarded
    def pytest_sessionfinish(self) -> None:
        """Append the run to the ledger."""
        if self._footing is None:
            return
        try:
            ledger = SqliteLedger(locate(self.state.root))
            self.remark = record(self._footing, self.files, ledger, self._observed())
        except (PhasegateError, OSError) as error:
            self.remark = f"{error}; nothing of this run is recorded"

    @guarded
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say in one line what went wrong; a run that judges tells its troubles itself."""
        troubles = [] if self.state.judges else self.state.troubles
        for words in filter(None, [self.remark, *troubles]):
            terminalreporter.write_line(escaped(f"phasegate: warning: {words}"), yellow=True)

    def _observed(self) -> Observed:
        return Observed(
            at=int(time.time()),
            run=self._as_part(self.state.run or self.watching.completed()),
            prefix=self._prefix,
            faults=self.faults.cases,
            uncollected=self.faults.uncollected,
            strict=frozenset(self.faults.strict),
            cut=None if self.watching.cut is None else frozenset(self.watching.cut),
        )

    def _as_part(self, run: TestRun) -> TestRun:
        """Return the run as one of the project: by a configuration of pytest below its root it is a part of that."""
        if run.confined is not None:
            run = replace(run, partial=self._whole_files(run) or (PHASE_FILES, *run.partial))
        below = self.state.path_prefix.removesuffix("/")
        return replace(run, partial=(below, *run.partial)) if below and below not in run.partial else run

    def _whole_files(self, run: TestRun) -> tuple[str, ...]:
        """Return the files that were collected, from the repository's top, where no test of theirs was left out."""
        if run.partial or self.watching.cut is None or self.watching.cut:
            return ()
        return tuple(sorted({f"{self._prefix}{file_of(test)}" for test in run.collected}))

    @property
    def _prefix(self) -> str:
        """What stands before pytest's paths to count them from the repository's top."""
        return f"{self.files.place}{self.state.path_prefix}"
