"""A run seen phase by phase: which tests a phase answers for, and how they ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from pytest_phasegate.core.evidence.outcomes import CaseRun, Outcome, TestId, TestRun, worst
from pytest_phasegate.core.guide.selection import PhaseRef
from pytest_phasegate.core.mapping.mapping import Declaration, TestMap
from pytest_phasegate.core.project.paths import inside
from pytest_phasegate.core.verdict.gate import Fact, Need
from pytest_phasegate.core.verdict.report import TestCounts

RAN_GREEN = frozenset({Outcome.PASSED, Outcome.XPASSED})
"""The test ran and did what it says; an expected failure did not."""
RED = frozenset({Outcome.FAILED, Outcome.ERROR})


@dataclass(frozen=True)
class PhaseRun(Fact):
    """One run, and the phases of its tests.

    ``new_filters`` are filters of the project's ``addopts`` that the last commit does not have: a commit may say what
    its suite is, work in progress may not choose which of its tests are asked.
    """

    need = Need.RUN
    run: TestRun
    test_map: TestMap
    new_filters: tuple[str, ...] = ()

    @cached_property
    def cases(self) -> Mapping[TestId, tuple[CaseRun, ...]]:
        """The cases that were to run, by their function."""
        grouped: dict[TestId, list[CaseRun]] = defaultdict(list)
        for case in self.run.cases:
            grouped[case.test].append(case)
        return {test: tuple(cases) for test, cases in grouped.items()}

    @cached_property
    def outcomes(self) -> Mapping[TestId, Outcome]:
        """The outcome of each function: its worst case's, where one that passed makes up for an expected failure."""
        first: dict[TestId, Outcome] = {}
        mixed: dict[TestId, set[Outcome]] = {}
        for case in self.run.cases:
            before = first.setdefault(case.test, case.outcome)
            if before is not case.outcome:
                mixed.setdefault(case.test, {before}).add(case.outcome)
        return {**first, **{test: _outcome(frozenset(outcomes)) for test, outcomes in mixed.items()}}

    @cached_property
    def flaky(self) -> frozenset[TestId]:
        """The functions of which some case ended differently when it was tried again."""
        return frozenset(case.test for case in self.run.cases if case.flaky)

    @cached_property
    def _of_phase(self) -> dict[PhaseRef, tuple[TestId, ...]]:
        """What was found out already: each phase is asked for by every gate."""
        return {}

    def tests(self, phase: PhaseRef) -> tuple[TestId, ...]:
        """Return the functions of a phase that were to run, sorted."""
        known = self._of_phase.get(phase)
        if known is None:
            known = self._of_phase[phase] = tuple(sorted(self.test_map.tests(phase) & self.outcomes.keys()))
        return known

    def left_out(self, phase: PhaseRef) -> tuple[TestId, ...]:
        """Return the functions of a phase that new filters left out, sorted."""
        return tuple(sorted(self.test_map.tests(phase) & self.run.filtered)) if self.new_filters else ()

    def missing(self, phase: PhaseRef) -> tuple[Declaration, ...]:
        """Return what a phase declares and no test that was to run answers to."""
        return tuple(
            declaration
            for declaration in self.test_map.declared(phase)
            if not any(test in self.outcomes for test in declaration.found)
        )

    def uncollected(self, phase: PhaseRef, declared: Container[str] = ()) -> Mapping[str, str]:
        """Return why files were not collected that may hold tests of a phase: what their tests would do is not known.

        Args:
            phase: The phase.
            declared: The files it declares.
        """
        wanted = [one.test.file for one in self.missing(phase) if not one.found]

        def concerns(path: str) -> bool:
            return path in declared or any(file is None or path == "." or inside(file, path) for file in wanted)

        return {path: why for path, why in self.run.uncollected.items() if concerns(path)}

    def counts(self, phase: PhaseRef) -> TestCounts:
        """Count the functions of a phase by their outcome."""
        ended = [self.outcomes[test] for test in self.tests(phase)]
        return TestCounts(
            declared=len(self.test_map.declared(phase)),
            collected=len(ended),
            passed=_count(ended, RAN_GREEN),
            failed=_count(ended, RED),
            skipped=_count(ended, {Outcome.SKIPPED, Outcome.XFAILED}),
            missing=tuple(declaration.wanted for declaration in self.missing(phase)),
        )


def _outcome(outcomes: frozenset[Outcome]) -> Outcome:
    if outcomes & RED or not outcomes & RAN_GREEN:
        return worst(outcomes)
    unfinished = outcomes & {Outcome.MISSING, Outcome.SKIPPED}
    return worst(unfinished) if unfinished else worst(outcomes & RAN_GREEN)


def _count(ended: Iterable[Outcome], wanted: Iterable[Outcome]) -> int:
    among = frozenset(wanted)
    return sum(outcome in among for outcome in ended)
