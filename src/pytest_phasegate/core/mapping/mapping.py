"""What the mapping of tests to phases says: which test belongs where, why, and what is missing or unclear."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from pytest_phasegate.core.evidence.outcomes import TestId, file_of
from pytest_phasegate.core.guide.model import DeclaredTest
from pytest_phasegate.core.guide.selection import PhaseRef
from pytest_phasegate.core.project.paths import ends_with, has_test_name
from pytest_phasegate.core.verdict.verdict import listed


class Reason(StrEnum):
    """Why a test belongs to its phase, strongest first."""

    MARKER = "the phase marker"
    NODE = "declared by node id"
    FILE = "declared by file, class and function"
    CLASS = "declared by class and function"
    FUNCTION = "declared by function"
    RENAMED = "declared under a former name"
    TEST_FILE = "in a file the phase declares"
    TABLE = "the map table"
    DERIVED = "derived from the phase's commits"


class Collected(NamedTuple):
    """One collected test function (or doctest, or custom item).

    ``path`` is relative to the project's root, ``marks`` are the ids of its ``phase`` marks, closest first, and
    ``requirements`` those of its ``requirement`` marks, which only ``trace`` asks for. ``imported`` says that its file
    only imports it: it was written elsewhere, and answers to no declaration here.
    """

    test: TestId
    path: str
    marks: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    imported: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The classes and the function, outermost first."""
        return tuple(self.test.split("::")[1:])


class Belonging(NamedTuple):
    """The phase a test belongs to, and why; ``others`` are phases that declare it too."""

    phase: PhaseRef
    reason: Reason
    others: tuple[PhaseRef, ...] = ()

    @property
    def claimants(self) -> tuple[PhaseRef, ...]:
        """Every phase whose run includes the test."""
        return (self.phase, *self.others)


class Declaration(NamedTuple):
    """One declared test and the collected functions it names; none: it is missing.

    ``ambiguous`` says that the guide leaves open which of them it means, ``renamed`` that history alone shows that this
    is the test the guide names.
    """

    phase: PhaseRef
    test: DeclaredTest
    found: tuple[TestId, ...] = ()
    ambiguous: bool = False
    renamed: bool = False

    @property
    def wanted(self) -> str:
        """The test as the guide names it: ``file::Class::name``, as much of it as there is."""
        return "::".join(part for part in (self.test.file, self.test.class_name, self.test.name) if part)


class Ambiguity(NamedTuple):
    """One thing with two readings, and where both stand."""

    what: str
    places: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.what}: {listed(self.places, 3)}"


@dataclass(frozen=True)
class TestMap:
    """The phases of all collected tests.

    ``strays`` are remarks about marks and table entries that name a phase no guide of this run defines.
    """

    __test__ = False

    belongs: Mapping[Collected, Belonging] = field(default_factory=dict)
    unmapped: tuple[Collected, ...] = ()
    declarations: tuple[Declaration, ...] = ()
    ambiguities: tuple[Ambiguity, ...] = ()
    strays: tuple[str, ...] = ()
    # the tests that phases were found to have brought, as if the guide declared them
    derivations: tuple[Declaration, ...] = ()

    def derived(self, phase: PhaseRef) -> tuple[Declaration, ...]:
        """Return the tests that the commits of one phase brought, or changed."""
        return tuple(one for one in self.derivations if one.phase == phase)

    def declared(self, phase: PhaseRef) -> tuple[Declaration, ...]:
        """Return what one phase declares, in the guide's order."""
        return self._declared.get(phase, ())

    def tests(self, phase: PhaseRef) -> frozenset[TestId]:
        """Return the functions that one phase's run includes."""
        return self._tests.get(phase, frozenset())

    def own_tests(self, phase: PhaseRef) -> frozenset[TestId]:
        """Return the functions that belong to one phase before any other that declares them too."""
        return self._own.get(phase, frozenset())

    @cached_property
    def imported(self) -> frozenset[TestId]:
        """The tests that their file only imports."""
        return frozenset(one.test for one in (*self.belongs, *self.unmapped) if one.imported)

    @cached_property
    def _declared(self) -> Mapping[PhaseRef, tuple[Declaration, ...]]:
        found: dict[PhaseRef, list[Declaration]] = defaultdict(list)
        for declaration in self.declarations:
            found[declaration.phase].append(declaration)
        return {phase: tuple(declarations) for phase, declarations in found.items()}

    @cached_property
    def _tests(self) -> Mapping[PhaseRef, frozenset[TestId]]:
        claimed = ((phase, one.test) for one, belonging in self.belongs.items() for phase in belonging.claimants)
        return _grouped(claimed)

    @cached_property
    def _own(self) -> Mapping[PhaseRef, frozenset[TestId]]:
        return _grouped((belonging.phase, one.test) for one, belonging in self.belongs.items())


def _grouped(pairs: Iterable[tuple[PhaseRef, TestId]]) -> dict[PhaseRef, frozenset[TestId]]:
    found: dict[PhaseRef, set[TestId]] = defaultdict(set)
    for phase, test in pairs:
        found[phase].add(test)
    return {phase: frozenset(tests) for phase, tests in found.items()}


LIMIT = 200  # names that are compared letter by letter; the rest is left out by the words they share
CUTOFF = 0.6


