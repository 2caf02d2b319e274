"""Collection: map every test to its phase, keep the selected ones, in an order that switches phases rarely."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pytest

from pytest_phasegate.adapters.collected_tests import Imported
from pytest_phasegate.core.evidence.outcomes import NodeId, TestId, file_of, function_of
from pytest_phasegate.core.guide.selection import PhaseRef
from pytest_phasegate.core.mapping.assignment import map_tests
from pytest_phasegate.core.mapping.mapping import Belonging, Collected
from pytest_phasegate.reports.escaping import escaped
from pytest_phasegate.session.state import SessionState, guarded, hand_over, handed_over


class CollectedThere(NamedTuple):
    """What a worker collected; every worker collects the same."""

    collected: tuple[Collected, ...]
    selected: tuple[NodeId, ...]
    left_out: int
    filtered: frozenset[TestId]
    troubles: tuple[str, ...]


class Collecting:
    """Map, select and order the collected tests.

    It works before ``-k``, ``-m``, pytest-split and the like, so that these choose among the tests of the selected
    phases. Under xdist every worker does the same, and hands what it collected to the controller.
    """

    def __init__(self, state: SessionState) -> None:
        self.state = state
        self.collected: tuple[Collected, ...] = ()
        self.kept: int | None = None
        self.selected: tuple[NodeId, ...] = ()
        self.filtered: set[NodeId] = set()

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Map the tests; with ``--phase``, deselect those of other phases."""
        self._map(items)
        if self.state.strict and not self.state.is_worker:
            loose = [f"\n  {escaped(line)}" for line in self.state.told_loose_ends()]
            if loose:
                raise pytest.UsageError(f"phasegate: the mapping of tests to phases is not strict:{''.join(loose)}")
        if self.state.selection is not None:
            self._select(config, items)
        self._tell_junit(items)

    @guarded
    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Note the selected tests that the filters of the project's own ``addopts`` leave out.

        The same filters on the command line narrow the run by themselves.
        """
        if self.kept is not None and _caller() in _FILTERING:
            self.filtered.update(self.state.case(item.nodeid) for item in items)

    @guarded
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Notice what others left out of the selected tests."""
        if self.kept is not None:
            self.state.left_out = self.kept - len(self.filtered) - len(session.items)
            self.selected = tuple(node_id for node_id in self.selected if node_id not in self.filtered)
            self.state.filtered = frozenset(map(function_of, self.filtered))

    @guarded
    def pytest_sessionfinish(self) -> None:
        """Hand what this worker collected to the controller."""
        left = (self.state.left_out, self.state.filtered, tuple(self.state.troubles))
        hand_over(self.state, CollectedThere(self.collected, self.selected, *left))

    @pytest.hookimpl(optionalhook=True)
    @guarded
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker collected."""
        found = handed_over(node, CollectedThere)
        if found is None:
            return
        self.state.left_out = max(self.state.left_out, found.left_out)
        self.state.filtered |= found.filtered
        self.state.troubles += [trouble for trouble in found.troubles if trouble not in self.state.troubles]
        if not self.collected:
            self.selected, self.collected = found.selected, found.collected
            self._remember()

    @guarded
    def _map(self, items: Iterable[pytest.Item]) -> None:
        prefix, is_imported = self.state.path_prefix, Imported()
        known: dict[tuple[str, ...], Collected] = {}
        cases: list[tuple[NodeId, Collected]] = []
        for item in items:
            node_id = self.state.case(item.nodeid)
            test = function_of(node_id)
            key = (test, *(str(word) for mark in item.iter_markers("phase") for word in mark.args))
            one = known.get(key)
            if one is None:
                path = file_of(test)
                one = known[key] = Collected(
                    test, prefix + path, key[1:], imported=is_imported(item.path, test, item.location[0])
                )
            cases.append((node_id, one))
        self.collected = tuple(known.values())
        self._remember()
        self.state.phase_of = self._phases(cases)

    def _remember(self) -> None:
        state = self.state
        state.collected = frozenset(one.test for one in self.collected)
        state.test_map = map_tests(state.guides, self.collected, state.settings.map, state.added, state.renamed)

    def _phases(self, cases: Iterable[tuple[NodeId, Collected]]) -> Mapping[NodeId, PhaseRef]:
        """Return the phase each case runs for: its own or, where that is not selected, one that declares it too."""
        if self.state.test_map is None:
            return {}
        belongs = self.state.test_map.belongs
        meant = ((node_id, self._meant(belongs[one])) for node_id, one in cases if one in belongs)
        return {node_id: ref for node_id, ref in meant if ref is not None}

    def _meant(self, belonging: Belonging) -> PhaseRef | None:
        selection = self.state.selection
        return next((ref for ref in belonging.claimants if selection is None or ref in selection), None)

    @guarded
    def _select(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        if self.state.test_map is None:
            return
        phase_of = self.state.phase_of
        others = [item for item in items if self.state.case(item.nodeid) not in phase_of and not self._is_guarded(item)]
        if others:
            left_out = set(others)
            items[:] = [item for item in items if item not in left_out]
            config.hook.pytest_deselected(items=others)
        randomly = config.pluginmanager.hasplugin("randomly") and config.getoption("randomly_reorganize", False)
        if not (randomly or config.getoption("random_order_bucket", None)):
            order = {ref: at for at, ref in enumerate(self.state.selection or ())}
            items.sort(key=lambda item: order.get(phase_of.get(self.state.case(item.nodeid)), len(order)))  # type: ignore[arg-type]
        self.kept = len(items)
        if self.state.shard or config.getoption("phasegate_record"):
            self.selected = tuple(self.state.case(item.nodeid) for item in items)

    def _is_guarded(self, item: pytest.Item) -> bool:
        """Return whether a test of no selected phase runs for its own sake: an accepted one, or any of the suite.

        Where one of these is gone, it may go by another name now: then everything runs.
        """
        accepted = self.state.guarded_tests
        gone = not accepted <= self.state.collected
        return self.state.whole_suite or gone or function_of(self.state.case(item.nodeid)) in accepted

    @guarded
    def _tell_junit(self, items: Iterable[pytest.Item]) -> None:
        if not self.state.config.getoption("xmlpath", None):
            return
        for item in items:
            ref = self.state.phase_of.get(self.state.case(item.nodeid))
            if ref:
                slug = self.state.guide(ref).slug
                item.user_properties += [("phasegate.guide", escaped(slug)), ("phasegate.phase", escaped(ref.phase))]


_FILTERING = frozenset({"_pytest.mark", "_pytest.main"})
"""The modules of pytest that see to ``-k``, ``-m`` and ``--deselect``."""


def _caller() -> str:
    """Return the module that called the hook: pytest tells of no deselected test who left it out."""
    frame = sys._getframe(1)  # noqa: SLF001 - the public way, inspect.stack, reads the source of every frame
    while frame.f_back and frame.f_globals["__name__"].partition(".")[0] in {"pluggy", "pytest_phasegate"}:
        frame = frame.f_back
    return str(frame.f_globals["__name__"])
