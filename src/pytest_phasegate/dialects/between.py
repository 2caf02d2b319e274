"""What a document says between its phases: criteria and coverage, what waits for what, and its approval."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from pytest_phasegate.core.guide.markdown.document import Document, Heading
from pytest_phasegate.core.guide.markdown.labels import heading_label, read_label
from pytest_phasegate.core.guide.model import CoverageGoal, Criterion
from pytest_phasegate.dialects.criteria import goal_of, read_criterion
from pytest_phasegate.dialects.fields import cells_of, fields_of, is_table_head
from pytest_phasegate.dialects.headings import NUMBERED, WORD_OF, read_heading

_OF = r"(?:(?:(?:gates?|checks?|criteria)[ \t]+)?(?:after|for|(?:at the )?end of)[ \t]+)?"
_PHASE_CRITERIA = re.compile(
    rf"{_OF}(?:phase|stage|step|task|milestone|iteration|sprint)[ \t]+(\w[\w.-]{{0,15}})\b[^\w]{{0,4}}"
    r".{0,40}\bcriteria\b",
    re.IGNORECASE,
)
"""A heading or label that says whose criteria follow."""
_PHASE_ALONE = re.compile(
    rf"{_OF}(?:phase|stage|step|task|milestone|iteration|sprint)[ \t]+(\w(?:[\w.-]{{0,14}}\w)?)(?:\W.*)?", re.IGNORECASE
)
"""A heading that is a phase: below criteria, it says whose they are."""
_ON_DEPENDENCIES = re.compile(
    "dependenc|sequenc|(?:execution|implementation|delivery) order|parallel|reihenfolge"
    "|dépendance|dependência|依赖|依賴|依存|의존|abhängigkeit|зависимост",
    re.IGNORECASE,
)
_LEAVES_LIST = re.compile(r"(?![-*+][ \t]|\d{1,9}[.)][ \t])\S")


def outside(document: Document, sections: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the runs of lines, end not included, that belong to no phase."""
    at = 1
    for start, end in sorted(sections):
        if at < start:
            yield at, start
        at = max(at, end + 1)
    if at <= len(document.lines):
        yield at, len(document.lines) + 1


def dependency_lines(document: Document, sections: Iterable[tuple[int, int]]) -> Iterator[tuple[int, str]]:
    """Yield the lines of the document's own section on dependencies, code included (arrows are drawn there)."""
    for start, end in outside(document, sections):
        for each in fields_of(document, start, end):
            named = each.level or not each.bullet
            if named and _ON_DEPENDENCIES.search(each.text) and "python" not in each.text.lower():
                last = min(document.section_end(each.line, each.level), end) if each.level else each.end
                yield from ((line, document.lines[line - 1]) for line in range(each.line + 1, last))


def document_criteria(
    document: Document, sections: Sequence[tuple[int, int]], phases: Iterable[str]
) -> tuple[dict[str, CoverageGoal], dict[str, tuple[Criterion, ...]]]:
    """Return by phase the coverage and the criteria that the document's own criteria sections ask of it.

    What stands under a heading or label that names a phase (``Phase 2 completion criteria``), or in an item or
    a table's row that does, is asked of that one.
    """
    asked: dict[str, list[tuple[int, str]]] = {}
    column = -1
    for start, end in outside(document, [*sections, *_other_units(document, sections)]):
        for line, text, names in _criteria_lines(document, start, end):
            ahead, colon, _ = text.partition(":")
            cells = [cell.strip("*_ `-+[]xX") for cell in cells_of(text) or [ahead] * len(colon)]
            if is_table_head(document, line):
                column = next((at for at, cell in enumerate(cells) if cell.lower() in WORD_OF), -1)
            said = [f"phase {cell}" if at == column and cell[:1].isdigit() else cell for at, cell in enumerate(cells)]
            named = (found[1] for cell in said if (found := _PHASE_ALONE.fullmatch(cell)))
            if document.is_text(line):
                asked.setdefault(names or next(named, ""), []).append((line, text))
    of_all = asked.pop("", [])
    goals = {phase: goal_of(text for _, text in (*asked.get(phase, ()), *of_all)) for phase in phases}
    read = {name: (read_criterion(text, line) for line, text in lines) for name, lines in asked.items()}
    return goals, {name: tuple(filter(None, found)) for name, found in read.items()}


def _other_units(document: Document, phases: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the sections of units that are and hold no phase, unless below criteria: what they ask is their own."""
    starts = sorted(start for start, _ in phases)
    opened: list[Heading] = []
    for heading in document.headings:
        while opened and opened[-1].level >= heading.level:
            opened.pop()
        hit, last = read_heading(heading), document.end_of(heading) - 1
        apart = bisect_left(starts, heading.line) == bisect_left(starts, last + 1)
        asked = any(heading_label(each.text).kind == "criteria" for each in opened)
        if hit and hit.word != NUMBERED and apart and not asked:
            yield heading.line, last
        opened.append(heading)


def _criteria_lines(document: Document, start: int, end: int) -> Iterator[tuple[int, str, str]]:
    """Yield the lines of criteria between phases: number, text, and the phase that their heading names, if any."""
    marks = [
        (
            each,
            found[1] if found else "",
            (found is not None and found.re is _PHASE_CRITERIA) or each.kind == "criteria",
        )
        for each in fields_of(document, start, end)
        if (found := _PHASE_CRITERIA.match(text := each.text.strip("*_ \t")) or _PHASE_ALONE.fullmatch(text))
        or each.level
        or each.kind == "criteria"
    ]
    last = level = named_at = 0
    names = ""
    for place, (each, named, ours) in enumerate(marks):
        below = bool(level) and each.line < last and (not each.level or each.level > level)
        if (named and (ours or below)) or (each.level and (each.level <= named_at or not named_at)):
            names, named_at = named if ours or below else "", each.level
        if not (ours or below):
            continue
        if not below:
            level, last = each.level, min(document.section_end(each.line, each.level), end) if each.level else end
        following = marks[place + 1][0].line if place + 1 < len(marks) else end
        if each.kind == "criteria" and not each.level and each.value:
            yield each.line, each.value, names
        left = (line for line in range(each.line + 1, following) if _LEAVES_LIST.match(document.lines[line - 1]))
        stop = min(following, last) if each.level or below else next(left, following)
        yield from ((line, document.lines[line - 1], names) for line in range(each.line + 1, stop))


def is_approved(document: Document, sections: Iterable[tuple[int, int]]) -> bool:
    """Return whether the front matter or a status at document level says *approved*."""
    if "status" in document.front:
        return says_approved(document.front["status"])
    for start, end in outside(document, sections):
        for line in range(start, end):
            text = document.lines[line - 1]
            label = read_label(text) if "tatus" in text and document.is_text(line) else None
            if label and label.kind == "status":
                return says_approved(label.value)
    return False


def says_approved(value: str) -> bool:
    """Return whether a status value is the word *approved*, however it is set."""
    return re.fullmatch(r"[^\w]*approved\b(?![^\w]*(?:pending|by nobody)).*", value, re.IGNORECASE) is not None
