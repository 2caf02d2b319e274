"""Plans that are one list: the tasks of a BMAD story, the milestones of an ExecPlan, the subtasks of a memory bank."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from pytest_phasegate.core.guide.feature_documents import is_column
from pytest_phasegate.core.guide.markdown.document import Document, Heading
from pytest_phasegate.core.guide.markdown.labels import heading_label
from pytest_phasegate.core.guide.model import MAX_PHASES, Criterion
from pytest_phasegate.dialects.boxes import boxes, claim_of_boxes, heads_of_boxes
from pytest_phasegate.dialects.canonical import by_fields_and_steps
from pytest_phasegate.dialects.contents import are_listed
from pytest_phasegate.dialects.criteria import read_criterion
from pytest_phasegate.dialects.fields import cells_of
from pytest_phasegate.dialects.gathered import Gathered, add_listed
from pytest_phasegate.dialects.headings import ASKED, NUMBERED, WORD_OF, hits, read_heading, strip_claim
from pytest_phasegate.dialects.listings import (
    IN_ORDER,
    ORDERED,
    PLANS,
    called,
    checked_lines,
    is_called_plan,
    planned_lines,
)
from pytest_phasegate.dialects.section import BuiltIn, guide_of, stops_of
from pytest_phasegate.dialects.table_units import STAGES, Item, rows_of_units
from pytest_phasegate.dialects.tasklines import read_task
from pytest_phasegate.dialects.units import series_of

_STORY = r"(?=([^\W\d_]{4}))[^\W\d_]+[^\w\n]*(?:/|&|\b[^\W\d_]{1,3}\b)[ \t]*\S{2,6}?-?\1\w*"
"""*Tasks / Subtasks* in any language: a word, and the same word with something ahead."""
_SHORT, _NO_ITEM = 40, r"(?![-*+][ \t]|\d{1,9}[.)][ \t])\S"
_LIVING_ONLY = PLANS["progress"]
_PLAINLY = {IN_ORDER, PLANS["milestones"]}
"""Where a plain numbered list is the plan, too: under *Tasks* or *Steps* it may be anything."""
_BESIDE = ("decision log", "surprises & discoveries", "surprises and discoveries", "outcomes & retrospective")
_ENTRY = r"([ \t]*)(?:\d{1,3}[.)]|[-*+](?=[ \t]+\*\*(?:[A-Z]{1,6}-?|[A-Z]\w{2,11}[ \t]+)\d))[ \t]+(\*\*.*)"
_INDEXED = r"[-*][ \t]+\[([A-Z]+-?\d+)\][ \t]+(\S.*)"
_STAMP = r"\(\d{4}-\d\d-\d\d[^()]{0,20}\)[ \t]*"
_CODE = r"\W{0,4}\b([A-Z]{1,6}-?\d+(?:\.\d+)*|\d+(?:\.\d+)+)\b[\]*_~]*[ \t]*(?:[:：—–-][ \t]*)?(\S.*)"
_LEAD = r"\*\*([^*]+)(?:\*\*(?:[ \t]+[—–-][ \t]|——)|\.\*\*(?=[ \t]|\Z))"
"""A title in bold, which a dash or its full stop parts from what is said of it."""
_OF_CODE = r"([A-Z]{1,6})-?(\d{1,4})"
_ANSWERS = r"(?i)\((?:AC|Acceptance Criteri(?:a|on))s?[:：]?[ \t#]*([^()]*)\)"
_ITEM = r"(\d{1,3})[.)][ \t]+"
_ENOUGH = 2


def _items(document: Document, *, progress: bool) -> list[Item]:
    """Return the items of the section that lists the plan; without one, nothing."""
    ranked = [(PLANS.get(called(head.text), -1), head.line, head) for head in document.headings if head.level > 1]
    ending = [
        (IN_ORDER, at, head) for rank, at, head in ranked if rank < 0 and re.fullmatch(ORDERED, called(head.text))
    ]
    ranked += ending if len(ending) == 1 else []
    wanted = sorted(each for each in ranked if each[0] >= 0 and (progress or each[0] < _LIVING_ONLY))
    found = (
        _of_section(document, heading, plainly=rank in _PLAINLY)
        or rows_of_units(document, heading.line, document.end_of(heading), {"id", ""})
        for rank, _, heading in wanted[:MAX_PHASES]
    )
    listed = next((items for items in found if len(items) >= _ENOUGH), _only(document))
    rows, planned = rows_of_units(document, 1, len(document.lines) + 1), planned_lines(document)
    return listed or [row for row in rows if row.line in planned or is_called_plan(document)]


def _only(document: Document) -> list[Item]:
    """Return the list of a document that is called a plan: its only boxes or numbers, or items that codes number."""
    if not is_called_plan(document):
        return []
    heads = [heading.line for at, heading in enumerate(document.headings) if at or heading.level > 1]
    bounds = [1, *heads, len(document.lines) + 1]
    if len(bounds) == _ENOUGH:
        last = document.headings[-1].line if document.headings else 0
        return _boxed(document, *bounds) or _numbered(document, last, bounds[1])
    found = (_boxed(document, start, end) or _entries(document, start, end) for start, end in pairwise(bounds))
    found = (items for items in found if items and not document.lines[items[0].line - 1].startswith("- **"))
    return next(filter(_are_numbered, found), []) or _sections(document)


def _sections(document: Document) -> list[Item]:
    """Return the sections that hold boxes of work, where nothing numbers units and these are most of the plan."""
    heads = heads_of_boxes(document) if series_of(document) is None else []
    aside, most = checked_lines(document), sum(head.level > 1 for head in document.headings)
    work = [
        Item(head.line, document.section_end(head.line, _OF_ANY_LEVEL), head.text)
        for head in heads
        if not heading_label(head.text).kind and not is_column(head.text) and head.line + 1 not in aside
    ]
    return work if len(work) > _ENOUGH and len(work) * 2 >= most else []


def _are_numbered(items: Sequence[Item]) -> bool:
    """Return whether the ids of these items are letters that ask for nothing, with numbers that count on."""
    codes = [re.fullmatch(_OF_CODE, _tagged(item)[0]) for item in items[: MAX_PHASES + 1]]
    letters = {code and code[1] for code in codes}
    numbers = [int(code[2]) for code in codes if code]
    first = numbers[0] if len(numbers) >= _ENOUGH else 0
    return len(letters) == 1 and not letters & {None, *ASKED} and numbers == [first + at for at in range(len(codes))]


def _living(document: Document) -> list[Item]:
    """Return the items of a list that the sections of a living plan stand beside."""
    living = any(called(heading.text) in _BESIDE for heading in document.headings)
    return _items(document, progress=True) if living else []


def _of_section(document: Document, heading: Heading, *, plainly: bool = False) -> list[Item]:
    end = document.end_of(heading)
    found = _boxed(document, heading.line, end) or _entries(document, heading.line, end)
    return max(found, _numbered(document, heading.line, end) if plainly else [], key=len)


def _boxed(document: Document, start: int, end: int) -> list[Item]:
    found = boxes(document, start, end)
    outer = min((box.indent for box in found), default=0)
    told = [each for each in found if each.indent == outer]
    texts = [(each.line, f"{each.number} {each.text}" if "." in each.number else each.text) for each in told]
    return _until_next(document, texts, end)


def _entries(document: Document, start: int, end: int) -> list[Item]:
    """Return the numbered items whose lead is bold: a plain numbered list may be anything."""
    texts = ((line, document.lines[line - 1]) for line in range(start + 1, end) if document.is_text(line))
    found = [(line, entry) for line, text in texts if (entry := re.match(_ENTRY, text))]
    outer = min((len(entry[1]) for _, entry in found), default=0)
    if found and re.match(r"[ \t]*(?![01]\D)\d", found[0][1][0]):  # it goes on with a list whose first is none
        return []
    return _until_next(document, [(line, entry[2]) for line, entry in found if len(entry[1]) == outer], end)


_OF_ANY_LEVEL = 99


def _numbered(document: Document, start: int, end: int) -> list[Item]:
    """Return the items of the one plain list of a section, which counts from one and has no heading in it."""
    if document.section_end(start, _OF_ANY_LEVEL) < end:
        return []
    texts = ((line, document.lines[line - 1]) for line in range(start + 1, end) if document.is_text(line))
    found = [(line, item, text[item.end() :]) for line, text in texts if (item := re.match(_ITEM, text))]
    counts = [int(item[1]) for _, item, _ in found] == list(range(1, len(found) + 1))
    return _until_next(document, [(line, strip_claim(text)[0]) for line, _, text in found], end) if counts else []


def _until_next(document: Document, starts: Sequence[tuple[int, str]], end: int) -> list[Item]:
    ends = stops_of(document, [line for line, _ in starts], end)
    return [Item(line, stop, text) for (line, text), stop in zip(starts, ends, strict=True)]


@lru_cache(maxsize=1)
def _story(document: Document) -> list[Item]:
    title = read_heading(document.headings[0]) if document.headings else None
    tasks = {PLANS["tasks"]} if title and title.word == "story" else set()
    named = ((called(each.text), each) for each in document.headings)
    heads = [each for name, each in named if re.fullmatch(_STORY, name) or PLANS.get(name) in tasks]
    if not heads:
        return _below_paragraph(document)
    units, items = _headed(document, heads[0]), _of_section(document, heads[0])
    numbered = {tag for item in items if (tag := _tagged(item)[0]) and "." not in tag}  # 1.1 is a part of 1
    return items if len(units) < len(items) == len(numbered) else units or items


def _below_paragraph(document: Document) -> list[Item]:
    """Return the boxes right below a paragraph that is called as the heading of a story's tasks is."""
    lines = document.lines
    said = (line for line, text in enumerate(lines, 1) if len(text) < _SHORT and re.fullmatch(_STORY, called(text)))
    for line in filter(document.is_text, said):
        first = next((at for at in range(line + 1, len(lines) + 1) if lines[at - 1].strip()), len(lines))
        end = next((at for at in range(first, len(lines) + 1) if re.match(_NO_ITEM, lines[at - 1])), len(lines) + 1)
        if found := _boxed(document, first, end):
            return found
    return []


