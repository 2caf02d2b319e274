"""Lines: what a phase answers for in a file and whose tests reached it; and the coverage facts of a run by phase.

Line numbers count from 1 and are those of the file as it stands now. A *branch* is one way on from a line that has
several, as coverage.py reports it: the line it leaves and the line it goes to (negative: out of the function).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import groupby
from typing import NamedTuple

from pytest_phasegate.core.coverage.measurement import Figure, Override, minima
from pytest_phasegate.core.guide.model import Phase
from pytest_phasegate.core.project.settings import Credit
from pytest_phasegate.core.verdict.gate import Evidence, Fact, Need
from pytest_phasegate.core.verdict.report import CoverageShare, FileShare


@dataclass(frozen=True, slots=True)
class CoverageFacts(Fact):
    """What was measured, by phase, in one run or in several that were combined.

    ``reached`` holds by phase id and path what the phase's own tests reached, ``everything`` by path what any test
    of the run reached. ``owned`` holds by phase id the production files the phase declares, with the lines it
    answers for. ``unreliable`` gives by phase id why its figures cannot be trusted, ``unmeasured`` by path why a
    file has none. ``unknown`` holds by path the lines of which nobody can tell whether they ran: those of its import,
    where that was over before measuring began.
    """

    need = Need.COVERAGE
    selected: tuple[str, ...]
    owned: Mapping[str, tuple[OwnedFile, ...]]
    sources: Mapping[str, Source]
    reached: Mapping[str, Mapping[str, Reached]]
    everything: Mapping[str, Reached]
    branches: bool = False  # whether branches were measured beside lines
    # by phase id, the declared production files that are not there
    absent: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unreliable: Mapping[str, str] = field(default_factory=dict)
    unmeasured: Mapping[str, str] = field(default_factory=dict)
    unknown: Mapping[str, frozenset[int]] = field(default_factory=dict)
    # by phase id and path, the lines that an exclusion takes out which came in during the phase
    excluded: Mapping[str, Mapping[str, frozenset[int]]] = field(default_factory=dict)
    waived: Mapping[str, str] = field(default_factory=dict)  # by path, why somebody took such exclusions on
    overrides: tuple[Override, ...] = ()
    # what ran beside what was measured, and would have to be measured too before a figure is called too low
    beside: str = ""

    def of_phase(self, phase: str, credit: Credit, *, at_best: bool = False) -> PhaseCoverage:
        """Hold what the credited tests reached against the lines a phase answers for.

        Args:
            phase: The phase's id.
            credit: Whose tests count.
            at_best: Whether what is not known counts as reached.
        """
        owned = self.owned.get(phase, ())
        credited = (self._credited(phase, file.path, credit) | self._guess(file.path, at_best) for file in owned)
        pairs = zip(owned, credited, strict=True)
        files = tuple(file_coverage(self.sources[file.path], file, part) for file, part in pairs)
        everything = (file_coverage(self.sources[file.path], file, self._by_all(file.path)) for file in owned)
        return PhaseCoverage(files, total(file.figures for file in everything))

    def _credited(self, phase: str, path: str, credit: Credit) -> Reached:
        """Return what counts for a file: the tests of every selected phase that declares it, or all tests."""
        if credit is Credit.ALL:
            return self._by_all(path)
        declaring = (other for other in self.selected if any(own.path == path for own in self.owned.get(other, ())))
        return united(self.reached.get(other, {}).get(path, Reached()) for other in {phase, *declaring})

    def _guess(self, path: str, at_best: bool) -> Reached:
        lines = self.unknown.get(path, frozenset()) if at_best else frozenset()
        return Reached(lines, frozenset(branch for branch in self.sources[path].branches if branch[0] in lines))

    def _by_all(self, path: str) -> Reached:
        return self.everything.get(path, Reached())


def coverage_share(phase: Phase, evidence: Evidence) -> CoverageShare | None:
    """Return what a report tells of a phase's coverage; ``None`` where there are no figures to be trusted."""
    facts = CoverageFacts.of(evidence)
    if facts is None or not facts.owned.get(phase.id) or facts.unreliable.get(phase.id):
        return None
    if any(file.path in facts.unmeasured for file in facts.owned[phase.id]):
        return None
    found = facts.of_phase(phase.id, evidence.settings.coverage.credit)
    excluded = facts.excluded.get(phase.id, {})
    asked = minima(phase, evidence.settings, facts.overrides)
    mine, everybody = found.figures, found.all_tests
    return CoverageShare(
        minimum=asked.line.percent if asked.line else None,
        minimum_from=asked.line.source if asked.line else "",
        line=mine.line,
        branch=mine.branch if facts.branches else None,
        function=mine.function,
        files=tuple(_file_share(file, excluded.get(file.path, frozenset())) for file in found.files),
        all_line=everybody.line,
        all_branch=everybody.branch if facts.branches else None,
        all_function=everybody.function,
    )


def _file_share(file: FileCoverage, excluded: frozenset[int]) -> FileShare:
    return FileShare(file.path, file.figures.line.shown, file.missing, tuple(sorted(excluded)))


Branch = tuple[int, int]
_NOTHING = Figure(0, 0)


class Function(NamedTuple):
    """A function with the executable lines of its own body, nested functions and its ``def`` line aside."""

    name: str
    line: int
    body: frozenset[int]


