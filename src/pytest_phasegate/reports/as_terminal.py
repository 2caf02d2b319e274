"""Verdicts as plain lines with a style each; whoever prints them knows how to show a style."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pytest_phasegate.core.verdict.verdict import Ruling, Severity
from pytest_phasegate.reports.escaping import workflow_safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_phasegate.core.verdict.report import PhaseReport, RunReport
    from pytest_phasegate.core.verdict.verdict import Finding, Verdict

MAX_FINDINGS = 20
"""Findings of one gate that are shown; the other formats have them all."""
_STYLES = {
    Ruling.PASSED: "green",
    Ruling.FAILED: "red",
    Ruling.ERROR: "red",
    Ruling.INCONCLUSIVE: "red",
    Ruling.WAIVED: "yellow",
    Ruling.NOT_EVALUATED: "yellow",
}


class Line(NamedTuple):
    """One escaped line and how to show it: ``red``, ``green``, ``yellow``, ``bold``, or plain (empty)."""

    text: str
    style: str = ""


def lines(report: RunReport) -> Iterator[Line]:
    """Yield the report line by line; the last one says the verdict."""
    for note in report.notes:
        yield Line(workflow_safe(f"note: {note}"), "yellow")
    if report.narrowed:
        yield Line(workflow_safe(f"not evaluated: the run was narrowed by {', '.join(report.narrowed)}"), "yellow")
        return
    for phase in report.phases:
        yield from _phase(report.name(phase), phase)
    yield _last(report)


def text(report: RunReport) -> str:
    """Return the report as plain text."""
    return "".join(f"{line.text}\n" for line in lines(report))


def _phase(name: str, phase: PhaseReport) -> Iterator[Line]:
    yield Line(workflow_safe(f"phase {name}: {phase.title or '(untitled)'}"), "bold")
    for verdict in phase.gates:
        yield Line(
            workflow_safe(f"  {verdict.gate:<10} {verdict.ruling:<13} {verdict.reason}"), _STYLES[verdict.ruling]
        )
        yield from _findings(verdict)
    if phase.tests.missing and not phase.tests.collected:
        yield Line(workflow_safe(f"  missing: {', '.join(phase.tests.missing)}"), "red")


def _findings(verdict: Verdict) -> Iterator[Line]:
    for finding in verdict.findings[:MAX_FINDINGS]:
        said, *quoted = finding.message.split("\n")
        yield Line(workflow_safe(f"    {_place(finding)}{finding.code} {said}"), _style(finding))
        yield from (Line(workflow_safe(f"      | {line}")) for line in quoted)
        if finding.fix and finding.severity is Severity.ERROR:
            yield Line(workflow_safe(f"      fix: {finding.fix}"))
    more = len(verdict.findings) - MAX_FINDINGS
    if more > 0:
        yield Line(f"    and {more} more; --phasegate-report json has them all")


def _place(finding: Finding) -> str:
    return (
        ":".join(str(part) for part in (finding.path, finding.line) if part is not None) + " " if finding.path else ""
    )


def _style(finding: Finding) -> str:
    return {Severity.ERROR: "red", Severity.WARNING: "yellow"}.get(finding.severity, "")


def _last(report: RunReport) -> Line:
    refusing = [phase for phase in report.phases if phase.ruling.refuses]
    if not refusing:
        waiting = f"; {report.waiting}" if report.waiting else ""
        return Line(_rulings(report) + waiting, _STYLES[report.ruling])
    worst = ", ".join(f"{report.name(phase)} ({_gates(phase)})" for phase in refusing)
    return Line(workflow_safe(f"FAIL phase{'s' if len(refusing) > 1 else ''} {worst}"), "red")


def _rulings(report: RunReport) -> str:
    """Return the verdict and its phases, apart from those that were judged otherwise."""
    rulings = dict.fromkeys((report.ruling, *(phase.ruling for phase in report.phases)))
    parts = [(ruling, tuple(phase for phase in report.phases if phase.ruling is ruling)) for ruling in rulings]
    told = [f"{ruling}: {_phases(map(report.name, phases))}" for ruling, phases in parts if phases]
    return (
        "; ".join([told[0].replace(report.ruling, report.ruling.upper(), 1), *told[1:]])
        if told
        else report.ruling.upper()
    )


def _phases(names: Iterable[str]) -> str:
    listed = tuple(names)
    return workflow_safe(f"phase{'s' if len(listed) > 1 else ''} {', '.join(listed)}")


def _gates(phase: PhaseReport) -> str:
    return ", ".join(f"{verdict.gate} {verdict.ruling}" for verdict in phase.gates if verdict.ruling.refuses)
