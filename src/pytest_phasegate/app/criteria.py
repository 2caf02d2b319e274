"""Which criteria of a phase wait for a person and which were answered, and which commits fix which comments."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.core.commit.conventional import Commit
from pytest_phasegate.core.criteria.feedback import Comment, Feedback
from pytest_phasegate.core.criteria.reviews import Review, answers
from pytest_phasegate.core.criteria.verdicts import for_people
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.project.paths import Inside, is_ours, matches_any
from pytest_phasegate.core.project.settings import Settings


class Reviewed(NamedTuple):
    """How the criteria of a phase stand that no run judges: why not, and the answers, by number."""

    needed: Mapping[int, str] = MappingProxyType({})
    answers: Mapping[int, Review] | None = None

    @property
    def open(self) -> tuple[int, ...]:
        """The criteria that nobody answered."""
        return tuple(sorted(self.needed.keys() - (self.answers or {}).keys()))

    @property
    def blocked(self) -> tuple[Review, ...]:
        """The answers that say no."""
        return tuple(one for _, one in sorted((self.answers or {}).items()) if not one.passed)


class People(NamedTuple):
    """What people answered so far; ``approved`` says whether a guide's very text has a record of approval."""

    settings: Settings
    reviews: tuple[Review, ...]
    approved: Callable[[Guide], bool]
    inside: Inside

    def reviewed(
        self,
        guide: Guide,
        phase: Phase,
        repository: Repository | None,
        content: str,
        *,
        open_by_run: Iterable[int] = (),
        accepted: bool = False,
        further: Iterable[Review] = (),
    ) -> Reviewed:
        """Return how the criteria of a phase stand.

        Args:
            guide: The guide.
            phase: Its phase.
            repository: Where the content is.
            content: The content as it stands.
            open_by_run: Criteria that a check of this content could not judge.
            accepted: Whether the phase was accepted: then its answers hold while none of its files changes.
            further: Answers that others gave for this content, the weightier later; those of people come after them.
        """
        if not phase.criteria:
            return Reviewed()
        needed = dict.fromkeys(open_by_run, "the last check could not judge it")
        needed |= for_people(phase, self.settings, approved=self.approved(guide))
        own = self.own(phase, repository, content) if accepted and needed and self.reviews else ""
        return Reviewed(needed, answers((*further, *self.reviews), guide.slug, phase, content, own))

    def own(self, phase: Phase, repository: Repository | None, content: str) -> str:
        """Return the digest of the phase's declared files in a content; nothing where it has none there."""
        patterns = tuple({*(file.path for file in phase.files), *(test.file for test in phase.tests if test.file)})
        if repository is None or not content or not patterns:
            return ""
        found = (
            f"{inner}\0{entry.mode} {entry.oid}"
            for path, entry in sorted(repository.entries(content).items())
            if (inner := self.inside.relative(path)) is not None and matches_any(inner, patterns)
        )
        text = "\n".join(found)
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32] if text else ""


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
    return frozenset(path for path in changed if not is_ours(path))


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