def _headed(document: Document, heading: Heading) -> list[Item]:
    """Return the units that are headings of a section; boxes below these are their parts."""
    end = document.end_of(heading)
    found = [hit.heading for hit in hits(document) if heading.line < hit.heading.line < end and hit.word != NUMBERED]
    items = [Item(each.line, document.end_of(each), each.text) for each in found]
    return items if len(items) >= _ENOUGH else []


@lru_cache(maxsize=1)
def _bank(document: Document) -> list[Item]:
    heads = [heading for heading in document.headings if called(heading.text) in {"subtasks", "sub-tasks"}]
    rows = rows_of_units(document, heads[0].line, document.end_of(heads[0])) if heads else []
    if rows or re.match(_CODE, document.title):
        return rows
    texts = ((line, text) for line, text in enumerate(document.lines, 1) if "[" in text and document.is_text(line))
    entries = ((line, entry) for line, text in texts if (entry := re.match(_INDEXED, text.strip())))
    found = [Item(line, line + 1, entry[2], entry[1]) for line, entry in entries]
    return found if len(found) >= _ENOUGH else []


def _acceptance(document: Document) -> dict[str, list[Criterion]]:
    """Return the acceptance criteria by their number, each with the lines below it that belong to it."""
    found: dict[str, list[Criterion]] = {}
    head = next((each for each in document.headings if called(each.text).endswith("acceptance criteria")), None)
    for line in range(head.line + 1, document.end_of(head)) if head else ():
        text = document.lines[line - 1]
        number, criterion = re.match(_ITEM, text), read_criterion(text, line) if document.is_text(line) else None
        if number and criterion:
            found.setdefault(number[1], []).append(criterion)
    return found


