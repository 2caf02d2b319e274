"""Read off, by coverage.py's own rules, which statements and branches of a file there are and which were reached."""

from __future__ import annotations

import json
import os
import tempfile
import tokenize
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_phasegate.core.coverage.lines import Reached, Source, functions_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from coverage import Coverage

    from pytest_phasegate.core.coverage.measurement import Ran

_EXCLUSIONS = ("report:exclude_lines", "report:partial_branches", "report:partial_branches_always")


@dataclass(frozen=True, slots=True)
class Analysis:
    """What coverage.py says of some files, by path relative to the root; one it cannot read is in neither."""

    sources: Mapping[str, Source]
    reached: Mapping[str, Reached]


def analyse(settings: Coverage, root: Path, paths: Iterable[str], ran: Ran, *, branches: bool) -> Analysis:
    """Hold what ran against the text of the files as they stand.

    Coverage.py names files relative to the directory in which the last ``Coverage`` was made, so call this from
    where the run began, or another report of the same process will be written with other names.

    Args:
        settings: Whose exclusions hold.
        root: The directory that ``paths`` and the paths of ``ran`` are relative to.
        paths: The files wanted, whether anything of them ran or not.
        ran: What ran: lines, or arcs where ``branches``.
        branches: Whether to read branches too.
    """
    wanted = {str(root / path): path for path in paths}
    report = _report(settings, wanted, ran, branches) if wanted else {}
    sources: dict[str, Source] = {}
    reached: dict[str, Reached] = {}
    for name, part in report.items():
        path = wanted[os.path.abspath(name)]  # noqa: PTH100 - a name of coverage.py's
        sources[path], reached[path] = _read(path, part, _text(root / path))
    return Analysis(sources, reached)


def _report(settings: Coverage, wanted: Mapping[str, str], ran: Ran, branches: bool) -> Mapping[str, Mapping[str, Any]]:
    """Have coverage.py write its JSON report on data that hold just what ran."""
    from coverage import Coverage

    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as scratch:
        warnings.simplefilter("ignore")
        coverage = Coverage(data_file=None, config_file=False, messages=False)
        for option in _EXCLUSIONS:
            coverage.set_option(option, settings.get_option(option))
        data = coverage.get_data()
        traces = {name: ran.get(path, frozenset()) for name, path in wanted.items()}
        (data.add_arcs if branches else data.add_lines)(traces)  # type: ignore[arg-type]
        outfile = os.path.join(scratch, "coverage.json")  # noqa: PTH118 - coverage.py wants a text
        coverage.json_report(morfs=list(wanted), outfile=outfile, ignore_errors=True)
        with open(outfile, encoding="utf-8") as written:  # noqa: PTH123 - as above
            files: Mapping[str, Mapping[str, Any]] = json.load(written)["files"]
        if hasattr(data, "close"):  # came with a later coverage.py than the oldest one that serves
            data.close(force=True)
    return files


def _read(path: str, part: Mapping[str, Any], text: str) -> tuple[Source, Reached]:
    executed = frozenset(part["executed_lines"]).difference(part["excluded_lines"])  # of old, it held both
    taken = _branches(part, "executed_branches")
    statements = executed.union(part["missing_lines"])
    every = taken | _branches(part, "missing_branches")
    source = Source(path, statements, every, functions_of(text, statements), frozenset(part["excluded_lines"]))
    return source, Reached(executed, taken)


def _branches(part: Mapping[str, Any], name: str) -> frozenset[tuple[int, int]]:
    return frozenset((left, gone) for left, gone in part.get(name, ()))


def _text(path: Path) -> str:
    """Return a source as Python would decode it; coverage.py has read it already."""
    with tokenize.open(path) as source:
        return source.read()
