"""The messages of a range of commits, judged as they stand: for CI, where no hook has looked at them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_phasegate.app.commit.staged import changes_between
from pytest_phasegate.app.guide.finished_phases import may_finish
from pytest_phasegate.core.commit.phase_commits import CommitMessage
from pytest_phasegate.core.commit.rules import message_findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_phasegate.app.commit.revision_range import Span
    from pytest_phasegate.app.commit.staged import Inside
    from pytest_phasegate.app.guide.status import Surroundings
    from pytest_phasegate.app.ports.repository import Repository
    from pytest_phasegate.app.ports.trees import Commit
    from pytest_phasegate.core.project.settings import CommitSettings
    from pytest_phasegate.core.verdict.verdict import Finding


@dataclass(frozen=True, slots=True)
class JudgedMessage:
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
    def touched() -> tuple[str, ...]:
        before = commit.parents[0] if commit.parents else repository.empty_tree()
        return tuple(change.path for change in changes_between(repository, before, commit.tree, place))

    message = CommitMessage(commit.subject, commit.trailers, commit.sha, commit.is_merge)
    may_be = may_finish(touched, lambda: around.commits, commit.sha)
    yield from message_findings(message, around.guides, settings, in_range=True, may_be=may_be)
