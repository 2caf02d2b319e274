"""A report as JSON of the schema ``phasegate.report/1`` (``docs/reference/schemas/report.schema.json``)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_phasegate.core.coverage.figures import Figure
    from pytest_phasegate.core.criteria.verdicts import CriterionVerdict
    from pytest_phasegate.core.regression.suite import SuiteRun
    from pytest_phasegate.core.verdict.report import CoverageShare, GuideName, PhaseReport, RunReport, TestCounts
    from pytest_phasegate.core.verdict.verdict import Finding, Verdict

SCHEMA = "phasegate.report/1"


def document(report: RunReport) -> dict[str, Any]:
    """Return the report as plain values, in the order of the schema."""
    return {
        "schema": SCHEMA,
        "verdict": report.ruling.value,
        "guide": _guide(report.guides[0]) if report.guides else {},
        "guides": [_guide(guide) for guide in report.guides],
        "selection": list(report.selection),
        "narrowed": list(report.narrowed),
        "notes": list(report.notes),
        "phases": [_phase(phase) for phase in report.phases],
        "regressions": [
            {"test": one.test, "phase": one.phase, "kind": one.kind.value, "detail": one.detail}
            for one in report.regressions
        ],
        "renamed": [{"test": one.test, "phase": one.phase, "detail": one.detail} for one in report.renamed],
        "suite": _suite(report.suite) if report.suite else None,
    }


def text(report: RunReport) -> str:
    """Return the report as JSON text: ASCII only, so that no control or bidi character reaches a terminal."""
    return json.dumps(document(report), indent=2) + "\n"


def _suite(suite: SuiteRun) -> dict[str, Any]:
    return {"tests": suite.tests, "red": list(suite.red), "incomplete": suite.incomplete}


def _guide(guide: GuideName) -> dict[str, str]:
    return {
        "path": guide.path,
        "slug": guide.slug,
        "title": guide.title,
        "dialect": guide.dialect,
        "digest": guide.digest,
    }


def _phase(phase: PhaseReport) -> dict[str, Any]:
    return {
        "id": phase.id,
        "guide": phase.guide,
        "title": phase.title,
        "verdict": phase.ruling.value,
        "gates": [_verdict(verdict) for verdict in phase.gates],
        "tests": _tests(phase.tests),
        "coverage": _coverage(phase.coverage) if phase.coverage else None,
        "criteria": [criterion_record(one) for one in phase.criteria],
    }


def criterion_record(one: CriterionVerdict) -> dict[str, Any]:
    """Return the verdict of one criterion as plain values; one that waits for a person is ``open``."""
    return {
        "number": one.number,
        "text": one.text,
        "line": one.line,
        "verdict": "open" if one.open else one.ruling.value,
        "reason": one.reason,
        "by": one.by or None,
        "expected": one.expected,
        "actual": one.actual,
        "fix": one.fix,
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "gate": verdict.gate,
        "verdict": verdict.ruling.value,
        "reason": verdict.reason,
        "findings": [_finding(finding) for finding in verdict.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "path": finding.path,
        "line": finding.line,
        "message": finding.message,
        "fix": finding.fix,
    }


def _tests(tests: TestCounts) -> dict[str, Any]:
    return {
        "declared": tests.declared,
        "collected": tests.collected,
        "passed": tests.passed,
        "failed": tests.failed,
        "skipped": tests.skipped,
        "missing": list(tests.missing),
    }


def _coverage(coverage: CoverageShare) -> dict[str, Any]:
    return {
        "minimum": coverage.minimum,
        "minimum_from": coverage.minimum_from,
        "line": _figure(coverage.line),
        "branch": _figure(coverage.branch),
        "function": _figure(coverage.function),
        "all_tests": {
            "line": _figure(coverage.all_line),
            "branch": _figure(coverage.all_branch),
            "function": _figure(coverage.all_function),
        },
        "files": [
            {
                "path": file.path,
                "percent": file.percent,
                "missing": list(file.missing),
                "excluded": list(file.excluded),
            }
            for file in coverage.files
        ],
        "excluded": sum(len(file.excluded) for file in coverage.files),
    }


def _figure(figure: Figure | None) -> dict[str, Any]:
    return {"covered": figure.covered, "total": figure.total, "percent": figure.shown} if figure else {}
