"""Claims on tests by where they stand: the files phases declare, and the map table."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from posixpath import splitext
from typing import NamedTuple

from pytest_phasegate.core.evidence.outcomes import TestId, file_of
from pytest_phasegate.core.guide.model import Action, DeclaredFile, Phase
from pytest_phasegate.core.guide.selection import PhaseRef
from pytest_phasegate.core.project.paths import is_of_tests, matches, plain

_NAMED = "named by the tests of the phase"  # the note of a file that no phase declares, and that tests of one name


class Claim(NamedTuple):
    """A phase's claim, and the place (``path:line`` or a glob) where it is written."""

    phase: PhaseRef
    place: str


class FileClaims:
    """Which phases claim a test by the file it stands in.

    A created file (or one with no stated action) claims all its tests; a modified one those that came in
    since the phase's base, and these take precedence: of several phases, those that began last have them. As long as
    the phase that creates a file began no earlier, its tests are not those of one that is to modify it.

    A file that only the phase's tests name (``Tests to write (in X)``) claims what came in during the phase too: the
    tests that the guide did not foresee. Of phases that began at the same time the earliest has them.
    """

    def __init__(self, phases: Iterable[tuple[PhaseRef, Phase]], added: Mapping[PhaseRef, frozenset[TestId]]) -> None:
        self._added = added
        self._parts: dict[PhaseRef, Counter[str]] = {}
        self._exact: dict[str, list[tuple[PhaseRef, DeclaredFile]]] = defaultdict(list)
        self._globs: list[tuple[PhaseRef, DeclaredFile]] = []
        self._with_tests: set[PhaseRef] = set()
        self._of_path: dict[str, Sequence[tuple[PhaseRef, DeclaredFile]]] = {}
        for ref, phase in phases:
            for file in (*phase.files, *named_by_tests(phase)):
                self._register(ref, file)

    def of(self, path: str, test: TestId) -> tuple[Claim, ...]:
        """Return the claims on one test, all of equal strength."""
        declared = self._of_path.get(path)
        if declared is None:
            declared = self._of_path[path] = tuple(self._declaring(path))
        if not declared:
            return ()
        came = [(ref, file) for ref, file in declared if test in self._added.get(ref, ())]
        foreseen = [(ref, file) for ref, file in came if not _is_named(file)]
        modified = any(_modifies(file) for _, file in foreseen)
        innermost = self._innermost(foreseen, test) if modified else []
        begun = [(ref, file) for ref, file in innermost if not _modifies(file)]
        # of the phase that the test came in with, where only its tests name the file
        unforeseen = [(ref, file) for ref, file in self._innermost(came, test)[:1] if _is_named(file)]
        created = [(ref, file) for ref, file in declared if not _modifies(file) and not _is_named(file)]
        best = begun or innermost or unforeseen or created
        return tuple(Claim(ref, f"{ref.guide}:{file.line}") for ref, file in best)

    def _innermost(
        self, since: Sequence[tuple[PhaseRef, DeclaredFile]], test: TestId
    ) -> list[tuple[PhaseRef, DeclaredFile]]:
        """Return the claims of the phases that began last: theirs is the smallest part of the file, or the same."""
        file = file_of(test)
        parts = {ref: self._part(ref)[file] for ref, _ in since}
        smallest = min(parts.values(), default=0)
        return [(ref, declared) for ref, declared in since if parts[ref] == smallest]

    def _part(self, phase: PhaseRef) -> Counter[str]:
        """Return by file how many tests came in since a phase's base; counted once, since every test asks for it."""
        if phase not in self._parts:
            self._parts[phase] = Counter(file_of(test) for test in self._added.get(phase, ()))
        return self._parts[phase]

    def declares(self, phase: PhaseRef, path: str) -> bool:
        """Return whether a phase names a file, or the directory or glob it falls under, whatever it does to it."""
        declaring = self._of_path[path] if path in self._of_path else tuple(self._declaring(path))
        return any(ref == phase and not _is_named(file) for ref, file in declaring)

    def has_tests(self, phase: PhaseRef) -> bool:
        """Return whether a phase declares a test file of its own."""
        return phase in self._with_tests

    def _register(self, ref: PhaseRef, file: DeclaredFile) -> None:
        if file.action is Action.DELETE:
            return
        if plain(file.path):
            self._exact[file.path.removeprefix("./")].append((ref, file))
        if not plain(file.path) or not file.path.endswith(".py"):
            self._globs.append((ref, file))
        if not _is_named(file) and (file.action is Action.TEST or _may_hold_tests(file.path)):
            self._with_tests.add(ref)

    def _declaring(self, path: str) -> Iterator[tuple[PhaseRef, DeclaredFile]]:
        exact = self._exact.get(path, ())
        yield from exact
        if all(_is_named(file) for _, file in exact):
            yield from ((ref, file) for ref, file in self._globs if matches(file.path, path))


class TableClaims:
    """Which phase the map table gives a test."""

    def __init__(self, table: Mapping[str, Sequence[PhaseRef]]) -> None:
        self._table = [(glob, ref) for glob, refs in table.items() for ref in refs]
        self.dead = tuple(glob for glob, refs in table.items() if not refs)
        """The entries whose phase no guide defines."""

    def of(self, path: str, test: TestId) -> tuple[Claim, ...]:
        """Return the claims of the table on one test."""
        mine = (one for one in self._table if matches(one[0], test if "::" in one[0] else path))
        return tuple(Claim(ref, f"map {glob!r}") for glob, ref in mine)


def named_by_tests(phase: Phase) -> tuple[DeclaredFile, ...]:
    """Return the files that the tests of a phase name and the phase itself does not declare."""
    own = {file.path.removeprefix("./") for file in phase.files}
    places = {test.file.removeprefix("./"): test.line for test in reversed(phase.declared_tests) if test.file}
    others = ((path, line) for path, line in places.items() if path not in own and plain(path))
    return tuple(DeclaredFile(path, Action.TEST, line, _NAMED) for path, line in others)


def _is_named(file: DeclaredFile) -> bool:
    return file.note == _NAMED


def _modifies(file: DeclaredFile) -> bool:
    return file.action is Action.MODIFY


def _may_hold_tests(path: str) -> bool:
    """Whether a declared path is of tests, and a module, a directory or a glob."""
    return is_of_tests(path) and splitext(path)[1] in {"", ".py"}
