"""Numbered boxes: Kiro's and cc-sdd's ``- [ ] 1. Major`` with ``1.1``, and OpenSpec's ``## 1. Group`` with boxes."""

from __future__ import annotations

import re
from bisect import bisect_left

from pytest_phasegate.core.guide.markdown.document import Document
from pytest_phasegate.dialects.gathering import Gathered
from pytest_phasegate.dialects.late import BuiltIn
from pytest_phasegate.dialects.section import Unit, guide_of_units
from pytest_phasegate.dialects.tasklines import Box, all_boxes, claim_of_boxes, read_box, read_task, task_text
from pytest_phasegate.dialects.units import NUMBERED, hits, series_of

_REQUIREMENTS = re.compile(r"[ \t]*[-*]?[ \t]*_(?:Requirements?|Validates)[^_]*_|\*\*Validates:", re.IGNORECASE)
_ENOUGH = 2


def _kiro(document: Document) -> float:
    """Return a strong answer where numbered boxes name their requirements, a fair one for majors alone."""
    numbered = [box for box in all_boxes(document) if box.number]
    if len(numbered) < _ENOUGH:
        return 0.0
    if any(map(_REQUIREMENTS.match, document.lines)) or "/.kiro/" in f"/{document.path}":
        return 0.9
    majors = sum("." not in box.number for box in numbered) >= _ENOUGH
    return 0.65 if majors and not _by_word(document) else 0.0


def _openspec(document: Document) -> float:
    """Return a fair answer where numbered headings hold boxes."""
    found = all_boxes(document)
    if not found:
        return 0.0
    at_home = "/openspec/" in f"/{document.path}"
    groups = [hit for hit in hits(document) if hit.word == NUMBERED]
    return 0.85 if at_home else 0.55 if groups and any("." in box.number for box in found) else 0.0


def _by_word(document: Document) -> list[Unit]:
    """Take the units that name themselves, such as phases, where there are two."""
    series = series_of(document)
    if series is None or series.word == NUMBERED or len(series.units) < _ENOUGH:
        return []
    return [Unit(hit.heading.line, hit.id, hit.title) for hit in series.units]


def _headed(document: Document) -> list[Unit]:
    found = [hit for hit in hits(document) if hit.word == NUMBERED]
    level = min((hit.heading.level for hit in found), default=0)
    return [Unit(hit.heading.line, hit.id, hit.title) for hit in found if hit.heading.level == level]


def _unheaded(document: Document) -> list[Unit]:
    """Take the sections that hold boxes; without any heading the whole document is one unit."""
    found = all_boxes(document)
    heads = [each for each in document.headings if each.level > 1]
    lines = [head.line for head in heads]
    owners = (bisect_left(lines, box.line) - 1 for box in found)
    named = [heads[owner] for owner in dict.fromkeys(owners) if owner >= 0]
    groups = [Unit(head.line, str(number), head.text) for number, head in enumerate(named, 1)]
    return groups or [Unit(found[0].line, "1", document.title)]


def _majors(document: Document) -> list[Unit]:
    """Take the major boxes, the numbered headings, and for sub-tasks without either the first of them."""
    groups = {group.id: group for group in _headed(document)}
    for box in all_boxes(document):
        major = box.number.partition(".")[0]
        if box.number and major not in groups:
            groups[major] = Unit(box.line, major, task_text(box) if box.number == major else "")
    return sorted(groups.values(), key=lambda group: group.line)


def _gather(document: Document, start: int, end: int) -> Gathered:
    gathered = Gathered(document)
    opened: Box | None = None
    found: list[Box] = []
    for line in range(start, end):
        text = document.lines[line - 1]
        box = read_box(text, line) if document.is_text(line) else None
        opened = box or opened
        if box:
            found.append(box)
        if document.is_text(line) and not (opened and opened.optional):
            read_task(gathered, task_text(box) if box else text.strip(" \t-*"), line)
    gathered.claim = claim_of_boxes(found)
    return gathered


KIRO = BuiltIn("kiro", _kiro, lambda document: guide_of_units(document, "kiro", _majors(document), _gather))
"""A unit is a major number; sub-tasks belong to it by their id, indented or not. Optional boxes declare nothing."""
OPENSPEC = BuiltIn(
    "openspec",
    _openspec,
    lambda document: guide_of_units(
        document, "openspec", _by_word(document) or _headed(document) or _unheaded(document), _gather
    ),
)
"""A unit is a numbered heading; its boxes need no numbers."""
