"""The hook *scope*: a commit of the current phase touches what the phase declares; unapproved guides wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_phasegate.hooks.judging import answer, staged_project
from pytest_phasegate.wiring import projects, reading, records

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_phasegate.core.changeset import Changeset
    from pytest_phasegate.core.guide import Guide, Phase
    from pytest_phasegate.core.verdict import Finding
    from pytest_phasegate.hooks.judging import Staged


def main(argv: Sequence[str]) -> int:  # noqa: ARG001 - git gives this hook nothing that it needs
    """List creep, and refuse production code of a guide that nobody approved."""
    project = staged_project()
    if project is None or not project.changes:
        return 0
    guides = reading.guides(project.root, project.settings)
    return answer("scope", tuple(_findings(project, guides)), project.settings.mode) if guides else 0


def _findings(project: Staged, guides: tuple[Guide, ...]) -> Iterator[Finding]:
    from pytest_phasegate.app.staged import as_changeset

    change = as_changeset(project.changes, projects.layout(project.root, project.settings))
    touched = tuple(_touched(project, guides, change))
    if project.settings.approval_required:
        yield from _unapproved(touched, change)
    yield from _creep(project, touched, change)


def _touched(project: Staged, guides: tuple[Guide, ...], change: Changeset) -> Iterator[tuple[Guide, Phase]]:
    """Yield the current phases of which the commit touches a declared file: these it is taken to be about."""
    from pytest_phasegate.app.status import progress_of_all
    from pytest_phasegate.core.paths import matches_any
    from pytest_phasegate.gates.scope import declared_paths

    for progress in progress_of_all(records.surroundings(project.root, project.settings, guides)):
        current = progress.current
        declared = tuple(declared_paths(current.phase)) if current else ()
        if current and any(matches_any(path, declared) for path in change.paths):
            yield progress.guide, current.phase


def _unapproved(touched: tuple[tuple[Guide, Phase], ...], change: Changeset) -> Iterator[Finding]:
    from pytest_phasegate.gates.approval import unapproved

    if change.production:
        yield from (unapproved(guide) for guide, _ in touched if not guide.approved)


def _creep(project: Staged, touched: tuple[tuple[Guide, Phase], ...], change: Changeset) -> Iterator[Finding]:
    """Yield what none of the phases declares; a commit about no phase is not judged."""
    from pytest_phasegate.gates.scope import creep_finding, outside

    scope = project.settings.scope
    beyond = [set(outside(phase, guide, change, scope.allow)) for guide, phase in touched]
    names = ", ".join(phase.id for _, phase in touched)
    for path in sorted(set.intersection(*beyond)) if beyond else ():
        yield creep_finding(path, names, scope.severity)
