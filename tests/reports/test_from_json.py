from __future__ import annotations

import json

import pytest

from pytest_phasegate.core.coverage.measurement import Figure
from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.verdict.report import (
    CoverageShare,
    CriterionVerdict,
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
from pytest_phasegate.reports.as_json import read_report, text

REPORT = RunReport(
    (GuideName("g.md", "g", "G", "canonical", "sha256:0"),),
    ("1", "2"),
    (
        PhaseReport(
            "g.md",
            "1",
            "One",
            (
                Verdict("tests", "1", Ruling.FAILED, "no", (Finding("PG401", Severity.ERROR, "é", "a.py", 3, "mend"),)),
                Verdict("scope", "1", Ruling.NOT_EVALUATED, "nothing"),
            ),
            TestCounts(3, 2, 1, 1, 0, ("test_c",)),
            CoverageShare(
                90.0,
                Figure(9, 10),
                None,
                Figure(1, 1),
                (FileShare("a.py", 90.0, (4, 5)),),
                "guide",
                all_line=Figure(10, 10),
                all_function=Figure(1, 1),
            ),
            (
                CriterionVerdict(1, "Tests pass", 5, Ruling.FAILED, "no", "tests", fix="mend"),
                CriterionVerdict(2, "It reads well", 6, Ruling.NOT_EVALUATED, "a person has to look", open=True),
            ),
        ),
        PhaseReport("g.md", "2", "Two", (), TestCounts(0, 0, 0, 0, 0)),
    ),
    (Regression(TestId("t.py::test_x"), "1", Kind.BROKE, "now fails"),),
    ("-k x",),
    ("a note",),
)


def test_a_report_comes_back_as_it_was_written() -> None:
    assert read_report(text(REPORT)) == REPORT


@pytest.mark.parametrize(
    "damaged", ["", "[]", "{}", text(REPORT)[:-20], text(REPORT).replace('"failed"', '"splendid"')]
)
def test_a_damaged_report_is_no_evidence(damaged: str) -> None:
    with pytest.raises(EvidenceError, match="the report of the test run cannot be read"):
        read_report(damaged)


def test_a_report_of_another_version_is_no_evidence() -> None:
    other = json.dumps({**json.loads(text(REPORT)), "schema": "phasegate.report/2"})

    with pytest.raises(EvidenceError, match=r"of the schema 'phasegate.report/2'"):
        read_report(other)
