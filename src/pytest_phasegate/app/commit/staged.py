"""What a commit is about to hold, paths and guides, and what differs between two contents, as since a verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NamedTuple

from pytest_phasegate.app.ports.repository import INDEX, Commit, FileChange, Repository
from pytest_phasegate.core.commit.rules import Changeset
from pytest_phasegate.core.guide.model import Guide
from pytest_phasegate.core.guide.soundness import PATH, read_approvals, with_approvals
from pytest_phasegate.core.project.paths import Layout, is_ours, matches
from pytest_phasegate.core.verdict.judgement import Judgement, Since
from pytest_phasegate.errors import RepositoryError


class Inside(NamedTuple):
    """Paths of the repository as a project in it knows them: ``prefix`` is its directory and a ``/``, or nothing."""

    prefix: str

    def relative(self, path: str) -> str | None:
        """Return a path from the project's root, or ``None`` for one outside of it."""
        return path[len(self.prefix) :] if path.startswith(self.prefix) else None


def changes_between(repository: Repository, before: str, after: str, inside: Inside) -> tuple[FileChange, ...]:
    """Return the files that differ between two trees, by their path from the project's root."""
    found = ((change, inside.relative(change.path)) for change in repository.changes(before, after))
    return tuple(replace(change, path=path) for change, path in found if path is not None)


def changes_of(repository: Repository, commit: Commit, inside: Inside) -> tuple[FileChange, ...]:
    """Return the files that a commit changes, by their path from the project's root."""
    before = next(iter(commit.parents), repository.empty_tree())
    return changes_between(repository, before, commit.tree, inside)


def touched(repository: Repository, commit: Commit, inside: Inside) -> tuple[str, ...]:
    """Return the paths of these files."""
    return tuple(change.path for change in changes_of(repository, commit, inside))


def staged(repository: Repository, inside: Inside) -> tuple[FileChange, ...]:
    """Return the staged files of the project."""
    return changes_between(repository, repository.opened_at or repository.empty_tree(), INDEX, inside)


def as_changeset(changes: Iterable[FileChange], layout: Layout, what: str = "the staged change") -> Changeset:
    """Return the paths of a change for the gates that judge paths."""
    return Changeset(what, tuple(change.path for change in changes), layout)


def staged_guides(
    repository: Repository, changes: Iterable[FileChange], patterns: Iterable[str], read: Callable[[bytes, str], Guide]
) -> tuple[Guide, ...]:
    """Return the guides that the commit creates or changes, as they are staged."""
    globs = tuple(patterns)
    wanted = {
        change.path: change.after.oid
        for change in changes
        if change.after and any(matches(glob, change.path) for glob in globs)
    }
    contents = repository.blobs(wanted.values())
    return tuple(read(contents[oid], path) for path, oid in wanted.items())


def staged_content(repository: Repository, inside: Inside, path: str) -> bytes | None:
    """Return a file of the project as the commit would hold it, or ``None`` if it would not."""
    entry = repository.entries(INDEX).get(inside.prefix + path)
    return repository.blobs([entry.oid])[entry.oid] if entry else None


def staged_record(repository: Repository, inside: Inside, guide: Guide) -> bool:
    """Return whether the commit would hold a record that exactly this text of a guide was approved."""
    records = staged_content(repository, inside, PATH) or b""
    unapproved = replace(guide, approved=False)
    return with_approvals([unapproved], read_approvals(records.decode("utf-8", "replace")))[0].approved


def staged_approval(repository: Repository, inside: Inside, guide: Guide, read: Callable[[bytes, str], Guide]) -> bool:
    """Return whether the commit would hold the approval of a guide: in its text, or as a record of that text.

    Of a guide that is kept out of the repository, what its file says holds: nobody else can see it anyway.
    """
    content = staged_content(repository, inside, guide.path)
    if content is None:
        return guide.approved
    present = read(content, guide.path)
    return present.approved or staged_record(repository, inside, present)


Changed = tuple[tuple[str, str], ...]


_MOST = 200  # of more files than these nobody wants the names kept with every verdict
_LOOKED_AT = 20  # so many commits behind a verdict are looked at for the one that brought the judged content


def standing_on(repository: Repository | None, content: str) -> tuple[str, Changed | None]:
    """Return HEAD, and what differs from it in a content: each path with its object there, or nothing."""
    head = repository.head() if repository and content else None
    if repository is None or head is None:
        return "", None
    changed = _changed(repository, head, content)
    return head, tuple(sorted(changed.items())) if len(changed) <= _MOST else None


def since(repository: Repository | None, judgement: Judgement, content: str) -> Since:
    """Return where a judgement stood and how many files are not as they were then."""
    if repository is None or not content or not judgement.head or judgement.changed is None:
        return Since()
    then = dict(judgement.changed)
    try:
        now = _changed(repository, judgement.head, content)
        commit = _commit_of(repository, judgement.head, then)
    except RepositoryError:
        return Since()
    return Since(commit, sum(then.get(path) != now.get(path) for path in then.keys() | now.keys()))


def _commit_of(repository: Repository, head: str, then: dict[str, str]) -> str:
    """Return the first commit that holds what was judged: the verdict came before it; else the one below it."""
    if not then:
        return head
    for commit in repository.commits(f"{head}..HEAD", first_parent=True)[:_LOOKED_AT]:
        if _changed(repository, head, commit.tree) == then:
            return commit.sha
    return head


def _changed(repository: Repository, before: str, after: str) -> dict[str, str]:
    return {
        change.path: f"{change.after.mode} {change.after.oid}" if change.after else ""
        for change in repository.changes(before, after)
        if not is_ours(change.path)
    }
