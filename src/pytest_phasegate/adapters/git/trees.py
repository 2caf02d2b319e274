"""Trees of what stands in the index and in the work tree, and trees as files in a scratch directory.

The objects of the first lie in a private place. Files are written as a checkout would, and again only what differs: the
scratch directory is a work tree of its own to the children here, with a private index beside it. That
index is the manifest: it knows each file's id and its times, so git itself finds what a test run changed.
Attributes come from the scratch directory, not from the user's work tree.
"""

from __future__ import annotations

import os
import os.path
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Mapping

from pytest_phasegate.adapters.git import command, plumbing
from pytest_phasegate.adapters.git.command import Git, failure
from pytest_phasegate.adapters.git.discovery import Place, discover, without_environments
from pytest_phasegate.adapters.project.worktree import seen_from
from pytest_phasegate.app.ports.repository import TreeEntry
from pytest_phasegate.core.project.paths import says_how_files_are_written, upwards
from pytest_phasegate.errors import RepositoryError

_AS_STORED = (
    "core.symlinks=true",
    "core.fileMode=true",
    "core.sparseCheckout=false",
    "index.sparse=false",
    "checkout.workers=1",
)


def materialize(git: Git, entries: Mapping[str, TreeEntry], destination: str) -> None:
    """Make the files below ``destination`` exactly these entries.

    Raises:
        RepositoryError: A path that git does not write, an object that is missing, a required filter that
            fails, or a directory that holds files and was not written by us.
    """
    destination = os.path.realpath(destination)
    index = f"{destination}.index"
    holding = {path.rpartition("/")[0] for path in entries}
    directories = {above for directory in holding for above in upwards(directory)} - {""}
    _refuse_impossible(entries, directories)
    _refuse_foreign(git, destination, index)
    differing, gone = _compared(entries, _written(git, index))
    # where what says how others are written differs, the same object is another file
    anew = any(map(says_how_files_are_written, (*differing, *(line.partition("\t")[2] for line in gone))))
    _sweep(destination, {} if anew else entries, set() if anew else directories)
    stage(git, {"GIT_INDEX_FILE": index}, differing, gone)
    _checkout(git, index, destination)


def _refuse_impossible(entries: Mapping[str, TreeEntry], directories: set[str]) -> None:
    """Refuse a file that is also a directory: trees composed of two can hold that, no disk can."""
    both = min(directories & entries.keys(), default="")
    if both:
        raise RepositoryError(
            f"{both!r} is a file and a directory in the composed tree",
            hint="a file became a directory in this change: commit the move on its own",
            code="PG911",
        )


def _refuse_foreign(git: Git, destination: str, index: str) -> None:
    """Refuse to sweep a directory that is not a scratch directory of ours."""
    if os.path.exists(index):
        return
    if os.listdir(destination) or any(seen_from(destination, place) for place in (git.work_tree, git.git_dir)):
        told = f"{destination!r} is not an empty scratch directory"
        raise RepositoryError(told, hint="give an empty directory of its own", code="PG911")


def _written(git: Git, index: str) -> set[str]:
    """Return what an earlier call wrote, as its index lists it."""
    if not os.path.exists(index):
        return set()
    listing = git.read("ls-files", "-s", "-z", variables={"GIT_INDEX_FILE": index})
    return set(os.fsdecode(listing).split("\0")[:-1])


def _compared(entries: Mapping[str, TreeEntry], written: set[str]) -> tuple[dict[str, TreeEntry], list[str]]:
    """Return what is not written as it should be, and the lines of what should not be; line by line, for speed."""
    wanted = {f"{entry.mode} {entry.oid} 0\t{path}": path for path, entry in entries.items()}
    differing = {path: entries[path] for line, path in wanted.items() if line not in written}
    others = written - wanted.keys()
    return differing, [line for line in others if line.partition("\t")[2] not in entries]


def stage(git: Git, variables: Mapping[str, str], differing: Mapping[str, TreeEntry], gone: Iterable[str] = ()) -> None:
    """Write entries into the index that the variables name, and take out the lines of it that go.

    Raises:
        RepositoryError: Git leaves out a path that it does not write.
    """
    removals = [_removal(line) for line in gone]
    additions = [f"{entry.mode} {entry.oid}\t{path}\0" for path, entry in differing.items()]
    listing = os.fsencode("".join(removals + additions))
    if not listing:
        return
    answer = git.ask("update-index", "-z", "--index-info", stdin=listing, variables=variables)
    if answer.exit_code or answer.err:  # git only warns of a path it leaves out
        raise failure("update-index", answer.exit_code, answer.err)


def _removal(line: str) -> str:
    """Return what takes a line of the index out of it; the null id is as long as the ids of the repository."""
    facts, _, path = line.partition("\t")
    _, oid, _ = facts.split(" ")
    return f"0 {'0' * len(oid)}\t{path}\0"


