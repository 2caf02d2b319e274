"""Fixtures that live longer than a test and serve tests of several phases.

Set up once, in the test that happens to come first, such a fixture would be set up again by each phase run alone; it
is torn down in the test that happens to come last, which may be no phase's. So what its set-up and tear-down run
belongs to the fixture, and counts for every phase that uses it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

from pytest_phasegate.core.coverage.credit import Kind, Owner
from pytest_phasegate.session.state import SessionState, guarded

if TYPE_CHECKING:
    from pytest_phasegate.adapters.coverage.recorder import Recorder


class SharedFixtures:
    """Give the set-up and tear-down of shared fixtures an owner of their own."""

    def __init__(self, state: SessionState, recorder: Recorder) -> None:
        self.state = state
        self.recorder = recorder
        self._users: dict[str, set[tuple[str, str]]] = defaultdict(set)
        self._places: dict[str, set[str]] = defaultdict(set)

    def learn(self, item: pytest.Item, phase: str) -> None:
        """Note which fixtures a test of a phase asks for by name."""
        for name in getattr(item, "fixturenames", ()):
            self._users[name].add((item.nodeid, phase))

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
        """Let what a shared fixture runs, on the way in and on the way out, belong to it."""
        if fixturedef.scope == "function" or not self._serves_a_phase(fixturedef.argname):
            return (yield)
        place, name = fixturedef.baseid, fixturedef.argname
        self._places[name].add(place)
        stay = _Stay(self.state, self.recorder, Owner(Kind.FIXTURE, f"{place}::{name}"))
        # Finalizers run last in, first out: this one runs after the fixture's own tear-down ...
        fixturedef.addfinalizer(stay.leave)
        stay.enter()
        try:
            result = yield
        finally:
            stay.leave()
        # ... and this one before it.
        fixturedef.addfinalizer(stay.enter)
        return result

    def users(self) -> dict[str, frozenset[str]]:
        """Return by fixture the phases that use it; of several of one name, a test uses the nearest."""
        found: dict[str, set[str]] = defaultdict(set)
        for name, places in self._places.items():
            for node_id, phase in self._users[name]:
                near = [place for place in places if node_id.startswith(place)]
                if near:
                    found[f"{max(near, key=len)}::{name}"].add(phase)
        return {fixture: frozenset(phases) for fixture, phases in found.items()}

    def _serves_a_phase(self, name: str) -> bool:
        return any(phase for _, phase in self._users.get(name, ()))


class _Stay:
    """The time a fixture is being set up or torn down: measured also within a test that is not, and owned by it."""

    def __init__(self, state: SessionState, recorder: Recorder, owner: Owner) -> None:
        self.state = state
        self._recorder = recorder
        self._owner = owner
        self._around: Owner | None = None
        self._rested = False

    @guarded
    def enter(self) -> None:
        self._around, self._rested = self._recorder.owner, self._recorder.resting
        self._recorder.go_on()
        self._recorder.switch(self._owner)

    @guarded
    def leave(self) -> None:
        if self._around is not None:
            self._recorder.switch(self._around)
            self._around = None
            if self._rested:
                self._recorder.rest()