def means(test: DeclaredTest, found: TestId) -> bool:
    """Return whether a test is the declared one, by as much as the guide says of it."""
    path, *names = found.split("::")
    if names[-1:] != [test.name] or (test.file and not ends_with(path, test.file)):
        return False
    return not test.class_name or f"::{'::'.join(names[:-1])}".endswith(f"::{test.class_name}")


def nearest(name: str, tests: Iterable[str]) -> str | None:
    """Return the test id whose function's name is most like ``name``, or ``None`` when none is like it.

    Cost grows with the number of ids only by a set intersection each: at most ``LIMIT`` are compared closely.
    """
    own = name.removeprefix("test_")  # what every name begins with makes none like another
    words = frozenset(name.split("_"))
    by_words = sorted(tests, key=lambda test: (-len(words & set(_function(test).split("_"))), test))
    names = ((_function(test).removeprefix("test_"), test) for test in by_words[:LIMIT])
    scored = [(SequenceMatcher(None, own, name).ratio(), test) for name, test in names]
    ratio, best = max(scored, key=lambda pair: pair[0], default=(0.0, ""))
    return best if ratio >= CUTOFF else None


def absence(declaration: Declaration, collected: Iterable[str], unforeseen: Iterable[TestId] = ()) -> tuple[str, str]:
    """Return what tells where a declared test went that was not collected, and what to do; the first may be empty.

    A file of an unusual name, of which no test was collected, is there to no avail. ``unforeseen`` are the tests of the
    phase that the guide does not name.
    """
    tests = frozenset(collected)
    file = file_of(declaration.wanted) if "::" in declaration.wanted else ""
    place = f" in {file}" if file else ""
    near = nearest(declaration.test.name, tests)
    if near is not None:
        wrong = "place" if _function(near) == declaration.test.name else "name"
        return f"the nearest name is {near}", f"write it{place}, or correct its {wrong} in the guide"
    name = file.rpartition("/")[2]
    unusual = bool(file) and not has_test_name(file)
    if unusual and not any(test.startswith(f"{file}::") for test in tests):
        fix = f'rename {file}, also in the guide; or say python_files = ["test_*.py", "{name}"] in pytest\'s options'
        return "pytest collects no file of that name, unless python_files says so", fix
    others = sorted(test.partition("::")[2] for test in unforeseen if file_of(test) == file)
    if others:
        told = f"{file} has {listed(others, 3)}, which the guide does not name"
        return told, f"write it{place}; or, if it is one of these, say that name in the guide"
    return "", f"write it{place}"


def _function(test: str) -> str:
    return test.rpartition("::")[2]


ENOUGH = 0.5
"""The share of its tests, or of its lines, by which a file or class is known under another name, as git has it."""


class Step(NamedTuple):
    """What a change did to the tests around one that went.

    ``stood`` are the tests of the file before, ``left`` those of them that stand there still, ``fresh`` the tests that
    came, wherever; each with its digest. ``alike`` are the new files that hold most lines of one that is gone.
    """

    stood: Mapping[TestId, str]
    left: AbstractSet[TestId]
    fresh: Mapping[TestId, str]
    alike: AbstractSet[str] = frozenset()


def successor(old: TestId, digest: str, step: Step) -> TestId | None:
    """Return the test that one became, or ``None`` where none can be told from the others.

    The same text under another name is it; so is the same name in a file or class that goes on under another name.
    """
    return _by_text(old, digest, step) or _by_home(old, step)


def _by_text(old: TestId, digest: str, step: Step) -> TestId | None:
    same = [test for test, other in step.fresh.items() if digest and other == digest]
    return _only_best({test: _likeness(old, test) for test in same})


def _by_home(old: TestId, step: Step) -> TestId | None:
    home, _, name = old.rpartition("::")
    if any(_home(test) == home for test in step.left):
        return None
    homes = {_home(test) for test in step.fresh if test.rpartition("::")[2] == name}
    scores = {other: (share, _likeness(home, other)) for other in homes if (share := _share(home, other, step))}
    best = _only_best(scores)
    return next((test for test in step.fresh if test == f"{best}::{name}"), None)


def _share(home: str, other: str, step: Step) -> float:
    """Return how much of a file or class another one holds; nothing where it is not enough."""
    texts = {digest for test, digest in step.stood.items() if _home(test) == home}
    there = {digest for test, digest in step.fresh.items() if _home(test) == other}
    share = len(texts & there) / len(texts) if texts else 0.0
    if file_of(other) in step.alike and home.partition("::")[2] == other.partition("::")[2]:
        share = max(share, ENOUGH)
    return share if share >= ENOUGH else 0.0


def _likeness(one: str, other: str) -> tuple[bool, bool, bool]:
    """Compare two places: the last name weighs most, then the file, then the classes."""
    (path, *names), (other_path, *others) = one.split("::"), other.split("::")
    return names[-1:] == others[-1:], path == other_path, names[:-1] == others[:-1]


def _only_best(scores: Mapping[str, object]) -> TestId | None:
    """Return what scores highest, if nothing else does as well."""
    best = max(scores.values(), default=None)  # type: ignore[type-var]
    winners = [test for test, score in scores.items() if score == best]
    return winners[0] if len(winners) == 1 else None  # type: ignore[return-value]


def _home(test: str) -> str:
    return test.rpartition("::")[0]
