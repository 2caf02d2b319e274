"""The fields of one section read in order: what they say of files, tests, criteria and a commit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from pytest_phasegate.core.guide.markdown.document import Document
from pytest_phasegate.core.guide.markdown.labels import read_label
from pytest_phasegate.dialects.criteria import criterion, read_criterion
from pytest_phasegate.dialects.dependencies import NONE
from pytest_phasegate.dialects.fields import (
    Field,
    bullet_lines,
    commit_in_code,
    commit_in_value,
    fences_in,
    is_table_head,
    list_lines,
    named_lines,
    speaks_of_others,
)
from pytest_phasegate.dialects.gathered import ACTIONS, Gathered, add_files
from pytest_phasegate.dialects.paths import Declared, declared_in
from pytest_phasegate.dialects.testlists import read_tests

_DIRECTORY = re.compile(r"in[ \t]+`((?:[\w.-]+/)*[\w-]*)`")
_OWN_ID = r"(?:[A-Z]\w+ )?ID: [*`]*([A-Z]\w*(?:-\w+)+)[*`]*"
"""A label that gives a unit an id of its own: ``Story ID: ENH-2-S1``."""


def gather(document: Document, fields: Iterable[Field]) -> Gathered:
    """Read the fields of one section in order."""
    gathered = Gathered(document)
    level_of_tests = 0
    for each in fields:
        gathered.labels.append(each.text)
        if own := re.fullmatch(_OWN_ID, f"{each.text}: {each.value}"):
            gathered.aliases.append(own[1])
        if each.kind in {"tests", "aside"} or speaks_of_others(each.text):
            gathered.settled.update(range(each.line, each.end))
        reader = _READERS.get(each.kind)
        if reader:
            reader(gathered, each)
            level_of_tests = each.level if each.kind == "tests" else level_of_tests
        if (not reader or reader is _files) and level_of_tests and (each.level > level_of_tests or not each.level):
            gathered.settled.update(range(each.line, each.end))
            read_tests(gathered, each)
        if each.level and each.level <= level_of_tests and each.kind != "tests":
            level_of_tests = 0
    return gathered


def _goal(gathered: Gathered, each: Field) -> None:
    below = (text.strip() for _, text in islice(bullet_lines(gathered.document, each), 3))
    gathered.goal = gathered.goal or each.value or " ".join(below)  # a sentence, not a chapter


def _duration(gathered: Gathered, each: Field) -> None:
    gathered.duration = gathered.duration or each.value or each.hint


def _kind(gathered: Gathered, each: Field) -> None:
    gathered.kind = gathered.kind or each.value.strip("`* .").lower()


def _files(gathered: Gathered, each: Field) -> None:
    action = ACTIONS[each.kind]
    if each.value:
        said = f"Create: {each.value}" if each.kind == "create" and each.bullet else each.value
        add_files(gathered, _inside_named(each, declared_in(said, each.line, action)))
    if each.value and each.level:
        return  # a heading that is a file: what stands below tells of it
    for line, text in named_lines(gathered.document, each):
        if is_table_head(gathered.document, line):
            continue
        add_files(gathered, _inside_named(each, declared_in(text, line, action)))


def _inside_named(each: Field, found: Iterable[Declared]) -> Iterator[Declared]:
    """Yield files with the directory that the label names (``Files in `src/` ``), where they name none."""
    named = _DIRECTORY.fullmatch(each.hint)
    for one in found:
        path = f"{named[1].rstrip('/')}/{one.file.path}" if named and "/" not in one.file.path else one.file.path
        yield one._replace(file=one.file._replace(path=path))


def _criteria(gathered: Gathered, each: Field) -> None:
    if each.value:
        gathered.criteria.append(criterion(each.value, each.line))
    for line, text in list_lines(gathered.document, each):
        found = read_criterion(text, line)
        subject = _subject_asked(found.text) if found else None
        if subject:
            gathered.commits.append(subject)
        elif found:
            gathered.criteria.append(found)


def _subject_asked(text: str) -> str | None:
    """Return the subject that a criterion asks of the commit: in code, or conventional; other words are no subject."""
    label = read_label(text)
    said = commit_in_value(label.value) if label and label.kind == "commit" else None
    return said if said and label and ("`" in label.value or ": " in said) else None


def _coverage(gathered: Gathered, each: Field) -> None:
    if each.value:
        gathered.coverage.append(f"coverage {each.value}")
    gathered.coverage += [f"coverage {text}" for _, text in list_lines(gathered.document, each)]


def _commit(gathered: Gathered, each: Field) -> None:
    code = next((code for _, _, code in fences_in(gathered.document, each.line + 1, each.end)), ())
    below = (commit_in_value(text) for _, text in bullet_lines(gathered.document, each))
    alone = next(chain(filter(None, map(str.strip, code)), below), None) if not each.value else None
    if said := commit_in_value(each.value) or commit_in_code(code) or alone:
        gathered.commits.append(said)


def _status(gathered: Gathered, each: Field) -> None:
    gathered.claims.add(each.line)
    gathered.claim = gathered.claim or claim_of(each.value)


def _depends(gathered: Gathered, each: Field) -> None:
    said = each.value or (each.hint if NONE.match(each.hint) else "")
    listed = [] if said else list_lines(gathered.document, each)
    gathered.depends += [(said, each.line)] if said else [(text.strip(" \t-*+"), line) for line, text in listed]


_READERS = {
    "goal": _goal,
    "duration": _duration,
    "kind": _kind,
    **dict.fromkeys(ACTIONS, _files),
    "tests": read_tests,
    "criteria": _criteria,
    "coverage": _coverage,
    "commit": _commit,
    "status": _status,
    "depends": _depends,
}
_DONE = ("complete", "done", "finished", "implemented", "merged", "shipped", "✅", "[x]")
_DOING = ("in progress", "in-progress", "started", "wip", "ongoing", "🚧", "🔄")
_NOT = ("not ", "incomplete", "pending", "todo", "planned")


def claim_of(value: str) -> str:
    """Return what a status field claims: ``done``, ``in progress`` or nothing."""
    lowered = value.lower()
    if lowered.startswith(_NOT) or any(word in lowered for word in ("not started", "incomplete", "not done")):
        return ""
    if any(word in lowered for word in _DOING):
        return "in progress"
    return "done" if any(word in lowered for word in _DONE) else ""
