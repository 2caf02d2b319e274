"""A trace of requirements as a table on a terminal, JSON, CSV and one HTML page."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from pytest_phasegate.core.mapping.trace import Gap, Trace, Traced
from pytest_phasegate.core.verdict.verdict import counted, listed
from pytest_phasegate.reports.as_html import rendered
from pytest_phasegate.reports.as_json import picked
from pytest_phasegate.reports.as_terminal import grid, said, shown
from pytest_phasegate.reports.escaping import escaped, json_text
from pytest_phasegate.reports.page import TONES

SCHEMA = "phasegate.trace/1"
_HEAD = ("requirement", "verdict", "phase", "tests", "commit", "title")
_ENOUGH = 10
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # noqa: RUF001 - the wide ones are formulas, too


def as_text(traced: Trace) -> str:
    """Return the table, the gaps by what lacks, and what it comes to."""
    several = len({row.guide for row in traced.requirements}) > 1
    rows = [_row(row, f"{row.guide}:" if several and row.guide else "") for row in traced.requirements]
    table = [grid(rows, head=_HEAD)] if rows else []
    return shown([*table, *map(said, _gap_lines(traced)), said(_summary(traced))]) + "\n"


def as_json(traced: Trace) -> str:
    """Return the JSON, schema ``phasegate.trace/1``."""
    record = {
        "schema": SCHEMA,
        "requirements": [_record(row) for row in traced.requirements],
        "gaps": [{**picked(gap, "kind", "what", "message", "path", "line"), "side": _side(gap)} for gap in traced.gaps],
        "untraced": list(traced.untraced),
    }
    return json_text(record) + "\n"


def as_csv(traced: Trace) -> str:
    """Return a line for each requirement, phase and test; what a spreadsheet would take for a formula is quoted."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["id", "title", "guide", "phase", "test", "marked", "commit", "verdict", "path", "line"])
    for row in traced.requirements:
        writer.writerows([_harmless(cell) for cell in cells] for cells in _cells(row))
    return out.getvalue()


def as_page(traced: Trace) -> str:
    """Return the page."""
    return rendered("trace.html.jinja", trace=traced, summary=_summary(traced), tones=TONES)


WRITERS = {"text": as_text, "json": as_json, "csv": as_csv, "html": as_page}


def _record(row: Traced) -> dict[str, object]:
    return {
        **picked(row.requirement, "id", "title", "path", "line"),
        "guide": row.guide or None,
        "phases": [picked(phase, "guide", "id", "title", "commits", "verdict") for phase in row.phases],
        "tests": [picked(test, "test", "marked", "phases", "passed") for test in row.tests],
        "verdict": row.verdict,
    }


def _side(gap: Gap) -> str:
    return "backward" if gap.kind.backward else "forward"


def _row(row: Traced, guide: str) -> list[str]:
    commits = [sha[:10] for phase in row.phases for sha in phase.commits[-1:]]
    return [
        f"{guide}{row.requirement.id}",
        row.verdict,
        ", ".join(phase.id for phase in row.phases) or "-",
        f"{len(row.tests)} marked" if any(test.marked for test in row.tests) else str(len(row.tests) or "-"),
        ", ".join(dict.fromkeys(commits)) or "-",
        row.requirement.title[:60],
    ]


def _gap_lines(traced: Trace) -> Iterator[str]:
    """Yield a line for each gap; one for all that lack the same."""
    alike: dict[tuple[str, str], list[Gap]] = {}
    for gap in traced.gaps:
        alike.setdefault((gap.kind, gap.message), []).append(gap)
    for (kind, message), gaps in alike.items():
        named = listed([gap.what for gap in gaps], _ENOUGH)
        yield f"{gaps[0].path}:{gaps[0].line}: {kind}: {named}: {message}"


def _summary(traced: Trace) -> str:
    passed = sum(row.verdict == "passed" for row in traced.requirements)
    known, gaps = counted(len(traced.requirements), "requirement"), counted(len(traced.gaps), "gap")
    told = f"{known}: {passed} passed on this content, {gaps}"
    return told + (f"; {counted(len(traced.untraced), 'test')} of no requirement" if traced.untraced else "")


def _cells(row: Traced) -> Iterator[list[str]]:
    """Yield the cells of each pair of a phase and a test that serves the requirement; one line where there is none."""
    one = row.requirement
    for phase in row.phases or (None,):
        tests = [test for test in row.tests if phase is None or phase.id in test.phases or not test.phases]
        for test in tests or (None,):
            yield [
                one.id,
                one.title,
                row.guide,
                phase.id if phase else "",
                test.test if test else "",
                ("yes" if test.marked else "no") if test else "",
                phase.commits[-1] if phase and phase.commits else "",
                phase.verdict if phase and test else row.verdict,
                one.path,
                str(one.line),
            ]


def _harmless(cell: str) -> str:
    shown = escaped(cell)
    return f"'{shown}" if cell.lstrip().startswith(_FORMULA) or cell[:1] in {"\t", "\r"} else shown
