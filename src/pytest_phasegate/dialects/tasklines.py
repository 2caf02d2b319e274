"""Tasks written as boxes (``- [ ] T012 [P] text with path``, ``- [x] 1.1 text``), and what they name."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from pytest_phasegate.core.guide.markdown.blocks import Mark
from pytest_phasegate.core.guide.markdown.lexing import BOX, TICKS
from pytest_phasegate.core.guide.model import Action, DeclaredFile, DeclaredTest
from pytest_phasegate.dialects.fields import lines_of
from pytest_phasegate.dialects.gathering import Gathered, add_files, add_tests
from pytest_phasegate.dialects.paths import ACTION_OF, LOOKED_AT, UNSPACED, Declared, declared_in, read_path
from pytest_phasegate.dialects.testnames import Place, is_test_path, place_in, tests_in_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_phasegate.core.guide.markdown.document import Document
    from pytest_phasegate.dialects.fields import Field

_BOX = re.compile(rf"([ \t>]*)(?:[-*+]|\d{{1,9}}[.)])[ \t]+({BOX})(\*?)[ \t]*(.*)")
_NUMBER = re.compile(r"(?:\*\*)?(\d+(?:\.\d+)*)\.?(\*?)(?:\*\*)?(?=[ \t:]|\Z)[ \t:]*")
_TASK_ID = re.compile(r"(?:\*\*)?T\d{3,}\b(?:\*\*)?:?[ \t]*")
_BRACKETS = re.compile(r"\[[^\]]*\][ \t]*")
_QUOTED = re.compile(r"`([^`]+)`")
_LETTER = rf"(?:(?!{UNSPACED})\w)"
_RUN = re.compile(rf"(?:{_LETTER}|[./{{}},*-])+")
_BEGIN = re.compile(rf"(?<![/`\\.~:@-])(?<!{_LETTER})\.{{0,2}}{_LETTER}")
_REST = re.compile(rf"(?:{_LETTER}|[./{{}},*-])*\.[A-Za-z][A-Za-z0-9_]{{0,7}}(?!{_LETTER}|[/(])")
_BARE_TEST = re.compile(r"(?<![\w/.`:])(test_\w+)(?:\(\))?(?![\w./:`])")
_STEP = re.compile(r"[*_]*([A-Za-z]+)[*_]*:?[ \t]+(?:(?:the|a|new|file|module|failing|tests?)[: \t]+){0,3}")
_WRITING = {"write", "add", "create", "implement", "new", "test"}
_VERB = re.compile(r"[*_]*([A-Za-z]+)")
_SURE = {word: action for word, action in ACTION_OF.items() if word not in {"add", "new", "write", "test", "tests"}}
"""Verbs whose object is the file itself: what a task adds or writes may go into a file that is there."""
_ASIDE = {
    "run",
    "verify",
    "check",
    "review",
    "read",
    "validate",
    "ensure",
    "confirm",
    "remove",
    "keep",
    "execute",
    "test",
    *LOOKED_AT,
}


@dataclass(frozen=True, slots=True)
class Box:
    """A ticked or open box; ``number`` is its dotted id without a final dot, empty where it has none."""

    line: int
    indent: int
    ticked: bool
    optional: bool
    number: str
    text: str


def boxes(document: Document, start: int, end: int) -> list[Box]:
    """Return the boxes of these lines, code left out."""
    found = all_boxes(document)
    return list(found[bisect_left(found, start, key=_line) : bisect_left(found, end, key=_line)])


@lru_cache(maxsize=1)
def all_boxes(document: Document) -> tuple[Box, ...]:
    """Return every box of the document in order, code left out."""
    prose = {Mark.TEXT, Mark.INDENTED}
    candidates = (
        read_box(text, line)
        for line, text in enumerate(document.lines, 1)
        if "[" in text and document.marks[line - 1] in prose
    )
    return tuple(box for box in candidates if box)


def _line(box: Box) -> int:
    return box.line


def read_box(text: str, line: int) -> Box | None:
    """Read one line as a box."""
    found = _BOX.match(text)
    if not found:
        return None
    number = _NUMBER.match(found[4])
    rest = found[4][number.end() :] if number else found[4]
    optional = bool(found[3]) or bool(number and number[2])
    return Box(line, len(found[1]), found[2][1] in TICKS, optional, number[1] if number else "", rest.strip())


def has_task_id(box: Box) -> bool:
    """Return whether a box carries a spec-kit id such as ``T012``."""
    return _TASK_ID.match(box.text) is not None


def task_text(box: Box) -> str:
    """Return what a box asks for, without its id and its tags."""
    text = _TASK_ID.sub("", box.text, count=1)
    at = 0
    while found := _BRACKETS.match(text, at):
        at = found.end()
    return text[at:].removeprefix("(P)").strip()


def claim_of_boxes(found: Iterable[Box]) -> str:
    """Return what the boxes claim: ``done`` when all that are not optional are ticked."""
    ticks = [box.ticked for box in found if not box.optional]
    if ticks and all(ticks):
        return "done"
    return "in progress" if any(ticks) else ""


def read_task(gathered: Gathered, text: str, line: int) -> None:
    """Take over the files and tests that a line of a task names."""
    verb = _VERB.match(text)
    word = verb[1].lower() if verb else ""
    add_tests(gathered, _tests(text, word, line) if "test_" in text else ())
    if word not in _ASIDE:
        add_files(gathered, _files(text, line, _SURE.get(word, Action.UNSPECIFIED)))


def read_steps(gathered: Gathered, fields: Iterable[Field], start: int, end: int) -> None:
    """Take over what boxes outside of the labelled fields are to create, change or write: no more than is sure."""
    known = (each for each in fields if each.kind and each.kind != "item")
    labelled = {line for each in known for line in lines_of(gathered.document, each)}
    ends = {end for path in gathered.files for end in _ends(path)}
    for box in boxes(gathered.document, start, end):
        text = task_text(box)
        verb = None if box.line in labelled or box.optional else _STEP.match(text)
        if verb is None:
            continue
        word = verb[1].lower()
        if word in _WRITING and "test_" in text:
            add_tests(gathered, _tests(text, word, box.line))
        if word in _SURE and text.startswith("`", verb.end()):
            found = declared_in(text, box.line, _SURE[word])
            add_files(gathered, [each for each in found if each.file.path not in ends])


def _ends(path: str) -> Iterator[str]:
    """Yield how a step may name a declared file: with fewer of its directories."""
    while path:
        _, _, path = path.partition("/")
        yield path


def _tests(text: str, word: str, line: int) -> Iterator[DeclaredTest]:
    """Yield the tests a task names in backticks, and those it is to write by their bare names; a file beside them."""
    named = place_in(text) if ".py" in text else Place()
    place = named if named.file and is_test_path(named.file) else Place()
    yield from tests_in_text(text, line, place)
    if word in _WRITING:
        yield from (DeclaredTest(name, line, place.class_name, place.file) for name in _BARE_TEST.findall(text))


def _files(text: str, line: int, action: Action) -> Iterator[Declared]:
    for token in _tokens(text):
        path = read_path(token)
        if path is None or path.path in {"..", "~"} or path.path.startswith("/"):
            continue
        if "." not in path.path.rstrip("/").rpartition("/")[2]:
            continue
        said = Action.TEST if is_test_path(path.path) else action
        yield Declared(DeclaredFile(path.path, said, line, text, path.lines), path.fault)


def _tokens(text: str) -> Iterator[str]:
    for quoted in _QUOTED.findall(text):
        yield quoted.partition("::")[0]
    for found in _bare_paths(_QUOTED.sub(" ", text)):
        if "/" in found or found.endswith((".py", ".toml")):
            yield found.rstrip(".,")


def _bare_paths(text: str) -> Iterator[str]:
    """Yield what has the look of a path, one a run of its characters: the last ending of a run is that of them all."""
    for run in _RUN.finditer(text):
        begin = _BEGIN.search(text, run.start(), run.end())
        rest = _REST.match(text, begin.end()) if begin else None
        if begin and rest:
            yield text[begin.start() : rest.end()]
