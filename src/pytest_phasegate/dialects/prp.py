"""PRP plans: ``Task 1:`` lines, mostly inside a YAML fence, with ``CREATE path`` and ``MODIFY path`` below."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_phasegate.core.guide.markdown.blocks import Mark
from pytest_phasegate.core.guide.model import MAX_PHASES, Action
from pytest_phasegate.dialects.gathering import Gathered, add_files, add_tests
from pytest_phasegate.dialects.outline import Outline
from pytest_phasegate.dialects.paths import declared_in
from pytest_phasegate.dialects.section import phase_of
from pytest_phasegate.dialects.testnames import Place, tests_in_text
from pytest_phasegate.dialects.units import strip_claim

if TYPE_CHECKING:
    from pytest_phasegate.core.guide.markdown.document import Document
    from pytest_phasegate.core.guide.model import Guide

_TASK = re.compile(
    r"[ \t]*(?:[-*+][ \t]+)?(?:\*\*)?Task[ \t]+(\d+(?:\.\d+)*[a-z]?)(?:\*\*)?[ \t]*(?:[:.—–]|-(?=[ \t]))[ \t*]*(.*)"
)
_DEED = re.compile(r"[ \t]*(?:[-*+][ \t]+)?(CREATE|MODIFY|UPDATE|ADD|DELETE|EDIT)[ \t]+(.+)")
_ENOUGH = 2


class Prp:
    """Units are lines, in prose or in one fence; only where no heading makes a series."""

    name = "prp"

    def strength(self, document: Document) -> float:
        """Return a weak answer where two such lines stand, so that headings win."""
        return 0.4 if len(_units(document)) >= _ENOUGH else 0.0

    def read(self, document: Document, path: str) -> Guide:  # noqa: ARG002 - the document knows its path
        """Read the guide."""
        outline = Outline(document, "task")
        units = _units(document)[: MAX_PHASES + 1]
        for (start, unit_id, title), following in zip(units, [*units[1:], None], strict=True):
            end = _end(document, start, following[0] if following else len(document.lines) + 1)
            gathered = _gather(document, start, end)
            outline.add(phase_of(gathered, unit_id, title, start, end), gathered)
        return outline.guide(self.name)


def _units(document: Document) -> list[tuple[int, str, str]]:
    """Return the first run of task lines; a block further down that begins anew is pseudocode."""
    found: list[tuple[int, str, str]] = []
    known: set[str] = set()
    for line, text in enumerate(document.lines, 1):
        match = _TASK.match(text) if "Task" in text else None
        if match and document.marks[line - 1] in {Mark.TEXT, Mark.CODE}:
            if match[1] in known:
                break
            known.add(match[1])
            found.append((line, match[1], strip_claim(match[2].strip("* ").removesuffix(":"))[0]))
    return found


def _end(document: Document, start: int, stop: int) -> int:
    ends = {Mark.HEADING, Mark.FENCE} if document.marks[start - 1] == Mark.CODE else {Mark.HEADING}
    return next((line for line in range(start + 1, stop) if document.marks[line - 1] in ends), stop)


def _gather(document: Document, start: int, end: int) -> Gathered:
    gathered = Gathered(document)
    for line in range(start + 1, end):
        text = document.lines[line - 1]
        deed = _DEED.match(text)
        if deed:
            add_files(gathered, declared_in(f"{deed[1]} {deed[2].rstrip(':')}", line, Action.UNSPECIFIED))
        elif "test_" in text:
            add_tests(gathered, tests_in_text(text, line, Place()))
    return gathered
