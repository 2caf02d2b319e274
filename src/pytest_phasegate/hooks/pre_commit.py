"""The hooks *guide*, *protected* and *scope*: what paths and guides alone tell of what is staged.

*guide*: the guides of a commit have no errors, and what they promised of finished phases stands. *protected*: a
generated file changes only together with what it is made from. *scope*: a commit of the current phase touches what the
phase declares; unapproved guides wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from pytest_phasegate.app.commit.staged import as_changed_paths, staged_approval, staged_guides, staged_record
from pytest_phasegate.app.guide.reader import unreadable
from pytest_phasegate.app.guide.status import states_of_all
from pytest_phasegate.app.guide.tampering import acceptance_of
from pytest_phasegate.app.ports.repository import INDEX
from pytest_phasegate.app.renamed_tests import Declared
from pytest_phasegate.core.commit.rules import ChangedPaths
from pytest_phasegate.core.guide.declared_files import declared_by_all, declared_paths
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.guide.progress import GuideProgress, State
from pytest_phasegate.core.project.paths import matches_any
from pytest_phasegate.core.verdict.verdict import Finding, Severity
from pytest_phasegate.gates.guide import edited_phases, errors_of, paths_outside, unapproved
from pytest_phasegate.gates.scope import OURS, alone_finding, creep_finding, differing, made_so, orphans, outside
from pytest_phasegate.hooks import answer
from pytest_phasegate.wiring import readers, records, status
from pytest_phasegate.wiring.projects import Project


def guide(argv: Sequence[str], here: Callable[[], Project]) -> int:  # noqa: ARG001 - git gives this hook nothing that it needs
    """Judge the guides that the commit creates or changes, as they are staged."""
    project = here()
    if not project.settings.judges:
        return 0
    read = readers.text_reader(project.root)
    guides = staged_guides(project.repository, project.staged, project.settings.guides, read)
    return answer("guide", _guide_findings(project, guides, read), project.settings.mode)


def _guide_findings(
    project: Project, guides: Sequence[Guide], read: Callable[[bytes, str], Guide]
) -> Iterator[Finding]:
    inside = project.inside

    def renamed(earlier: Iterable[Guide]) -> Declared:
        return records.renamed_declarations(project.root, records.texts_of_tests(project), earlier)

    for guide in guides:
        if guide.phases or unreadable(guide) or guide.path in project.settings.guides:
            stood = _errors_before(project, guide, read)
            for error in errors_of(guide):
                yield replace(error, severity=Severity.WARNING) if _what(error) in stood else error
            yield from paths_outside(guide)  # else a glob found it, and it is another document by now
        if not unreadable(guide) and not staged_record(project.repository, inside, guide):
            path, git = inside.prefix + guide.path, project.repository
            acceptance = acceptance_of(git, guide, path, read, guides=guides, renamed=renamed, tree=INDEX)
            yield from edited_phases(guide, acceptance)


def _errors_before(project: Project, guide: Guide, read: Callable[[bytes, str], Guide]) -> frozenset[tuple[str, str]]:
    """Return the errors that the guide had before the commit, as long as it had phases: it did not bring these."""
    repository = project.repository
    stood = repository.content_at(repository.opened_at, project.inside.prefix + guide.path)
    before = read(stood, guide.path) if stood is not None else None
    return frozenset(map(_what, errors_of(before))) if before and before.phases else frozenset()


def _what(error: Finding) -> tuple[str, str]:
    return error.code, error.message


def protected(argv: Sequence[str], here: Callable[[], Project]) -> int:  # noqa: ARG001 - git gives this hook nothing that it needs
    """Refuse a commit that edits a generated file by hand; where a command is known that makes it, ask that."""
    project = here()
    settings = project.settings
    if not (settings.judges and settings.protected):
        return 0
    paths = tuple(change.path for change in project.staged)
    found = tuple(orphans(paths, settings.protected))
    if found and settings.generate:
        from pytest_phasegate.wiring.evidence import regenerated

        anew = regenerated(project, project.repository.index_tree())
        made = made_so(paths, anew, settings.generate)
        found = (*orphans(paths, settings.protected, made), *differing(anew))
    return answer("protected", found, settings.mode)


def scope(argv: Sequence[str], here: Callable[[], Project]) -> int:  # noqa: ARG001 - git gives this hook nothing that it needs
    """List creep, and refuse production code of a guide that nobody approved."""
    project = here()
    if not (project.settings.judges and project.staged):
        return 0
    guides = records.derived(project, readers.guides(project))
    return answer("scope", tuple(_scope_findings(project, guides)), project.settings.mode) if guides else 0


def _scope_findings(project: Project, guides: tuple[Guide, ...]) -> Iterator[Finding]:
    change = as_changed_paths(project.staged, project.layout)
    everywhere = states_of_all(status.surroundings(project, guides))
    if project.settings.approval.required:
        yield from _unapproved(project, everywhere, change)
    touched = tuple(_touched(everywhere, change))
    yield from _creep(project, touched, change)
    under_way = any(progress.begun and not progress.complete for progress in everywhere)
    if not touched and under_way and not any(_takes_all(phase) for guide in guides for phase in guide.phases):
        yield from _alone(project, guides, change)


def _touched(everywhere: Iterable[GuideProgress], change: ChangedPaths) -> Iterator[tuple[Guide, Phase]]:
    """Yield the current phases of which the commit touches a declared file: these it is taken to be about."""
    for progress in everywhere:
        for one in progress.phases:
            is_current = one is progress.current or bool(one.phase.derivation and one.phase.derivation.open)
            if is_current and _declares(one.phase, change.paths):
                yield progress.guide, one.phase


def _takes_all(phase: Phase) -> bool:
    """Whether what no commit names is this phase's, whatever it is: the guide declares no file of it."""
    return bool(phase.derivation and phase.derivation.open and phase.derivation.files)


def _unapproved(project: Project, everywhere: Iterable[GuideProgress], change: ChangedPaths) -> Iterator[Finding]:
    """Yield the guides whose code the commit holds, of any phase still to be done, and whose approval it does not."""
    for progress in everywhere:
        waiting = (one.phase for one in progress.phases if one.state is not State.ACCEPTED)
        if any(_declares(phase, change.production) for phase in waiting) and not staged_approval(
            project.repository, project.inside, progress.guide, readers.text_reader(project.root)
        ):
            yield unapproved(progress.guide)


def _declares(phase: Phase, paths: Iterable[str]) -> bool:
    declared = tuple(declared_paths(phase))
    return any(matches_any(path, declared) for path in paths)


def _alone(project: Project, guides: tuple[Guide, ...], change: ChangedPaths) -> Iterator[Finding]:
    """Yield what no phase of any guide declares, of a commit about no phase while a guide is being carried out."""
    allowance = project.settings.scope
    allowed = (*declared_by_all(guides), *allowance.allow, *OURS)
    for path in change.paths:
        if not matches_any(path, allowed) and not change.layout.is_test(path):
            yield alone_finding(path, allowance.severity)


def _creep(project: Project, touched: tuple[tuple[Guide, Phase], ...], change: ChangedPaths) -> Iterator[Finding]:
    """Yield what none of the phases declares that the commit is about."""
    allowance = project.settings.scope
    beyond = [set(outside(phase, guide, change, allowance.allow)) for guide, phase in touched]
    names = ", ".join(phase.id for _, phase in touched)
    for path in sorted(set.intersection(*beyond)) if beyond else ():
        yield creep_finding(path, names, allowance.severity)
