"""What pytest collects in a project, asked of a child that runs no test."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from pytest_phasegate.adapters.project.worktree import files_below, is_aside, prefix_of, seen_from
from pytest_phasegate.core.evidence.outcomes import NodeId, TestId, file_of, function_of
from pytest_phasegate.core.guide.model import DeclaredTest
from pytest_phasegate.core.mapping.mapping import Collected
from pytest_phasegate.core.project.paths import has_test_name, matches, plain
from pytest_phasegate.core.project.syntax import only_imports
from pytest_phasegate.errors import EvidenceError

_PLUGIN = "phasegate_collected"
_SOURCE = """
import json, os
from pathlib import Path
from phasegate_cases import case_id

FAILED = []

def pytest_configure(config):
    for name in ("phase", "characterization", "requirement"):
        config.addinivalue_line("markers", name + "(...): of pytest-phasegate")

def pytest_collectreport(report):
    if report.failed:
        FAILED.append(report.nodeid)

def pytest_collection_finish(session):
    flat = lambda values: [str(a) for v in values for a in (v if isinstance(v, (list, tuple, set)) else [v])]
    marks = lambda item, name: [a for m in item.iter_markers(name) for a in flat([*m.args, *m.kwargs.values()])]
    items = [[case_id(i), marks(i, "phase"), marks(i, "requirement"), i.location[0]] for i in session.items]
    root = str(getattr(session.config, "rootpath", None) or session.config.rootdir)
    with Path(os.environ["PHASEGATE_COLLECTED"]).open("w", encoding="utf-8") as out:
        json.dump({"root": root, "items": items, "failed": FAILED}, out)
"""
"""Runs in the project's interpreter: Python 3.8 and pytest 7 have to read it."""
_CASES = Path(__file__).parents[1] / "probe" / "cases.py"
_SECONDS = 600


class Collection(NamedTuple):
    """The collected functions, and the files that could not be collected."""

    tests: tuple[Collected, ...]
    failed: tuple[str, ...]


