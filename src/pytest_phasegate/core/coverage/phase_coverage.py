"""The coverage facts of one run, and what they say of a phase."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pytest_phasegate.core.coverage.lines import (
    FileCoverage,
    OwnedFile,
    PhaseCoverage,
    Reached,
    Source,
    file_coverage,
    total,
    united,
)
from pytest_phasegate.core.coverage.measurement import Minimum, Override, first_minimum, overriding
from pytest_phasegate.core.guide.model import CoverageGoal, Phase
from pytest_phasegate.core.project.settings import Credit, Settings
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


class Minima(NamedTuple):
    """What a phase must reach, each figure on its own; ``None`` where nobody asks."""

    line: Minimum | None
    branch: Minimum | None
    function: Minimum | None

    @property
    def asked(self) -> bool:
        """Whether any figure is asked for."""
        return any((self.line, self.branch, self.function))


def minima(phase: Phase, settings: Settings, overrides: tuple[Override, ...] = ()) -> Minima:
    """Return the minima of a phase: the option beats the guide, the guide the stage, the stage the configuration."""
    goal, configured = phase.coverage, settings.coverage
    return Minima(
        line=first_minimum(
            (overriding(overrides, phase.id), "--phasegate-fail-under"),
            (_of_the_stage(goal, settings), "guide"),
            (settings.stage_minimum, f"stage {settings.stage}"),
            (configured.minimum, "configuration"),
        ),
        branch=first_minimum((goal.branch, "guide"), (configured.branch, "configuration")),
        function=first_minimum((goal.function, "guide"), (configured.function, "configuration")),
    )


def _of_the_stage(goal: CoverageGoal, settings: Settings) -> float | None:
    """Return the guide's minimum of lines: of several figures the one for the configured stage, else the highest."""
    stage = (settings.stage or "").lower()
    if not goal.stages or settings.stage_minimum is None:
        return goal.minimum
    named = [percent for name, percent in goal.stages if name and name == stage]
    alike = [percent for _, percent in goal.stages if percent == settings.stage_minimum]
    ordered = [name.lower() for name in settings.stages]
    placed = [goal.stages[ordered.index(stage)][1]] if len(ordered) == len(goal.stages) else []
    return next(iter((*named, *alike, *placed)), goal.minimum)
