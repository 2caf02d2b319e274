"""Record what runs, stretch by stretch, each under its owner."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from coverage import Coverage

from pytest_phasegate.adapters.project.worktree import seen_from
from pytest_phasegate.core.coverage.credit import Kind, Owner, Recorded
from pytest_phasegate.core.coverage.measurement import Ran
from pytest_phasegate.errors import EvidenceError

Traces = Mapping[str, Collection[Any]]


class Recorder:
    """The account of one process's run.

    Args:
        root: The project's root; files outside of it are left out of the account.
        coverage: The measurement to listen to, already started.
        ours: It is our own, and nobody else reads it.
    """

    def __init__(self, root: Path, coverage: Coverage, *, ours: bool) -> None:
        self.root = root
        self.directory = os.getcwd()  # noqa: PTH109 - coverage.py's names are relative to it
        self.owner = Owner(Kind.STARTUP)
        self._by_owner: dict[Owner, dict[str, set[Any]]] = {}
        self._first: dict[str, frozenset[Any]] = {}
        self._requested: dict[Owner, set[str]] = {}
        self._tap: Tap | None = Tap(coverage, self._take, ours=ours)
        self.coverage = coverage
        self.ours = ours
        self.resting = False
        self.branches = self._tap.branches

    def rest(self) -> None:
        """Measure nothing until ``go_on``; a measurement that others read goes on."""
        if self._tap and self.ours and not self.resting and self._is_current():
            self.close_stretch()
            self.coverage.stop()
            self.resting = True

    def go_on(self) -> None:
        """Measure again, unless somebody else does by now: they could not end theirs below ours."""
        if self._tap and self.resting and Coverage.current() is None:
            self.coverage.start()
            self.resting = False

    def switch(self, owner: Owner) -> None:
        """Let what runs from now on belong to an owner."""
        if owner != self.owner:
            self.close_stretch()
            self.owner = owner

    def close_stretch(self) -> None:
        """Credit what ran so far to the owner as it is."""
        if self._tap:
            self._tap.peek()

    def request(self, path: str) -> None:
        """Note that a module is about to be loaded for the owner as it is, and measure that: it happens once."""
        self.go_on()
        self._requested.setdefault(self.owner, set()).add(path)

    def trouble(self) -> str:
        """Return why what runs now is not recorded as it should be, or nothing."""
        return self._tap.trouble(resting=self.resting) if self._tap else ""

    def follow(self, coverage: Coverage) -> None:
        """Go on with another measurement, which somebody started in place of the one listened to."""
        if self._tap and coverage is not self.coverage:
            self._tap.release()
            self.coverage = coverage
            self._tap = Tap(coverage, self._take)
            self.branches = self._tap.branches

    def stop(self) -> None:
        """End the account; a measurement of our own ends with it."""
        if self._tap:
            self._tap.release()
            self._tap = None
            if self.ours and self._is_current():  # coverage.py cannot stop a measurement below another one
                self.coverage.stop()

    def recorded(self) -> Recorded:
        """Return the account, with paths relative to the root."""
        names = {name: path for name in self._first if (path := self._path(name))}
        return Recorded(
            branches=self.branches,
            by_owner={owner: _renamed(ran, names) for owner, ran in self._by_owner.items()},
            first=_renamed(self._first, names),
            requested={owner: frozenset(paths) for owner, paths in self._requested.items()},
        )

    def _is_current(self) -> bool:
        return Coverage.current() is self.coverage

    def _take(self, traces: Mapping[str, Collection[Any]]) -> None:
        account = self._by_owner.setdefault(self.owner, {})
        for name, part in traces.items():
            if part:
                account.setdefault(name, set()).update(part)
                if name not in self._first:
                    self._first[name] = frozenset(part)

    def _path(self, name: str) -> str | None:
        """Return coverage.py's name of a file relative to the root, or nothing for one outside."""
        return seen_from(self.root, os.path.join(self.directory, name))  # noqa: PTH118 - a name of coverage.py's


def _renamed(ran: Mapping[str, Collection[Any]], names: Mapping[str, str]) -> Ran:
    return {names[name]: frozenset(traces) for name, traces in ran.items() if name in names}


_MONITORING: Any = getattr(sys, "monitoring", None)  # Python 3.12
_TAPPED = ("add_lines", "add_arcs", "add_file_tracers", "set_context")


