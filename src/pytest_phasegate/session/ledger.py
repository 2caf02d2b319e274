"""Every run leaves its observations in the ledger, and why tests were red; no fault in that concerns the tests."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from pytest_phasegate.adapters.project.worktree import seen_from
from pytest_phasegate.adapters.work_files import surroundings
from pytest_phasegate.app.ports.repository import WorkTree
from pytest_phasegate.app.recorded_run import Footing, begin, record
from pytest_phasegate.core.evidence.observations import PHASE_FILES, Fault, Observed
from pytest_phasegate.core.evidence.outcomes import Moment, NodeId, Raised, TestRun, file_of
from pytest_phasegate.core.evidence.runs import SPREAD
from pytest_phasegate.errors import PhasegateError
from pytest_phasegate.reports.escaping import escaped
from pytest_phasegate.session.outcomes import Watching
from pytest_phasegate.session.state import SessionState, guarded, hand_over, handed_over
from pytest_phasegate.wiring import projects


class SeenThere(NamedTuple):
    """What a worker saw: the cases that pytest knows by another id, faults of cases and of files, strict marks."""

    ids: dict[str, NodeId]
    cases: dict[NodeId, Fault]
    uncollected: dict[str, Fault]
    strict: frozenset[NodeId]


class Faults:
    """Keep the facts of the first exception of each red case, and of each file that could not be collected.

    Under xdist the workers see the exceptions and hand the facts to the controller when they are done.
    """

    def __init__(self, state: SessionState, top: str, watching: Watching) -> None:
        self.state = state
        self._watching = watching
        self._inside = _Inside(top)
        self.cases: dict[NodeId, Fault] = {}
        watching.raised = self.cases
        self.uncollected: dict[str, Fault] = {}
        self.strict: set[NodeId] = set()
        self._items: Sequence[pytest.Item] = ()

    @pytest.hookimpl(tryfirst=True)
    @guarded
    def pytest_exception_interact(self, node: pytest.Item | pytest.Collector, call: Any, report: Any) -> None:
        """Take the facts while the traceback is at hand; pytest calls this for neither skips nor expected failures."""
        facts = _facts(self._inside, call.excinfo)
        if isinstance(report, pytest.CollectReport):
            self.uncollected.setdefault(node.nodeid, _fault(Moment.COLLECT, facts))
        else:
            self.cases.setdefault(self.state.case(node.nodeid), _fault(Moment(report.when), facts))

    @guarded
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Remember the tests: an expected failure asks later whether its mark is strict."""
        self._items = session.items

    @pytest.hookimpl(tryfirst=True)
    @guarded
    def pytest_sessionfinish(self) -> None:
        """Find the strict marks; on a worker, hand everything to the controller."""
        self.settle()
        hand_over(self.state, SeenThere(self.state.cases, self.cases, self.uncollected, frozenset(self.strict)))

    def settle(self) -> None:
        """Find out which of the expected failures were under a strict mark; whoever needs it may ask first."""
        expected = self._watching.expected_failures
        failed = [item for item in self._items if item.nodeid in expected] if expected else []
        self.strict.update(self.state.case(item.nodeid) for item in failed if _is_strict(item))

    @pytest.hookimpl(optionalhook=True)
    @guarded
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker saw."""
        found = handed_over(node, SeenThere)
        if found:
            self.state.cases |= found.ids
            self.cases.update({**found.cases, **self.cases})
            self.uncollected.update({**found.uncollected, **self.uncollected})
            self.strict |= found.strict


class _Inside(NamedTuple):
    """Paths as the ledger has them: from the repository's top, nothing for what lies outside or is installed."""

    top: str

    def relative(self, path: str) -> str:
        """Return the path of a file inside the repository, with ``/``, or nothing."""
        return "" if f"{os.sep}site-packages{os.sep}" in path else seen_from(self.top, path) or ""


def _facts(inside: _Inside, excinfo: Any) -> Mapping[str, Any]:
    """Read an exception as the probe of a replay does; that file is not typed, since it runs on any Python."""
    from pytest_phasegate import probe

    reader: Any = probe.Facts
    facts: Mapping[str, Any] = reader(inside).of(excinfo)
    return facts


def _is_strict(item: pytest.Item) -> bool:
    from pytest_phasegate import probe

    ask: Any = probe.is_strict_xfail
    return bool(ask(item))


def _fault(moment: Moment, facts: Mapping[str, Any]) -> Fault:
    """Return what is kept of an exception; its message is nobody's business but the user's."""
    return Fault(moment, Raised.of(facts)._replace(message=""))


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
            self.remark = record(self._footing, self.files, projects.ledger(self.state.root), self._observed())
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
