"""The gate *feedback*."""

from __future__ import annotations

import pytest

from pytest_phasegate.core.criteria.feedback import Comment, Feedback, Priority
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.core.verdict.gate import Evidence, Need
from pytest_phasegate.gates.criteria import FeedbackGate

PHASE = Phase("1", "One", 1, 2)
OPEN = Comment(1, "k", "no\nlock", Priority.P0, "", path="a.py", line=3)


@pytest.mark.parametrize(
    ("feedback", "ruling"),
    [
        (Feedback(), "not-evaluated"),
        (Feedback((OPEN,)), "failed"),
        (Feedback((OPEN,), {1: ("abc",)}), "passed"),
        (Feedback((Comment(1, "k", "x", Priority.P1, ""),)), "passed"),
        (None, "inconclusive"),
    ],
)
def test_an_open_blocking_comment_refuses(feedback: Feedback | None, ruling: str) -> None:
    guide = Guide("g.md", "g", "G", "canonical", "d", (PHASE,))
    facts = {Need.FEEDBACK: feedback} if feedback else {}
    verdict = FeedbackGate().check(PHASE, Evidence(Settings(), guide, facts))

    assert verdict.ruling == ruling
    assert [(one.code, one.path, one.line) for one in verdict.findings] == (
        [("PG551", "a.py", 3)] if ruling == "failed" else []
    )


def test_what_a_report_calls_critical_refuses_and_names_who_said_so() -> None:
    critical = Comment(0, "", "opens a socket", Priority.P0, "critical", "architecture", "a.py", 3)
    guide = Guide("g.md", "g", "G", "canonical", "d", (PHASE,))
    facts = {Need.FEEDBACK: Feedback(critical=(critical,))}
    verdict = FeedbackGate().check(PHASE, Evidence(Settings(), guide, facts))

    (finding,) = verdict.findings
    assert (verdict.ruling, finding.code, finding.path, finding.line) == ("failed", "PG553", "a.py", 3)
    assert finding.message == "BLOCKED: architecture calls this critical: opens a socket"
    assert "have it reviewed again" in finding.fix
    assert Feedback(critical=(critical,)).told == "1 critical finding in reviews/"