def _read(document: Document, items: Sequence[Item]) -> Iterator[tuple[Gathered, str, str, int, int]]:
    tags = [_tagged(item) for item in items[: MAX_PHASES + 1]]
    tagged, acceptance = all(tag[0] for tag in tags), _acceptance(document)
    for number, (item, (tag, title)) in enumerate(zip(items, tags, strict=False), 1):
        gathered = _gather(document, item)
        for each in re.finditer(_ANSWERS, item.text):
            gathered.criteria += [one for key in re.findall(r"\d+", each[1]) for one in acceptance.get(key, ())]
        unit_id, name = (tag, title) if tagged else (str(number), _plain(item.text))
        yield gathered, unit_id, name, item.line, item.end


def _tagged(item: Item) -> tuple[str, str]:
    """Return the id and title of an item that carries an id: ``Task 1: …``, ``M0 — …``, ``[TASK-3] …``."""
    text, lead = _plain(item.text), re.match(_LEAD, item.text)
    if item.id:
        return item.id, text
    for said in (lead[1], text) if lead else (text,):
        hit = read_heading(Heading(item.line, 1, said))
        if hit and hit.word != NUMBERED and (hit.title or said is text):
            return hit.id, hit.title
        if code := re.match(_CODE, said):
            return code[1], strip_claim(code[2])[0].strip("*_ -—–:")
    return "", text


