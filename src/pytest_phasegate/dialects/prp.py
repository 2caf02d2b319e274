"""Units that are lines: PRP's ``Task 1:``, mostly in a YAML fence with ``CREATE path`` below, and bold ones."""

from __future__ import annotations

import re

from pytest_phasegate.core.guide.markdown.blocks import Mark
from pytest_phasegate.core.guide.markdown.document import Document, Heading
from pytest_phasegate.core.guide.model import Action
from pytest_phasegate.dialects.canonical import by_fields_and_steps
from pytest_phasegate.dialects.gathering import Gathered, add_files, add_tests
from pytest_phasegate.dialects.late import BuiltIn
from pytest_phasegate.dialects.paths import declared_in
from pytest_phasegate.dialects.section import Unit, guide_of_units
from pytest_phasegate.dialects.testnames import Place, tests_in_text
from pytest_phasegate.dialects.units import NUMBERED, WORD_OF, read_heading, strip_claim

_LINE = re.compile(
    r"[ \t]*(?:(?:[-*+]|\d{1,3}[.)])[ \t]+)?(?:\*\*)?([^\W\d_]{3,12})[ \t]+"
    r"(?:(\d+)[ \t]?[-–—][ \t]?(?=\d))?(\d+(?:\.\d+)*[a-z]?)(?:\*\*)?[ \t]*(?:[:：.—–]|-(?=[ \t]))[ \t*]*(.*)"
)
_DEED = re.compile(r"[ \t]*(?:[-*+][ \t]+)?(CREATE|MODIFY|UPDATE|ADD|DELETE|EDIT)[ \t]+(.+)")
_BOLD = re.compile(r"[ \t]*(?:(?:[-*+]|\d{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?)?\*\*(?=.{0,24}\d)(\S.*)")
_ENOUGH = 2


def _strength(document: Document) -> float:
    """Return a weak answer where two such lines stand, so that headings win."""
    units = _units(document)
    if len(units) < _ENOUGH:
        return 0.0
    title = next((heading for heading in document.headings if heading.level == 1), None)
    own = read_heading(title) if title else None
    first = _unit(document.lines[units[0].line - 1], units[0].line, fenced=False)
    return 0.0 if own and first and own.word == first[0] else 0.4  # a story names the next ones


def _units(document: Document) -> list[Unit]:
    """Return the first run of lines of one word, without parts (1.1 beside 1); one that begins anew is pseudocode."""
    found: list[Unit] = []
    known: set[str] = set()
    word = ""
    for line, text in enumerate(document.lines, 1):
        mark = document.marks[line - 1]
        unit = _unit(text, line, fenced=mark == Mark.CODE) if mark in {Mark.TEXT, Mark.INDENTED, Mark.CODE} else None
        if unit is None or (word and unit[0] != word):
            continue
        word = unit[0]
        if unit[1] in known:
            break
        known.add(unit[1])
        found.append(Unit(line, unit[1], unit[2]))
    return [each for each in found if each.id.rpartition(".")[0] not in known]


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


def _gather(document: Document, start: int, end: int) -> Gathered:
    fenced = document.marks[start - 1] == Mark.CODE
    gathered = Gathered(document) if fenced else by_fields_and_steps(document, start, end)
    for line in range(start + 1, end):
        text = document.lines[line - 1]
        deed = _DEED.match(text)
        if deed:
            add_files(gathered, declared_in(f"{deed[1]} {deed[2].rstrip(':')}", line, Action.UNSPECIFIED))
        elif "test_" in text and fenced:
            add_tests(gathered, tests_in_text(text, line, Place()))
    return gathered


PRP = BuiltIn("prp", _strength, lambda document: guide_of_units(document, "prp", _units(document), _gather))
"""Units are lines, in prose or in one fence; only where no heading makes a series."""
