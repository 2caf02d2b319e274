"""A guide as JSON: schema ``phasegate.guide/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_phasegate.core.guide.model import CoverageGoal, Diagnostic, Guide, Phase

SCHEMA = "phasegate.guide/1"


def guide_json(guide: Guide, phases: Iterable[Phase]) -> dict[str, Any]:
    """Return the guide with these of its phases."""
    return {
        "schema": SCHEMA,
        "guide": {
            "path": guide.path,
            "slug": guide.slug,
            "title": guide.title,
            "dialect": guide.dialect,
            "digest": guide.digest,
            "approved": guide.approved,
        },
        "phases": [phase_json(phase) for phase in phases],
        "diagnostics": [diagnostic_json(each) for each in guide.diagnostics],
    }


def phase_json(phase: Phase) -> dict[str, Any]:
    """Return one phase."""
    return {
        "id": phase.id,
        "title": phase.title,
        "goal": phase.goal,
        "duration": phase.duration,
        "line": phase.line,
        "end_line": phase.end_line,
        "depends": list(phase.depends),
        "files": [
            {"path": f.path, "action": str(f.action), "note": f.note, "lines": f.lines, "line": f.line}
            for f in phase.files
        ],
        "tests": [
            {
                "name": t.name,
                "class": t.class_name,
                "file": t.file,
                "line": t.line,
                "expected_failure": t.expected_failure,
            }
            for t in phase.tests
        ],
        "criteria": [{"text": c.text, "checked": c.checked, "kind": c.kind, "line": c.line} for c in phase.criteria],
        "coverage": _goal(phase.coverage),
        "commit": phase.commit,
        "claim": phase.claim,
        "kind": phase.kind,
        "digest": phase.digest,
    }


def _goal(goal: CoverageGoal) -> dict[str, Any]:
    figures = {"minimum": goal.minimum, "branch": goal.branch, "function": goal.function}
    stages = [{"name": name, "minimum": percent} for name, percent in goal.stages]
    return {**figures, "stages": stages} if stages else figures


def diagnostic_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """Return one remark."""
    return {
        "code": diagnostic.code,
        "severity": str(diagnostic.severity),
        "message": diagnostic.message,
        "path": diagnostic.path,
        "line": diagnostic.line,
        "column": diagnostic.column,
        "fix": diagnostic.fix,
    }
