from __future__ import annotations

import pytest

from pytest_phasegate.core.coverage.measurement import Figure
from pytest_phasegate.core.evidence.outcomes import TestId
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

HOSTILE = "::error::\x1b[2J</script><img src=x onerror=1>\u202e|`@ada`"


@pytest.fixture
def report() -> RunReport:
    """A failed run of two phases."""
    finding = Finding("PG411", Severity.ERROR, "test_b is declared and was not collected", "g.md", 7, "write it")
    failed = Verdict("tests", "2", Ruling.FAILED, "1 of 2 declared tests was not collected", (finding,))
    files = (FileShare("src/x.py", 97.56, (41,)),)
    coverage = CoverageShare(90.0, Figure(40, 41), None, Figure(3, 3), files, "guide", all_line=Figure(41, 41))
    return RunReport(
        (GuideName("g.md", "g", "Cache", "canonical", "sha256:0"),),
        ("1", "2"),
        (
            PhaseReport(
                "g.md",
                "1",
                "Core",
                (Verdict("tests", "1", Ruling.PASSED, "2 tests passed"),),
                TestCounts(2, 2, 2, 0, 0),
                coverage,
            ),
            PhaseReport("g.md", "2", "TTL", (failed,), TestCounts(2, 1, 1, 0, 0, ("test_b",))),
        ),
        (Regression(TestId("t.py::test_a"), "1", Kind.BROKE, "failed"),),
        notes=("PG417 test_a names several tests",),
        renamed=(Regression(TestId("t.py::test_old"), "1", Kind.RENAMED, "now t.py::test_new"),),
    )


@pytest.fixture
def hostile() -> RunReport:
    """A run whose every text is an attack."""
    finding = Finding("PG411", Severity.ERROR, HOSTILE, HOSTILE, 7, HOSTILE)
    verdict = Verdict(HOSTILE, HOSTILE, Ruling.FAILED, HOSTILE, (finding,))
    phase = PhaseReport(HOSTILE, HOSTILE, HOSTILE, (verdict,), TestCounts(1, 0, 0, 0, 0, (HOSTILE,)))
    guide = GuideName(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    regression = Regression(TestId(HOSTILE), HOSTILE, Kind.REMOVED, HOSTILE)
    return RunReport((guide,), (HOSTILE,), (phase,), (regression,), notes=(HOSTILE,), renamed=(regression,))
