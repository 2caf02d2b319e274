"""Tests in the column of a table that is headed *Test*, wherever in a phase it stands (rule 11)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pytest_phasegate.core.guide.markdown.document import Document
from pytest_phasegate.core.guide.model import DeclaredTest
from pytest_phasegate.dialects.testnames import Place, place_in, tests_in_text

_HEADS = frozenset({"test", "tests", "test name", "test case", "test function"})
_NOT_TO_WRITE = re.compile(r"\b(?:remove|delete|keep|existing|unchanged|obsolete|verify)", re.IGNORECASE)
_CALL = re.compile(r"(test_\w+)(?:\(\))?\Z")


def speaks_of_others(label: str) -> bool:
    """Return whether a label heads tests that are there, or that go: none of them is declared."""
    return _NOT_TO_WRITE.search(label) is not None


def tests_in_tables(document: Document, lines: Iterable[int]) -> Iterator[DeclaredTest]:
    """Yield the tests that the tables in these lines name in their Test column, a file from any other column."""
    column: int | None = None
    for line in lines:
        cells = cells_of(document.lines[line - 1]) if document.is_text(line) else []
        if not cells:
            column = None
        elif is_table_head(document, line):
            column = next((at for at, cell in enumerate(cells) if cell.strip("*_ ").lower() in _HEADS), None)
        elif column is not None and column < len(cells):
            yield from _in_row(cells, column, line)


def _in_row(cells: list[str], column: int, line: int) -> Iterator[DeclaredTest]:
    beside = place_in(" ".join(cell for at, cell in enumerate(cells) if at != column))
    bare = _CALL.match(cells[column])
    yield from tests_in_text(f"`{bare[1]}`" if bare else cells[column], line, Place(beside.file, beside.class_name))


def is_table_head(document: Document, line: int) -> bool:
    """Return whether a line is the head of a table: dashes stand below it."""
    starts = document.lines[line - 1].lstrip().startswith("|")
    return starts and line < len(document.lines) and _is_delimiter(document.lines[line])


def _is_delimiter(text: str) -> bool:
    bare = text.strip()
    return bare.startswith("|") and not bare.strip("|-: \t") and "-" in bare


def cells_of(text: str) -> list[str]:
    """Return the cells of a table's row; nothing where the line is none."""
    bare = text.strip()
    return [cell.strip() for cell in bare.strip("|").split("|")] if bare.startswith("|") else []
