"""What the use cases need of git and the files, as protocols that adapters fulfil, and what a tree holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from pytest_phasegate.core.commit.conventional import Commit


class TreeEntry(NamedTuple):
    """One file of a tree: mode as git prints it (``100644``, ``120000``, ``160000``) and object id."""

    mode: str
    oid: str

    @property
    def is_submodule(self) -> bool:
        """Whether it names a commit of another repository."""
        return self.mode == "160000"

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link."""
        return self.mode == "120000"


class FileChange(NamedTuple):
    """One path that differs between two trees; ``None`` where it does not exist on that side.

    A rename is a deletion and a creation here: content decides what was moved, not git's guess.
    """

    path: str
    before: TreeEntry | None
    after: TreeEntry | None


INDEX = "\0index"
"""The *tree* that would be committed, read from the index without writing a tree object: the quick way to ask
``entries`` and ``changes`` what is staged. No revision has this name, because a name cannot hold NUL."""


class Repository(Protocol):
    """Git, read-only: nothing here changes refs, index, work tree, stash or configuration.

    Every method raises ``RepositoryError`` when git cannot answer, and never guesses. A *tree* is a tree
    object id or any revision; an index tree may live in a private object directory that this object knows.
    ``entries``, and ``changes`` as its *after*, also take ``INDEX``; beside it ``HEAD`` is the empty tree before
    the first commit, so that a hook need not ask.
    """

    root: str  # absolute path of the work tree's top
    object_format: str  # how it names contents: ``sha1`` or ``sha256``
    git_dir: str
    common_dir: str
    # the commit of HEAD when this object was made, which costs nothing to know; ``head`` looks anew
    opened_at: str | None

    def resolve(self, revision: str) -> str | None:
        """Return the full id of a commit, or ``None`` when there is none by that name."""

    def head(self) -> str | None:
        """Return the commit id of HEAD, or ``None`` before the first commit."""

    def file_at(self, revision: str, path: str) -> str | None:
        """Return the id of a file's content in a revision, or ``None`` where it has no such file; lists no tree."""

    def content_at(self, revision: str | None, path: str) -> bytes | None:
        """Return a file's content in a revision, or ``None`` where it has no such file, or there is no revision."""

    def is_shallow(self) -> bool:
        """Return whether history is cut."""

    def default_branch(self) -> str | None:
        """Return a revision for the default branch (what ``origin/HEAD`` names, ``main``, ``master``), if any."""

    def branch(self) -> str | None:
        """Return the name of the branch HEAD is on, if it is on one."""

    def origin(self) -> str:
        """Return the address of the remote ``origin``, as it is configured; nothing without one."""

    def comment_sign(self) -> str:
        """Return what begins a comment in a commit message."""

    def merge_base(self, one: str, other: str) -> str | None:
        """Return the best common ancestor, or ``None``; raises ``RepositoryError`` in a shallow clone without one."""

    def commit(self, revision: str) -> Commit:
        """Return one commit."""

    def commits(self, revision_range: str, *, first_parent: bool = False) -> tuple[Commit, ...]:
        """Return the commits of ``A..B`` (or all up to ``B``), oldest first, parents before children.

        Raises ``RepositoryError`` where a shallow clone cuts the range.
        """

    def unpublished(self, tip: str, remote: str) -> str | None:
        """Return the range of the tip's commits that no branch of a remote has, or ``None`` when it has all.

        The range may hold a published commit besides where the remote's branches were merged crosswise. It is
        the tip alone (all of its history) when the remote has none of it. An address instead of a remote's
        name stands for all remotes together.
        """

    def commits_mentioning(self, texts: Sequence[str], tip: str = "HEAD") -> tuple[Commit, ...]:
        """Return the commits up to one whose message holds one of these texts, whatever the case, oldest first.

        Of a shallow clone, those that are there; before the first commit, none. ``HEAD`` is ``opened_at`` here.
        """

    def index_tree(self) -> str:
        """Return a tree id for what would be committed, honouring an inherited ``GIT_INDEX_FILE``."""

    def content_tree(self) -> str:
        """Return a tree id for what a verdict is about: every file as it stands, committed or not.

        Tracked and untracked files; not those git ignores, and not ``.phasegate``, where verdicts leave their mark.
        Committing everything does not change it.
        """

    def without(self, tree: str, paths: Sequence[str]) -> str:
        """Return the id of a tree without some of its files."""

    def merged(self, parents: Sequence[str], settled: Mapping[str, TreeEntry]) -> str | None:
        """Return the id of the tree that git makes of commits by itself; ``None`` where it cannot.

        Where they conflict, a file is as it is settled. Git can from 2.38 on, and of two commits.
        """

    def empty_tree(self) -> str:
        """Return the id of the empty tree, the *before* of a first commit."""

    def entries(self, tree: str) -> Mapping[str, TreeEntry]:
        """Return every file of a tree by path."""

    def changes(self, before: str, after: str) -> tuple[FileChange, ...]:
        """Return the paths that differ between two trees, sorted."""

    def blobs(self, oids: Iterable[str]) -> Mapping[str, bytes]:
        """Return the contents of many blobs in one call."""

    def stored(self, content: bytes) -> str:
        """Return the id under which this object can read a content that the repository need not hold."""

    def touching(self, *paths: str) -> tuple[str, ...]:
        """Return the ids of the commits up to ``opened_at`` that changed one of some paths, newest first.

        Raises where history is cut there.
        """

    def names(self, path: str, tree: str = "") -> tuple[str, ...]:
        """Return the names that a file had, the present one first; raises where history is cut there.

        Where it was moved and edited at once, git guesses. ``tree`` is what stands beyond ``opened_at``, or ``INDEX``.
        """

    def added_lines(self, before: str, after: str, paths: Sequence[str]) -> Mapping[str, frozenset[int]]:
        """Return, for each path, the line numbers of *after* that ``git diff -U0`` calls added, from 1."""

    def ignored(self, paths: Iterable[str]) -> frozenset[str]:
        """Return those of some paths that git ignores and the index does not hold."""

    def all_ignored(self) -> tuple[str, ...]:
        """Return what lies in the work tree and git ignores; a directory that holds nothing else stands for it all."""

    def absent(self, oids: Iterable[str]) -> frozenset[str]:
        """Return those of some ids of which this repository has no object."""

    def materialize(self, entries: Mapping[str, TreeEntry], destination: str) -> None:
        """Write these files below an existing directory, with filters applied as a checkout would.

        Files already there with the same entry (a reused scratch) are left alone, others are removed.
        """


Stamp = tuple[int, int, int, int]
"""Times of change of content and of the entry (nanoseconds), size in bytes, inode: equal for an untouched file."""


class WorkTree(Protocol):
    """The project's files as they lie on the disk, read-only. Paths are relative to ``top``, with ``/``."""

    top: str  # the repository's top, or without git the project's root
    place: str  # the project's directory from there and a ``/``; empty where it is the top
    object_format: str  # how git names contents here: ``sha1`` or ``sha256``

    def paths(self) -> tuple[str, ...]:
        """Return the files git tracks or would add; without git, all that are not hidden or made by tools."""

    def ignored(self) -> tuple[str, ...]:
        """Return the files that git ignores; a directory that it ignores whole, no cache, ends in ``/``."""

    def stamps(self, paths: Iterable[str]) -> Mapping[str, Stamp]:
        """Return what tells two states of a file apart without reading it; what is no file is left out."""

    def read(self, path: str) -> bytes:
        """Return a file's content; raises ``OSError`` when it cannot be had."""
