"""The rows of tables that are units: one column counts them, another one says what they are."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import NamedTuple

from pytest_phasegate.core.guide.markdown.document import Document, Heading
from pytest_phasegate.dialects.fields import rows_in
from pytest_phasegate.dialects.gathering import claim_of
from pytest_phasegate.dialects.headings import WORD_OF, read_heading, strip_claim
from pytest_phasegate.dialects.listings import checked_lines

_ENOUGH = 2
_ROW = r"(?:[^\W\d_]{3,12}[ \t]+)?([A-Z]{0,6}-?\d[\w.-]*|[A-Z](?=[ \t]*(?:[—–:.]|\Z)))(?:([ \t:.—–(-]+)(.*))?\Z"
_LINK = r"\[([^\[\]]+)\]\([^()\s]*\)"
_SAID = (
    "description", "subtask", "task", "title", "name", "milestone", "focus", "goal", "deliverable", "scope", "feature",
    "component", "change", "action", "acceptance",
)  # fmt: skip
"""Heads of the column that says what a row of a plan is, the surest first."""
STAGES = frozenset({"phase", "stage", "milestone", "iteration", "sprint"})
"""Units that a column may name beside one that only counts: a row of *tasks* may be anything."""


class Item(NamedTuple):
    """A unit of a list: its line, the line where it has ended, its text, and what a table's other columns say."""

    line: int
    end: int
    text: str
    id: str = ""
    claim: str = ""
    files: str = ""
    said: str = ""


def rows_of_units(document: Document, start: int, end: int, numbers: Container[str] = ("id",)) -> list[Item]:
    """Return the rows of the first table with a column of ids or numbered units and one that says what they are."""
    found: list[Item] = []
    table: list[str] = []
    checked = checked_lines(document)
    for line, heads, cells in rows_in(document, (each for each in range(start, end) if each not in checked)):
        if found and heads is not table:
            break
        table, lasts = heads, (head.rpartition(" ")[2].removesuffix("s") for head in heads)
        columns = (
            last if last in _SAID and last not in heads else head for head, last in zip(heads, lasts, strict=True)
        )
        if row := _row(dict(zip(columns, cells, strict=False)), numbers, line):
            found.append(row)
    return found if len(found) >= _ENOUGH else []


def _row(cells: dict[str, str], numbers: Container[str], line: int) -> Item | None:
    """Read a row by its heads: an id stands in a column of ids or units, or in one that counts the units beside it."""
    units = [head for head in cells if head in WORD_OF]
    named = [head for head in units if WORD_OF[head] in STAGES]
    counts = [head for head in cells if named and head in {"", "№"} and head not in numbers]
    for head in (*(each for each in cells if each in numbers or each in units), *counts):
        bare, claim = strip_claim(cells[head].strip("*` "))
        unit_id, hit = re.match(_ROW, bare), read_heading(Heading(line, 1, cells[head]))
        others = (cells[each] for each in (named if head in counts else _SAID) if each in cells and each != head)
        if unit_id is None:
            continue
        beside = re.sub(_LINK, r"\1", next(others, ""))
        own = hit.title if hit else unit_id[3].strip("*_ ") if set(unit_id[2] or "") & set(":.—–-") else ""
        if text := own or beside or unit_id[3]:
            claim, files = claim or claim_of(cells.get("status", "")), cells.get("files", "")
            return Item(line, line + 1, text, unit_id[1], claim, "" if "](" in files else files, beside)
    return None
