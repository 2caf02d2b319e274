"""The ``Repository`` port on real git: plumbing only, every child cleaned, nothing of the user's written."""

from __future__ import annotations

import os
import os.path
from collections.abc import Iterable, Mapping, Sequence

from pytest_phasegate.adapters.git import plumbing
from pytest_phasegate.adapters.git.command import Answer, failure, shallow
from pytest_phasegate.adapters.git.discovery import Place, discover, is_object_id
from pytest_phasegate.adapters.git.trees import FILES, Contents, materialize, stage
from pytest_phasegate.app.ports.repository import INDEX, FileChange, TreeEntry
from pytest_phasegate.core.commit.conventional import Commit

_LINES = ("-p", "-U0", "--text", "--no-ext-diff", "--no-textconv", "--indent-heuristic")
_EMPTY_TREES = {
    "sha1": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "sha256": "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
"""Git knows these ids without holding the objects."""
_MANY = 500  # paths that safely fit on one command line; for more, git is asked about all and the answer is sifted


class GitRepository(Contents):
    """One repository with a work tree, read-only: see ``app.ports.Repository`` for what each method promises."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.opened_at = place.head
        self.object_format = place.object_format
        self._empty_tree = _EMPTY_TREES[place.object_format]
        self._named.update({place.head: place.head} if place.head else {})
        self._listed: tuple[str, Mapping[str, TreeEntry]] = ("", {})
        """The files of the tree that was last asked for."""
        self._default: tuple[str, str] | None = None

    def head(self) -> str | None:
        """Return the commit id of HEAD, or ``None`` before the first commit."""
        return self.resolve("HEAD")

    def file_at(self, revision: str, path: str) -> str | None:
        """Return the id of a file's content in a revision, or ``None`` where it has no such file; lists no tree."""
        lasting = is_object_id(revision)
        if lasting and revision == self._listed[0]:
            entry = self._listed[1].get(path)
            return entry.oid if entry else None
        return self._verified(f"{revision}:{path}", lasting=lasting)

    def content_at(self, revision: str | None, path: str) -> bytes | None:
        """Return a file's content in a revision, or ``None`` where it has no such file, or there is no revision."""
        oid = self.file_at(revision, path) if revision else None
        return self.blobs([oid])[oid] if oid else None

    def is_shallow(self) -> bool:
        """Return whether history is cut."""
        return bool(self._cut())

    def default_branch(self) -> str | None:
        """Return the full name of the default branch: the remote's word first, then the usual names."""
        candidates = [f"refs/{where}/{name}" for name in ("main", "master") for where in ("heads", "remotes/origin")]
        order = ["refs/remotes/origin/HEAD", *candidates]
        if self._default is None:
            listing = os.fsdecode(self._git.read("for-each-ref", "--format=%(refname) %(objectname) %(symref)", *order))
            present = {
                name: (leads_to or name, oid)
                for name, oid, leads_to in (line.split(" ") for line in listing.splitlines())
            }
            self._default = next((present[name] for name in order if name in present), ("", ""))
            self._named.update([self._default] if self._default[0] else [])
        return self._default[0] or None

    def branch(self) -> str | None:
        """Return the name of the branch HEAD is on, if it is on one."""
        with open(os.path.join(self.git_dir, "HEAD"), encoding="utf-8", errors="surrogateescape") as file:
            head = file.read().strip()
        return head.removeprefix("ref: refs/heads/") if head.startswith("ref: refs/heads/") else None

    def origin(self) -> str:
        """Return the address of the remote ``origin``, as it is configured; nothing without one."""
        return os.fsdecode(self._git.ask("config", "--get", "remote.origin.url").out).strip()

    def comment_sign(self) -> str:
        """Return what begins a comment in a commit message: the last of the two settings that git has for it."""
        answer = self._git.ask("config", "--null", "--get-regexp", "^core\\.comment(char|string)$", literal=False)
        settings = [setting.partition("\n")[2] for setting in os.fsdecode(answer.out).split("\0") if setting]
        return settings[-1] if settings and settings[-1] else "#"

    def merge_base(self, one: str, other: str) -> str | None:
        """Return the best common ancestor, or ``None``; in a shallow clone without one, raise."""
        first, second = self._known(one), self._known(other)
        if first == second:
            return first
        answer = self._git.ask("merge-base", "--end-of-options", first, second)
        if answer.exit_code == 0:
            return answer.out.decode("ascii").strip()
        if answer.exit_code > 1 or answer.err:
            raise failure("merge-base", answer.exit_code, answer.err)
        if self.is_shallow():
            raise shallow(f"{one} and {other} have no common ancestor in it")
        return None

    def commit(self, revision: str) -> Commit:
        """Return one commit."""
        return self._commits([self._known(revision)])[0]

    def commits(self, revision_range: str, *, first_parent: bool = False) -> tuple[Commit, ...]:
        """Return the commits of a range, oldest first, parents before children."""
        ends = revision_range.replace("...", "..").split("..")
        for end in ends:
            self._known(end or "HEAD")
        if len(ends) > 1 and ends[0] == ends[1]:
            return ()
        only = ("--first-parent",) if first_parent else ()
        words = ("rev-list", "--topo-order", "--reverse", *only, "--end-of-options", revision_range, "--")
        answer = self._asked_once(*words) if all(map(is_object_id, ends)) else self._git.ask(*words)
        found = self._commits(answer.checked("rev-list").decode("ascii").split())
        if cut := self._cut().intersection(commit.sha for commit in found):
            raise shallow(f"{revision_range} reaches the end of it at {min(cut)[:12]}")
        return found

    def touching(self, *paths: str) -> tuple[str, ...]:
        """Return the ids of the commits up to ``opened_at`` that changed one of some paths, newest first."""
        if self.opened_at is None or not paths:
            return ()
        answer = self._asked_once("rev-list", "--topo-order", "--end-of-options", self.opened_at, "--", *paths)
        found = tuple(answer.checked("rev-list").decode("ascii").split())
        self._named.update(zip(found, found, strict=True))
        if cut := self._cut().intersection(found):
            raise shallow(f"who brought {paths[0]} lies beyond {min(cut)[:12]}")
        return found

    def names(self, path: str, tree: str = "") -> tuple[str, ...]:
        """Return the names that a file had, the present one first."""
        names: list[str] = []
        former = self._former(self.opened_at or self._empty_tree, tree, path) if tree else None
        former = former or path
        while former and former not in names:
            names.append(former)
            came = self.touching(former)[-1:]
            parents = self.commit(came[0]).parents if came else ()
            former = self._former(parents[0], came[0], former) if parents else None
        return tuple(dict.fromkeys([path, *names]))

    def _former(self, before: str, after: str, path: str) -> str | None:
        """Return what a file is called before, where git takes it for moved."""
        words = ("-M", "--diff-filter=R", "--name-status", "-z", "--end-of-options", before)
        if after == INDEX:
            answer = self._git.ask("diff-index", "--cached", *words, "--", variables={"GIT_INDEX_FILE": self._index})
        else:
            answer = self._git.ask("diff-tree", "-r", *words, self._tree(after), "--")
        fields = os.fsdecode(answer.checked("diff-tree")).split("\0")
        return next((old for old, new in zip(fields[1::3], fields[2::3], strict=False) if new == path), None)

    def unpublished(self, tip: str, remote: str) -> str | None:
        """Return the range of the tip's commits that no branch of a remote has, or ``None`` when it has all."""
        listed = self._git.read("for-each-ref", "--count=1", "--format=%(refname)", f"refs/remotes/{remote}/")
        known = f"--remotes={_glob(remote)}/*" if listed else "--remotes"
        listing = self._git.read("rev-list", "--boundary", self._known(tip), "--not", known).decode("ascii").split()
        edges = [oid[1:] for oid in listing if oid.startswith("-")]
        if len(edges) == len(listing):
            return None
        ranges = [f"{edge}..{tip}" for edge in edges]
        return min(ranges, key=self._length, default=tip)

    def commits_mentioning(self, texts: Sequence[str], tip: str = "HEAD") -> tuple[Commit, ...]:
        """Return the commits up to one whose message holds one of these texts, oldest first."""
        last = self.opened_at if tip == "HEAD" else tip
        if not texts or last is None:
            return ()
        wanted = [f"--grep={text}" for text in texts]
        options = ("--topo-order", "--reverse", "--fixed-strings", "--regexp-ignore-case")
        words = ("rev-list", *options, *wanted, "--end-of-options", last, "--")
        answer = self._asked_once(*words) if is_object_id(last) else self._git.ask(*words)
        return self._commits(answer.checked("rev-list").decode("ascii").split())

    def without(self, tree: str, paths: Sequence[str]) -> str:
        """Return the id of a tree without some of its files."""
        store = self._store()
        index = store.copy_of(self._index, "partial-index")
        variables = {"GIT_INDEX_FILE": index, **store.writing}
        self._git.read("read-tree", "--end-of-options", self._tree(tree), variables=variables)
        self._git.read("rm", "-q", "--cached", "--ignore-unmatch", "--", *paths, variables=variables)
        return self._write_tree(index)

    def merged(self, parents: Sequence[str], settled: Mapping[str, TreeEntry]) -> str | None:
        """Return the id of the tree that git makes of commits by itself; ``None`` where it cannot."""
        store = self._store()
        words = ("--write-tree", "--no-messages", "--name-only", "-z", *map(self._known, parents))
        answer = self._git.ask("merge-tree", *words, variables=store.writing)
        if answer.exit_code > 1:
            return None
        tree, *conflicts = os.fsdecode(answer.out).rstrip("\0").split("\0")
        if not conflicts:
            return tree
        variables = {"GIT_INDEX_FILE": store.copy_of("", "merged-index"), **store.writing}
        self._git.read("read-tree", "--end-of-options", tree, variables=variables)
        self._git.read("rm", "-qf", "--cached", "--ignore-unmatch", "--", *conflicts, variables=variables)
        stage(self._git, variables, {path: settled[path] for path in conflicts if path in settled})
        return self._write_tree(variables["GIT_INDEX_FILE"])

    def empty_tree(self) -> str:
        """Return the id of the empty tree in this repository's object format."""
        return self._empty_tree

    def entries(self, tree: str) -> Mapping[str, TreeEntry]:
        """Return every file of a tree by path."""
        if tree == INDEX:
            return self._index_entries()
        name = self._tree(tree)
        if name != self._listed[0] or name == "HEAD":
            listing = self._git.ask("ls-tree", "-r", "-z", "--full-tree", "--end-of-options", name)
            self._listed = (name, plumbing.tree_entries(self._held(listing, "ls-tree", tree)))
        return self._listed[1]

    def changes(self, before: str, after: str) -> tuple[FileChange, ...]:
        """Return the paths that differ between two trees, sorted."""
        if after == INDEX:
            return self._staged(self._tree(before))
        trees = (self._tree(before), self._tree(after))
        words = ("diff-tree", "-r", *FILES, "--end-of-options", *trees, "--")
        answer = self._asked_once(*words) if "HEAD" not in trees else self._git.ask(*words)
        return plumbing.raw_changes(self._held(answer, "diff-tree", before))

    def _held(self, answer: Answer, command: str, tree: str) -> bytes:
        """Return what git said of a tree, which a shallow clone may lack."""
        if answer.exit_code and self._cut():
            raise shallow(f"{tree[:12]} lies beyond the end of it")
        return answer.checked(command)

    def added_lines(self, before: str, after: str, paths: Sequence[str]) -> Mapping[str, frozenset[int]]:
        """Return the line numbers of *after* that ``git diff -U0`` calls added, for each path."""
        if not paths:
            return {}
        few = paths if len(paths) <= _MANY else ()
        trees = (self._tree(before), self._tree(after))
        patch = self._git.read("diff-tree", "-r", *FILES, *_LINES, "--end-of-options", *trees, "--", *few)
        added = plumbing.added_lines(patch)
        return {path: added.get(path, frozenset()) for path in paths}

    def ignored(self, paths: Iterable[str]) -> frozenset[str]:
        """Return those of some paths that git ignores and the index does not hold."""
        words = b"".join(os.fsencode(path) + b"\0" for path in paths)
        if not words:
            return frozenset()
        answer = self._git.ask("check-ignore", "-z", "--stdin", stdin=words, literal=False)
        return frozenset(os.fsdecode(path) for path in answer.checked("check-ignore", 1).split(b"\0") if path)

    def all_ignored(self) -> tuple[str, ...]:
        """Return what lies in the work tree and git ignores; a directory that holds nothing else stands for it all."""
        listed = self._git.read("ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z")
        return tuple(path.rstrip("/") for path in os.fsdecode(listed).split("\0") if path)

    def materialize(self, entries: Mapping[str, TreeEntry], destination: str) -> None:
        """Write these files below an existing directory, with filters applied as a checkout would."""
        materialize(self._git, entries, destination)

    def _length(self, revision_range: str) -> int:
        return int(self._git.read("rev-list", "--count", "--end-of-options", revision_range, "--"))

    def _staged(self, before: str) -> tuple[FileChange, ...]:
        answer = self._compare_index(before)
        if answer.exit_code and before == "HEAD" and self.head() is None:
            answer = self._compare_index(self._empty_tree)
        return plumbing.raw_changes(answer.checked("diff-index"))

    def _compare_index(self, before: str) -> Answer:
        words = ("--cached", "--ita-invisible-in-index", *FILES, "--end-of-options", before, "--")
        if self._is_sparse():
            self._store()
        return self._git.ask("diff-index", *words, variables={"GIT_INDEX_FILE": self._index})

    def _index_entries(self) -> Mapping[str, TreeEntry]:
        """Return what is staged as additions to nothing: the one listing that leaves intent-to-add entries out."""
        return {change.path: change.after for change in self._staged(self._empty_tree) if change.after}

    def _cut(self) -> frozenset[str]:
        """Return the commits whose parents this clone lacks."""
        try:
            with open(os.path.join(self.common_dir, "shallow"), encoding="ascii") as boundary:
                return frozenset(boundary.read().split())
        except FileNotFoundError:
            return frozenset()


def _glob(name: str) -> str:
    """Escape a name for git's wildcard match."""
    return "".join(f"\\{letter}" if letter in "*?[\\" else letter for letter in name)


def open_repository(start: str | os.PathLike[str]) -> GitRepository:
    """Return the repository a directory belongs to, honouring what a calling git put into the environment.

    Raises:
        RepositoryError: There is none, it has no work tree, or git does not trust it.
    """
    return GitRepository(discover(os.fspath(start), os.environ, os.getcwd()))