class Source(NamedTuple):
    """What of one file can be reached; lines that coverage.py excludes are in ``excluded`` and in no other set."""

    path: str
    statements: frozenset[int]
    branches: frozenset[Branch] = frozenset()
    functions: tuple[Function, ...] = ()
    excluded: frozenset[int] = frozenset()
    script: frozenset[int] = frozenset()
    """What runs only where the file is started as a script, and does no more than call."""


class Reached(NamedTuple):
    """What of one file ran, in the terms of its ``Source``."""

    lines: frozenset[int] = frozenset()
    branches: frozenset[Branch] = frozenset()

    def __or__(self, other: Reached) -> Reached:
        return Reached(self.lines | other.lines, self.branches | other.branches)


def united(parts: Iterable[Reached]) -> Reached:
    """Return what any of the parts reached."""
    return reduce(Reached.__or__, parts, Reached())


UNTOLD = "git cannot tell"
"""Begins the reason of a file that counts whole since part of the history is not here."""


class OwnedFile(NamedTuple):
    """The lines of one production file that a phase answers for; ``lines`` is ``None`` for all of them.

    ``reason`` says in a few words how they were found; ``base`` is the commit before the phase, if there is one, and
    ``new`` the lines that came in during the phase, where it answers for the others too.
    """

    path: str
    lines: frozenset[int] | None
    reason: str = ""
    base: str = ""
    new: frozenset[int] = frozenset()

    def owns(self, line: int) -> bool:
        """Whether the phase answers for a line."""
        return self.lines is None or line in self.lines


def owned_lines(since_base: frozenset[int], since_acceptance: frozenset[int]) -> frozenset[int]:
    """Return the lines that came in during a phase.

    Args:
        since_base: The lines of the file as it stands that ``git diff -U0`` from the phase's base calls added.
        since_acceptance: The same from the phase's acceptance. Both diffs end at the tree under test, so both
            number its lines, and nothing has to be carried over from one numbering to another.
    """
    return since_base - since_acceptance


@dataclass(frozen=True, slots=True)
class Figures:
    """The three figures of one phase: each counts owned things only."""

    line: Figure = _NOTHING
    branch: Figure = _NOTHING
    function: Figure = _NOTHING

    def __add__(self, other: Figures) -> Figures:
        return Figures(self.line + other.line, self.branch + other.branch, self.function + other.function)


class FileCoverage(NamedTuple):
    """One file's part in a phase's coverage: figures, and the owned things that nothing credited reached."""

    path: str
    figures: Figures
    missing: tuple[int, ...] = ()
    missing_branches: tuple[Branch, ...] = ()
    missing_functions: tuple[Function, ...] = ()
    # the missing lines as ranges, first and last; a range ends where a reached or a foreign statement stands
    gaps: tuple[tuple[int, int], ...] = ()
    # the missing branches that lead into the block of their condition; the others leave it out
    never_true: frozenset[Branch] = frozenset()


class PhaseCoverage(NamedTuple):
    """What the credited tests reach of the lines a phase answers for; ``all_tests`` counts every test of the run."""

    files: tuple[FileCoverage, ...] = ()
    all_tests: Figures = Figures()

    @property
    def figures(self) -> Figures:
        """The figures over all files."""
        return total(file.figures for file in self.files)


def total(parts: Iterable[Figures]) -> Figures:
    """Return the sum of figures: things are counted, percentages are not averaged."""
    return reduce(Figures.__add__, parts, Figures())


def file_coverage(source: Source, owned: OwnedFile, reached: Reached) -> FileCoverage:
    """Hold what was reached in a file against what a phase owns of it.

    A branch belongs to the phase that owns the line it leaves, a function to the one that owns its ``def`` line.
    A function is reached when a line of its own body ran.
    """
    statements = sorted(line for line in source.statements if owned.owns(line))
    branches = sorted(branch for branch in source.branches if owned.owns(branch[0]))
    functions = [function for function in source.functions if function.body and owned.owns(function.line)]
    missing = tuple(line for line in statements if line not in reached.lines)
    unvisited = tuple(branch for branch in branches if branch not in reached.branches)
    uncalled = tuple(function for function in functions if not function.body & reached.lines)
    figures = Figures(
        line=_figure(statements, missing), branch=_figure(branches, unvisited), function=_figure(functions, uncalled)
    )
    gaps = tuple(_gaps(sorted(source.statements), frozenset(missing)))
    inward = frozenset(branch for branch in unvisited if _leads_inward(branch, source.branches))
    return FileCoverage(source.path, figures, missing, unvisited, uncalled, gaps, inward)


def _leads_inward(branch: Branch, branches: Iterable[Branch]) -> bool:
    """Whether a branch leads to the block below its line: the nearest place further down that the line leads to."""
    below = [target for source, target in branches if source == branch[0] and target > source]
    return bool(below) and branch[1] == min(below)


def _figure(things: Sequence[object], missing: Sequence[object]) -> Figure:
    return Figure(len(things) - len(missing), len(things))


def _gaps(statements: Sequence[int], missing: frozenset[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last line of each unbroken run of missing statements."""
    for lost, run in groupby(statements, missing.__contains__):
        if lost:
            lines = list(run)
            yield lines[0], lines[-1]
