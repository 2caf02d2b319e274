"""What people read: rich tables, as wide as the terminal there is, and unbroken lines where there is none."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from io import StringIO
from itertools import groupby, zip_longest
from typing import TextIO

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pytest_phasegate.core.redgreen.verdict import CommitVerdict
from pytest_phasegate.core.verdict.report import RunReport
from pytest_phasegate.core.verdict.verdict import Finding, Ruling, Severity, counted
from pytest_phasegate.reports.escaping import escaped, workflow_safe
from pytest_phasegate.reports.findings import Case, Judged, commit, ending, of_report

MAX_FINDINGS = 20
"""Findings of what refuses that are shown; the other formats have them all."""
_MOST_NOTED = 5
"""Findings that are shown of what does not refuse."""
_SHORT = 10
"""Commits that a terminal shows at once."""
UNBROKEN = 100_000
"""The width of a text of which no line is broken."""
_STYLES = {Ruling.PASSED: "green", Ruling.WAIVED: "yellow", Ruling.NOT_EVALUATED: "dim"}
_REFUSED = "red"
_WIDTH = 12
"""Of the longest word of a verdict, and of the beginning of a commit's hash."""


def colourful(color: str, stream: TextIO | None = None) -> bool:
    """Return whether to colour a stream (without one, stdout): as ``--color`` says, else as the terminal can show it.

    There ``NO_COLOR`` and a dumb terminal forbid it, and ``FORCE_COLOR`` asks for it anywhere else.
    """
    if color != "auto":
        return color == "always"
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (stream or sys.stdout).isatty()


def shown(things: Iterable[RenderableType], *, colour: bool = False, width: int | None = None) -> str:
    """Return what rich makes of these, without the spaces at the ends of lines.

    Args:
        things: Texts and tables.
        colour: Whether to colour them.
        width: Of the lines; without it that of the terminal, and where stdout is none, whatever they need.
    """
    console = Console(
        file=StringIO(),
        force_terminal=colour,
        no_color=not colour,
        color_system="standard" if colour else None,
        width=width or (None if sys.stdout.isatty() else UNBROKEN),
        highlight=False,
        markup=False,
        emoji=False,
    )
    with console.capture() as captured:
        for thing in things:
            console.print(thing)
    return "\n".join(line.rstrip() for line in captured.get().rstrip("\n").split("\n"))


def grid(
    rows: Sequence[Sequence[str]],
    *,
    styles: Sequence[str] = (),
    styled: int = 1,
    widths: Sequence[int] = (),
    head: Sequence[str] = (),
    gap: int = 2,
) -> Table:
    """Return rows as a table without lines, escaped.

    Args:
        rows: Of cells.
        styles: Of one cell of each row.
        styled: Which one that is.
        widths: The least ones of the first columns.
        head: The names of the columns, where they are shown.
        gap: Spaces between columns.
    """
    table = Table(box=None, padding=(0, gap, 0, 0), pad_edge=False, show_header=bool(head), header_style="")
    for place in range(len(rows[0]) if rows else 0):
        name, width = head[place] if head else "", widths[place] if place < len(widths) else None
        table.add_column(name, min_width=width, overflow="fold")
    for row, style in zip_longest(rows, styles, fillvalue=""):
        safe = [*map(workflow_safe, row[:1]), *map(escaped, row[1:])]
        table.add_row(*(Text(cell, style if place == styled else "") for place, cell in enumerate(safe)))
    return table


def indented(thing: RenderableType, by: int = 2) -> RenderableType:
    """Return it further to the right, also where a line is broken."""
    return Padding(thing, (0, 0, 0, by), expand=False)


def said(text: str, style: str = "", by: int = 0) -> RenderableType:
    """Return a line, escaped."""
    return indented(Text(workflow_safe(text), style), by)


def text(report: RunReport, *, colour: bool = False, width: int | None = None) -> str:
    """Return a report of phases, for a terminal or a log."""
    return shown(_report(report), colour=colour, width=width) + "\n"


def _report(report: RunReport) -> Iterator[RenderableType]:
    yield from (said(f"note: {note}", "yellow") for note in report.notes)
    if report.narrowed:
        yield said(ending(report), "yellow")
        return
    missing = {f"phase {report.name(one)}:": one.tests.missing for one in report.phases if not one.tests.collected}
    for group, cases in groupby(of_report(report).cases, key=lambda case: case.group):
        yield said(group, "bold")
        causes: dict[str, str] = {}
        for case in cases:
            first = causes.setdefault(case.reason, case.name) if case.ruling.refuses else case.name
            row = (case.name, case.state, case.reason if first == case.name else f"as {first}")
            yield indented(grid([row], styles=[_style(case.ruling)], widths=(10, 13), gap=1))
            yield from _findings(case)
        for start, names in missing.items():
            if group.startswith(start) and names:
                yield said(f"missing: {', '.join(names)}", "red", 2)
    yield said(ending(report), _style(report.ruling))


