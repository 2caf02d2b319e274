"""The texts of tests in the work tree and in history: what was added, and what became of what was accepted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from pytest_phasegate.app.ownership import history
from pytest_phasegate.core.change.reading import TestModule, read_tests
from pytest_phasegate.core.change.weakening import mark_weakenings, weakenings
from pytest_phasegate.core.evidence import TestId
from pytest_phasegate.core.globs import plain
from pytest_phasegate.core.guide import Action
from pytest_phasegate.core.regression import Change, Rewritten, Texts
from pytest_phasegate.core.selection import PhaseRef
from pytest_phasegate.errors import RepositoryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pytest_phasegate.app.ports import Repository
    from pytest_phasegate.core.baseline import BaselineTest
    from pytest_phasegate.core.change.reading import TestFunction
    from pytest_phasegate.core.guide import DeclaredFile, Guide, Phase
    from pytest_phasegate.core.paths import Layout

VERSIONS = 100
"""Commits of a file that are searched for an accepted text."""


class Reader(Protocol):
    """Reads a file of the work tree."""

    def __call__(self, path: str) -> bytes | None:
        """Return the content of a path relative to the project's root, or ``None`` where there is no such file."""
        ...


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
    seen: dict[tuple[str, bytes], Mapping[TestId, TestFunction]] = field(default_factory=dict, compare=False)
    """What was read already, by path and content: a file holds tests of many phases, and is asked for by each."""

    def digests(self, tests: Iterable[TestId]) -> dict[TestId, str]:
        """Return the digest of each test as it stands; empty for what no function in its file defines."""
        wanted = tuple(tests)
        modules = {path: self._now(path) for path in dict.fromkeys(_path(test) for test in wanted)}
        return {test: found.digest if (found := modules[_path(test)].get(test)) else "" for test in wanted}

    def compared(self, baseline: Sequence[BaselineTest], collected: frozenset[TestId]) -> Texts:
        """Return the texts that a comparison with the baseline needs: new names too, where an accepted one is gone."""
        known = {entry.test for entry in baseline}
        wanted = collected if known - collected else known & collected
        digests = self.digests(sorted(wanted))
        changed = [one for one in baseline if one.digest and digests.get(one.test, one.digest) not in {one.digest, ""}]
        return Texts(digests, {entry.test: self._rewritten(entry) for entry in changed})

    def added(self, guides: Iterable[Guide]) -> dict[PhaseRef, frozenset[TestId]]:
        """Return for each phase that modifies test files the functions that came in since its base.

        Without history there are none: then a modified file claims nothing.
        """
        if self.repository is None:
            return {}
        return {
            PhaseRef(guide.path, phase.id): tests
            for guide in guides
            for phase, tests in self._added(guide, self.repository)
        }

    def _added(self, guide: Guide, repository: Repository) -> Iterator[tuple[Phase, frozenset[TestId]]]:
        modifying = [(phase, files) for phase in guide.phases if (files := tuple(self._test_files(phase)))]
        if not modifying:
            return
        try:
            found = history(repository, guide, self._modules(guide), self.prefix)
            if isinstance(found, str):
                return
            for phase, files in modifying:
                span = found.span(phase.id)
                tests = [self._between(repository, file.path, span.base, span.acceptance) for file in files]
                yield phase, frozenset[TestId]().union(*tests)
        except RepositoryError:
            return

    def _modules(self, guide: Guide) -> frozenset[str]:
        """Return the Python files a guide declares, relative to the repository: with these it may have come."""
        return frozenset(
            self.prefix + file.path for phase in guide.phases for file in phase.files if file.path.endswith(".py")
        )

    def _test_files(self, phase: Phase) -> Iterator[DeclaredFile]:
        for file in phase.files:
            if file.action is Action.MODIFY and plain(file.path) and self.layout.is_collected(file.path):
                yield file

    def _between(self, repository: Repository, path: str, base: str, end: str | None) -> frozenset[TestId]:
        shown = path.removeprefix(self.ids)
        before = self._at(repository, base, shown)
        after = self._at(repository, end, shown) if end else self._now(shown)
        return frozenset(after.keys() - before.keys())

    def _rewritten(self, entry: BaselineTest) -> Rewritten:
        path = _path(entry.test)
        now = self._now(path).get(entry.test)
        accepted = self._accepted(entry, path)
        if accepted is None or now is None:
            return Rewritten(Change.UNKNOWN)
        losses = (
            *weakenings(accepted.claims, now.claims),
            *mark_weakenings(accepted.marks, now.marks, now.claims.words),
        )
        told = [loss.detail for loss in losses if not loss.conditional]
        return Rewritten(Change.WEAKER, "; ".join(told)) if told else Rewritten(Change.NOT_WEAKER)

    def _accepted(self, entry: BaselineTest, path: str) -> TestFunction | None:
        """Find the accepted text in the history of its file, by its digest."""
        if self.repository is None:
            return None
        try:
            for sha in self.repository.touching(self.prefix + self.ids + path)[:VERSIONS]:
                found = self._at(self.repository, sha, path).get(entry.test)
                if found is not None and found.digest == entry.digest:
                    return found
        except RepositoryError:
            return None
        return None

    def _at(self, repository: Repository, revision: str, path: str) -> Mapping[TestId, TestFunction]:
        entry = repository.entries(revision).get(self.prefix + self.ids + path)
        return self._tests(path, repository.blobs([entry.oid])[entry.oid]) if entry else {}

    def _now(self, path: str) -> Mapping[TestId, TestFunction]:
        content = self.read(self.ids + path)
        return self._tests(path, content) if content is not None else {}

    def _tests(self, path: str, content: bytes) -> Mapping[TestId, TestFunction]:
        known = self.seen.get((path, content))
        if known is None:
            module = read_tests(path, content, self.layout)
            known = self.seen[path, content] = module.tests if isinstance(module, TestModule) else {}
        return known


def _path(test: TestId) -> str:
    return test.partition("::")[0]
