"""What git holds by name and id, and what its plumbing prints with ``-z``; paths by ``os.fsdecode``."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pytest_phasegate.adapters.git.command import Answer, Git, damaged, failure, unknown_revision, unmerged
from pytest_phasegate.adapters.git.discovery import is_object_id
from pytest_phasegate.app.ports.repository import FileChange, TreeEntry
from pytest_phasegate.core.commit.conventional import Commit, trailers

_HUNK = rb"@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@"
_ABSENT = "000000"


def tree_entries(listing: bytes) -> dict[str, TreeEntry]:
    """Read ``ls-tree -r -z``: every file by its path."""
    entries = {}
    for record in os.fsdecode(listing).split("\0")[:-1]:
        meta, _, path = record.partition("\t")
        mode, _, oid = meta.split(" ")
        entries[path] = TreeEntry(mode, oid)
    return entries


def raw_changes(raw: bytes) -> tuple[FileChange, ...]:
    """Read ``diff-tree`` or ``diff-index`` with ``--raw -z --no-renames``, sorted by path.

    Raises:
        RepositoryError: An entry is unmerged.
    """
    fields = iter(os.fsdecode(raw).split("\0")[:-1])
    return tuple(sorted(map(_change, fields, fields), key=lambda change: change.path))


def _change(meta: str, path: str) -> FileChange:
    mode_before, mode_after, before, after, status = meta[1:].split(" ")
    if status == "U":
        raise unmerged(path)
    return FileChange(path, _entry(mode_before, before), _entry(mode_after, after))


def _entry(mode: str, oid: str) -> TreeEntry | None:
    return None if mode == _ABSENT else TreeEntry(mode, oid)


def batch(output: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Read ``cat-file --batch``: id, type and content of each object.

    Raises:
        RepositoryError: An object is missing.
    """
    at = 0
    while at < len(output):
        end = output.index(b"\n", at)
        words = output[at:end].decode("ascii", "replace").split(" ")
        if len(words) != 3:  # noqa: PLR2004 - "<id> missing" has two words, "<id> <type> <size>" three
            raise damaged(" ".join(words))
        start, size = end + 1, int(words[2])
        yield words[0], words[1], output[start : start + size]
        at = start + size + 1


def commit(oid: str, content: bytes) -> Commit:
    """Read a commit object as git stores it: no grafts, no replacements, no mail map."""
    header, _, body = content.partition(b"\n\n")
    fields = [line.partition(b" ") for line in header.split(b"\n")]
    named: Mapping[bytes, bytes] = {key: value for key, _, value in reversed(fields)}
    message = _decoded(body, named.get(b"encoding", b"utf-8").decode("ascii", "replace"))
    return Commit(
        sha=oid,
        tree=named[b"tree"].decode("ascii"),
        parents=tuple(value.decode("ascii") for key, _, value in fields if key == b"parent"),
        subject=subject(message),
        message=message,
        trailers=trailers(message),
        made=_seconds(named.get(b"committer", b"")),
    )


def _seconds(signature: bytes) -> int:
    """Return when a commit was made: a signature ends in seconds and a zone; 0 of one that does not."""
    words = signature.rsplit(b" ", 2)
    return int(words[1]) if len(words) == 3 and words[1].isdigit() else 0  # noqa: PLR2004 - name, seconds, zone


def subject(message: str) -> str:
    """Return the first paragraph on one line, as git does."""
    paragraph = message.lstrip("\n").partition("\n\n")[0]
    return " ".join(line.strip() for line in paragraph.splitlines()).strip()


def _decoded(body: bytes, encoding: str) -> str:
    try:
        return body.decode(encoding)
    except (LookupError, UnicodeDecodeError):
        return body.decode("utf-8", "surrogateescape")


def added_lines(output: bytes) -> dict[str, frozenset[int]]:
    """Read ``diff-tree -p --raw -z -U0``: the raw records name the paths, the patches follow in their order.

    The headers inside a patch are not used for names: they are quoted, and a name may hold anything.

    Raises:
        RepositoryError: Records and patches do not agree.
    """
    raw, patches = _split(output)
    changes = [os.fsdecode(path) for path in raw[1::2]]
    sections = _sections(patches)
    if len(changes) != len(sections):
        raise damaged(f"{len(changes)} changed paths and {len(sections)} patches")
    return dict(zip(changes, sections, strict=True))


