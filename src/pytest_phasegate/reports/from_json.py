"""A report read back from JSON of the schema ``phasegate.report/1``, as a child run wrote it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pytest_phasegate.core.coverage.figures import Figure
from pytest_phasegate.core.criteria.verdicts import CriterionVerdict
from pytest_phasegate.core.evidence.outcomes import NodeId, TestId
from pytest_phasegate.core.regression.suite import SuiteRun
from pytest_phasegate.core.verdict.report import (
    CoverageShare,
    FileShare,
    GuideName,
    Kind,
    PhaseReport,
    Regression,
    RunReport,
    TestCounts,
)
from pytest_phasegate.core.verdict.verdict import Finding, Ruling, Severity, Verdict
from pytest_phasegate.errors import EvidenceError
from pytest_phasegate.reports.as_json import SCHEMA


def read_report(text: str) -> RunReport:
    """Read a report.

    Raises:
        EvidenceError: It is cut short, or of another schema.
    """
    try:
        return report_of(json.loads(text))
    except (ValueError, KeyError, TypeError) as error:
        raise EvidenceError(f"the report of the test run cannot be read: {type(error).__name__}: {error}") from None


def report_of(record: Mapping[str, Any]) -> RunReport:
    """Return the report in a record of the schema.

    Raises:
        EvidenceError: It is of another schema.
    """
    if record["schema"] != SCHEMA:
        raise EvidenceError(
            f"the report of the test run is of the schema {record['schema']!r}, not {SCHEMA!r}",
            hint="install the same version of pytest-phasegate in the project's environment",
        )
    return RunReport(
        guides=tuple(GuideName(**guide) for guide in record["guides"]),
        selection=tuple(record["selection"]),
        phases=tuple(_phase(phase) for phase in record["phases"]),
        regressions=tuple(
            Regression(TestId(one["test"]), one["phase"], Kind(one["kind"]), one["detail"])
            for one in record["regressions"]
        ),
        renamed=tuple(
            Regression(TestId(one["test"]), one["phase"], Kind.RENAMED, one["detail"]) for one in record["renamed"]
        ),
        narrowed=tuple(record["narrowed"]),
        notes=tuple(record["notes"]),
        suite=_suite(record.get("suite")),
    )


def _suite(record: Mapping[str, Any] | None) -> SuiteRun | None:
    if not record:
        return None
    red = tuple(map(NodeId, record["red"]))
    return SuiteRun(record["tests"], red, record["incomplete"], record["left"], record["ran"])


def _phase(record: Mapping[str, Any]) -> PhaseReport:
    counts = {**record["tests"], "missing": tuple(record["tests"]["missing"])}
    coverage = record["coverage"]
    return PhaseReport(
        guide=record["guide"],
        id=record["id"],
        title=record["title"],
        gates=tuple(_verdict(gate, record["id"]) for gate in record["gates"]),
        tests=TestCounts(**counts),
        coverage=_coverage(coverage) if coverage else None,
        criteria=tuple(map(_criterion, record.get("criteria", ()))),
        files_source=record["source"]["files"],
        tests_source=record["source"]["tests"],
    )


def _criterion(record: Mapping[str, Any]) -> CriterionVerdict:
    waits = record["verdict"] == "open"
    ruling = Ruling.NOT_EVALUATED if waits else Ruling(record["verdict"])
    known = {name: value for name, value in record.items() if name != "verdict"}
    return CriterionVerdict(**{**known, "ruling": ruling, "open": waits, "by": record["by"] or ""})


def _verdict(record: Mapping[str, Any], phase: str) -> Verdict:
    findings = tuple(
        Finding(**{**finding, "severity": Severity(finding["severity"])}) for finding in record["findings"]
    )
    return Verdict(record["gate"], phase, Ruling(record["verdict"]), record["reason"], findings)


def _coverage(record: Mapping[str, Any]) -> CoverageShare:
    line, branch, function = (_figure(record[name]) for name in ("line", "branch", "function"))
    files = tuple(
        FileShare(one["path"], one["percent"], tuple(one["missing"]), tuple(one.get("excluded", ())))
        for one in record["files"]
    )
    everybody = record["all_tests"]
    return CoverageShare(
        record["minimum"],
        line,
        branch,
        function,
        files,
        record["minimum_from"],
        all_line=_figure(everybody["line"]),
        all_branch=_figure(everybody["branch"]),
        all_function=_figure(everybody["function"]),
    )


def _figure(record: Mapping[str, Any]) -> Figure | None:
    return Figure(record["covered"], record["total"]) if record else None
