"""What was seen of a test on both sides of a change, and what that means; ``questions`` says what is asked."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_phasegate.core.evidence.outcomes import Grade, Outcome, TestId
from pytest_phasegate.core.redgreen import questions
from pytest_phasegate.core.redgreen.questions import ObservedCase

Observed = questions.Observed


@dataclass(frozen=True, slots=True)
class FileFailure:
    """Why a test file could not be collected on the after side, and whether it could not be before, for the same."""

    grade: Grade
    exception: str = ""
    before: bool = False


@dataclass(frozen=True, slots=True)
class FoundByText:
    """A test of a file that could not be collected: only its text says that it is there."""

    id: TestId
    grade: Grade
    exception: str = ""
    definitions: frozenset[TestId] = frozenset()
    cases: tuple[ObservedCase, ...] = ()
    before: Outcome = Outcome.ERROR
    base: Outcome = Outcome.MISSING
    after: Outcome = Outcome.ERROR
    uncollected: bool = True
    flaky: bool = False


BAD = frozenset({Outcome.FAILED, Outcome.ERROR, Outcome.XPASSED})


def turns_green(test: Observed) -> bool:
    """Whether a test goes from a red that may count to green; of a declared red the mark must be gone."""
    return test.grade not in {Grade.NONE, Grade.BROKEN} and test.after is Outcome.PASSED


def stays_green(test: Observed) -> bool:
    """Whether a test is green on both sides."""
    return test.before.green and test.after.green and not turns_green(test)


def stays_red(test: Observed) -> bool:
    """Whether a test fails on both sides."""
    return test.after in BAD and (test.grade is not Grade.NONE or test.before in BAD)


def turns_red(test: Observed) -> bool:
    """Whether the change breaks a test."""
    return test.after in BAD and test.grade is Grade.NONE and test.before.green
