"""The commits of a phase: from the first that is about it to the one that finished it, or to the last there is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from pytest_phasegate.app.commit.revision_range import Span
from pytest_phasegate.app.commit.staged import touched
from pytest_phasegate.app.coverage.ownership import History
from pytest_phasegate.app.guide.finished_phases import may_finish
from pytest_phasegate.app.guide.surroundings import Surroundings
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.core.commit.conventional import Commit
from pytest_phasegate.core.commit.rules import message_findings, phases_of
from pytest_phasegate.core.guide.declared_files import declared_by_others, declared_paths
from pytest_phasegate.core.guide.model import Action, Guide, Phase
from pytest_phasegate.core.project.paths import Inside, matches_any
from pytest_phasegate.core.project.settings import CommitSettings
from pytest_phasegate.core.verdict.verdict import Finding


class PhaseCommit(NamedTuple):
    """A commit made while a phase was worked on, with the paths it touches; ``about`` says that it is the phase's."""

    commit: Commit
    paths: tuple[str, ...]
    about: bool


def phase_commits(around: Surroundings, found: History | str, guide: Guide, phase: Phase) -> tuple[PhaseCommit, ...]:
    """Return the commits of a phase, oldest first, and those between them; merges touch nothing of their own.

    A commit is about the phase that it names. One that names none of any guide is about each phase of which it touches
    a file.

    Raises:
        RepositoryError: Git cannot answer.
    """
    if isinstance(found, str):
        return ()
    repository, place = around.git, Inside(around.prefix)
    span, end = found.span(phase.id), found.span(phase.id).acceptance or repository.opened_at or "HEAD"
    revisions = f"{span.base}..{end}" if repository.resolve(span.base) else end  # before the first commit is no commit
    plain = (commit for commit in repository.commits(revisions) if not commit.is_merge)
    seen = partial(_seen, guides=around.guides, guide=guide, phase=phase)
    commits = [seen(commit, touched(repository, commit, place)) for commit in plain]
    about = [at for at, one in enumerate(commits) if one.about]
    return tuple(commits[about[0] : about[-1] + 1]) if about else ()


def _seen(
    commit: Commit, paths: tuple[str, ...], *, guides: Sequence[Guide], guide: Guide, phase: Phase
) -> PhaseCommit:
    own, named = tuple(declared_paths(phase)), phases_of(commit, guides)
    mine = any(one.path == guide.path and each.id == phase.id for one, each in named)
    touches = not named and any(matches_any(path, own) for path in paths)
    return PhaseCommit(commit, paths, mine or touches)


def commits_before(around: Surroundings, found: History | str, guide: Guide, phase: Phase) -> Iterator[Commit]:
    """Yield the commits before a phase's base, oldest first, that touch a file which it alone is to create.

    So it is where the guide came after the code, or another phase was finished in between.

    Raises:
        RepositoryError: Git cannot answer.
    """
    others = declared_by_others(around.guides, guide, phase)
    alone = (one.path for one in phase.files if one.action is Action.CREATE and not matches_any(one.path, others))
    repository, base = around.git, None if isinstance(found, str) else found.span(phase.id).base
    early = reversed(repository.touching(*(around.prefix + path for path in alone)))
    later = {one.sha for one in repository.commits(f"{base}..HEAD")} if base and repository.resolve(base) else set()
    listed = (repository.commit(sha) for sha in early if sha not in later and base != repository.empty_tree())
    yield from (one for one in listed if not one.is_merge and not phases_of(one, around.guides))


class JudgedMessage(NamedTuple):
    """One commit of the range, and what is wrong with its message."""

    commit: Commit
    findings: tuple[Finding, ...]


def judged_messages(
    repository: Repository, span: Span, around: Surroundings, place: Inside, settings: CommitSettings
) -> tuple[JudgedMessage, ...]:
    """Judge the message of every commit, oldest first; one that joins parents is not judged.

    Raises:
        RepositoryError: Git cannot answer.
    """
    return tuple(
        JudgedMessage(commit, tuple(_findings(repository, commit, around, place, settings))) for commit in span.commits
    )


def _findings(
    repository: Repository, commit: Commit, around: Surroundings, place: Inside, settings: CommitSettings
) -> Iterator[Finding]:
    may_be = may_finish(partial(touched, repository, commit, place), lambda: around.commits, commit.sha)
    yield from message_findings(commit, around.guides, settings, in_range=True, may_be=may_be)
