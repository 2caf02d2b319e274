"""What was found in the messages of a range: as text, and as JSON of the schema ``phasegate.messages/1``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pytest_phasegate.reports.escaping import escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_phasegate.app.commit.phase_commits import JudgedMessage

SCHEMA = "phasegate.messages/1"


def as_text(judged: Sequence[JudgedMessage]) -> str:
    """Return the refused messages, each with its remedy, and how many there are."""
    lines: list[str] = []
    for finding in (finding for one in judged for finding in one.findings):
        lines.append(escaped(f"{finding.code} {finding.message}"))
        lines += [escaped(f"    fix: {finding.fix}")] if finding.fix else []
    refused = sum(bool(one.findings) for one in judged)
    commits = "1 message" if len(judged) == 1 else f"{len(judged)} messages"
    return "\n".join([*lines, f"failed: {refused} of {commits} refused" if refused else f"passed: {commits} judged"])


def as_json(asked: str, judged: Sequence[JudgedMessage]) -> str:
    """Return everything as JSON text."""
    commits = [
        {
            "sha": one.commit.sha,
            "subject": one.commit.subject,
            "verdict": "failed" if one.findings else "passed",
            "findings": [
                {"code": found.code, "severity": found.severity.value, "message": found.message, "fix": found.fix}
                for found in one.findings
            ],
        }
        for one in judged
    ]
    verdict = "failed" if any(one.findings for one in judged) else "passed"
    return json.dumps({"schema": SCHEMA, "verdict": verdict, "range": asked, "commits": commits}, indent=2)
