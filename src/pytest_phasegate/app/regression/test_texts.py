"""The texts of tests in the work tree and in history, and what was added."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pytest_phasegate.app.coverage.ownership import history
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.core.evidence.outcomes import TestId, file_of
from pytest_phasegate.core.evidence.runs import TestVersion, blob_id, digest_key
from pytest_phasegate.core.guide.model import Action, DeclaredFile, Guide, Phase
from pytest_phasegate.core.guide.selection import PhaseRef
from pytest_phasegate.core.mapping.claims import named_by_tests
from pytest_phasegate.core.project.paths import Layout, plain
from pytest_phasegate.core.redgreen.change.digests import test_versions
from pytest_phasegate.errors import RepositoryError

Reader = Callable[[str], bytes | None]  # reads a file by its path from the project's root, if it is there
Recorded = Callable[[Mapping[str, str]], Mapping[str, tuple[TestVersion, ...]]]


@dataclass(frozen=True)
class TestTexts:
    """The tests of a project, by their text.

    ``ids`` is what a node id leaves out of a path relative to the project's root, ``prefix`` what such a path leaves
    out of one relative to the repository's top; both are empty or end in ``/``.
    """

    __test__ = False

    layout: Layout
    read: Reader
    repository: Repository | None = None
    prefix: str = ""
    ids: str = ""
    # where the digests of a file may be found that is as it was; without it every file is read
    recorded: Recorded | None = None
    # the digests of what was read already, by path and content: a file holds tests of many phases
    seen: dict[tuple[str, bytes], Mapping[TestId, str]] = field(default_factory=dict, compare=False)

    def digests(self, tests: Iterable[TestId]) -> dict[TestId, str]:
        """Return the digest of each test as it stands; empty for what no function in its file defines."""
        wanted = tuple(tests)
        read = ((path, self.content_now(path)) for path in dict.fromkeys(map(file_of, wanted)))
        contents = {path: content for path, content in read if content}
        self._recall(contents)
        found = {path: self._digests(path, content) for path, content in contents.items()}
        return {test: found.get(file_of(test), {}).get(test, "") for test in wanted}

    def now(self, path: str) -> Mapping[TestId, str]:
        """Return the tests of a file as it stands, with their digests; of one that is not there, none."""
        content = self.content_now(path)
        self._recall({path: content} if content else {})
        return self._digests(path, content)

    def then(self, revision: str, path: str) -> Mapping[TestId, str]:
        """Return the same of a revision."""
        return self._digests(path, self.content_then(revision, path))

    def stood(self, revision: str, paths: Iterable[str]) -> Mapping[str, Mapping[TestId, str]]:
        """Return the tests of those of many files that a revision has, with their digests; git is asked twice."""
        if self.repository is None:
            return {}
        entries, top = self.repository.entries(revision), self.prefix + self.ids
        oids = {path: entries[top + path].oid for path in paths if top + path in entries}
        contents = self.repository.blobs(oids.values())
        return {path: self._digests(path, contents[oid]) for path, oid in oids.items()}

    def content_then(self, revision: str, path: str) -> bytes:
        """Return a file's content in a revision, nothing where it is not there; no tree is listed for it."""
        there = self.repository.content_at(revision, self.prefix + self.ids + path) if self.repository else None
        return there or b""

    def added(self, guides: Iterable[Guide]) -> dict[PhaseRef, frozenset[TestId]]:
        """Return for each phase of a test file that one modifies, or whose tests name one, what came in since its base.

        Without history there are none: then a modified file claims nothing.
        """
        if self.repository is None:
            return {}
        found = ((guide, self._added(guide, self.repository)) for guide in guides)
        return {PhaseRef(guide.path, phase.id): tests for guide, added in found for phase, tests in added}

    def _added(self, guide: Guide, repository: Repository) -> Iterator[tuple[Phase, frozenset[TestId]]]:
        changed = (file for phase in guide.phases for file in phase.files if file.action is Action.MODIFY)
        named = {file.path for phase in guide.phases for file in named_by_tests(phase)}
        named |= {file.path for file in changed}
        modifying = [(phase, files) for phase in guide.phases if (files := tuple(self._test_files(phase, named)))]
        if not modifying:
            return
        try:
            found = history(repository, guide, self.prefix)
            if isinstance(found, str):
                return
            for phase, files in modifying:
                span = found.span(phase.id)
                paths = [file.path.removeprefix(self.ids) for file in files]
                yield phase, self._between(paths, span.base, span.acceptance)
        except RepositoryError:
            return

    def _test_files(self, phase: Phase, named: Collection[str]) -> Iterator[DeclaredFile]:
        for file in (*phase.files, *named_by_tests(phase)):
            asked = file.action is Action.MODIFY or file.path in named
            if asked and plain(file.path) and self.layout.is_collected(file.path):
                yield file

    def _between(self, paths: Sequence[str], base: str, end: str | None) -> frozenset[TestId]:
        before = self.stood(base, paths)
        after = self.stood(end, paths) if end else {path: self.now(path) for path in paths}
        return frozenset(test for path, tests in after.items() for test in tests.keys() - before.get(path, {}).keys())

    def content_now(self, path: str) -> bytes:
        """Return a file's content as it stands; of one that is not there, nothing."""
        return self.read(self.ids + path) or b""

    def _recall(self, contents: Mapping[str, bytes]) -> None:
        """Take over what is recorded of these files; of one in which no test was found, nothing is held to be known."""
        if self.recorded is None:
            return
        top = self.prefix + self.ids
        fresh = {path: content for path, content in contents.items() if (path, content) not in self.seen}
        named = self.repository.object_format if self.repository else "sha1"
        keys = {top + path: digest_key(blob_id(content, named), self.layout) for path, content in fresh.items()}
        for whole, versions in self.recorded(keys).items():
            path = whole.removeprefix(top)
            if versions:
                self.seen[path, fresh[path]] = {TestId(one.id.removeprefix(top)): one.digest for one in versions}

    def _digests(self, path: str, content: bytes) -> Mapping[TestId, str]:
        known = self.seen.get((path, content))
        if known is None:
            versions = test_versions(path, content, self.layout)
            known = self.seen[path, content] = {one.id: one.digest for one in versions}
        return known