def _split(output: bytes) -> tuple[list[bytes], bytes]:
    """Part the raw records from the patches: an empty record stands between them."""
    fields: list[bytes] = []
    at = 0
    while at < len(output) and output[at : at + 1] == b":":
        middle = output.index(b"\0", at)
        end = output.index(b"\0", middle + 1)
        fields += [output[at:middle], output[middle + 1 : end]]
        at = end + 1
    return fields, output[at:].removeprefix(b"\0")


def _sections(patches: bytes) -> list[frozenset[int]]:
    """Return the added lines of each patch: with no context, a line of a file starts with + - or a backslash."""
    hunk_of = re.compile(_HUNK).match
    sections: list[set[int]] = []
    for line in patches.split(b"\n"):
        if line.startswith(b"diff --git "):
            sections.append(set())
        elif hunk := hunk_of(line):
            first, count = int(hunk[1]), int(hunk[2] or b"1")
            sections[-1].update(range(first, first + count))
    return [frozenset(lines) for lines in sections]


class Objects:
    """What git holds, asked for by name or by id; what an id stands for is not asked again."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._named: dict[str, str] = {}
        """Commits by which git answered, each by its id, and the default branch by its name as it stood then."""
        self._answers: dict[tuple[str, ...], Answer] = {}
        self._read: dict[str, Commit] = {}

    def resolve(self, revision: str) -> str | None:
        """Return the full id of a commit, or ``None`` when there is none by that name."""
        if revision in self._named:
            return self._named[revision]
        found = self._verified(f"{revision}^{{commit}}")
        self._named.update({found: found} if found else {})
        return found

    def blobs(self, oids: Iterable[str]) -> Mapping[str, bytes]:
        """Return the contents of many blobs in one call."""
        wanted = sorted(set(oids))
        if not wanted:
            return {}
        return {oid: content for oid, _, content in self._objects(wanted)}

    def absent(self, oids: Iterable[str]) -> frozenset[str]:
        """Return those of some ids of which this repository has no object."""
        asked = "".join(f"{oid}\n" for oid in sorted(set(oids))).encode("ascii")
        told = self._git.read("cat-file", "--batch-check", "--buffer", stdin=asked).decode("ascii").splitlines()
        return frozenset(oid for oid, _, said in (line.partition(" ") for line in told) if said == "missing")

    def _verified(self, name: str, *, lasting: bool = False) -> str | None:
        words = ("rev-parse", "--verify", "--quiet", "--end-of-options", name)
        answer = self._asked_once(*words) if lasting else self._git.ask(*words)
        if answer.exit_code == 0:
            return answer.out.decode("ascii").strip()
        if answer.exit_code > 1 and answer.err:
            raise failure("rev-parse", answer.exit_code, answer.err)
        return None

    def _known(self, revision: str) -> str:
        found = self.resolve(revision)
        if found is None:
            raise unknown_revision(revision)
        return found

    def _tree(self, name: str) -> str:
        """Return HEAD and object ids as they are and resolve any other name, so that no name can be an option."""
        if name == "HEAD" or is_object_id(name):
            return name
        found = self._verified(f"{name}^{{tree}}")
        if found is None:
            raise unknown_revision(name)
        return found

    def _asked_once(self, *words: str) -> Answer:
        """Ask about objects by their ids, which stand for the same for ever: what git answered is not asked again."""
        known = self._answers.get(words) or self._git.ask(*words)
        if known.exit_code in {0, 1}:
            self._answers[words] = known
        return known

    def _commits(self, oids: Sequence[str]) -> tuple[Commit, ...]:
        new = [oid for oid in oids if oid not in self._read]
        self._read.update((oid, commit(oid, content)) for oid, _, content in self._objects(new))
        return tuple(self._read[oid] for oid in oids)

    def _objects(self, oids: Sequence[str]) -> list[tuple[str, str, bytes]]:
        if not oids:
            return []
        asked = "".join(f"{oid}\n" for oid in oids).encode("ascii")
        found = list(batch(self._git.read("cat-file", "--batch", "--buffer", stdin=asked)))
        if len(found) != len(oids):
            raise damaged(f"{len(oids)} objects asked for, {len(found)} given")
        return found
