"""Which tests the files of a project define, by a quick look at their text; nothing is imported or parsed."""

from __future__ import annotations

import os
import re
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_phasegate.core.project.globs import matches, plain
from pytest_phasegate.core.project.sides import PYTHON_FILES, fits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from pytest_phasegate.core.guide.model import DeclaredTest

_DEFINED = re.compile(rb"^[ \t]*(?:(?:async[ \t]+)?def|class)[ \t]+(\w+)", re.MULTILINE)
_ASIDE = frozenset({"node_modules", "venv", "site-packages", "build", "dist", "__pycache__"})


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
        return any(wanted <= self.names(path) for path in files) or any(
            wanted <= names for names in self._all_names.values()
        )

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
        tests = (path for path in paths if any(fits(path.rpartition("/")[2], glob) for glob in PYTHON_FILES))
        return {path: self.names(path) for path in tests}

    def _read(self, path: str) -> frozenset[str]:
        try:
            with open(self._at(path), "rb") as file:  # noqa: PTH123 - the same
                return frozenset(name.decode("ascii", "replace") for name in _DEFINED.findall(file.read()))
        except OSError:
            return frozenset()

    def _walk(self, start: str) -> Iterator[str]:
        try:
            with os.scandir(self._at(start)) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            return
        for entry in listed:
            path = f"{start}/{entry.name}" if start else entry.name
            if entry.is_file():
                yield path
            elif entry.is_dir(follow_symlinks=False) and not (entry.name.startswith(".") or entry.name in _ASIDE):
                yield from self._walk(path)

    def _at(self, path: str) -> str:
        return f"{self.root}/{path}"

    def _inside(self, path: str) -> bool:
        if "\0" in path:
            return False
        target = os.path.realpath(self._at(path))
        return target == self.root or target.startswith(f"{self.root}/")
