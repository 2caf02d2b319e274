"""The tests that go by another name since the guide named them, or since they were accepted: git shows which.

Asked is the change in which a test went from where it was; its text, or its file or class, goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.app.regression.test_texts import TestTexts
from pytest_phasegate.core.evidence.outcomes import TestId, file_of
from pytest_phasegate.core.guide.model import DeclaredTest, Guide, Phase
from pytest_phasegate.core.guide.selection import PhaseRef
from pytest_phasegate.core.mapping.mapping import ENOUGH, Step, means, successor
from pytest_phasegate.core.project.paths import plain
from pytest_phasegate.core.regression.baseline import BaselineTest
from pytest_phasegate.errors import RepositoryError

Declared = Mapping[tuple[PhaseRef, DeclaredTest], TestId]
Names = Callable[[TestId], bool]

VERSIONS = 50  # commits of a file that are searched for the test that went


def renamed_declarations(
    texts: TestTexts,
    guides: Iterable[Guide],
    baseline: Sequence[BaselineTest],
    selection: Iterable[PhaseRef] | None = None,
) -> Declared:
    """Return what became of the declared tests that are not where the guide says, but were since it was written.

    Without git, and where its history is cut, nothing is known to be renamed.

    Args:
        texts: The tests of the project, by their text.
        guides: The guides.
        baseline: The accepted tests.
        selection: The phases that are asked for; all of them without.
    """
    look = _Look(texts, baseline)
    wanted = None if selection is None else frozenset(selection)
    found: dict[tuple[PhaseRef, DeclaredTest], TestId] = {}
    for guide in guides:
        for phase in guide.phases:
            ref = PhaseRef(guide.path, phase.id)
            for test in phase.declared_tests if wanted is None or ref in wanted else ():
                became = look.declared(guide, phase, test)
                if became is not None:
                    found[ref, test] = became
    return found


def renamed_acceptances(
    texts: TestTexts, guides: Sequence[Guide], lost: Iterable[BaselineTest]
) -> Mapping[TestId, TestId]:
    """Return what became of accepted tests that are no longer where they were; what another phase declares is its own.

    Else one test would answer for two phases.
    """
    entries = tuple(lost)
    look = _Look(texts, entries)
    found = {entry: became for entry in entries if (became := look.accepted(entry)) is not None}
    return {one.test: became for one, became in found.items() if not _is_declared_by_another(became, one.phase, guides)}


def _is_declared_by_another(test: TestId, phase_key: str, guides: Iterable[Guide]) -> bool:
    phases = ((phase, {phase.id, f"{guide.slug}:{phase.id}"}) for guide in guides for phase in guide.phases)
    others = (phase for phase, keys in phases if phase_key not in keys)
    return any(means(declared, test) for phase in others for declared in phase.declared_tests)


def renamed_lines(
    texts: TestTexts, guides: Sequence[Guide], entries: Iterable[BaselineTest]
) -> tuple[tuple[BaselineTest, BaselineTest], ...]:
    """Return the lines of a baseline whose tests go by another name, each with the line that takes its place."""
    lines = {entry.test: entry for entry in entries}
    names = renamed_acceptances(texts, guides, lines.values())
    digests = texts.digests(names.values())
    return tuple((lines[old], lines[old]._replace(test=new, digest=digests[new])) for old, new in names.items())


@dataclass(frozen=True)
class _Look:
    """What is read on the way; what happened to the tests since a commit is asked for once."""

    texts: TestTexts
    baseline: Sequence[BaselineTest]
    steps: dict[tuple[str, str], Step] = field(default_factory=dict)

    def declared(self, guide: Guide, phase: Phase, test: DeclaredTest) -> TestId | None:
        def names(one: TestId) -> bool:
            *classes, name = one.split("::")[1:]
            inside = f"::{'::'.join(classes)}".endswith(f"::{test.class_name}")
            return name == test.name and (not test.class_name or inside)

        paths = tuple(dict.fromkeys(self._places(phase, test)))
        if not paths or any(names(one) for path in paths for one in self.texts.now(path)):
            return None
        return self._first(self._became(path, names, guide) for path in paths)

    def accepted(self, entry: BaselineTest) -> TestId | None:
        path = file_of(entry.test)
        if entry.test in self.texts.now(path):
            return None
        return self._first([self._became(path, lambda one: one == entry.test, None)])

    def _places(self, phase: Phase, test: DeclaredTest) -> Iterator[str]:
        """Yield the files a declared test may have stood in, as node ids name them."""
        files = [test.file] if test.file else [file.path for file in phase.files]
        shown = (path.removeprefix(self.texts.ids) for path in files if plain(path))
        yield from (path for path in shown if self.texts.layout.is_collected(self.texts.ids + path))

    def _first(self, found: Iterable[TestId | None]) -> TestId | None:
        return next((one for one in found if one is not None), None)

    def _became(self, path: str, names: Names, guide: Guide | None) -> TestId | None:
        repository = self.texts.repository
        if repository is None:
            return None
        try:
            went = self._went(repository, path, names, None if guide is None else self._since(repository, guide))
            if went is None:
                return None
            old, before = went
            step = self._step(repository, path, before)
            return successor(old, step.stood.get(old, ""), step) or self._by_acceptance(old, step)
        except RepositoryError:
            return None

    def _by_acceptance(self, old: TestId, step: Step) -> TestId | None:
        digest = next((entry.digest for entry in self.baseline if entry.test == old), "")
        return successor(old, digest, step) if digest else None

    def _went(
        self, repository: Repository, path: str, names: Names, since: frozenset[str] | None
    ) -> tuple[TestId, str] | None:
        """Return a test as it was last there, and the commit before the one that took it away, if that is a late one.

        What is not committed took it away late; of no test older versions are read than it could have gone since.
        """
        head = repository.opened_at
        if head is None:
            return None
        later = ""
        for sha in repository.touching(self.texts.prefix + self.texts.ids + path)[:VERSIONS]:
            old = next((one for one in self.texts.then(sha, path) if names(one)), None)
            if old is not None:
                return old, (*repository.commit(later).parents, sha)[0] if later else head
            if since is not None and sha not in since:
                return None
            later = sha
        return None

    def _since(self, repository: Repository, guide: Guide) -> frozenset[str]:
        """Return the commits after the one that brought a guide."""
        brought = repository.touching(self.texts.prefix + guide.path)
        commits = repository.commits(f"{brought[-1]}..{repository.opened_at}") if brought else ()
        return frozenset(one.sha for one in commits)

    def _step(self, repository: Repository, path: str, before: str) -> Step:
        """Return what happened to the tests between a commit and the work tree as it stands."""
        key = (path, before)
        if key not in self.steps:
            stood, left = self.texts.then(before, path), self.texts.now(path)
            top = self.texts.prefix + self.texts.ids
            changed = [one.path for one in repository.changes(before, repository.content_tree())]
            below = (name.removeprefix(top) for name in changed if name.startswith(top))
            mine = [name for name in below if self.texts.layout.is_collected(self.texts.ids + name)]
            there = self.texts.stood(before, mine)
            fresh: dict[TestId, str] = {}
            alike: set[str] = set()
            gone = b"" if left else self.texts.content_then(before, path)
            for other in mine:
                earlier = there.get(other, {})
                fresh |= {test: digest for test, digest in self.texts.now(other).items() if test not in earlier}
                if gone and not earlier and _alike(gone, self.texts.content_now(other)):
                    alike.add(other)
            self.steps[key] = Step(stood, left.keys() & stood.keys(), fresh, frozenset(alike))
        return self.steps[key]


def _alike(one: bytes, other: bytes) -> bool:
    lines = SequenceMatcher(None, one.splitlines(), other.splitlines(), autojunk=False)
    return lines.real_quick_ratio() >= ENOUGH and lines.quick_ratio() >= ENOUGH and lines.ratio() >= ENOUGH
