"""The hook *commit-msg*: what the message says of the commit, and red before green where its type decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pytest_phasegate.app.criteria import numbers_in
from pytest_phasegate.app.guide.finished_phases import may_finish
from pytest_phasegate.core.commit import conventional
from pytest_phasegate.core.commit.rules import findings_of, phases_of
from pytest_phasegate.core.guide.declared_files import needs_deriving
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.guide.next_step import phase_trailer
from pytest_phasegate.core.project.paths import Side
from pytest_phasegate.core.verdict.verdict import Finding, Severity
from pytest_phasegate.errors import PhasegateError, unusable_file
from pytest_phasegate.hooks import answer
from pytest_phasegate.hooks.red_green import judged
from pytest_phasegate.reports.escaping import say
from pytest_phasegate.wiring import readers, records, status
from pytest_phasegate.wiring.projects import Project


def main(argv: Sequence[str], here: Callable[[], Project]) -> int:
    """Judge the message in the file that git names, and with it what is staged.

    Raises:
        PhasegateError: There is no such file.
    """
    message = _message(argv, here)
    return judged_message(message, here()) or judged(message, here())


def _message(argv: Sequence[str], here: Callable[[], Project]) -> str:
    if not argv:
        raise PhasegateError("commit-msg wants the file of the message", hint="phasegate hook commit-msg FILE")
    with unusable_file(f"the message {argv[0]} cannot be read"):
        text = Path(argv[0]).read_text(encoding="utf-8", errors="replace")
    if not conventional.may_hold_comments(text):
        return conventional.cleaned(text)
    repository = here().repository_if_any
    return conventional.cleaned(text, repository.comment_sign() if repository else "#")


def judged_message(text: str, project: Project) -> int:
    """Judge a cleaned message and return the hook's exit code.

    Raises:
        PhasegateError: A guide cannot be read.
    """
    if not project.settings.judges:
        return 0
    message = conventional.Commit(text.partition("\n")[0], conventional.trailers(text))
    guides, branch = readers.guides(project), project.repository.branch()
    wrong = findings_of(message, branch, guides, project.settings.commit, _may_be(project, guides))
    code = answer("commit-msg", (*wrong, *_feedback_findings(project, text)), project.settings.mode)
    if not code:
        _propose(project, message, guides)
    return code


def _feedback_findings(project: Project, text: str) -> Iterator[Finding]:
    """Yield the findings that a message names comments of reviewers which nobody imported."""
    if "feedback:" not in text.lower():
        return
    named = numbers_in(text)
    known = {one.number for one in status.comments(project)} if named else set()
    for number in sorted(set(named) - known):
        told = f"the trailer Feedback: {number} names no comment"
        yield Finding("PG552", Severity.ERROR, told, fix="phasegate feedback list shows their numbers")


def _propose(project: Project, message: conventional.Commit, guides: tuple[Guide, ...]) -> None:
    """Say which trailer names the phase that the commit counts to, where the guide leaves it to commits to say so."""
    silent = project.settings.derive and any(needs_deriving(phase) for guide in guides for phase in guide.phases)
    if not silent or conventional.made_by_git(message.subject) or phases_of(message, guides):
        return
    if not any(project.layout.side(path) is not Side.NEITHER for path in _touched(project)):
        return
    for guide in records.derived(project, guides):
        for phase in guide.phases:
            if phase.derivation and phase.derivation.open and not phase.commit:
                trailer = phase_trailer(phase, f"{guide.slug}:" if len(guides) > 1 else "")
                say(f"phasegate: this counts to phase {phase.id} ({phase.title}); to say so: --trailer '{trailer}'")


def _may_be(project: Project, guides: tuple[Guide, ...]) -> Callable[[Guide, Phase], bool]:
    """Return what says whether the commit may be a phase's; nothing is asked before a subject nearly is declared."""
    return may_finish(lambda: _touched(project), lambda: status.surroundings(project, guides).commits)


def _touched(project: Project) -> tuple[str, ...]:
    return tuple(change.path for change in project.staged)