class Tap:
    """A listener on one ``Coverage`` object; ``take`` is called with what ran, by the name coverage.py gives a file.

    Coverage.py can switch contexts, but contexts are stored, so they would show in the reports of whoever started the
    measurement, and each switch writes to SQLite. A tap stands between the collector and its ``CoverageData`` instead:
    at the end of a stretch it has the collector hand over what ran, notes it, and holds it back; when the collector
    writes of its own accord, what was held back goes with it. So the data are written exactly when, and under the
    context in which, they would have been written without us.

    Args:
        coverage: A measurement that was started, by whomever.
        take: Told what ran since the last time; it must not keep the collections it is given.
        ours: Nobody else reads this measurement's data, so nothing is written to them at all.
    """

    def __init__(self, coverage: Coverage, take: Callable[[Traces], None], *, ours: bool = False) -> None:
        self.coverage = coverage
        self.ours = ours
        self._take = take
        self._held: dict[str, set[Any]] = {}
        self._held_tracers: dict[str, str] = {}
        self._peeking = False
        self._collector, self._data = _parts(coverage)
        self._originals = {name: getattr(self._data, name) for name in _TAPPED}
        self._outer = {name: self._data.__dict__[name] for name in _TAPPED if name in self._data.__dict__}
        self._tracer = type(sys.gettrace())
        self._data.add_lines = lambda traces: self._add("add_lines", traces)
        self._data.add_arcs = lambda traces: self._add("add_arcs", traces)
        self._data.add_file_tracers = self._add_file_tracers
        self._data.set_context = self._set_context

    @property
    def branches(self) -> bool:
        """Whether arcs are recorded, not only lines."""
        return bool(self._collector.branch)

    @property
    def monitors(self) -> bool:
        """Whether the collector listens to ``sys.monitoring``, and not to a trace function."""
        return bool(self._collector.tracer_name() == "SysMonitor")

    def peek(self) -> None:
        """End a stretch: have all that ran so far taken."""
        self._peeking = True
        try:
            self._collector.flush_data()
        finally:
            self._peeking = False
        if self.monitors:
            # Each event is reported once and then switched off: without this, the next stretch would miss every
            # line that an earlier one ran.
            _MONITORING.restart_events()

    def trouble(self, *, resting: bool = False) -> str:
        """Return why what runs now is not recorded as it should be, or nothing."""
        current = Coverage.current()
        if current is not None and current is not self.coverage:
            return "another coverage measurement was started during the run"
        if resting:
            return ""
        if self.monitors:
            return "" if _is_monitored() else "the coverage monitor was switched off during the run"
        replaced = "the trace function was replaced or removed (sys.settrace)"
        return "" if type(sys.gettrace()) is self._tracer else replaced

    def release(self) -> None:
        """Take what is left, hand over what was held back, and leave the data object as it was found."""
        self.peek()
        self._write_held()
        for name in _TAPPED:
            delattr(self._data, name)
        self._data.__dict__.update(self._outer)  # a run inside a run listens to the same measurement

    def _add(self, name: str, traces: Traces) -> None:
        self._take(traces)
        if self.ours:
            return
        if self._held or self._peeking:
            for path, part in traces.items():
                self._held.setdefault(path, set()).update(part)
            traces = self._held
        if not self._peeking:
            self._originals[name](traces)
            self._held = {}

    def _add_file_tracers(self, tracers: Mapping[str, str]) -> None:
        self._held_tracers.update(tracers)
        if not self._peeking and not self.ours:
            self._originals["add_file_tracers"](self._held_tracers)
            self._held_tracers = {}

    def _set_context(self, context: str | None) -> str | None:
        self._write_held()
        previous: str | None = self._originals["set_context"](context)
        return previous

    def _write_held(self) -> None:
        if self._held:
            self._originals["add_arcs" if self.branches else "add_lines"](self._held)
            self._held = {}
        if self._held_tracers and not self.ours:
            self._originals["add_file_tracers"](self._held_tracers)
            self._held_tracers = {}


def _parts(coverage: Coverage) -> tuple[Any, Any]:
    """Return the collector and its data.

    These names of coverage.py are not public; there is no public way to have a running collector hand over what
    it has without the side effects of ``get_data()`` (warnings, a walk over all sources). Where they are not as
    we know them, nothing is measured, and that is said.

    Raises:
        EvidenceError: This coverage.py is built otherwise.
    """
    collector: Any = getattr(coverage, "_collector", None)
    data: Any = getattr(collector, "covdata", None)
    known = all(hasattr(collector, name) for name in ("flush_data", "tracer_name", "branch"))
    if data is None or not known or not all(hasattr(data, name) for name in _TAPPED):
        hint = "install coverage 7.6.1 up to the version we test"
        raise EvidenceError("this version of coverage.py cannot be listened to", hint=hint)
    return collector, data


def _is_monitored() -> bool:
    places = range(6)  # for tools, in sys.monitoring
    tools = [tool for tool in places if _MONITORING.get_tool(tool) == "coverage.py"]
    return any(_MONITORING.get_events(tool) for tool in tools)
