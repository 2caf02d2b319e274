"""A guide as JSON: schema ``phasegate.guide/1``; and what is wrong with guides: ``phasegate.lint/1``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pytest_phasegate.core.guide.lint import has_errors
from pytest_phasegate.core.guide.model import CoverageGoal, Diagnostic, Guide, Phase
from pytest_phasegate.reports.as_json import picked

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
