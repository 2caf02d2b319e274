"""What a guide said of its finished phases when they were finished."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_phasegate.app.guide.finished_phases import finishing_commits, marks
from pytest_phasegate.core.guide.finished_phases import Acceptance

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_phasegate.app.ports.repository import Repository
    from pytest_phasegate.app.ports.trees import Commit
    from pytest_phasegate.core.guide.model import Guide


def acceptance_of(
    repository: Repository, guide: Guide, path: str, read: Callable[[bytes, str], Guide], guides: Sequence[Guide]
) -> Acceptance:
    """Return the digests of the finished phases' sections, each as of the commit that finished it.

    A phase whose commit does not hold the guide (it was written later, or under another name) has none.

    Args:
        repository: Where the commits are.
        guide: The guide as it is to be judged.
        path: Its path from the top of the repository.
        read: How to read an earlier text of it.
        guides: All guides of the project.
    """
    head = repository.head()
    if head is None:
        return Acceptance({}, {})
    before = _read_at(repository, head, path, read)
    guides = (_with_what_went(guide, before), *(other for other in guides if other.slug != guide.slug))
    mentioning = repository.commits_mentioning(tuple(dict.fromkeys(marks(guides))))
    finished = {
        phase: commit for (slug, phase), commit in finishing_commits(mentioning, guides).items() if slug == guide.slug
    }
    digests = {
        phase: digest
        for phase, commit in finished.items()
        if (digest := _digest(repository, phase, commit, path, read))
    }
    return Acceptance(digests, {phase: finished[phase].sha for phase in digests})


def _with_what_went(guide: Guide, before: Guide | None) -> Guide:
    """Return a guide with the phases that it had before and has no more: commits are known by what those declare."""
    gone = tuple(phase for phase in before.phases if guide.phase(phase.id) is None) if before else ()
    return replace(guide, phases=(*guide.phases, *gone))


def _digest(
    repository: Repository, phase: str, commit: Commit, path: str, read: Callable[[bytes, str], Guide]
) -> str | None:
    guide = _read_at(repository, commit.sha, path, read)
    section = guide.phase(phase) if guide else None
    return section.digest if section else None


def _read_at(repository: Repository, sha: str, path: str, read: Callable[[bytes, str], Guide]) -> Guide | None:
    entry = repository.entries(sha).get(path)
    return read(repository.blobs([entry.oid])[entry.oid], path) if entry else None
