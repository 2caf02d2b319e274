"""Whose it is what runs outside of the tests themselves: shared fixtures, and the imports of modules.

Set up once, in the test that happens to come first, a fixture that lives longer would be set up again by each phase run
alone; it is torn down in the test that happens to come last, which may be no phase's. So what its set-up and tear-down
run belongs to the fixture, and counts for every phase that uses it.

The watch for imports stands first among the finders and asks the others, as Python would have; what they find is what
is returned. Only the mark that the import system puts on a module's spec while the module is initialized is listened
to, so no frame of ours is on the stack while a module runs, and nothing of ours stays when it has run.
"""

from __future__ import annotations

import os
import sys
import threading
from collections import defaultdict
from collections.abc import Generator, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from pytest_phasegate.core.coverage.credit import Kind, Owner
from pytest_phasegate.session.state import SessionState, guarded

if TYPE_CHECKING:
    from pytest_phasegate.adapters.coverage.contexts import Recorder


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
        if fixturedef.scope == "function" or not any(phase for _, phase in self._users.get(fixturedef.argname, ())):
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


_FOREIGN = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")


class ImportWatch:
    """A finder that gives what a module's import runs an owner of its own."""

    def __init__(self, state: SessionState, recorder: Recorder) -> None:
        self.state = state
        self._recorder = recorder
        self._root = os.path.realpath(state.root) + os.sep
        self._thread = threading.get_ident()
        self._around: list[tuple[str, Owner]] = []

    def begin(self) -> None:
        """Stand first among the finders."""
        sys.meta_path.insert(0, self)

    def end(self) -> None:
        """Go away."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return what the finders after this one find."""
        for finder in [finder for finder in sys.meta_path if finder is not self]:
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find(name, path, target) if find else None
            if spec is not None:
                self._watch(spec)
                return spec
        return None

    @guarded
    def enter(self, path: str) -> None:
        """Begin a module's import."""
        self._recorder.request(path)
        self._around.append((path, self._recorder.owner))
        self._recorder.switch(Owner(Kind.IMPORT, path))

    @guarded
    def leave(self, path: str) -> None:
        """End it; what ran around it goes on."""
        while self._around:
            begun, around = self._around.pop()
            if begun == path:
                self._recorder.switch(around)
                return

    @guarded
    def _watch(self, spec: ModuleSpec) -> None:
        origin = spec.origin or ""
        if type(spec) is not ModuleSpec or not origin.endswith(".py") or threading.get_ident() != self._thread:
            return
        file = os.path.realpath(origin)
        if file.startswith(self._root) and not any(part in file for part in _FOREIGN):
            _WATCHED[id(spec)] = (self, file.removeprefix(self._root).replace(os.sep, "/"))
            spec.__class__ = _WatchedSpec


class _WatchedSpec(ModuleSpec):
    """A spec that tells when its module begins and ends to be initialized; then it is a plain one again."""

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "_initializing":
            watch, path = _WATCHED[id(self)]
            if value:
                watch.enter(path)
            else:
                self.__class__ = ModuleSpec  # type: ignore[assignment]
                del _WATCHED[id(self)]
                watch.leave(path)


_WATCHED: dict[int, tuple[ImportWatch, str]] = {}
"""The specs being watched, by identity: a spec has no room for anything of ours."""
