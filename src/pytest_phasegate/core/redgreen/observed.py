"""What was seen of a test on both sides of a change, by a replay or in the ledger, and what that means."""

from __future__ import annotations

from dataclasses import dataclass, field

from pytest_phasegate.core.evidence.outcomes import Grade, NodeId, Outcome, TestId
from pytest_phasegate.core.evidence.probe_records import Replaced

BAD = frozenset({Outcome.FAILED, Outcome.ERROR, Outcome.XPASSED})


@dataclass(frozen=True, slots=True)
class SeenCase:
    """One case on both sides: ``before`` on the red tree, ``base`` with before's own tests, ``after`` on after."""

    node_id: NodeId
    before: Outcome
    base: Outcome
    after: Outcome


@dataclass(frozen=True, slots=True)
class SeenTest:
    """One test function on both sides; a side that was not run, or did not know the test, is ``MISSING``.

    ``before`` is the red tree, ``base`` before's own tests, ``after`` the after tree. ``grade`` and ``exception`` say
    why it is red on the red tree, ``confirm`` that this may be chance as long as it was seen once, ``uncollected``
    that its file could not be imported there. ``flaky`` says that two attempts or runs differed; ``definitions`` are
    the functions that its cases run, a mixin's among them.
    """

    id: TestId
    before: Outcome
    base: Outcome
    after: Outcome
    grade: Grade = Grade.NONE
    exception: str = ""
    flaky: bool = False
    uncollected: bool = False
    confirm: bool = False
    definitions: frozenset[TestId] = frozenset()
    cases: tuple[SeenCase, ...] = ()
    told: str = ""
    """What was raised on the red tree, with the first line of what it says."""
    stopped: tuple[int, ...] = ()
    """The lines of its function on which its cases are red on the red tree, as far as they came to it."""
    replaced: tuple[Replaced, ...] = ()
    """In the place of what something else stood on the after side, as far as it may be all that made it green."""

    @property
    def fail_to_pass(self) -> bool:
        """Whether it goes from a red that may count to green; of a declared red the mark must be gone."""
        return self.grade not in {Grade.NONE, Grade.BROKEN} and self.after is Outcome.PASSED

    @property
    def pass_to_pass(self) -> bool:
        """Whether it is green on both sides."""
        return self.before.green and self.after.green and not self.fail_to_pass

    @property
    def fail_to_fail(self) -> bool:
        """Whether it fails on both sides."""
        return self.after in BAD and (self.grade is not Grade.NONE or self.before in BAD)

    @property
    def pass_to_fail(self) -> bool:
        """Whether the change breaks it."""
        return self.after in BAD and self.grade is Grade.NONE and self.before.green


@dataclass(frozen=True, slots=True)
class Replay:
    """Every test that ran on the after side, and in ``trouble`` why a run may not speak for what it was asked.

    ``behind`` are tests that failed on the red tree only behind another one that failed there: they were not red.
    """

    tests: tuple[SeenTest, ...] = ()
    trouble: tuple[str, ...] = ()
    behind: tuple[TestId, ...] = ()


@dataclass(frozen=True, slots=True)
class FileFailure:
    """Why a test file could not be collected on the after side, and whether it could not be before, for the same."""

    grade: Grade
    exception: str = ""
    told: str = field(default="", compare=False)
    before: bool = False
