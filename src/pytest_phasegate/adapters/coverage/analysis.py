"""Read off, by coverage.py's own rules, which statements and branches of a file there are and which were reached."""

from __future__ import annotations

import io
import json
import os
import tempfile
import tokenize
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from coverage import Coverage

from pytest_phasegate.adapters.coverage.own_measurement import from_file, functions_of, script_lines
from pytest_phasegate.app.coverage.phase_coverage import Analysis
from pytest_phasegate.core.coverage.measurement import Ran
from pytest_phasegate.core.coverage.phase_coverage import Reached, Source

_EXCLUSIONS = ("report:exclude_lines", "report:partial_branches", "report:partial_branches_always")


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
    files = {name: ran.get(path, frozenset()) for name, path in wanted.items()}
    told = json.loads(report("json", settings, wanted, files, branches=branches))["files"] if wanted else {}
    sources: dict[str, Source] = {}
    reached: dict[str, Reached] = {}
    for name, part in told.items():
        path = wanted[os.path.abspath(name)]  # noqa: PTH100 - a name of coverage.py's
        sources[path], reached[path] = _read(path, part, _text(root / path))
    return Analysis(sources, reached)


def report(
    kind: str, settings: Coverage, wanted: Iterable[str], ran: Mapping[str, Iterable[Any]], *, branches: bool
) -> str:
    """Have a reporter of coverage.py write on data that hold just what ran.

    Args:
        kind: ``json``, ``lcov`` or ``xml``.
        settings: Whose exclusions hold.
        wanted: The files, by absolute path.
        ran: What ran of them, by the same.
        branches: Whether that are arcs.
    """
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as scratch:
        warnings.simplefilter("ignore")
        coverage = Coverage(data_file=None, config_file=False, messages=False)
        for option in _EXCLUSIONS:
            coverage.set_option(option, settings.get_option(option))
        data = coverage.get_data()
        traces = {name: ran.get(name, ()) for name in wanted}
        (data.add_arcs if branches else data.add_lines)(traces)  # type: ignore[arg-type]
        outfile = os.path.join(scratch, "report")  # noqa: PTH118 - coverage.py wants a text
        getattr(coverage, f"{kind}_report")(morfs=list(traces), outfile=outfile, ignore_errors=True)
        if hasattr(data, "close"):  # came with a later coverage.py than the oldest one that serves
            data.close(force=True)
        return Path(outfile).read_text(encoding="utf-8")


def _read(path: str, part: Mapping[str, Any], text: str) -> tuple[Source, Reached]:
    executed = frozenset(part["executed_lines"]).difference(part["excluded_lines"])  # of old, it held both
    taken = _branches(part, "executed_branches")
    statements = executed.union(part["missing_lines"])
    every = taken | _branches(part, "missing_branches")
    functions = tuple(one._replace(body=one.body & statements) for one in functions_of(text))
    source = Source(path, statements, every, functions, frozenset(part["excluded_lines"]), script_lines(text))
    return source, Reached(executed, taken)


def _branches(part: Mapping[str, Any], name: str) -> frozenset[tuple[int, int]]:
    return frozenset((left, gone) for left, gone in part.get(name, ()))


def _text(path: Path) -> str:
    """Return a source as Python would decode it; coverage.py has read it already."""
    with tokenize.open(path) as source:
        return source.read()


SETTINGS = {
    ".coveragerc": "",
    ".coveragerc.toml": "",
    "setup.cfg": "[coverage:",
    "tox.ini": "[coverage:",
    "pyproject.toml": "tool.coverage",
}
"""Where coverage.py looks for its settings, in its order, and what a file that others share must hold to be theirs."""


def counted(
    root: Path, settings: Mapping[str, bytes], lines: Mapping[str, frozenset[int]], *, branches: bool
) -> Mapping[str, Source]:
    """Return what of files other settings count, whatever the comments on some lines say.

    Args:
        root: The project's root.
        settings: The files of settings by name, as they were; what is not there was not there.
        lines: By path, the lines whose comments exclude nothing.
        branches: Whether to count branches too.

    Raises:
        ConfigurationError: Those settings cannot be used.
    """
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch).resolve()
        rules = _rules(place, settings)
        for path, own in lines.items():
            (place / "tree" / path).parent.mkdir(parents=True, exist_ok=True)
            (place / "tree" / path).write_bytes(_without_comments((root / path).read_bytes(), own))
        return analyse(rules, place / "tree", lines, {}, branches=branches).sources


def _rules(place: Path, settings: Mapping[str, bytes]) -> Coverage:
    for name, sign in SETTINGS.items():
        if name in settings and sign.encode() in settings[name]:
            (place / name).write_bytes(settings[name])
            return from_file(str(place / name))
    return from_file("")


def _without_comments(content: bytes, lines: frozenset[int]) -> bytes:
    """Return a module without the comments on some lines; as it is where it cannot be read."""
    text = content.splitlines(keepends=True)
    try:
        for row, column, length in _comments(content):
            if row in lines:
                before = text[row - 1].decode("utf-8")
                text[row - 1] = (before[:column] + before[column + length :]).encode()
    except (tokenize.TokenError, SyntaxError, UnicodeDecodeError):
        return content
    return b"".join(text)


def _comments(content: bytes) -> Iterator[tuple[int, int, int]]:
    for token in tokenize.tokenize(io.BytesIO(content).readline):
        if token.type == tokenize.COMMENT:
            yield *token.start, len(token.string)