def _style(ruling: Ruling) -> str:
    return _REFUSED if ruling.refuses else _STYLES[ruling]


def _fix(fix: str, by: int = 4) -> Iterator[RenderableType]:
    if fix:
        yield said(f"fix: {fix}", by=by)


def _findings(case: Case, *, code_first: bool = False) -> Iterator[RenderableType]:
    most = MAX_FINDINGS if case.ruling.refuses else _MOST_NOTED
    remedies = groupby(case.findings[:most], lambda one: one.fix if one.severity is Severity.ERROR else "")
    for fix, findings in remedies:
        for finding in findings:
            yield from _finding(finding, code_first=code_first)
        yield from _fix(fix, 6)
    if len(case.findings) > most:
        yield said(f"and {len(case.findings) - most} more; the json format has them all", by=4)


def _finding(finding: Finding, *, code_first: bool) -> Iterator[RenderableType]:
    line, *quoted = finding.message.split("\n")
    shown = [finding.path] if finding.path and not line.startswith(finding.path) else []
    place = ":".join(map(str, [*shown, *([finding.line] if shown and finding.line is not None else [])]))
    words = (finding.code, f"{place}:" if place else "") if code_first else (place, finding.code)
    yield said(" ".join(filter(None, (*words, line))), by=4)
    yield from (said(f"| {each}", by=6) for each in quoted)


def verified(judged: Judged, *, colour: bool = False, width: int | None = None) -> str:
    """Return what was judged of a range: each commit with its reason and what refuses it, then the verdict."""
    *commits, whole = judged.cases
    things = [
        *(thing for case in _told_once(_remedied_once(commits)) for thing in _commit(case)),
        *_findings(whole, code_first=True),
    ]
    last = said(f"{judged.ruling}: {judged.reason}", _style(whole.ruling))
    return shown([*things, *_again(commits), last], colour=colour, width=width)


def commit_lines(verdicts: Iterable[CommitVerdict]) -> list[str]:
    """Return the lines of some commits, for a hook that shows the first of them."""
    things = [thing for verdict in verdicts for thing in _commit(commit("", verdict))]
    return shown(things, colour=False, width=UNBROKEN).split("\n") if things else []


def _commit(case: Case, more: str = "") -> Iterator[RenderableType]:
    row = (case.state, case.name, case.title + more)
    yield grid([row], styles=[_style(case.ruling)], styled=0, widths=(_WIDTH, _WIDTH))
    if not more and not any(case.reason.startswith(finding.message) for finding in case.findings[:1]):
        yield said(case.reason, "" if case.ruling.refuses else "dim", _WIDTH + 2)
    yield from () if more or not case.ruling.refuses else _findings(case, code_first=True)


def _remedied_once(commits: Iterable[Case]) -> Iterator[Case]:
    """Yield the commits; what lets tests run here is told with the first one that wants it."""
    told: set[str] = set()
    for case in commits:
        yield case._replace(findings=tuple(replace(one, fix="") if one.fix in told else one for one in case.findings))
        told |= {one.fix for one in case.findings if one.code == "PG217"}


def _told_once(commits: Iterable[Case]) -> Iterator[Case]:
    """Yield the commits; of several in a row that refuse for one reason and no finding, the first, which says so."""
    for reason, cases in groupby(commits, lambda case: "" if case.findings or not case.ruling.refuses else case.reason):
        first, *others = cases
        alike = f"; the {counted(len(others), 'commit')} after it likewise"
        yield from (first._replace(reason=f"{reason}{alike}"),) if reason and others else (first, *others)


def _again(commits: Sequence[Case]) -> Iterator[RenderableType]:
    """Yield the refused commits of a long range once more at its end, where they are read, and what to do next."""
    refused = [case for case in commits if case.ruling.refuses and case.findings]
    if not refused or len(commits) <= _SHORT:
        return
    yield ""
    for case in refused[:_SHORT]:
        codes = dict.fromkeys(one.code for one in case.findings if one.severity is Severity.ERROR)
        yield from _commit(case, more=f"  {' '.join(codes)}")
    if len(refused) > _SHORT:
        yield said(f"and {len(refused) - _SHORT} more")
    again = f"phasegate verify {refused[0].name}"
    yield said(f"one of them again: {again}; what a code means: phasegate explain CODE")


def messages(judged: Judged, *, colour: bool = False, width: int | None = None) -> str:
    """Return what was found in the messages of a range, each with its remedy, and how many there are."""
    found = [finding for case in judged.cases for finding in case.findings]
    lines = [line for one in found for line in (said(f"{one.code} {one.message}"), *_fix(one.fix))]
    return shown([*lines, said(f"{judged.ruling}: {judged.reason}", _style(judged.ruling))], colour=colour, width=width)
