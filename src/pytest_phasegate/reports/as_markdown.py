"""A report as Markdown, for a pull request or a job summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_phasegate.core.verdict.verdict import Ruling
from pytest_phasegate.reports.escaping import markdown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_phasegate.core.verdict.report import PhaseReport, RunReport
    from pytest_phasegate.core.verdict.verdict import Finding

MARKS = {
    Ruling.PASSED: "✅",
    Ruling.FAILED: "❌",
    Ruling.ERROR: "💥",
    Ruling.INCONCLUSIVE: "❓",
    Ruling.WAIVED: "🟡",
    Ruling.NOT_EVALUATED: "⚪",
}
MAX_FINDINGS = 50
"""Findings of one phase that are listed; the JSON report has them all."""


def text(report: RunReport) -> str:
    """Return the report: a table of phases, then what stands behind each refusal."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: RunReport) -> Iterator[str]:
    guides = ", ".join(markdown(guide.path) for guide in report.guides)
    waiting = f"; {report.waiting}" if report.waiting else ""
    yield f"## {MARKS[report.ruling]} Phase gates: {report.ruling}{waiting}"
    yield f"\nGuides: {guides}\n"
    if report.narrowed:
        yield f"Not evaluated: the run was narrowed by {markdown(', '.join(report.narrowed))}.\n"
    yield "| phase | verdict | tests | coverage | gates |"
    yield "| --- | --- | --- | --- | --- |"
    yield from (_row(report.name(phase), phase) for phase in report.phases)
    for phase in report.phases:
        yield from _findings(report.name(phase), phase)
    yield from _regressions(report)
    if report.notes:
        yield "\n### Notes\n"
        yield from (f"* {markdown(note)}" for note in report.notes)


def _row(called: str, phase: PhaseReport) -> str:
    tests = phase.tests
    gates = ", ".join(f"{markdown(verdict.gate)} {MARKS[verdict.ruling]}" for verdict in phase.gates)
    counted = f"{tests.passed} passed, {tests.failed} failed, {tests.skipped} skipped, {len(tests.missing)} missing"
    name = markdown(f"{called}: {phase.title}" if phase.title else called)
    return f"| {name} | {MARKS[phase.ruling]} {phase.ruling} | {counted} | {_coverage(phase)} | {gates} |"


def _coverage(phase: PhaseReport) -> str:
    line = phase.coverage.line if phase.coverage else None
    return f"{line.shown:.2f} %" if line else "-"


def _findings(called: str, phase: PhaseReport) -> Iterator[str]:
    found = [(verdict, finding) for verdict in phase.gates for finding in verdict.findings]
    refusing = [verdict for verdict in phase.gates if verdict.ruling.refuses]
    if not found and not refusing:
        return
    yield f"\n### Phase {markdown(called)}\n"
    yield from (f"* **{markdown(verdict.gate)}** {verdict.ruling}: {markdown(verdict.reason)}" for verdict in refusing)
    yield from (_finding(finding) for _, finding in found[:MAX_FINDINGS])
    if len(found) > MAX_FINDINGS:
        yield f"* and {len(found) - MAX_FINDINGS} more"


def _finding(finding: Finding) -> str:
    place = ":".join(str(part) for part in (finding.path, finding.line) if part is not None)
    fix = f" ({markdown(finding.fix)})" if finding.fix else ""
    return f"* {finding.severity} {markdown(finding.code)} {markdown(place)}: {markdown(finding.message)}{fix}"


def _regressions(report: RunReport) -> Iterator[str]:
    if report.regressions:
        yield "\n### Regressions\n"
    for one in report.regressions:
        detail = f": {markdown(one.detail)}" if one.detail else ""
        yield f"* {one.kind}: {markdown(one.test)} (phase {markdown(one.phase)}){detail}"
