"""What the hooks share that judge the staged paths: the project, the staged change, and saying the verdict."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from pytest_phasegate.app.commit.staged import staged
from pytest_phasegate.app.ports.repository import FileChange, Repository
from pytest_phasegate.core.project.settings import Mode, Settings
from pytest_phasegate.core.verdict.verdict import Finding, Severity
from pytest_phasegate.reports.escaping import say
from pytest_phasegate.reports.messages import refusal
from pytest_phasegate.wiring import projects

REFUSED = 1


class Staged(NamedTuple):
    """A project, and what is about to be committed in it; paths are from the project's root."""

    root: Path
    settings: Settings
    repository: Repository
    changes: tuple[FileChange, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """The staged paths."""
        return tuple(change.path for change in self.changes)


def staged_project() -> Staged | None:
    """Return what is staged, or ``None`` where phasegate is off or the project does not configure it.

    Raises:
        PhasegateError: The configuration cannot be used, or git cannot answer.
    """
    root = projects.root(Path.cwd())
    settings = projects.settings(root)
    if not settings.judges:
        return None
    repository = projects.repository(root)
    return Staged(root, settings, repository, staged(repository, projects.inside(root, repository)))


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
