"""A run seen phase by phase: which tests a phase answers for, how they ended, whether that was expected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from pytest_phasegate.core.evidence.observations import Folded
from pytest_phasegate.core.evidence.outcomes import RED, CaseRun, Grade, Outcome, TestId, TestRun, counts_as_red, worst
from pytest_phasegate.core.evidence.runs import Red
from pytest_phasegate.core.guide.model import Phase, Source
from pytest_phasegate.core.guide.selection import PhaseRef
from pytest_phasegate.core.mapping.mapping import Declaration, TestMap
from pytest_phasegate.core.project.paths import inside, is_of_tests
from pytest_phasegate.core.project.settings import RedKind
from pytest_phasegate.core.verdict.gate import Fact, Need
from pytest_phasegate.core.verdict.report import TestCounts

RAN_GREEN = frozenset({Outcome.PASSED, Outcome.XPASSED})
"""The test ran and did what it says; an expected failure did not."""


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
        return {test: _outcome(frozenset(case.outcome for case in cases)) for test, cases in self.cases.items()}

    @cached_property
    def flaky(self) -> frozenset[TestId]:
        """The functions of which some case ended differently when it was tried again."""
        return frozenset(case.test for case in self.run.cases if case.flaky)

    def tests(self, phase: PhaseRef) -> tuple[TestId, ...]:
        """Return the tests of a phase that ran, in order."""
        return tuple(sorted(self.test_map.tests(phase) & self.outcomes.keys()))

    def left_out(self, phase: PhaseRef) -> tuple[TestId, ...]:
        """Return the functions of a phase that new filters left out, sorted."""
        return tuple(sorted(self.test_map.tests(phase) & self.run.filtered)) if self.new_filters else ()

    def missing(self, phase: PhaseRef) -> tuple[Declaration, ...]:
        """Return what a phase declares and no test that was to run answers to."""
        ran = self.outcomes.keys()
        return tuple(one for one in self.test_map.declared(phase) if ran.isdisjoint(one.found))

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
            passed=sum(one in RAN_GREEN for one in ended),
            failed=sum(one in RED for one in ended),
            skipped=sum(one in {Outcome.SKIPPED, Outcome.XFAILED} for one in ended),
            missing=tuple(declaration.wanted for declaration in self.missing(phase)),
        )


def _outcome(outcomes: frozenset[Outcome]) -> Outcome:
    if outcomes & RED or not outcomes & RAN_GREEN:
        return worst(outcomes)
    unfinished = outcomes & {Outcome.MISSING, Outcome.SKIPPED}
    return worst(unfinished) if unfinished else worst(outcomes & RAN_GREEN)


class Colour(StrEnum):
    """What the declared tests are expected to be."""

    RED = "red"
    GREEN = "green"


class ExpectedTest(NamedTuple):
    """One declared test: whether it is what was expected, and in ``why`` what it is instead.

    ``test`` is empty for one that was not found; then ``wanted`` is all there is, the guide's name for it.
    """

    phase: str = ""
    wanted: str = ""
    test: str = ""
    met: bool = False
    outcome: Outcome = Outcome.MISSING
    grade: Grade = Grade.NONE
    exception: str = ""
    why: str = ""
    derived: bool = False  # whether no guide names it: the phase's commits, or its uncommitted work, brought it


class Expectation(NamedTuple):
    """Every declared test of a selection against what was expected of it; of no tests at all nothing holds."""

    colour: Colour
    tests: tuple[ExpectedTest, ...]

    @property
    def met(self) -> bool:
        """Whether there are tests, and each is as expected."""
        return bool(self.tests) and all(test.met for test in self.tests)

    @property
    def guards(self) -> int:
        """How many tests pass already, where others are red and none is anything else: they may guard what is there."""
        others = [test.outcome for test in self.tests if not test.met]
        begun = self.colour is Colour.RED and len(others) < len(self.tests)
        return len(others) if begun and set(others) <= {Outcome.PASSED} else 0


def compare(
    colour: Colour,
    declarations: Iterable[Declaration],
    folded: Folded,
    weakest: RedKind,
    absence: Callable[[Declaration], str] = lambda _: "it was not found",
) -> Iterator[ExpectedTest]:
    """Compare what tests the declarations name with how these ended.

    Args:
        colour: What is expected.
        declarations: The declared tests of the selected phases.
        folded: How the tests of the run ended.
        weakest: The weakest grade that counts as red.
        absence: Why a declared test is not there.
    """
    reds = {red.test.id: red for red in folded.reds}
    plain = {test.id: outcome for outcome, tests in folded.plain.items() for test in tests}
    for declaration in declarations:
        phase, wanted = declaration.phase.phase, declaration.wanted
        if not declaration.found:
            yield ExpectedTest(phase, wanted, why=absence(declaration))
        derived = declaration.test.source is Source.DERIVED
        for test in declaration.found:
            red, outcome = reds.get(test), plain.get(test, Outcome.MISSING)
            ended = _of_red(colour, red, weakest) if red else _of_plain(colour, outcome)
            yield ended._replace(phase=phase, wanted=wanted, test=test, derived=derived)


def without_finished(colour: Colour, tests: Sequence[ExpectedTest]) -> tuple[ExpectedTest, ...]:
    """Return the tests that an expectation is about: where one of those that no guide names is red, no green ones.

    Those were turned green by what was done of their phase before.
    """
    red = {test.phase for test in tests if test.derived and test.met}
    done = (test.derived and test.outcome is Outcome.PASSED and test.phase in red for test in tests)
    if colour is Colour.GREEN:
        return tuple(tests)
    return tuple(test for test, is_done in zip(tests, done, strict=True) if not is_done)


def _of_red(colour: Colour, red: Red, weakest: RedKind) -> ExpectedTest:
    exception = red.raised.name if red.raised else ""
    counts = counts_as_red(red.grade, weakest)
    met = colour is Colour.RED and counts
    refused = _REFUSED.get(red.grade, "why it is red was not recorded")
    why = "" if met else "it is red" if colour is Colour.GREEN else refused
    return ExpectedTest(met=met, outcome=red.outcome, grade=red.grade, exception=exception, why=why)


def _of_plain(colour: Colour, outcome: Outcome) -> ExpectedTest:
    met = colour is Colour.GREEN and outcome is Outcome.PASSED
    return ExpectedTest(met=met, outcome=outcome, why="" if met else _WHY.get(outcome, f"it {outcome.value}"))


_REFUSED = {
    Grade.BROKEN: "it is broken: no production code can mend that",
    Grade.STRUCTURAL: "only a name is missing, and behavioural reds are asked for",
}
_WHY = {
    Outcome.PASSED: "it passes already, so it does not need the code to come",
    Outcome.SKIPPED: "it was skipped",
    Outcome.XFAILED: "it is expected to fail, and not strictly",
    Outcome.MISSING: "it did not run to its end",
}


def packages_to_come(phases: Iterable[Phase]) -> frozenset[str]:
    """Return the top-level import names that the declared files of phases will have: what is missing may be one."""
    paths = (file.path for phase in phases for file in phase.files if file.path.endswith(".py"))
    return frozenset(_package(path.split("/")) for path in paths if not is_of_tests(path))


def _package(parts: Sequence[str]) -> str:
    inner = parts[1:] if parts[0] in {"src", "lib"} and len(parts) > 1 else parts
    return inner[0].removesuffix(".py")
