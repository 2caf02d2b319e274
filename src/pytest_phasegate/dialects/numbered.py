"""Units without a heading of their own word: Kiro's and OpenSpec's boxes, PRP's ``Task 1:``, changes by component."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pytest_phasegate.core.guide.markdown.blocks import Mark
from pytest_phasegate.core.guide.markdown.document import Document, Heading
from pytest_phasegate.core.guide.markdown.labels import file_heading
from pytest_phasegate.core.guide.model import Action, Guide
from pytest_phasegate.dialects.boxes import all_boxes, boxes, claim_of_boxes, heads_of_boxes, task_text
from pytest_phasegate.dialects.canonical import by_fields, by_fields_and_steps
from pytest_phasegate.dialects.gathered import Gathered, add_files
from pytest_phasegate.dialects.headings import NUMBERED, WORD_OF, hits, read_heading, strip_claim
from pytest_phasegate.dialects.listings import checked_lines, planned_lines
from pytest_phasegate.dialects.paths import declared_in
from pytest_phasegate.dialects.section import BuiltIn, Unit, guide_of_units
from pytest_phasegate.dialects.tasklines import read_task
from pytest_phasegate.dialects.units import only_groups, series_of

_REQUIREMENTS = re.compile(
    r"[ \t]*[-*]?[ \t]*_(?:Requirements?|Validates|要件|需求|要求|요구사항)[^_]*_|\*\*Validates:", re.IGNORECASE
)
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
    """Take the sections that hold boxes; without any heading, boxes that hold others, or the document as one unit."""
    found = all_boxes(document)
    outer = [box for box in found if not box.indent]
    held = outer if len(outer) >= _ENOUGH and len(outer) * 2 <= len(found) else []
    named = [(head.line, head.text) for head in heads_of_boxes(document)] or [
        (box.line, strip_claim(task_text(box))[0].strip("*: ")) for box in held
    ]
    return [Unit(line, str(at), text) for at, (line, text) in enumerate(named, 1)] or [
        Unit(found[0].line, "1", document.title)
    ]


def _majors(document: Document) -> list[Unit]:
    """Take the major boxes, the headings that are numbered, and for sub-tasks without either the first of them."""
    parts = all("." in box.number for box in all_boxes(document) if box.number)
    groups = {group.id: group for group in (parts and _by_word(document)) or _headed(document)}
    for box in all_boxes(document):
        major = box.number.partition(".")[0]
        if box.number and major not in groups:
            groups[major] = Unit(box.line, major, strip_claim(task_text(box))[0] if box.number == major else "")
    return sorted(groups.values(), key=lambda group: group.line)


def _gather(document: Document, start: int, end: int) -> Gathered:
    gathered, optional = by_fields(document, start, end), False
    found = {box.line: box for box in boxes(document, start, end)}
    for line in filter(document.is_text, range(start, end)):
        box = found.get(line)
        optional = box.optional if box else optional
        if not optional:
            read_task(gathered, task_text(box) if box else document.lines[line - 1].strip(" \t-*"), line)
    gathered.claim = claim_of_boxes(found.values())
    return gathered


KIRO = BuiltIn("kiro", _kiro, lambda document: guide_of_units(document, "kiro", _majors(document), _gather))
"""A unit is a major number; sub-tasks belong to it by their id, indented or not. Optional boxes declare nothing."""


def _changes(document: Document) -> Guide:
    series, own = series_of(document), _by_word(document)
    word = series.word if series and own else "task"
    return guide_of_units(document, "openspec", own or _headed(document) or _unheaded(document), _gather, word)


OPENSPEC = BuiltIn("openspec", _openspec, _changes)
"""A unit is a numbered heading; its boxes need no numbers."""


_LINE = re.compile(
    r"[ \t]*(?:(?:[-*+]|\d{1,3}[.)])[ \t]+)?(?:\*\*)?([^\W\d_]{3,12})[ \t]+"
    r"(?:(\d+)[ \t]?[-–—][ \t]?(?=\d))?(\d+(?:\.\d+)*[a-z]?)(?:\*\*)?[ \t]*(?:[:：.—–]|-(?=[ \t]))[ \t*]*(.*)"
)
_BOX_AHEAD = r"\A([ \t]*[-*+][ \t]+)\[[ xX]\][ \t]+"
_BOXED_BOLD = rf"{_BOX_AHEAD}\*\*[^\W\d_]{{3,12}}[ \t]+\d+[:：]"
"""A unit in bold behind a box: then others of the list may do without the bold."""
_DEED = re.compile(r"[ \t]*(?:[-*+][ \t]+)?(CREATE|MODIFY|UPDATE|ADD|DELETE|EDIT)[ \t]+(.+)")
_BOLD = re.compile(r"[ \t]*(?:(?:[-*+]|\d{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?)?\*\*(?=.{0,24}\d)(\S.*)")


def _strength(document: Document) -> float:
    """Return a weak answer where two such lines stand, so that headings win unless these only group them."""
    units = _units(document)
    if len(units) < _ENOUGH:
        return 0.0
    title = next((heading for heading in document.headings if heading.level == 1), None)
    own = read_heading(title) if title else None
    if own and own.word == _word_of(document, units):
        return 0.0  # a story names the next ones
    return 0.58 if only_groups(document, {unit.line: unit.id for unit in units}) else 0.4


def _word_of(document: Document, units: Sequence[Unit]) -> str:
    line = units[0].line
    found = _unit(document.lines[line - 1], line, fenced=document.marks[line - 1] == Mark.CODE)
    return found[0] if found else ""


def _units(document: Document) -> list[Unit]:
    """Return the first run of lines of one word, without parts (1.1 beside 1); one that begins anew is pseudocode."""
    found: list[Unit] = []
    known: set[str] = set()
    word, planned = "", planned_lines(document)
    boxed = any(re.match(_BOXED_BOLD, text) for text in document.lines if "] **" in text)
    for line, text in enumerate(document.lines, 1):
        text = re.sub(_BOX_AHEAD, r"\1", text) if boxed and "[" in text else text  # noqa: PLW2901 - the same line
        mark = document.marks[line - 1]
        placed = mark == Mark.CODE or (mark in {Mark.TEXT, Mark.INDENTED} and line in planned)
        unit = _unit(text, line, fenced=mark == Mark.CODE) if placed else None
        if unit is None or (word and unit[0] != word):
            continue
        word = unit[0]
        if unit[1] in known:
            break
        known.add(unit[1])
        found.append(Unit(line, unit[1], unit[2]))
    units = [each for each in found if each.id.rpartition(".")[0] not in known]
    return [] if {each.line for each in units} <= checked_lines(document) else units


def _unit(text: str, line: int, *, fenced: bool) -> tuple[str, str, str] | None:
    """Return unit word, id and title of a line; in code only tasks are units."""
    bold = _BOLD.match(text) if "**" in text and not fenced else None
    hit = read_heading(Heading(line, 1, bold[1])) if bold else None
    if hit and hit.word != NUMBERED:
        return hit.word, hit.id, hit.title.replace("**", "").strip("* ")
    plain = _LINE.match(text)
    word = WORD_OF.get(plain[1].lower().removesuffix("s" if plain[2] else ""), "") if plain else ""
    if plain and (word == "task" or (word and not fenced and plain[1][:1].isupper())):
        unit_id = f"{plain[2]}-{plain[3]}" if plain[2] else plain[3]
        return word, unit_id, strip_claim(plain[4].strip("* ").removesuffix(":"))[0]
    return None


def _gather_line(document: Document, start: int, end: int) -> Gathered:
    fenced = document.marks[start - 1] == Mark.CODE
    gathered = Gathered(document) if fenced else by_fields_and_steps(document, start, end)
    for line in range(start, end):
        text = document.lines[line - 1]
        own = _unit(text, line, fenced=fenced) if line == start else None
        deed = _DEED.match(own[2] if own else text)
        if deed:
            add_files(gathered, declared_in(f"{deed[1]} {deed[2].rstrip(':')}", line, Action.UNSPECIFIED))
    return gathered


def _prp(document: Document) -> Guide:
    units = _units(document)
    return guide_of_units(document, "prp", units, _gather_line, _word_of(document, units))


PRP = BuiltIn("prp", _strength, _prp)
"""Units are lines, in prose or in one fence, where no heading makes a series or headings only group them."""


def _components(document: Document) -> list[Unit]:
    """Return the headings right above those that are files; where one of them holds all, the document is the unit."""
    found: dict[int, str] = {}
    above = None
    for heading in document.headings:
        if not file_heading(heading.text):
            above = heading
        elif above:
            found[above.line] = above.text
    title = {next(iter(found)): document.title} if len(found) == 1 else found
    return [Unit(line, str(number), text.strip("[] ")) for number, (line, text) in enumerate(title.items(), 1)]


PROPOSED_CHANGES = BuiltIn(
    "proposed-changes",
    lambda document: 0.3 if _components(document) else 0.0,
    lambda document: guide_of_units(document, "proposed-changes", _components(document), by_fields_and_steps),
)
"""A unit is a component; it declares the files that its headings name. Where a heading is a phase, phases win."""
