"""Verdicts as a table on a terminal, with what stands behind each refusal below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_phasegate.core.verdict.verdict import Ruling
from pytest_phasegate.reports.as_terminal import Line, lines
from pytest_phasegate.reports.escaping import escaped

if TYPE_CHECKING:
    from rich.table import Table

    from pytest_phasegate.core.verdict.report import PhaseReport, RunReport

_STYLES = {
    Ruling.PASSED: "green",
    Ruling.FAILED: "bold red",
    Ruling.ERROR: "bold red",
    Ruling.INCONCLUSIVE: "bold red",
    Ruling.WAIVED: "yellow",
    Ruling.NOT_EVALUATED: "dim",
}


def print_table(report: RunReport) -> None:
    """Print a table for each phase, the findings, and the last line."""
    from rich.console import Console
    from rich.text import Text

    console = Console(force_terminal=True, highlight=False)
    for phase in report.phases:
        console.print(_table(phase))
    for line in _findings(report):
        console.print(Text(line.text, style=line.style))


def _table(phase: PhaseReport) -> Table:
    from rich.table import Table
    from rich.text import Text

    title = Text(escaped(f"phase {phase.id}: {phase.title}"), style="bold")
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for heading in ("gate", "verdict", "reason"):
        table.add_column(heading, overflow="fold")
    for verdict in phase.gates:
        style = _STYLES[verdict.ruling]
        table.add_row(escaped(verdict.gate), Text(verdict.ruling, style=style), Text(escaped(verdict.reason)))
    return table


def _findings(report: RunReport) -> list[Line]:
    """Return what the plain report says beside what the table says already: the findings, and the last line."""
    kept = (line for line in lines(report) if line.style != "bold")
    return [line for line in kept if line.text[:4].isspace() or line.text[:1] != " "]
