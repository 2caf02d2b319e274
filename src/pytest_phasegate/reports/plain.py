"""Plain lines for terminals without a library: columns, and a few colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_phasegate.reports.escaping import escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

_CODES = {"red": "31", "green": "32", "yellow": "33", "blue": "34", "dim": "2", "bold": "1"}


def painted(text: str, colour: str, *, on: bool) -> str:
    """Return text in a colour, where colours are on and one is named."""
    return f"\x1b[{_CODES[colour]}m{text}\x1b[0m" if on and colour else text


def columns(rows: Sequence[Sequence[str]], colours: Sequence[str] = (), *, on: bool = False) -> list[str]:
    """Return rows as aligned lines, escaped; ``colours`` names one for each row, applied to its second column."""
    safe = [[escaped(cell) for cell in row] for row in rows]
    widths = [max(len(row[place]) for row in safe) for place in range(len(safe[0]))] if safe else []
    return [_line(row, widths, colours[at] if at < len(colours) else "", on=on) for at, row in enumerate(safe)]


def _line(row: list[str], widths: list[int], colour: str, *, on: bool) -> str:
    cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
    if len(cells) > 1:
        cells[1] = painted(row[1], colour, on=on) + " " * (widths[1] - len(row[1]))
    return "  ".join(cells).rstrip()
