"""What the commit-msg hook says of the message alone: conventional, the declared subject, one phase, issue, branch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pytest_phasegate.core.project.settings import Mode
from pytest_phasegate.hooks.staged import answer
from pytest_phasegate.wiring import projects, readers

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_phasegate.core.guide.model import Guide, Phase
    from pytest_phasegate.core.project.settings import Settings


def judged_message(text: str) -> int:
    """Judge a cleaned message and return the hook's exit code.

    Raises:
        PhasegateError: The configuration or a guide cannot be read.
    """
    from pytest_phasegate.core.commit.phase_commits import CommitMessage
    from pytest_phasegate.core.commit.rules import branch_findings, issue_findings, message_findings
    from pytest_phasegate.core.commit.trailers import trailers

    root = projects.root(Path.cwd())
    settings = projects.settings(root)
    if not settings.configured or settings.mode is Mode.OFF:
        return 0
    message = CommitMessage(text.partition("\n")[0], trailers(text))
    guides = readers.guides(root, settings)
    branch = projects.branch(root)
    findings = (
        *branch_findings(branch, settings.commit),
        *message_findings(message, guides, settings.commit, may_be=_may_be(root, settings, guides)),
        *issue_findings(message, branch, settings.commit),
    )
    return answer("commit-msg", findings, settings.mode)


def _may_be(root: Path, settings: Settings, guides: tuple[Guide, ...]) -> Callable[[Guide, Phase], bool]:
    """Return what says whether the commit may be a phase's; nothing is asked before a subject nearly is declared."""
    from pytest_phasegate.app.commit.staged import staged
    from pytest_phasegate.app.guide.finishing_commit import may_finish
    from pytest_phasegate.wiring import records

    def touched() -> tuple[str, ...]:
        repository = projects.repository(root)
        return tuple(change.path for change in staged(repository, projects.inside(root, repository)))

    return may_finish(touched, lambda: records.surroundings(root, settings, guides).commits)
