"""What the mapping of tests to phases says: which test belongs where, why, and what is missing or unclear."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum
from functools import cached_property

from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.guide.model import DeclaredTest
from pytest_phasegate.core.guide.selection import PhaseRef
from pytest_phasegate.core.project.sides import PYTHON_FILES, fits


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


@dataclass(frozen=True, slots=True)
class Collected:
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


@dataclass(frozen=True, slots=True)
class Belonging:
    """The phase a test belongs to, and why; ``others`` are phases that declare it too."""

    phase: PhaseRef
    reason: Reason
    others: tuple[PhaseRef, ...] = ()

    @property
    def claimants(self) -> tuple[PhaseRef, ...]:
        """Every phase whose run includes the test."""
        return (self.phase, *self.others)


@dataclass(frozen=True, slots=True)
class Declaration:
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


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """One thing with two readings, and where both stand."""

    what: str
    places: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.what}: {' and '.join(self.places)}"


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


def nearest(name: str, tests: Iterable[str]) -> str | None:
    """Return the test id whose function's name is most like ``name``, or ``None`` when none is like it.

    Cost grows with the number of ids only by a set intersection each: at most ``LIMIT`` are compared closely.
    """
    words = frozenset(name.split("_"))
    by_words = sorted(tests, key=lambda test: (-len(words & set(_function(test).split("_"))), test))
    scored = [(SequenceMatcher(None, name, _function(test)).ratio(), test) for test in by_words[:LIMIT]]
    ratio, best = max(scored, key=lambda pair: pair[0], default=(0.0, ""))
    return best if ratio >= CUTOFF else None


def absence(declaration: Declaration, collected: Iterable[str]) -> tuple[str, str]:
    """Return what tells where a declared test went that was not collected, and what to do; the first may be empty.

    A file of an unusual name, of which no test was collected, is there to no avail.
    """
    tests = frozenset(collected)
    file = declaration.wanted.partition("::")[0] if "::" in declaration.wanted else ""
    place = f" in {file}" if file else ""
    near = nearest(declaration.test.name, tests)
    if near is not None:
        wrong = "place" if _function(near) == declaration.test.name else "name"
        return f"the nearest name is {near}", f"write it{place}, or correct its {wrong} in the guide"
    unusual = bool(file) and not any(fits(file.rpartition("/")[2], pattern) for pattern in PYTHON_FILES)
    if unusual and not any(test.startswith(f"{file}::") for test in tests):
        return "pytest collects no file of that name, unless python_files says so", f"rename {file}, also in the guide"
    return "", f"write it{place}"


def _function(test: str) -> str:
    return test.rpartition("::")[2]
