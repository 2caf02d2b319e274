"""With ``--phase``, collect only the modules of tests that can hold a test of the selected phases."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

import pytest

from pytest_phasegate.adapters.work_files import WorkFiles
from pytest_phasegate.core.evidence.outcomes import file_of
from pytest_phasegate.core.guide.model import Action, DeclaredTest, Phase
from pytest_phasegate.core.project.paths import ends_with, matches
from pytest_phasegate.core.project.syntax import Unreadable, parse
from pytest_phasegate.core.regression.baseline import BaselineTest
from pytest_phasegate.core.verdict.verdict import AMONG_OTHERS, listed
from pytest_phasegate.errors import PhasegateError
from pytest_phasegate.session.state import SessionState
from pytest_phasegate.wiring import records

_MARK = re.compile(rb"\bphase\b")
_OF_PYTEST = re.compile(rb"\bmark\b")
_TEST = re.compile(rb"^[ \t]*(?:async[ \t]+)?def[ \t]+test", re.MULTILINE)


def phase_files(
    phases: Sequence[Phase],
    modules: Mapping[str, bytes],
    others: Iterable[bytes],
    table: Iterable[str],
    accepted: Iterable[BaselineTest],
) -> frozenset[str] | None:
    """Return the modules that must be collected, or ``None`` where text cannot tell and all must be.

    A module counts that a phase declares, that the table gives to a phase, whose code may name the mark, or whose text
    holds a declared name that is not where the guide says. Text cannot tell where a declared test without a place is
    not in a file of its phase (a class may inherit it anywhere), where other files of the test side may hand out the
    mark, or where an accepted test is not where it was: it may go by another name in any module.

    Args:
        phases: The selected phases.
        modules: The modules of tests by path, with their text.
        others: The texts of the other Python files on the test side.
        table: The globs of the map table.
        accepted: The tests of the baseline.
    """
    if any(map(_may_mark, others)) or not all(_is_there(one, modules) for one in accepted):
        return None
    if not all(_has_a_place(phase, test, modules) for phase in phases for test in phase.tests):
        return None
    names = sorted({test.name for phase in phases for test in phase.tests if not _is_in_place(test, modules)})
    word = re.compile(rb"\b(?:%s)\b" % b"|".join(re.escape(name.encode()) for name in names))
    globs = [glob.partition("::")[0] for glob in table]
    return frozenset(
        path
        for path, text in modules.items()
        if any(_declares(phase, path) for phase in phases)
        or any(matches(glob, path) for glob in globs)
        or (names and word.search(text))
        or _may_mark(text)
    )


def _may_mark(text: bytes) -> bool:
    """Whether code of a module may name the mark: as an attribute beside the word ``mark``, or as a text of its own."""
    if not _MARK.search(text):
        return False
    tree = parse("", text)
    marks = _OF_PYTEST.search(text)
    return isinstance(tree, Unreadable) or any(
        (isinstance(node, ast.Attribute) and node.attr == "phase" and marks)
        or (isinstance(node, ast.Constant) and node.value == "phase")
        for node in ast.walk(tree)
    )


def _declares(phase: Phase, path: str) -> bool:
    files = (file.path for file in phase.files if file.action is not Action.DELETE)
    named = any(matches(file, path) for file in files)
    return named or any(test.file and ends_with(path, test.file) for test in phase.tests)


def _has_a_place(phase: Phase, test: DeclaredTest, modules: Mapping[str, bytes]) -> bool:
    """Whether a declared test can stand nowhere but in files that are collected anyway."""
    defined = re.compile(rb"\bdef\s+%s\b" % re.escape(test.name.encode()))
    return test.file is not None or any(
        defined.search(text) for path, text in modules.items() if _declares(phase, path)
    )


def _is_in_place(test: DeclaredTest, modules: Mapping[str, bytes]) -> bool:
    """Whether the declared file holds the test: then its namesakes elsewhere are not even the nearest name."""
    words = [rb"\bdef\s+%s\b" % re.escape(test.name.encode())]
    words += [rb"\bclass\s+%s\b" % re.escape(test.class_name.encode())] if test.class_name else []
    return test.file is not None and any(
        all(re.search(word, text) for word in words) for path, text in modules.items() if ends_with(path, test.file)
    )


def _is_there(accepted: BaselineTest, modules: Mapping[str, bytes]) -> bool:
    path, *_, name = accepted.test.split("::")
    return not path.endswith(".py") or name.encode() in modules.get(path, b"")


_WHOLE = ("phasegate_regression", "phasegate_suite")
"""Options with which tests of no selected phase are wanted too."""
_OTHERS = ("phasegate_record", "phasegate_shard", "doctestmodules")
"""Options with which they are in any case, or are no functions of a module's text."""


