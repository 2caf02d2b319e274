"""What the commit-msg hook says of the message alone: conventional, the declared subject, one phase, issue, branch."""

from __future__ import annotations

from pathlib import Path

from pytest_phasegate.core.settings import Mode
from pytest_phasegate.hooks.judging import answer
from pytest_phasegate.wiring import projects, reading


def judged_message(text: str) -> int:
    """Judge a cleaned message and return the hook's exit code.

    Raises:
        PhasegateError: The configuration or a guide cannot be read.
    """
    from pytest_phasegate.core.committed import CommitMessage
    from pytest_phasegate.core.committing import branch_findings, message_findings
    from pytest_phasegate.core.trailers import trailers

    root = projects.root(Path.cwd())
    settings = projects.settings(root)
    if not settings.configured or settings.mode is Mode.OFF:
        return 0
    message = CommitMessage(text.partition("\n")[0], trailers(text))
    guides = reading.guides(root, settings)
    findings = (
        *branch_findings(projects.branch(root), settings.commit),
        *message_findings(message, guides, settings.commit),
    )
    return answer("commit-msg", findings, settings.mode)
