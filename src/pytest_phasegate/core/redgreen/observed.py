"""What the rules need to know of a test that was run on both sides of a change.

A replay and the ledger both give it, each in its own shape; here stand the questions, not the answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from pytest_phasegate.core.evidence import Grade, Outcome
from pytest_phasegate.core.facts import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_phasegate.core.evidence import TestId


class ObservedCase(Protocol):
    """One case, by how it ended on the after side."""

    @property
    def after(self) -> Outcome:
        """How the case ended on the after side."""
        ...


class Observed(Protocol):
    """One test function: ``before`` is the red tree, ``base`` before's own tests, ``after`` the after tree.

    ``definitions`` are the functions its cases run, a mixin's among them; ``grade`` and ``exception`` say why it is red
    on the red tree, ``uncollected`` that its file could not be imported there; ``flaky`` that two runs
    differed. A side that was not run, or did not know the test, is ``MISSING``.
    """

    @property
    def id(self) -> TestId: ...  # noqa: D102 - said above
    @property
    def definitions(self) -> frozenset[TestId]: ...  # noqa: D102 - said above
    @property
    def cases(self) -> Sequence[ObservedCase]: ...  # noqa: D102 - said above
    @property
    def before(self) -> Outcome: ...  # noqa: D102 - said above
    @property
    def base(self) -> Outcome: ...  # noqa: D102 - said above
    @property
    def after(self) -> Outcome: ...  # noqa: D102 - said above
    @property
    def grade(self) -> Grade: ...  # noqa: D102 - said above
    @property
    def exception(self) -> str: ...  # noqa: D102 - said above
    @property
    def uncollected(self) -> bool: ...  # noqa: D102 - said above
    @property
    def flaky(self) -> bool: ...  # noqa: D102 - said above


class Observations(Protocol):
    """Every test that was run, and in ``trouble`` why a run may not speak for what it was asked."""

    @property
    def tests(self) -> Sequence[Observed]: ...  # noqa: D102 - said above
    @property
    def trouble(self) -> Sequence[str]: ...  # noqa: D102 - said above


@dataclass(frozen=True, slots=True)
class FileFailure:
    """Why a test file could not be collected on the after side."""

    grade: Grade
    exception: str = ""


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
