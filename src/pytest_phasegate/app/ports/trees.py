"""What git keeps, as values: commits, the files of a tree, and what differs between two trees."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit as git stores it. ``trailers`` keep their order; keys are as written; ``made`` is in epoch seconds."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    subject: str
    message: str
    trailers: tuple[tuple[str, str], ...] = ()
    made: int = 0

    @property
    def is_merge(self) -> bool:
        """Whether the commit joins two or more parents."""
        return len(self.parents) > 1


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One file of a tree: mode as git prints it (``100644``, ``120000``, ``160000``) and object id."""

    mode: str
    oid: str


@dataclass(frozen=True, slots=True)
class FileChange:
    """One path that differs between two trees; ``None`` where it does not exist on that side.

    A rename is a deletion and a creation here: content decides what was moved, not git's guess.
    """

    path: str
    before: TreeEntry | None
    after: TreeEntry | None


INDEX = "\0index"
"""The *tree* that would be committed, read from the index without writing a tree object: the quick way to ask
``entries`` and ``changes`` what is staged. No revision has this name, because a name cannot hold NUL."""
