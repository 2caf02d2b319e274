"""Which commits fix which comments of reviewers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_phasegate.core.criteria.feedback import Comment, Feedback

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_phasegate.app.ports.repository import Repository
    from pytest_phasegate.app.ports.trees import Commit

TRAILER = "Feedback"
_LINE = re.compile(r"^Feedback[ \t]*:[ \t]*(.+)$", re.IGNORECASE | re.MULTILINE)
_NUMBER = re.compile(r"(?:\A|[\s,#])(\d{1,9})(?=[\s,]|\Z)")
_REVERTS = "This reverts commit "


def numbers_in(message: str) -> tuple[int, ...]:
    """Return the comments that a message names: by its trailers, which a squash merge leaves in its middle."""
    return tuple(int(number) for line in _LINE.findall(message) for number in _NUMBER.findall(line))


def answered(comments: Sequence[Comment], repository: Repository | None) -> Feedback:
    """Return the comments with the commits that fix them.

    A commit counts that came after the comment was imported, changes more than what we keep ourselves, and was not
    reverted since.

    Raises:
        RepositoryError: Git cannot answer.
    """
    if repository is None or not comments:
        return Feedback(tuple(comments))
    naming = [one for one in repository.commits_mentioning([f"{TRAILER}:"]) if numbers_in(one.message)]
    fixing = [one for one in naming if _changes_something(one, repository)]
    gone = _reverted([one.sha for one in fixing], repository)
    fixes: dict[int, list[str]] = {}
    for commit in fixing:
        for number in numbers_in(commit.message) if commit.sha not in gone else ():
            fixes.setdefault(number, []).append(commit.sha)
    later = {
        one.number: tuple(sha for sha in fixes.get(one.number, ()) if not _was_there(sha, one.since, repository))
        for one in comments
    }
    return Feedback(tuple(comments), {number: shas for number, shas in later.items() if shas})


def _changes_something(commit: Commit, repository: Repository) -> bool:
    before = commit.parents[0] if commit.parents else repository.empty_tree()
    return any("/.phasegate/" not in f"/{change.path}" for change in repository.changes(before, commit.tree))


def _was_there(sha: str, since: str, repository: Repository) -> bool:
    """Whether a commit stood already where a comment was imported; after a rebase nobody can tell."""
    return bool(since) and repository.resolve(since) is not None and repository.merge_base(sha, since) == sha


def _reverted(shas: Iterable[str], repository: Repository) -> frozenset[str]:
    """Return the commits that a later one took back, and no further one brought again."""
    asked = list(shas)
    if not asked:
        return frozenset()
    reverts = repository.commits_mentioning([_REVERTS])
    taken: dict[str, bool] = {}
    for commit in reversed(reverts):
        for sha in re.findall(rf"{_REVERTS}([0-9a-f]{{40,64}})", commit.message):
            taken[sha] = taken.get(sha, False) or not taken.get(commit.sha, False)
    return frozenset(sha for sha in asked if taken.get(sha))
