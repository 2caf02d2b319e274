"""Whether the tests that phases declare are all red, or all green, as somebody says they should be by now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from pytest_phasegate.core.evidence.grading import counts_as_red
from pytest_phasegate.core.evidence.observations import Folded
from pytest_phasegate.core.evidence.outcomes import Grade, Outcome
from pytest_phasegate.core.evidence.runs import Red
from pytest_phasegate.core.guide.model import Phase, Source
from pytest_phasegate.core.mapping.mapping import Declaration
from pytest_phasegate.core.project.settings import RedKind


class Colour(StrEnum):
    """What the declared tests are expected to be."""

    RED = "red"
    GREEN = "green"


@dataclass(frozen=True, slots=True)
class ExpectedTest:
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


@dataclass(frozen=True, slots=True)
class Expectation:
    """Every declared test of a selection against what was expected of it; of no tests at all nothing holds."""

    colour: Colour
    tests: tuple[ExpectedTest, ...]

    @property
    def met(self) -> bool:
        """Whether there are tests, and each is as expected."""
        return bool(self.tests) and all(test.met for test in self.tests)


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
            if test in reds:
                ended = _of_red(colour, reds[test], weakest)
            else:
                ended = _of_plain(colour, plain.get(test, Outcome.MISSING))
            yield replace(ended, phase=phase, wanted=wanted, test=test, derived=derived)


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
    why = (
        ""
        if met
        else "it is red"
        if colour is Colour.GREEN
        else _REFUSED.get(red.grade, "why it is red was not recorded")
    )
    return ExpectedTest(met=met, outcome=red.outcome, grade=red.grade, exception=exception, why=why)


def _of_plain(colour: Colour, outcome: Outcome) -> ExpectedTest:
    met = colour is Colour.GREEN and outcome is Outcome.PASSED
    return ExpectedTest(met=met, outcome=outcome, why="" if met else _WHY.get(outcome, f"it {outcome.value}"))


_REFUSED = {
    Grade.BROKEN: "it is broken: no production code can mend that",
    Grade.STRUCTURAL: "only a name is missing, and behavioural reds are asked for",
}
_WHY = {
    Outcome.PASSED: "it passes already, so it shows nothing of what is to come",
    Outcome.SKIPPED: "it was skipped",
    Outcome.XFAILED: "it is expected to fail, and not strictly",
    Outcome.MISSING: "it did not run to its end",
}


def packages_to_come(phases: Iterable[Phase]) -> frozenset[str]:
    """Return the top-level import names that the declared files of phases will have: what is missing may be one."""
    return frozenset(
        _package(file.path.split("/")) for phase in phases for file in phase.files if _is_module(file.path)
    )


def _is_module(path: str) -> bool:
    return path.endswith(".py") and not path.startswith("tests/")


def _package(parts: Sequence[str]) -> str:
    inner = parts[1:] if parts[0] in {"src", "lib"} and len(parts) > 1 else parts
    return inner[0].removesuffix(".py")
