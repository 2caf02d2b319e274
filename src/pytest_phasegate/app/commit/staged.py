"""What a commit is about to hold, paths and guides, and what differs between two contents."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from pytest_phasegate.app.ports.repository import INDEX, FileChange, Repository
from pytest_phasegate.core.commit.conventional import Commit
from pytest_phasegate.core.commit.rules import ChangedPaths
from pytest_phasegate.core.guide.model import Guide
from pytest_phasegate.core.guide.soundness import PATH, Approval, with_approvals
from pytest_phasegate.core.project.paths import Inside, Layout, matches
from pytest_phasegate.core.project.plain_values import lines_of


def changes_between(repository: Repository, before: str, after: str, inside: Inside) -> tuple[FileChange, ...]:
    """Return the files that differ between two trees, by their path from the project's root."""
    found = ((change, inside.relative(change.path)) for change in repository.changes(before, after))
    return tuple(change._replace(path=path) for change, path in found if path is not None)


def changes_of(repository: Repository, commit: Commit, inside: Inside) -> tuple[FileChange, ...]:
    """Return the files that a commit changes, by their path from the root; of a merge, those that no side has so."""
    before, *sides = commit.parents or (repository.empty_tree(),)
    elsewhere = [{change.path for change in changes_between(repository, side, commit.tree, inside)} for side in sides]
    changes = changes_between(repository, before, commit.tree, inside)
    return tuple(change for change in changes if all(change.path in paths for paths in elsewhere))


def touched(repository: Repository, commit: Commit, inside: Inside) -> tuple[str, ...]:
    """Return the paths of these files."""
    return tuple(change.path for change in changes_of(repository, commit, inside))


def staged(repository: Repository, inside: Inside) -> tuple[FileChange, ...]:
    """Return the staged files of the project."""
    return changes_between(repository, repository.opened_at or repository.empty_tree(), INDEX, inside)


def as_changed_paths(changes: Iterable[FileChange], layout: Layout, what: str = "the staged change") -> ChangedPaths:
    """Return the paths of a change for the gates that judge paths."""
    return ChangedPaths(what, tuple(change.path for change in changes), layout)


def staged_guides(
    repository: Repository, changes: Iterable[FileChange], patterns: Iterable[str], read: Callable[[bytes, str], Guide]
) -> tuple[Guide, ...]:
    """Return the guides that the commit creates or changes, as they are staged."""
    globs = tuple(patterns)
    there = ((change.path, change.after.oid) for change in changes if change.after)
    wanted = {path: oid for path, oid in there if any(matches(glob, path) for glob in globs)}
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
    return with_approvals([unapproved], lines_of(Approval, records.decode("utf-8", "replace")))[0].approved


def staged_approval(repository: Repository, inside: Inside, guide: Guide, read: Callable[[bytes, str], Guide]) -> bool:
    """Return whether the commit would hold the approval of a guide: in its text, or as a record of that text.

    Of a guide that is kept out of the repository, what its file says holds: nobody else can see it anyway.
    """
    content = staged_content(repository, inside, guide.path)
    if content is None:
        return guide.approved
    present = read(content, guide.path)
    return present.approved or staged_record(repository, inside, present)
