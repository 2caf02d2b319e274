"""Taskmaster (``.taskmaster/tasks/tasks.json``): tasks as JSON, with subtasks, dependencies and a test strategy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from pytest_phasegate.core.guide.markdown.document import Document
from pytest_phasegate.core.guide.model import MAX_PHASES, Guide
from pytest_phasegate.core.verdict.verdict import Severity
from pytest_phasegate.dialects.criteria import criterion
from pytest_phasegate.dialects.gathered import Gathered, add_listed, add_tests
from pytest_phasegate.dialects.gathering import claim_of
from pytest_phasegate.dialects.outline import Outline
from pytest_phasegate.dialects.section import BuiltIn, phase_of
from pytest_phasegate.dialects.tasklines import read_task
from pytest_phasegate.dialects.testnames import Place, tests_in_text

_TASKS = re.compile(r'"tasks"[ \t\n\r]*:[ \t\n\r]*\[')
_TAG = re.compile(r'"((?:[^"\\]|\\.){0,200})"[ \t\n\r]*:[ \t\n\r]*\{[ \t\n\r]*\Z')
_MAX_TAGS = 50
_BETWEEN = re.compile(r"[ \t\n\r,]*")
_ITEM = r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(.*)"
_SENTENCE = r"(?<=[a-z`)])\.[ \t]+(?=[A-Z`])|\n+"
_BUILDS = r"(?i)(?:create|add|update|modify|extend|refactor|delete|write|implement|move)\b"


class _Task(NamedTuple):
    """A task as it stands in the file: its lines from 1, the last one included, and its content."""

    start: int
    end: int
    content: Mapping[str, object]


class _Read(NamedTuple):
    """The tasks of the first tag, and the names and lines of tags after it."""

    tasks: tuple[_Task, ...]
    others: tuple[tuple[str, int], ...]


def _guide(document: Document) -> Guide:
    outline = Outline(document, "task")
    found = _read(document)
    for task in found.tasks[: MAX_PHASES + 1]:
        gathered = _gather(document, task)
        name, last = (str(task.content["id"]), str(task.content["title"])), len(gathered.document.lines)
        phase = phase_of(gathered, *name, 1, last + 1)
        outline.add(phase._replace(line=task.start, end_line=task.end), gathered)
    for tag, line in found.others:
        message = f"the tasks of the tag {tag!r} are not read: those of the first tag are the phases"
        outline.report("PG108", Severity.WARNING, message, line, "keep the plan of one branch in a file of its own")
    return outline.guide("taskmaster")


@lru_cache(maxsize=1)
def _read(document: Document) -> _Read:
    """Read the lists of tasks one object at a time, so that each knows its lines."""
    text = "\n".join(document.lines)
    first: tuple[_Task, ...] = ()
    others: list[tuple[str, int]] = []
    at, line, counted = 0, 1, 0
    for _ in range(_MAX_TAGS):
        head = _TASKS.search(text, at)
        if head is None:
            break
        line, counted = line + text.count("\n", counted, head.end()), head.end()
        tasks, at = _list(text, head.end(), line)
        tag = _TAG.search(text, max(0, head.start() - 300), head.start())
        if tasks and not first:
            first = tasks
        elif tasks:
            others.append((tag[1] if tag else "?", line))
    return _Read(first, tuple(others))


def _list(text: str, at: int, line: int) -> tuple[tuple[_Task, ...], int]:
    """Return the tasks of a list that begins here, none where one is no task, and where it ends."""
    decoder, found, counted = json.JSONDecoder(), [], at
    while text.startswith("{", at := gap.end() if (gap := _BETWEEN.match(text, at)) else at):
        line, counted = line + text.count("\n", counted, at), at
        try:
            content, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return (), at + 1
        if not _is_task(content):
            return (), end
        found.append(_Task(line, line + text.count("\n", at, end), content))
        at = end
    return tuple(found) if text.startswith("]", at) else (), at


def _is_task(content: object) -> bool:
    if not isinstance(content, dict) or not isinstance(content.get("title"), str):
        return False
    return isinstance(content.get("id"), (int, str)) and isinstance(content.get("status"), str)


def _gather(document: Document, task: _Task) -> Gathered:
    gathered = Gathered(_alone(document, task))
    gathered.goal = _text(task.content, "description")
    gathered.claim = claim_of(_text(task.content, "status"))
    needed = task.content.get("dependencies")
    numbers = [str(each) for each in needed] if isinstance(needed, list) else []
    gathered.depends = [(", ".join(number for number in numbers if number.isdecimal()) or "none", task.start)]
    for part in _parts(task.content):
        _take(gathered, part, task.start)
    return gathered


def _alone(document: Document, task: _Task) -> Document:
    """Return a task as a document of its own, without what it claims: all of a file may stand in one line."""
    promised = {
        **{key: value for key, value in task.content.items() if key not in {"status", "subtasks"}},
        "subtasks": [{k: v for k, v in part.items() if k != "status"} for part in _parts(task.content)][1:],
    }
    lines = tuple(json.dumps(promised, indent=1, sort_keys=True, ensure_ascii=False).split("\n"))
    return replace(document, lines=lines, marks=bytes(len(lines)), headings=(), fences=(), front={})


def _parts(content: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    yield content
    subtasks = content.get("subtasks")
    yield from (each for each in subtasks if isinstance(each, dict)) if isinstance(subtasks, list) else ()


def _take(gathered: Gathered, part: Mapping[str, object], line: int) -> None:
    """Take over the files that a task lists or is to create, and how it is to be tested."""
    for text in _text(part, "details").splitlines():
        item = re.match(_ITEM, text)
        if item and re.match(_BUILDS, item[1]):
            read_task(gathered, item[1], line)
    files = part.get("files")
    add_listed(gathered, map(str, files if isinstance(files, list) else ()), line)
    for sentence in filter(None, map(str.strip, re.split(_SENTENCE, _text(part, "testStrategy")))):
        gathered.criteria.append(criterion(sentence, line))
        add_tests(gathered, tests_in_text(sentence, line, Place()))


def _text(content: Mapping[str, object], key: str) -> str:
    value = content.get(key)
    return value if isinstance(value, str) else ""


TASKMASTER = BuiltIn(
    "taskmaster", lambda document: 1.0 if document.path.endswith(".json") and _read(document).tasks else 0.0, _guide
)
"""A unit is a task with id, title and status in a file of JSON; its subtasks say what it brings."""