def _plain(text: str) -> str:
    stamp = re.match(_STAMP, text)
    bare = re.sub(_ANSWERS, "", text[stamp.end() :] if stamp else text).strip()
    lead, mark, rest = bare.removeprefix("**").partition("**")
    return f"{lead}{rest}".strip() if mark and bare.startswith("**") else bare


def _gather(document: Document, item: Item) -> Gathered:
    if item.end == item.line + 1 and item.id:
        gathered = Gathered(document)
        for said in dict.fromkeys((item.text, item.said)):
            read_task(gathered, said, item.line)
        add_listed(gathered, item.files.split(","), item.line)
        gathered.claim = item.claim
        return gathered
    gathered = by_fields_and_steps(document, item.line - 1, item.end)
    gathered.claim = gathered.claim or claim_of_boxes(boxes(document, item.line, item.end))
    return gathered


def _sure(document: Document) -> float:
    """Return a weak answer; a stronger one for a table of phases beside numbered sections that are no plan."""
    items, series = _items(document, progress=False), series_of(document)
    if not items:
        return 0.0
    head = cells_of(document.lines[max(items[0].line - 3, 0)])  # a rule stands between it and the first row
    table = any(WORD_OF.get(cell.lower().strip("*# ")) in STAGES for cell in head)
    chapters = series is not None and series.word == NUMBERED and not are_listed(document, series.units)
    return 0.43 if table and chapters else 0.3


def _dialect(name: str, sure: Callable[[Document], float], items: Callable[[Document], list[Item]]) -> BuiltIn:
    return BuiltIn(name, sure, lambda document: guide_of(document, name, _read(document, items(document))))


BMAD = _dialect("bmad", lambda document: 0.9 * bool(_story(document)), _story)
"""The tasks of a story; each answers the acceptance criteria that it names."""
MEMORY_BANK = _dialect("memory-bank", lambda document: 0.9 * bool(_bank(document)), _bank)
"""The rows of a task's table of subtasks, or the tasks that an index lists."""
EXECPLAN = _dialect("execplan", lambda document: 0.45 * bool(_living(document)), _living)
"""The milestones of a living plan, else what its progress lists."""
TASK_LIST = _dialect("task-list", _sure, lambda document: _items(document, progress=False))
"""The items of the one section whose heading says that it lists the plan; phases win."""
