"""The commits of a phase: from the first that is about it to the one that finished it, or to the last there is."""

from __future__ import annotations

from collections.abc import Iterator
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
from pytest_phasegate.core.guide.declared_files import declared_paths
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.project.paths import Inside, matches_any
from pytest_phasegate.core.project.settings import CommitSettings
from pytest_phasegate.core.verdict.verdict import Finding


def phase_commits(
    repository: Repository, found: History | str, guide: Guide, phase: Phase, place: Inside
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the commits of a phase, oldest first, each with the paths it touches; merges touch nothing of their own.

    A commit is about the phase that says so, or that touches a file it declares. What lies between two such commits
    was committed while the phase was worked on.

    Raises:
        RepositoryError: Git cannot answer.
    """
    if isinstance(found, str):
        return ()
    span, end = found.span(phase.id), found.span(phase.id).acceptance or repository.opened_at or "HEAD"
    revisions = f"{span.base}..{end}" if repository.resolve(span.base) else end  # before the first commit is no commit
    commits = [
        (commit, touched(repository, commit, place)) for commit in repository.commits(revisions) if not commit.is_merge
    ]
    about = [at for at, (commit, paths) in enumerate(commits) if _is_about(commit, paths, guide, phase)]
    during = commits[about[0] : about[-1] + 1] if about else []
    return tuple((commit.sha, paths) for commit, paths in during)


def _is_about(commit: Commit, paths: tuple[str, ...], guide: Guide, phase: Phase) -> bool:
    own = tuple(declared_paths(phase))
    named = phases_of(commit, [guide])
    return any(one.id == phase.id for _, one in named) or any(matches_any(path, own) for path in paths)


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
