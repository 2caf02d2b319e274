"""The hook *commit-msg*: what the message says of the commit, and red before green where its type decides."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pytest_phasegate.core.project.settings import Mode
from pytest_phasegate.errors import PhasegateError
from pytest_phasegate.hooks.staged import answer
from pytest_phasegate.wiring import projects, readers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_phasegate.core.guide.model import Guide, Phase
    from pytest_phasegate.core.project.settings import Settings


def main(argv: Sequence[str]) -> int:
    """Judge the message in the file that git names, and with it what is staged.

    Raises:
        PhasegateError: There is no such file.
    """
    from pytest_phasegate.hooks.proof import judged

    message = _message(argv)
    return judged_message(message) or judged(message)


def _message(argv: Sequence[str]) -> str:
    from pytest_phasegate.core.commit.message import chosen_sign, cleaned, may_hold_comments
    from pytest_phasegate.wiring import projects

    if not argv:
        raise PhasegateError("commit-msg wants the file of the message", hint="phasegate hook commit-msg FILE")
    try:
        text = Path(argv[0]).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise PhasegateError(f"the message {argv[0]} cannot be read: {error.strerror}") from None
    if not may_hold_comments(text):
        return cleaned(text)
    sign = projects.comment_sign(Path.cwd())
    return cleaned(text, chosen_sign(text) if sign == "auto" else sign)


def judged_message(text: str) -> int:
    """Judge a cleaned message and return the hook's exit code.

    Raises:
        PhasegateError: The configuration or a guide cannot be read.
    """
    from pytest_phasegate.core.commit.message import trailers
    from pytest_phasegate.core.commit.phase_commits import CommitMessage
    from pytest_phasegate.core.commit.rules import branch_findings, issue_findings, message_findings

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
    from pytest_phasegate.app.guide.finished_phases import may_finish
    from pytest_phasegate.wiring import records

    def touched() -> tuple[str, ...]:
        repository = projects.repository(root)
        return tuple(change.path for change in staged(repository, projects.inside(root, repository)))

    return may_finish(touched, lambda: records.surroundings(root, settings, guides).commits)
