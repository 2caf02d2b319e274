"""Contents as they stand, of the index and of the work tree: as trees whose objects lie in a private place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pytest_phasegate.adapters.git import command, plumbing
from pytest_phasegate.adapters.git.command import Git
from pytest_phasegate.adapters.git.discovery import Place, discover, without_environments

if TYPE_CHECKING:
    from pytest_phasegate.adapters.git.trees import PrivateStore


FILES = ("--raw", "-z", "--no-renames", "--no-abbrev", "--ignore-submodules=none")
"""The options of plumbing that lists which files differ."""
_SUBMODULE = "160000"


class Contents:
    """The index and the work tree of one repository; nothing of the user's is written."""

    def __init__(self, place: Place) -> None:
        self.root = place.root
        self.git_dir = place.git_dir
        self.common_dir = place.common_dir
        self._index = place.index_file
        self._git = Git(place.git_dir, place.root)
        self._private: PrivateStore | None = None

    def index_tree(self) -> str:
        """Return a tree id for what would be committed; its objects are in a private place."""
        return self._write_tree(self._store().copy_of(self._index, "index"))

    def worktree_tree(self) -> str:
        """Return a tree id for the tracked files as they stand in the work tree."""
        store = self._store()
        copy = store.copy_of(self._index, "worktree-index")
        self._git.read("add", "--update", "--", ".", variables={"GIT_INDEX_FILE": copy, **store.writing})
        return self._write_tree(copy)

    def content_tree(self) -> str:
        """Return a tree id for every file as it stands: ignored ones, environments and our own directory aside.

        A submodule that differs from its commit stands in it by the id of its own content.
        """
        store = self._store()
        copy = store.copy_of(self._index, "content-index")
        variables = {"GIT_INDEX_FILE": copy, **store.writing}
        known = self._look_at_all(variables)
        environments = without_environments(self.root, map(os.fsdecode, known))
        aside = (":(top,exclude,glob)**/.phasegate/**", *environments)
        self._git.read("add", "--all", "--", ".", *aside, variables=variables, literal=False)
        self._take_submodules(variables)
        if any(b"/.phasegate/" in b"/" + path for path in known):
            ours = ("--", ":(top,glob)**/.phasegate/**")
            self._git.read("rm", "-r", "-q", "--cached", "--ignore-unmatch", *ours, variables=variables, literal=False)
        return self._write_tree(copy)

    def stored(self, content: bytes) -> str:
        """Return the id under which this object can read a content; it comes to a private place."""
        writing = self._store().writing
        found = self._git.read("hash-object", "-w", "--stdin", "--no-filters", stdin=content, variables=writing)
        return found.decode("ascii").strip()

    def _look_at_all(self, variables: Mapping[str, str]) -> list[bytes]:
        """Forget in a private index which files git was told not to look at, but for those that a checkout left out.

        Returns:
            The paths of the index.
        """
        listed = self._git.read("ls-files", "-v", "-z", variables=variables).split(b"\0")
        unchanged = [entry[2:] for entry in listed if entry[:1].islower()]
        skipped = [entry[2:] for entry in listed if entry[:1] in b"Ss" and entry]
        there = [path for path in skipped if os.path.lexists(os.path.join(os.fsencode(self.root), path))]
        for flag, paths in (("--no-assume-unchanged", unchanged), ("--no-skip-worktree", there)):
            if paths:
                self._git.read("update-index", flag, "-z", "--stdin", stdin=b"\0".join(paths), variables=variables)
        return [entry[2:] for entry in listed]

    def _take_submodules(self, variables: Mapping[str, str]) -> None:
        """Let submodules with changes stand in a private index by their contents: after ``add``, they alone differ."""
        differing = plumbing.raw_changes(self._git.read("diff-files", *FILES, "--", variables=variables))
        outer = command.without_local(os.environ)
        for path in (change.path for change in differing if change.after and change.after.mode == _SUBMODULE):
            place = discover(os.path.join(self.root, path), outer, self.root)
            entry = f"{_SUBMODULE},{type(self)(place).content_tree()},{path}"
            self._git.read("update-index", "--cacheinfo", entry, variables=variables)

    def _write_tree(self, index: str) -> str:
        tree = self._git.read("write-tree", variables={"GIT_INDEX_FILE": index, **self._store().writing})
        return tree.decode("ascii").strip()

    def _store(self) -> PrivateStore:
        """Return the private place, made on first use; from then on every child reads its objects too."""
        if self._private is None:
            from pytest_phasegate.adapters.git.trees import PrivateStore

            self._private = PrivateStore(os.path.join(self.common_dir, "objects"))
            found = tuple(self._private.writing.items()) if self._is_sparse() else self._private.reading
            self._git = Git(self.git_dir, self.root, found)
        return self._private

    def _is_sparse(self) -> bool:
        """Whether the index may name directories: git, which then writes trees as it reads it, must do so apart."""
        return os.path.exists(os.path.join(self.git_dir, "info", "sparse-checkout"))
