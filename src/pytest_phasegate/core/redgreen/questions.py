"""What the rules ask of a test that was run on both sides of a change.

A replay and the ledger both answer, each in its own shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pytest_phasegate.core.evidence.outcomes import Grade, Outcome, TestId


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