def _checkout(git: Git, index: str, destination: str) -> None:
    settings = [word for setting in _AS_STORED for word in ("-c", setting)]
    git.read(
        *settings, "checkout-index", "--all", "--force", "--index", "--quiet",
        variables={"GIT_INDEX_FILE": index}, work_tree=destination,
    )  # fmt: skip


def _sweep(destination: str, entries: Mapping[str, TreeEntry], directories: set[str]) -> None:
    """Remove every file and directory below ``destination`` that the entries do not name."""
    submodules = {path for path, entry in entries.items() if entry.is_submodule}
    _sweep_directory(destination, "", entries, directories, submodules)


def _sweep_directory(
    top: str, prefix: str, entries: Mapping[str, TreeEntry], directories: set[str], submodules: set[str]
) -> None:
    with os.scandir(os.path.join(top, prefix)) as found:
        for item in found:
            path = prefix + item.name
            if not item.is_dir(follow_symlinks=False):
                if path not in entries or path in submodules:
                    os.unlink(item.path)
            elif path in directories:
                _sweep_directory(top, f"{path}/", entries, directories, submodules)
            elif path not in submodules or os.listdir(item.path):
                shutil.rmtree(item.path)


class PrivateStore:
    """A directory of our own, gone with this object: an object directory, and copies of the index."""

    def __init__(self, real_objects: str) -> None:
        self.directory = tempfile.mkdtemp(prefix="phasegate-git-")
        self.objects = os.path.join(self.directory, "objects")
        self._real_objects = real_objects
        os.mkdir(self.objects)
        weakref.finalize(self, shutil.rmtree, self.directory, ignore_errors=True)

    @property
    def writing(self) -> dict[str, str]:
        """Variables under which new objects come here and the real ones are read."""
        return {"GIT_OBJECT_DIRECTORY": self.objects, "GIT_ALTERNATE_OBJECT_DIRECTORIES": _quoted(self._real_objects)}

    @property
    def reading(self) -> tuple[tuple[str, str], ...]:
        """Variables under which our objects are found beside the real ones."""
        return (("GIT_ALTERNATE_OBJECT_DIRECTORIES", _quoted(self.objects)),)

    def copy_of(self, index: str, name: str) -> str:
        """Return a private copy of an index file, times included; no file gives no file, which git reads as empty.

        The time of an index is part of what it says: an entry as young as its index is compared by content.
        """
        copy = os.path.join(self.directory, name)
        if os.path.exists(copy):
            os.unlink(copy)
        if os.path.exists(index):
            shutil.copy2(index, copy)
        return copy


def _quoted(path: str) -> str:
    """Quote a path for a list that separates by colons, in C's way, as git reads it."""
    if ":" not in path and not path.startswith('"'):
        return path
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'


FILES = ("--raw", "-z", "--no-renames", "--no-abbrev", "--ignore-submodules=none")
"""The options of plumbing that lists which files differ."""
_SUBMODULE = "160000"


class Contents(plumbing.Objects):
    """The index and the work tree of one repository; nothing of the user's is written."""

    def __init__(self, place: Place) -> None:
        super().__init__(Git(place.git_dir, place.root))
        self.root = place.root
        self.git_dir = place.git_dir
        self.common_dir = place.common_dir
        self._index = place.index_file
        self._private: PrivateStore | None = None

    def index_tree(self) -> str:
        """Return a tree id for what would be committed; its objects are in a private place."""
        return self._write_tree(self._store().copy_of(self._index, "index"))

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
        changed = [change.path for change in differing if change.after and change.after.mode == _SUBMODULE]
        outer = command.without_local(os.environ) if changed else {}
        for path in changed:
            place = discover(os.path.join(self.root, path), outer, self.root)
            entry = f"{_SUBMODULE},{type(self)(place).content_tree()},{path}"
            self._git.read("update-index", "--cacheinfo", entry, variables=variables)

    def _write_tree(self, index: str) -> str:
        tree = self._git.read("write-tree", variables={"GIT_INDEX_FILE": index, **self._store().writing})
        return tree.decode("ascii").strip()

    def _store(self) -> PrivateStore:
        """Return the private place, made on first use; from then on every child reads its objects too."""
        if self._private is None:
            self._private = PrivateStore(os.path.join(self.common_dir, "objects"))
            found = tuple(self._private.writing.items()) if self._is_sparse() else self._private.reading
            self._git = Git(self.git_dir, self.root, found)
        return self._private

    def _is_sparse(self) -> bool:
        """Whether the index may name directories: git, which then writes trees as it reads it, must do so apart."""
        return os.path.exists(os.path.join(self.git_dir, "info", "sparse-checkout"))
