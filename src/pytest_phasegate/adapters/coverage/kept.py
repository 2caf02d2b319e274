"""What was read off source files before, kept by content: a file that did not change is not analysed again.

An analysis follows from the text of the file, from what ran of it, from coverage.py's rules and from ours; the key
covers all four. So a change of the file, of what its tests run, of an exclusion, of coverage.py, of Python or of the
modules here leads to another key.
"""

from __future__ import annotations

import platform
import sys
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_phasegate.__about__ import __version__
from pytest_phasegate.adapters.coverage import analysis
from pytest_phasegate.adapters.coverage.analysis import Analysis, analyse
from pytest_phasegate.core.coverage import functions
from pytest_phasegate.core.coverage.lines import Function, Reached, Source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from types import ModuleType

    from coverage import Coverage

    from pytest_phasegate.adapters.json_pack import JsonPack
    from pytest_phasegate.core.coverage.measurement import Ran, Trace

_FORMAT = 2


class KeptAnalyses:
    """``analyse`` for the files that are not known yet; see there for the arguments."""

    def __init__(self, settings: Coverage, root: Path, pack: JsonPack) -> None:
        self._settings = settings
        self._root = root
        self._pack = pack
        self._rules = _rules(analysis, functions) + analysis.rules(settings)

    def __call__(self, paths: Iterable[str], ran: Ran, *, branches: bool) -> Analysis:
        """Return what there is and what was reached in these files."""
        wanted = {path: self._key(path, ran.get(path, ()), branches) for path in paths}
        known = {path: one for path, key in wanted.items() if (one := self._known(path, key))}
        others = [path for path in wanted if path not in known]
        found = analyse(self._settings, self._root, others, ran, branches=branches)
        for path in found.sources:
            known[path] = found.sources[path], found.reached[path]
            if wanted[path] and self._key(path, ran.get(path, ()), branches) == wanted[path]:  # the text that was read
                self._pack.put(wanted[path], _plain(*known[path]))
        both = [(path, known[path]) for path in wanted if path in known]
        return Analysis({path: source for path, (source, _) in both}, {path: reached for path, (_, reached) in both})

    def _known(self, path: str, key: str) -> tuple[Source, Reached] | None:
        return self._pack.get(key, lambda value: _read(path, value)) if key else None

    def _key(self, path: str, traces: Collection[Trace], branches: bool) -> str:
        try:
            content = (self._root / path).read_bytes()
        except OSError:
            return ""
        about = (path, branches, sorted(traces), *self._rules)
        return sha256(repr(about).encode("utf-8", "surrogateescape") + b"\0" + content).hexdigest()


def _rules(*ours: ModuleType) -> tuple[object, ...]:
    """Return what the answer depends on beside the file: Python, and those of our modules that read it."""
    files = [Path(module.__file__ or "").stat() for module in ours]
    read = tuple((file.st_size, file.st_mtime_ns) for file in files)
    return (_FORMAT, __version__, platform.python_implementation(), sys.version, *read)


def _plain(source: Source, reached: Reached) -> dict[str, Any]:
    return {
        "statements": sorted(source.statements),
        "branches": sorted(source.branches),
        "functions": [[one.name, one.line, sorted(one.body)] for one in source.functions],
        "excluded": sorted(source.excluded),
        "lines": sorted(reached.lines),
        "taken": sorted(reached.branches),
    }


def _read(path: str, plain: Mapping[str, Any]) -> tuple[Source, Reached]:
    source = Source(
        path,
        frozenset(plain["statements"]),
        _pairs(plain["branches"]),
        tuple(Function(name, line, frozenset(body)) for name, line, body in plain["functions"]),
        frozenset(plain["excluded"]),
    )
    return source, Reached(frozenset(plain["lines"]), _pairs(plain["taken"]))


def _pairs(plain: Iterable[Iterable[int]]) -> frozenset[tuple[int, int]]:
    return frozenset((left, gone) for left, gone in plain)