def collect(root: Path, python: Sequence[str]) -> Collection:
    """Collect the whole suite with the project's interpreter.

    Raises:
        EvidenceError: pytest did not come to the end of collecting.
    """
    with tempfile.TemporaryDirectory(prefix="phasegate-") as scratch:
        answer = Path(scratch) / "collected.json"
        (Path(scratch) / f"{_PLUGIN}.py").write_text(_SOURCE, encoding="utf-8")
        shutil.copyfile(_CASES, Path(scratch) / "phasegate_cases.py")
        words = _run(root, [*python, "-m", "pytest", *_OPTIONS], scratch, answer)
        try:
            found = json.loads(answer.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            hint = f"try: {' '.join(python)} -m pytest --collect-only"
            raise EvidenceError(f"pytest could not collect the suite: {words}", hint=hint) from None
    return _read(root, found)


_OPTIONS = (
    "--collect-only", "-q", "-p", _PLUGIN, "-p", "no:cacheprovider", "-p", "no:phasegate",
    "--continue-on-collection-errors",
)  # fmt: skip


def _run(root: Path, command: Sequence[str], scratch: str, answer: Path) -> str:
    paths = [scratch, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PHASEGATE_COLLECTED": str(answer)}
    environment.pop("PYTEST_ADDOPTS", None)
    try:
        done = subprocess.run(
            command, cwd=root, env=environment, capture_output=True, check=False, timeout=_SECONDS, errors="replace"
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return " / ".join((done.stderr or done.stdout).strip().splitlines()[-3:])


def _read(root: Path, found: dict[str, list[tuple[str, list[str], list[str], str]]]) -> Collection:
    prefix = prefix_of(str(found["root"]), root)
    tests: dict[tuple[TestId, tuple[str, ...], bool], dict[str, None]] = {}
    is_imported = Imported()
    for node_id, marks, requirements, written in found["items"]:
        test = function_of(NodeId(node_id))
        imported = is_imported(Path(str(found["root"]), file_of(test)), test, written)
        of_all_cases = tests.setdefault((test, tuple(marks), imported), {})
        of_all_cases.update(dict.fromkeys(requirements))
    collected = (
        Collected(test, prefix + file_of(test), marks, tuple(named), imported=imported)
        for (test, marks, imported), named in tests.items()
    )
    return Collection(tuple(collected), tuple(str(one) for one in found["failed"]))


class Imported:
    """Whether a test was written in another file than the one it is collected from, which only imports it.

    Of many tests in one class the file is read once.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[Path, str], bool] = {}

    def __call__(self, file: Path, test: str, written: str) -> bool:
        """Answer for one test.

        Args:
            file: The file that pytest collects it from.
            test: Its id.
            written: The path of the file that its code stands in, as pytest reports it.
        """
        path, *names = test.split("::")
        if written == path or not names or not path.endswith(".py"):
            return False
        place = (file, names[0])
        if place not in self._known:
            self._known[place] = file.is_file() and only_imports(file.read_bytes(), names[0])
        return self._known[place]


_DEFINED = re.compile(rb"^[ \t]*(?:(?:async[ \t]+)?def|class)[ \t]+(\w+)", re.MULTILINE)


class DefinedTests:
    """The test functions and classes that the files below a root define, each file read once at most."""

    def __init__(self, root: Path, test_roots: Sequence[str] = ()) -> None:
        self.root = os.path.realpath(root)
        self._starts = [start for start in (*test_roots, "tests", "test") if os.path.isdir(self._at(start))] or [""]  # noqa: PTH112 - status must start fast
        self._names: dict[str, frozenset[str]] = {}

    def exists(self, pattern: str) -> bool:
        """Return whether a declared path or glob means anything that exists inside the root."""
        if plain(pattern):
            return self._inside(pattern) and os.path.exists(self._at(pattern))  # noqa: PTH110 - the same
        fixed = re.split(r"[*?{\[]", pattern, maxsplit=1)[0].rpartition("/")[0]
        return self._inside(fixed) and any(matches(pattern, path) for path in self._walk(fixed))

    def declared(self, test: DeclaredTest, files: Iterable[str] = ()) -> bool:
        """Return whether a declared test exists: in its file, else in one of these files, else in any test file."""
        wanted = {test.name} | ({test.class_name} if test.class_name else set())
        if test.file:
            return wanted <= self.names(test.file)
        near = any(wanted <= self.names(path) for path in files)
        return near or any(wanted <= names for names in self._all_names.values())

    def test(self, test_id: str) -> bool:
        """Return whether ``path::Class::test`` is still defined where it stood."""
        path, *names = test_id.split("::")
        if not path.endswith(".py"):
            return self.exists(path)
        return set(names) <= self.names(path)

    def names(self, path: str) -> frozenset[str]:
        """Return the functions and classes a file defines; none where there is no such file inside the root."""
        if path not in self._names:
            self._names[path] = self._read(path) if self._inside(path) else frozenset()
        return self._names[path]

    @cached_property
    def _all_names(self) -> Mapping[str, frozenset[str]]:
        paths = (path for start in self._starts for path in self._walk(start))
        return {path: self.names(path) for path in paths if has_test_name(path)}

    def _read(self, path: str) -> frozenset[str]:
        try:
            with open(self._at(path), "rb") as file:  # noqa: PTH123 - the same
                return frozenset(name.decode("ascii", "replace") for name in _DEFINED.findall(file.read()))
        except OSError:
            return frozenset()

    def _walk(self, start: str) -> Iterator[str]:
        return files_below(self.root, start, is_aside)

    def _at(self, path: str) -> str:
        return f"{self.root}/{path}"

    def _inside(self, path: str) -> bool:
        return "\0" not in path and seen_from(self.root, self._at(path)) is not None
