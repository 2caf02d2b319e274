"""Headings with a unit word and an id; by that word also stages, cycles and others, and spec-kit's lists of tasks."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pytest_phasegate.core.guide.markdown.document import Document
from pytest_phasegate.core.guide.markdown.labels import is_marked_file
from pytest_phasegate.core.guide.model import MAX_PHASES, Criterion, Guide, Phase
from pytest_phasegate.core.verdict.verdict import Severity
from pytest_phasegate.dialects.boxes import all_boxes, boxes, claim_of_boxes, has_task_id, read_box, task_text
from pytest_phasegate.dialects.contents import are_listed, are_work
from pytest_phasegate.dialects.fields import fields_of
from pytest_phasegate.dialects.gathered import Gathered
from pytest_phasegate.dialects.gathering import gather
from pytest_phasegate.dialects.headings import NUMBERED, RANGE_ID, WORDS, Hit, hits, own_unit, read_heading
from pytest_phasegate.dialects.ids import Order, order_of
from pytest_phasegate.dialects.listings import is_called_plan, is_over
from pytest_phasegate.dialects.outline import Outline
from pytest_phasegate.dialects.section import BuiltIn, phase_of
from pytest_phasegate.dialects.tasklines import begins_work, read_steps, read_task, read_title, tell_unjudged
from pytest_phasegate.dialects.units import Series, series_of, series_of_word

_WAITS = re.compile(r"\((depends on [^()]*|no dependencies)\)", re.IGNORECASE)
"""What a heading says of the phases before it."""
_TEMPLATE = re.compile(r"\{[^{}]*\}|\[[A-Z][^\[\]]*\]|<[A-Z][^<>]*>")


def _strength(document: Document) -> float:
    """Return a middling strength where there are unit headings, a weak one for a title or numbered sections."""
    series = series_of(document)
    if series is None:
        return 0.0
    if series.word not in WORDS:
        sure = series.word != NUMBERED or are_work(document, series.units) or are_listed(document, series.units)
        return 0.42 if sure else 0.2
    return 0.5 if len(series.units) > 1 or series.units[0].heading.level > 1 else 0.35


def by_fields(document: Document, start: int, end: int) -> Gathered:
    """Read a section by its labelled fields."""
    return gather(document, fields_of(document, start + 1, end))


def by_fields_and_steps(document: Document, start: int, end: int) -> Gathered:
    """Read a section by its labelled fields, and the boxes beside them."""
    fields = fields_of(document, start + 1, end)
    gathered = gather(document, fields)
    read_steps(gathered, fields, start + 1, end)
    return gathered


def read_series(
    document: Document,
    dialect: str,
    gather_section: Callable[[Document, int, int], Gathered] = by_fields_and_steps,
    series: Series | None = None,
) -> Guide:
    """Read a document whose phases are sections under unit headings.

    Args:
        document: The document.
        dialect: The name of the dialect, for the guide.
        gather_section: How a section between two lines is read; by its labelled fields unless given.
        series: The units, where the dialect knows them better.
    """
    series = series or series_of(document) or Series("phase", ())
    outline = Outline(document, series.word.lower() if len(series.word) > 1 else "phase")
    for unit in series.units[: MAX_PHASES + 1]:
        _add(outline, document, unit, gather_section, anew=unit in series.anew)
    if series.word == NUMBERED and not _are_ordered(document, series.units, outline.phases):
        by_word = (series_of_word(document, hits(document), word) for word in WORDS)
        return read_series(document, dialect, gather_section, next(filter(None, by_word), Series("phase", ())))
    _report(outline, series)
    return outline.guide(dialect)


def _add(
    outline: Outline, document: Document, unit: Hit, reader: Callable[[Document, int, int], Gathered], *, anew: bool
) -> None:
    start = unit.heading.line
    end = document.end_of(unit.heading)
    if unit.placeholder:
        message = f"{unit.id!r} is a placeholder of a template, no id"
        outline.report("PG107", Severity.ERROR, message, start, "give the phase a number")
    elif _TEMPLATE.fullmatch(unit.title):
        message = f"the title {unit.title!r} is a placeholder of a template"
        outline.report("PG107", Severity.ERROR, message, start, "say what the phase is about")
    if unit.mojibake:
        message = "the dash in this heading was decoded wrongly (mojibake); it is read as a separator"
        outline.report("PG103", Severity.WARNING, message, start, "save the file as UTF-8 and write the dash anew")
    gathered = reader(document, start, end)
    read_title(gathered, unit.title, start)
    if reader is by_fields_and_steps:
        tell_unjudged(gathered, start, end)
    gathered.depends += [] if gathered.depends else [(each[1], start) for each in _WAITS.finditer(unit.title)]
    outline.add(phase_of(gathered, unit.id, unit.title, start, end), gathered, anew=anew)


def _are_ordered(document: Document, units: Sequence[Hit], phases: Sequence[Phase]) -> bool:
    """Return whether numbered chapters order work: the first and at least half of them.

    Of a plan more says so, and the first alone where they stand below a chapter of it.
    """
    if is_over(document):
        return False
    plan, below = is_called_plan(document), any(each.heading.level > _CHAPTER for each in units[:1])
    says = [bool(_writes(each) or each.criteria or each.goal) for each in phases]
    if (below and are_listed(document, units)) or (any(says) and are_work(document, units)):
        return True
    orders = [
        _writes(each) or (plan and (said or _orders(document, each))) for each, said in zip(phases, says, strict=True)
    ]
    return orders[:1] == [True] and ((plan and below) or sum(orders) * 2 >= len(orders))


def _writes(phase: Phase) -> bool:
    """Return whether a chapter brings something; that its title is a file does not say what is done to it."""
    orders = begins_work(phase.title) or is_marked_file(phase.title)
    files = [each for each in phase.files if orders or each.line != phase.line]
    return bool(files or phase.tests or phase.commit)


def _orders(document: Document, phase: Phase) -> bool:
    """Return whether a title or an item begins with a verb of work, or a box stands there."""
    lines = range(phase.line + 1, phase.end_line + 1)
    items = (document.lines[line - 1] for line in lines if document.is_text(line))
    return begins_work(phase.title) or any(
        read_box(each, 0) or begins_work(each, item=not each.endswith(":")) for each in items
    )


def _report(outline: Outline, series: Series) -> None:
    ids = {phase.id for phase in outline.phases}
    if series.second:
        first = series.second[0].heading.line
        fix = "remove the unit word from these headings, or continue the numbering"
        message = f"a second series of {series.word}s begins here and repeats ids of the first; it is ignored"
        outline.report("PG108", Severity.WARNING, message, first, fix)
    for hit in series.repeated:
        message = f"{series.word} {hit.id} stands twice with this title; only the other section is read"
        outline.report("PG108", Severity.WARNING, message, hit.heading.line, "keep one of the two")
    for hit in series.units[: MAX_PHASES + 1]:
        if RANGE_ID.fullmatch(hit.id) and hit.word not in {"day", "week"}:
            message = f"{series.word} {hit.id} is read as one phase"
            outline.report("PG125", Severity.WARNING, message, hit.heading.line, "give each its own heading")
    hidden = (read_heading(each) or own_unit(each, 0) for each in outline.document.hidden)
    lost = [hit for hit in hidden if hit and hit.word == series.word]
    orders = {order_of(each) for each in ids}
    for hit in lost:
        if hit.id not in ids and continues(hit.id, orders):
            message = f"{series.word} {hit.id} is hidden by a fence and would continue the series"
            fix = "close the fence above it, or lengthen the outer one"
            outline.report("PG105", Severity.ERROR, message, hit.heading.line, fix)


def continues(unit_id: str, orders: set[Order | None]) -> bool:
    """Return whether an id stands right before or behind one that is there, or nothing is there at all."""
    order = order_of(unit_id)
    if order is None or not orders:
        return not orders
    *above, last = (*order[1],)
    beside = {(order[0], (*above, last + step), "") for step in (-1, 1)}
    by_letter = {(order[0], order[1], chr(ord(order[2]) + step)) for step in (-1, 1)} if order[2] else set()
    parent = {(order[0], tuple(above), "")}
    return bool((beside | by_letter | parent | {(*order[:2], "")}) & orders)


CANONICAL = BuiltIn("canonical", _strength, lambda document: read_series(document, "canonical"))
"""Phases are headings with a unit word and an id."""


def _by_word(name: str, word: str, mark: str = "", home: str = "") -> BuiltIn:
    """Return a dialect of units of one word; with a mark, only where a line holds it, or the path the home."""

    def strength(document: Document) -> float:
        ours = not mark or home in f"/{document.path}" or any(mark in line for line in document.lines)
        series = series_of(document) if ours else None
        return 0.6 if series and series.word == word else 0.0

    return BuiltIn(name, strength, lambda document: read_series(document, name))


BY_WORD = (
    _by_word("stages", "stage"),
    _by_word("tdd-cycles", "cycle"),
    _by_word("agent-os", "task group"),
    _by_word("conductor", "phase", mark="Conductor - User Manual", home="/conductor/"),
)
"""``## Stage N``, ``## Cycle 1a``, Agent OS's ``#### Task Group 1``, and the phases of a track's ``plan.md``."""


_ENOUGH = _CHAPTER = 2


def _names_tasks(document: Document) -> float:
    """Return a strong answer where boxes carry ids such as T012 under units."""
    tasks = sum(has_task_id(box) for box in all_boxes(document))
    return 0.95 if tasks >= _ENOUGH and series_of(document) else 0.0


def gather_tasks(document: Document, start: int, end: int) -> Gathered:
    """Read a phase: its labels, and the files and tests of its tasks."""
    gathered = by_fields(document, start, end)
    found = [box for box in boxes(document, start + 1, end) if has_task_id(box)]
    for box in found:
        read_task(gathered, task_text(box), box.line)
    for each in fields_of(document, start + 1, end):
        if each.text.lower() in {"checkpoint", "independent test"} and each.value:
            gathered.criteria.append(Criterion(each.value, checked=False, kind="other", line=each.line))
    gathered.claim = gathered.claim or claim_of_boxes(found)
    return gathered


SPEC_KIT = BuiltIn("spec-kit", _names_tasks, lambda document: read_series(document, "spec-kit", gather_tasks))
"""Phases of tasks; tests are optional by its rule, and only those that a task names are declared."""
