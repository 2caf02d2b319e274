"""Superpowers plans: tasks with Create, Modify and Test files, and steps that say which failure is expected."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

from pytest_phasegate.core.guide.markdown.blocks import Mark
from pytest_phasegate.core.guide.markdown.document import Document
from pytest_phasegate.core.guide.model import Action, DeclaredTest
from pytest_phasegate.core.project.paths import is_test_module
from pytest_phasegate.dialects.boxes import boxes, claim_of_boxes
from pytest_phasegate.dialects.canonical import by_fields, by_fields_and_steps, read_series
from pytest_phasegate.dialects.fields import fences_in, fields_of
from pytest_phasegate.dialects.gathered import ACTIONS, Gathered, add_tests
from pytest_phasegate.dialects.headings import hits
from pytest_phasegate.dialects.section import BuiltIn, said_above
from pytest_phasegate.dialects.testnames import Place, tests_in_code
from pytest_phasegate.dialects.tokens import read_path
from pytest_phasegate.dialects.units import Series, series_of, series_of_word

_STEP = re.compile(r"[ \t]*(?:[-*+][ \t]+\[[ xX]\][ \t]+)?\*\*Step \d+")
_MARK = ("superpowers:", "For agentic workers", "For Claude:")
_HEAD = 40
_PYTEST = r"\bpytest\b(.*)"
_TARGET = r"([^\s`\"']+\.py)((?:::\w+)*)"
_EXPECTED = r"(?i)[ \t>*_-]*Expected[*_]*:[*_]*[ \t]*(.*)"
_FAIL = r"\W*\b(?:FAIL(?:S|ED|URE)?|ERROR|RED)\b[*_`]*[ \t]*(.*)"
_SAID = r"[\"“`]([^\"”`]+)[\"”`]"
_Target = tuple[str | None, str | None]
"""What a call runs: a file and the name of a test; ``None`` where it is left open."""
_ALL: _Target = ("", None)
_LEAD = r"(?i)(?:with|because|due to|as|since|[-—–:(])+[ \t]*"


def _strength(document: Document) -> float:
    """Return a strong answer where tasks have steps, or the document says whose plan it is."""
    series = _tasks(document) or series_of(document)
    if series is None or series.word not in {"task", "phase", "step"}:
        return 0.0
    marked = any(mark in line for line in document.lines[:_HEAD] for mark in _MARK)
    return 0.9 if marked or any(map(_STEP.match, document.lines)) else 0.0


def _tasks(document: Document) -> Series | None:
    """Return the tasks where phases hold them: each has a commit of its own. Not where each phase counts them anew."""
    series = series_of_word(document, hits(document), "task")
    return series if series and not series.second else None


def gather_task(document: Document, start: int, end: int) -> Gathered:
    """Read a task: its labelled fields, the tests in its code, and the failures it expects."""
    listed = any(each.kind in ACTIONS for each in fields_of(document, start + 1, end))
    gathered = (by_fields if listed else by_fields_and_steps)(document, start, end)
    place = _place(gathered)
    tests = [test if test.file else test._replace(file=place.file) for test in gathered.tests.values()]
    gathered.tests.clear()
    add_tests(gathered, tests)
    for first, info, code in fences_in(document, start, end):
        if "py" in info.lower():
            named = said_above(document, first - 2)
            add_tests(gathered, tests_in_code(code, first, named if named.file else place))
    _expect(gathered, list(_runs(document, start, end)))
    gathered.claim = gathered.claim or claim_of_boxes(boxes(document, start, end))
    return gathered


def _place(gathered: Gathered) -> Place:
    """Return the one test file of the task, if there is one."""
    files = [file.path for file in gathered.files.values() if file.action is Action.TEST or is_test_module(file.path)]
    return Place(files[0]) if len(files) == 1 else Place()


class _Run(NamedTuple):
    """A pytest call, and what the plan expects of it; ``targets`` are (file, class, name)."""

    targets: list[tuple[str, str | None, str | None]]
    line: int
    failure: str | None = None


def _runs(document: Document, start: int, end: int) -> Iterator[_Run]:
    """Yield the calls of pytest whose expected end is a failure."""
    run: _Run | None = None
    for line in range(start, end):
        text = document.lines[line - 1]
        mark = document.marks[line - 1]
        call = re.search(_PYTEST, text) if "pytest" in text and mark != Mark.FENCE else None
        if call and "import" not in text:
            run = _Run(list(_targets(call[1])), line)
        expected = re.match(_EXPECTED, text) if run and mark != Mark.CODE else None
        failed = re.match(_FAIL, expected[1]) if expected else None
        if run and expected:
            if failed:
                yield run._replace(failure=_failure(failed[1]))
            run = None


def _targets(arguments: str) -> Iterator[tuple[str, str | None, str | None]]:
    for found in re.finditer(_TARGET, arguments):
        path = read_path(found[1])
        parts = [part for part in found[2].split("::") if part]
        if path and not path.fault:
            name = parts[-1] if parts and parts[-1].startswith("test") else None
            yield path.path, "::".join(parts[:-1] if name else parts) or None, name


def _failure(rest: str) -> str | None:
    said = re.search(_SAID, rest)
    lead = re.match(_LEAD, rest)
    return said[1] if said else rest[lead.end() if lead else 0 :].strip(" .*_`)") or None


def _expect(gathered: Gathered, runs: list[_Run]) -> None:
    """Declare the tests that only a call names, and give each test the failure of the first call below that runs it."""
    known = {test.name for test in gathered.tests.values()}
    for run in runs:
        named = [DeclaredTest(n, run.line, c, f) for f, c, n in run.targets if n and n not in known]
        add_tests(gathered, named)
        known |= {test.name for test in named}
    by_target = _by_target([run for run in runs if run.failure is not None])
    for key, test in gathered.tests.items():
        targets = (_ALL, (test.file, None), (test.file, test.name))
        below = [found for target in targets if (found := _below(by_target.get(target, ()), test.line))]
        if test.expected_failure is None and below:
            gathered.tests[key] = test._replace(expected_failure=min(below, key=attrgetter("line")).failure)


def _by_target(runs: list[_Run]) -> dict[_Target, list[_Run]]:
    """Return the calls by what they run: a file and a name, either of which may be left open."""
    found: dict[_Target, list[_Run]] = {}
    for run in runs:
        named = {(file, name) for path, _, name in run.targets for file in (path, None)}
        for target in named or {_ALL}:
            found.setdefault(target, []).append(run)
    return found


def _below(runs: Sequence[_Run], line: int) -> _Run | None:
    at = bisect_left(runs, line, key=attrgetter("line"))
    return runs[at] if at < len(runs) else None


SUPERPOWERS = BuiltIn(
    "superpowers", _strength, lambda document: read_series(document, "superpowers", gather_task, _tasks(document))
)
"""The one dialect that states the expected failure of each test."""
