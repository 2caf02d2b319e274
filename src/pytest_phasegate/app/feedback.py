"""Which commits fix which comments of reviewers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.app.ports.trees import Commit
from pytest_phasegate.core.criteria.feedback import Comment, Feedback

TRAILER = "Feedback"
_LINE = re.compile(r"^Feedback[ \t]*:[ \t]*(.+)$", re.IGNORECASE | re.MULTILINE)
_NUMBER = re.compile(r"(?:\A|[\s,#])(\d{1,9})(?=[\s,]|\Z)")
_REVERTS = "This reverts commit "


def numbers_in(message: str) -> tuple[int, ...]:
    """Return the comments that a message names: by its trailers, which a squash merge leaves in its middle."""
    return tuple(int(number) for line in _LINE.findall(message) for number in _NUMBER.findall(line))


def answered(comments: Sequence[Comment], repository: Repository | None, tip: str = "HEAD") -> Feedback:
    """Return the comments with the commits up to ``tip`` that fix them.

    A commit counts that came after the comment was imported, changes more than what we keep ourselves, and was not
    reverted since.

    Raises:
        RepositoryError: Git cannot answer.
    """
    if repository is None or not comments:
        return Feedback(tuple(comments))
    naming = [one for one in repository.commits_mentioning([f"{TRAILER}:"], tip) if numbers_in(one.message)]
    touched = {one.sha: paths for one in naming if (paths := _touched(one, repository))}
    gone = _reverted(touched, repository, tip)
    fixing = [one for one in naming if one.sha in touched and one.sha not in gone]
    fixes: dict[int, tuple[str, ...]] = {}
    elsewhere = set()
    for comment in comments:
        own = [one for one in fixing if comment.number in numbers_in(one.message)]
        later = tuple(one.sha for one in own if not _was_there(one, comment.since, repository))
        if later:
            fixes[comment.number] = later
            if comment.path and not any(comment.path in touched[sha] for sha in later):
                elsewhere.add(comment.number)
    return Feedback(tuple(comments), fixes, elsewhere=frozenset(elsewhere))


def _touched(commit: Commit, repository: Repository) -> frozenset[str]:
    """Return what a commit changes beside what we keep ourselves."""
    before = commit.parents[0] if commit.parents else repository.empty_tree()
    changed = (change.path for change in repository.changes(before, commit.tree))
    return frozenset(path for path in changed if "/.phasegate/" not in f"/{path}")


def _was_there(commit: Commit, since: str, repository: Repository) -> bool:
    """Whether what a commit holds stood already where a comment was imported; once that is gone, nobody can tell.

    A commit that was only given another message since holds what one of those before held.
    """
    if not since or repository.resolve(since) is None:
        return False
    base = repository.merge_base(commit.sha, since)
    if base == commit.sha:
        return True
    if base == since:
        return False
    before = repository.commits(f"{base}..{since}" if base else since)
    return any(one.tree == commit.tree for one in before)


def _reverted(shas: Iterable[str], repository: Repository, tip: str) -> frozenset[str]:
    """Return the commits that a later one took back, and no further one brought again."""
    asked = list(shas)
    if not asked:
        return frozenset()
    reverts = repository.commits_mentioning([_REVERTS], tip)
    taken: dict[str, bool] = {}
    for commit in reversed(reverts):
        for sha in re.findall(rf"{_REVERTS}([0-9a-f]{{40,64}})", commit.message):
            taken[sha] = taken.get(sha, False) or not taken.get(commit.sha, False)
    return frozenset(sha for sha in asked if taken.get(sha))
