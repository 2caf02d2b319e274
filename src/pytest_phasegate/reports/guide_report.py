"""A guide and what is wrong with it: in plain lines, and as JSON, ``phasegate.guide/1`` and ``phasegate.lint/1``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.console import RenderableType

from pytest_phasegate.core.guide.lint import has_errors
from pytest_phasegate.core.guide.model import Action, CoverageGoal, DeclaredFile, DeclaredTest, Diagnostic, Guide, Phase
from pytest_phasegate.core.verdict.verdict import counted
from pytest_phasegate.reports.as_json import picked
from pytest_phasegate.reports.as_terminal import grid, indented, said, shown
from pytest_phasegate.reports.escaping import escaped


def guide_text(guide: Guide, phases: Iterable[Phase], *, colour: bool = False) -> str:
    """Return the guide with these of its phases."""
    head = f"{guide.title or guide.slug}  ({guide.path}, {guide.dialect}{', approved' if guide.approved else ''})"
    remarks = ["", *map(diagnostic_line, guide.diagnostics)] if guide.diagnostics else []
    things = [said(head, "bold"), *(thing for phase in phases for thing in _phase_lines(phase)), *map(said, remarks)]
    return shown(things, colour=colour)


def guide_line(guide: Guide) -> str:
    """Return what reading a guide gives, in a line: dialect, phases, what they declare."""
    tests, files = (sum(map(len, each)) for each in ([p.tests for p in guide.phases], [p.files for p in guide.phases]))
    empty = sum(not (phase.tests or phase.files or phase.commit) for phase in guide.phases)
    rest = f"; {empty} declare{'s' * (empty == 1)} nothing: what their commits bring is judged" if empty else ""
    counts = ", ".join((counted(len(guide.phases), "phase"), counted(tests, "test"), counted(files, "file")))
    return f"{guide.path}: {guide.dialect}, {counts}{rest}"


def _phase_lines(phase: Phase) -> Iterator[RenderableType]:
    yield ""
    claim = f"  [claims: {phase.claim}]" if phase.claim else ""
    yield said(f"{phase.id}: {phase.title}  (lines {phase.line}-{phase.end_line}){claim}", "bold")
    yield indented(grid(list(_rows(phase)), widths=(9,), gap=1))


def _rows(phase: Phase) -> Iterator[tuple[str, str]]:
    named = (("line", phase.coverage.minimum), ("branch", phase.coverage.branch), ("function", phase.coverage.function))
    single = {
        "goal": phase.goal,
        "duration": phase.duration,
        "kind": phase.kind,
        "depends": ", ".join(phase.depends),
        "coverage": ", ".join(f"{percent:g}% {kind}" for kind, percent in named if percent is not None),
        "commit": phase.commit or "",
    }
    yield from ((name, value) for name, value in single.items() if value)
    for each in phase.files:
        action = "" if each.action is Action.UNSPECIFIED else f" ({each.action})"
        yield "file", f"{each.path}{action}" + (f" {each.lines}" if each.lines else "") + _derived(each)
    for test in phase.tests:
        yield "test", "::".join(filter(None, (test.file, test.class_name, test.name))) + _derived(test)
    if phase.derivation:
        yield from (("beside", f"{path} (not declared)") for path in phase.derivation.beside)
        origin = (f"from {phase.derivation.told}",) if phase.derivation.begun else ()
        yield from (("derived", told) for told in (*origin, *phase.derivation.remarks))
    for criterion in phase.criteria:
        yield "criterion", f"[{'x' if criterion.checked else ' '}] {criterion.text}"


def _derived(each: DeclaredFile | DeclaredTest) -> str:
    return "  derived" if str(each.source) == "derived" else ""


def diagnostic_line(diagnostic: Diagnostic) -> str:
    """Return a remark as ``path:line:column: PG101 message``, with its severity when it is no error."""
    severity = "" if str(diagnostic.severity) == "error" else f"{diagnostic.severity}: "
    place = f"{diagnostic.path}:{diagnostic.line}:{diagnostic.column}"
    return escaped(f"{place}: {diagnostic.code} {severity}{diagnostic.message}")


SCHEMA = "phasegate.guide/1"
LINT = "phasegate.lint/1"


def guide_json(guide: Guide, phases: Iterable[Phase]) -> dict[str, Any]:
    """Return the guide with these of its phases."""
    return {
        "schema": SCHEMA,
        "guide": picked(guide, "path", "slug", "title", "dialect", "digest", "approved"),
        "phases": [phase_json(phase) for phase in phases],
        "diagnostics": [diagnostic_json(each) for each in guide.diagnostics],
    }


def phase_json(phase: Phase) -> dict[str, Any]:
    """Return one phase."""
    return {
        **picked(phase, "id", "title", "goal", "duration", "line", "end_line", "depends"),
        "files": [picked(file, "path", "action", "note", "lines", "line", "source") for file in phase.files],
        "tests": [
            {"name": test.name, "class": test.class_name, **picked(test, "file", "line", "expected_failure", "source")}
            for test in phase.tests
        ],
        "criteria": [picked(one, "text", "checked", "kind", "line") for one in phase.criteria],
        "coverage": _goal(phase.coverage),
        **picked(phase, "commit", "claim", "kind", "digest"),
        "derivation": phase.derivation and picked(phase.derivation, "commits", "uncommitted", "beside", "remarks"),
    }


def _goal(goal: CoverageGoal) -> dict[str, Any]:
    figures = picked(goal, "minimum", "branch", "function")
    stages = [{"name": name, "minimum": percent} for name, percent in goal.stages]
    return {**figures, "stages": stages} if stages else figures


def lint_json(found: Sequence[Diagnostic]) -> dict[str, Any]:
    """Return the remarks about guides and what lies beside them."""
    verdict = "failed" if has_errors(found) else "passed"
    return {"schema": LINT, "verdict": verdict, "diagnostics": list(map(diagnostic_json, found))}


def diagnostic_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """Return one remark."""
    return picked(diagnostic, "code", "severity", "message", "path", "line", "column", "fix")
