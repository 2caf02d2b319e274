"""Notice when a module of the project begins and ends to be imported.

The watch stands first among the finders and asks the others, as Python would have; what they find is what is
returned. Only the mark that the import system puts on a module's spec while the module is initialized is listened
to, so no frame of ours is on the stack while a module runs, and nothing of ours stays when it has run.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pytest_phasegate.core.coverage.credit import Kind, Owner
from pytest_phasegate.session.state import SessionState, guarded

if TYPE_CHECKING:
    from pytest_phasegate.adapters.coverage.recorder import Recorder


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
