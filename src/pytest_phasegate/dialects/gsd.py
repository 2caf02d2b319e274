"""GSD plans (``.planning/phases/*-PLAN.md``): tasks in tags, with files, behaviour, action, verification and end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pytest_phasegate.core.guide.markdown.blocks import Mark
from pytest_phasegate.core.guide.markdown.document import Document, Heading
from pytest_phasegate.core.project.paths import is_test_module
from pytest_phasegate.dialects.criteria import criterion
from pytest_phasegate.dialects.gathered import Gathered, add_listed, add_tests
from pytest_phasegate.dialects.headings import NUMBERED, read_heading
from pytest_phasegate.dialects.section import BuiltIn, guide_of
from pytest_phasegate.dialects.testnames import Place, place_in, tests_in_code, tests_in_text

_OPEN, _CLOSE = r"[ \t]*<(?:task|feature)(?:[ \t][^<>]*)?>", r"[ \t]*</(?:task|feature)>"
_TAG = r"<(/?)(name|files|behavior|action|verify|automated|acceptance_criteria|done|read_first)>"
_NAME = r"<name>(.*?)(?:</name>|\Z)"
_ITEM = r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?(.*)"
_FIRST_TEST = r"[`*]*(test_\w+)(?:\([\w, ]*\))?[`*]*(?![\w./(]|:\S)"
_DEFINED = r"(?:async[ \t]+)?def[ \t]+(test_\w+)\("
_NAMES_TESTS = {"behavior", "action", "done", "acceptance_criteria"}
_CRITERIA = {"acceptance_criteria", "done"}
_NO_TESTS = ("conftest.py", "__init__.py")


@dataclass(slots=True)
class _Said:
    """What a task says: its prose as (line, tag, text), and its blocks of Python as (first line, lines, test file)."""

    prose: list[tuple[int, str, str]] = field(default_factory=list)
    code: list[tuple[int, Sequence[str], Place]] = field(default_factory=list)


def _read(document: Document) -> Iterator[tuple[Gathered, str, str, int, int]]:
    for number, (start, end, name) in enumerate(_tasks(document), 1):
        hit = read_heading(Heading(start, 1, name))
        unit_id, title = (hit.id, hit.title) if hit and hit.word != NUMBERED else (str(number), name)
        yield _gather(document, start, end), unit_id, title, start, end


def _tasks(document: Document) -> Iterator[tuple[int, int, str]]:
    """Yield the tasks with a name: the first line, the line after the last, and the name."""
    start, name = 0, ""
    for line, text in enumerate(document.lines, 1):
        if "<" not in text or document.marks[line - 1] in {Mark.CODE, Mark.FENCE}:
            continue
        if re.match(_OPEN, text):
            start, name = line, ""
        elif start and not name and (found := re.search(_NAME, text)):
            name = found[1].strip()
        if start and re.match(_CLOSE, text):
            if name:
                yield start, line + 1, name
            start = 0


def _gather(document: Document, start: int, end: int) -> Gathered:
    gathered = Gathered(document)
    said = _said(document, start, end)
    for line, tag, text in said.prose:
        if tag == "files":
            add_listed(gathered, text.split(","), line)
    files = [path for path in gathered.files if is_test_module(path) and not path.endswith(_NO_TESTS)]
    place = Place(files[0]) if len(files) == 1 else Place()
    for first, code, file in said.code:
        add_tests(gathered, tests_in_code(code, first, file if file.file else place))
    for line, tag, text in said.prose:
        _take(gathered, line, tag, text.strip(), place)
    return gathered


def _take(gathered: Gathered, line: int, tag: str, text: str, place: Place) -> None:
    """Take over what a line names: a test it begins with, a criterion, a command that verifies."""
    item = re.match(_ITEM, text)
    words = item[1].strip() if item else text
    test = re.match(_FIRST_TEST if item else _DEFINED, words) if tag in _NAMES_TESTS else None
    if test and all(name != test[1] for _, _, name in gathered.tests):
        add_tests(gathered, tests_in_text(f"`{test[1]}`", line, place))
    if tag in _CRITERIA:
        gathered.criteria.append(criterion(words, line))
    elif tag == "automated":
        gathered.criteria.append(criterion(f"`{words}`", line))


def _said(document: Document, start: int, end: int) -> _Said:
    """Read a task by line; fences count at any depth, for tags are written with their content indented."""
    said, tag, above, first = _Said(), "", Place(), 0
    for line in range(start + 1, end):
        text = document.lines[line - 1]
        if text.lstrip().startswith("```"):
            if first > 0:
                said.code.append((first, document.lines[first - 1 : line - 1], above))
            first = 0 if first else line + 1 if "py" in text else -1
        elif not first:
            named = place_in(text) if ".py" in text else Place()
            above = named if named.file and is_test_module(named.file) else Place() if named.file else above
            at = 0
            for found in re.finditer(_TAG, text):
                said.prose.append((line, tag, text[at : found.start()]))
                tag, at = ("" if found[1] else found[2]), found.end()
            said.prose.append((line, tag, text[at:]))
    said.prose[:] = [each for each in said.prose if each[2].strip()]
    return said


GSD = BuiltIn(
    "gsd",
    lambda document: 0.95 if next(_tasks(document), None) else 0.0,
    lambda document: guide_of(document, "gsd", _read(document)),
)
"""A unit is a task with a name; a checkpoint without one is a person's."""
