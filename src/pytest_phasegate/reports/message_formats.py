"""What was found in the messages of a range: as text, and as JSON of the schema ``phasegate.messages/1``."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING

from pytest_phasegate.core.verdict.messages import explain
from pytest_phasegate.reports.escaping import escaped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_phasegate.app.commit.phase_commits import JudgedMessage
    from pytest_phasegate.core.verdict.messages.message import Message

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


HEAD = """# Messages

Every code phasegate prints, what it means, how to fix it, and how to waive it. `phasegate explain CODE`
prints the same. This page is made from the catalogue by `phasegate explain --format markdown`; do not edit it by hand.
"""


def as_page(messages: Mapping[str, Message]) -> str:
    """Return the Markdown page of these messages."""
    return HEAD + "".join(_section(code, message) for code, message in messages.items())


def documentation() -> str:
    """Return where the documentation lies: as the one says who runs us, else as this installation does; or nothing."""
    said = os.environ.get("PHASEGATE_DOCUMENTATION", "")
    if said:
        return said.rstrip("/")
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        urls = metadata("pytest-phasegate").get_all("Project-URL") or ()
    except PackageNotFoundError:
        return ""
    return next((url.partition(", ")[2].rstrip("/") for url in urls if url.startswith("Documentation,")), "")


def address(code: str) -> str:
    """Return where the page says what a code means; of a code that is not ours, or without documentation, nothing."""
    message, where = explain(code), documentation()
    if message is None or not where:
        return ""
    heading = re.sub(r"[^\w\s-]", "", f"{code}: {message.title}".lower())
    anchor = re.sub(r"\s", "-", heading)
    return f"{where}/messages.md#{anchor}"


def linked(code: str) -> str:
    """Return a code as Markdown that leads to what it means."""
    where = address(code)
    return f"[{code}]({where})" if where else f"`{code}`"


def _section(code: str, message: Message) -> str:
    waive = message.waive or "This cannot be waived."
    return f"\n## {code}: {message.title}\n\n{message.meaning}\n\n**Fix**: {message.mend}\n\n**Waive**: {waive}\n"
