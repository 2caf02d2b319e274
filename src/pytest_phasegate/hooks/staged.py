"""What the hooks share that judge the staged paths: the project, the staged change, and saying the verdict."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from pytest_phasegate.app.commit.staged import staged
from pytest_phasegate.app.ports.repository import FileChange
from pytest_phasegate.core.project.settings import Mode
from pytest_phasegate.core.verdict.verdict import Finding, Severity
from pytest_phasegate.reports.escaping import say
from pytest_phasegate.reports.messages import refusal
from pytest_phasegate.wiring.projects import Project

REFUSED = 1


class Staged(Project):
    """A project, and what is about to be committed in it; paths are from the project's root."""

    @cached_property
    def changes(self) -> tuple[FileChange, ...]:
        """How what is staged differs from the last commit."""
        return staged(self.repository, self.inside)

    @property
    def paths(self) -> tuple[str, ...]:
        """The staged paths."""
        return tuple(change.path for change in self.changes)


def staged_project() -> Staged | None:
    """Return what is staged, or ``None`` where phasegate is off or the project does not configure it.

    Raises:
        PhasegateError: The configuration cannot be used, or git cannot answer.
    """
    project = Staged.around(Path.cwd())
    return project if project.settings.judges else None


def answer(hook: str, findings: Iterable[Finding], mode: Mode) -> int:
    """Print the findings on stderr and return the exit code: warnings, and any finding in report mode, let pass."""
    found = tuple(findings)
    if not found:
        return 0
    grave = [finding for finding in found if finding.severity is Severity.ERROR]
    refuses = bool(grave) and mode is Mode.ENFORCE
    headline = f"{hook} refuses this commit" if refuses else f"{hook} has remarks (nothing is refused)"
    say(*refusal(headline, grave if refuses else found))
    return REFUSED if refuses else 0
