"""With ``--phase``, collect only the modules of tests that can hold a test of the selected phases."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.core.mapping.test_files import phase_files
from pytest_phasegate.errors import PhasegateError
from pytest_phasegate.wiring import projects, records

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from pytest_phasegate.session.state import SessionState

_WHOLE = ("phasegate_regression", "phasegate_suite", "phasegate_record", "phasegate_shard", "doctestmodules")
"""Options with which tests of no selected phase are wanted too, or are no functions of a module's text."""


class Confining:
    """Leave out of the collection what cannot matter, and say so; what the user names is collected as it is named.

    Where files are named, and among them all that can hold a test of the phases, the run is complete for these.
    """

    def __init__(self, state: SessionState) -> None:
        self.state = state
        self.root = os.path.realpath(state.root)
        self.modules: Mapping[str, bytes] = {}
        self.possible = self._possible()
        self.typed = state.config.args_source is pytest.Config.ArgsSource.ARGS
        if self.possible is not None and self.typed:
            named = frozenset(self._named(self.modules))
            if self.possible <= named and not any("::" in str(word) for word in state.config.args):
                state.confined, state.complete = named, True
        elif self.possible is not None and self.possible != self.modules.keys():
            state.confined = self.possible
            count = len(self.modules.keys() - self.possible)
            what = "1 test file was" if count == 1 else f"{count} test files were"
            state.notes.append(f"{what} not collected: nothing of the selected phases is in them")

    @pytest.hookimpl(tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Leave a module out that is known to hold nothing of these phases."""
        if self.possible is None or self.typed:
            return None
        path = self._relative(collection_path)
        if path not in self.modules or path in self.possible:
            return None
        return True

    def _possible(self) -> frozenset[str] | None:
        state = self.state
        if state.path_prefix or state.strict or any(state.config.getoption(name, None) for name in _WHOLE):
            return None
        try:
            texts = dict(self._texts())
            accepted = records.accepted_tests(state.root, state.texts().repository)
        except (PhasegateError, OSError):
            return None  # whoever needs them says what is wrong
        layout = projects.layout(state.root, state.settings)
        self.modules = {path: text for path, text in texts.items() if layout.is_collected(path)}
        others = [text for path, text in texts.items() if path not in self.modules]
        phases = [state.guide(ref).phase(ref.phase) for ref in state.selection or ()]
        return phase_files([one for one in phases if one], self.modules, others, state.settings.map, accepted)

    def _texts(self) -> Iterator[tuple[str, bytes]]:
        """Yield the Python files of the test side with their texts."""
        files = projects.work_files(self.state.root)
        layout = projects.layout(self.state.root, self.state.settings)
        for whole in files.paths():
            path = whole.removeprefix(files.place)
            if whole.startswith(files.place) and path.endswith(".py") and layout.is_test(path):
                yield path, files.read(whole)

    def _named(self, paths: Iterable[str]) -> Iterator[str]:
        here = self.state.config.invocation_params.dir
        places = [self._relative(here / str(word)) for word in self.state.config.args]
        return (path for path in paths if any(path == place or path.startswith(f"{place}/") for place in places))

    def _relative(self, path: Path) -> str:
        return os.path.relpath(os.path.realpath(path), self.root).replace(os.sep, "/")