class Confining:
    """Leave out of the collection what cannot matter, and say so; what the user names is collected as it is named.

    Where files are named, and among them all that can hold a test of the phases, the run is complete for these.
    """

    def __init__(self, state: SessionState) -> None:
        self.state = state
        self.root = os.path.realpath(state.root)
        self.modules: Mapping[str, bytes] = {}
        self.possible = self._possible()
        self.places, self.wanted = _with_directories(self.modules), _with_directories(self.possible or ())
        self.typed = state.config.args_source is pytest.Config.ArgsSource.ARGS
        if self.possible is not None and self.typed:
            named = frozenset(self._named(self.modules))
            if self.possible <= named and not any("::" in str(word) for word in state.config.args):
                state.confined, state.complete = named, True
        elif self.possible is not None and self.possible != self.modules.keys():
            state.confined = self.possible
            left = self.modules.keys() - self.possible
            if state.whole_suite:
                state.unreached = sum(len(_TEST.findall(self.modules[path])) or 1 for path in left)
                return
            count = len(left)
            what = "1 test file was" if count == 1 else f"{count} test files were"
            state.notes.append(f"{what} not collected: nothing of the selected phases is in them")

    @pytest.hookimpl(tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Leave out a module that is known to hold nothing of these phases, and a directory with its conftest."""
        if self.possible is None or self.typed:
            return None
        path = self._relative(collection_path)
        return True if path in self.places and path not in self.wanted else None

    def _possible(self) -> frozenset[str] | None:
        state = self.state
        reaching = self._reaching()
        whole = () if reaching is not None else _WHOLE
        if state.path_prefix or state.strict or any(state.config.getoption(name, None) for name in (*whole, *_OTHERS)):
            return None
        try:
            texts = dict(_texts(state))
            accepted = records.accepted_tests(state.root, state.texts().repository)
        except (PhasegateError, OSError):
            return None  # whoever needs them says what is wrong
        layout = state.texts().layout
        self.modules = {path: text for path, text in texts.items() if layout.is_collected(path)}
        others = [text for path, text in texts.items() if path not in self.modules]
        phases = [state.guide(ref).phase(ref.phase) for ref in state.selection or ()]
        possible = phase_files([one for one in phases if one], self.modules, others, state.settings.map, accepted)
        if possible is None or reaching is None:
            return possible
        known = reaching.union(file_of(entry.test) for entry in accepted)
        return possible | known.intersection(self.modules)

    def _reaching(self) -> frozenset[str] | None:
        """Return the files of tests that can reach the change, where somebody has found out."""
        given = self.state.config.getoption("phasegate_reaching")
        if not given:
            return None
        return frozenset(Path(given).read_text(encoding="utf-8").splitlines())

    def _named(self, paths: Iterable[str]) -> Iterator[str]:
        here = self.state.config.invocation_params.dir
        places = [self._relative(here / str(word)) for word in self.state.config.args]
        return (path for path in paths if any(path == place or path.startswith(f"{place}/") for place in places))

    def _relative(self, path: Path) -> str:
        return os.path.relpath(os.path.realpath(path), self.root).replace(os.sep, "/")


def _with_directories(paths: Iterable[str]) -> frozenset[str]:
    return frozenset(str(one) for path in paths for one in (path, *PurePosixPath(path).parents))


def _texts(state: SessionState) -> Iterator[tuple[str, bytes]]:
    """Yield the Python files of the test side with their texts."""
    files = WorkFiles(state.root)
    layout = state.texts().layout
    for whole in files.paths():
        path = whole.removeprefix(files.place)
        if whole.startswith(files.place) and path.endswith(".py") and layout.is_test(path):
            yield path, files.read(whole)


def of_another_runner(state: SessionState) -> str:
    """Say that there are tests, and all in files that pytest does not collect by their names; else nothing."""
    is_collected = state.texts().layout.is_collected
    holding = [path for path, text in _texts(state) if _TEST.search(text)]
    if not holding or any(map(is_collected, holding)):
        return ""
    shown = listed(holding, _SHOWN, AMONG_OTHERS)
    return f"pytest collects none of the tests in {shown}: call the files test_*.py, or add their names to python_files"


_SHOWN = 3
