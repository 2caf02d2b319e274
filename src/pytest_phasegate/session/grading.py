"""Why tests were red in this run: facts about exceptions, where the tests run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pytest

from pytest_phasegate.adapters.project.worktree import seen_from
from pytest_phasegate.core.evidence.observations import Fault
from pytest_phasegate.core.evidence.outcomes import Moment, NodeId, Raised
from pytest_phasegate.core.project.plain_values import as_plain, reading
from pytest_phasegate.session.outcomes import Watching
from pytest_phasegate.session.state import SessionState, guarded

WORKER_KEY = "phasegate-faults"  # where a worker leaves its facts for the controller


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
        if self.state.is_worker:
            output: dict[str, Any] = self.state.config.workeroutput  # type: ignore[attr-defined]
            faults = {"cases": as_plain(self.cases), "uncollected": as_plain(self.uncollected)}
            output[WORKER_KEY] = json.dumps({**faults, "strict": sorted(self.strict)})

    def settle(self) -> None:
        """Find out which of the expected failures were under a strict mark; whoever needs it may ask first."""
        expected = self._watching.expected_failures
        failed = [item for item in self._items if item.nodeid in expected] if expected else []
        self.strict.update(self.state.case(item.nodeid) for item in failed if _is_strict(item))

    @pytest.hookimpl(optionalhook=True)
    @guarded
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker saw."""
        handed = getattr(node, "workeroutput", {}).get(WORKER_KEY)
        if handed is None:
            return
        found = json.loads(handed)
        for case, fault in reading(dict[NodeId, Fault])(found["cases"]).items():
            self.cases.setdefault(case, fault)
        for file, fault in reading(dict[str, Fault])(found["uncollected"]).items():
            self.uncollected.setdefault(file, fault)
        self.strict.update(map(NodeId, found["strict"]))


class _Inside(NamedTuple):
    """Paths as the ledger has them: from the repository's top, nothing for what lies outside."""

    top: str

    def relative(self, path: str) -> str:
        """Return the path of a file inside the repository, with ``/``, or nothing."""
        return seen_from(self.top, path) or ""


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
