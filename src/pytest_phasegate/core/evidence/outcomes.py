"""What was observed: tests, their outcomes, and whether the run may speak for the suite."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

NodeId = NewType("NodeId", str)  # pytest's ``path::Class::test[param]``: one case
TestId = NewType("TestId", str)  # ``path::Class::test``: a test function, all its cases together


class Outcome(StrEnum):
    """How one test ended, in pytest's words."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"
    XFAILED = "xfailed"
    XPASSED = "xpassed"
    MISSING = "missing"  # not collected, or collected and never reported

    @property
    def green(self) -> bool:
        """Whether SWE-bench's grading counts this as a pass."""
        return self in {Outcome.PASSED, Outcome.XFAILED}


class Grade(StrEnum):
    """Why a test is red."""

    BEHAVIOURAL = "behavioural"
    STRUCTURAL = "structural"
    DECLARED = "declared"  # a strict xfail that fails: red by the author's own word
    HANG = "hang"
    BROKEN = "broken"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class CaseRun:
    """How one case ended: the worst of all its reports, over all attempts.

    ``test`` is the function's id, ``exception`` the type name of what it raised, ``flaky`` whether
    attempts of the same run differed.
    """

    node_id: NodeId
    test: TestId
    outcome: Outcome
    grade: Grade = Grade.NONE
    exception: str = ""
    flaky: bool = False
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class TestRun:
    """One run of pytest.

    ``partial`` names what narrowed the run beyond the phase selection (``-k``, a path, ``-x`` that stopped);
    ``incomplete`` says why collected and reported tests do not agree, and is empty when they do.
    ``collected`` holds every function that was found, also those the phase selection then left out; ``filtered`` those
    of the selection that the project's own configuration deselected, whole or in part. ``confined`` are the files of
    tests that the collection kept to; ``None`` where it kept to none. ``uncollected`` says by path why a file or
    directory could not be collected, and ``shown_by`` is the command that shows it.
    """

    __test__ = False

    cases: tuple[CaseRun, ...]
    partial: tuple[str, ...] = ()
    incomplete: str = ""
    collected: frozenset[TestId] = frozenset()
    filtered: frozenset[TestId] = frozenset()
    confined: frozenset[str] | None = None
    uncollected: Mapping[str, str] = field(default_factory=dict)
    shown_by: str = "pytest --collect-only"

    @property
    def whole(self) -> bool:
        """Whether the run may speak for everything it was asked to run."""
        return not self.partial and not self.incomplete


def function_of(node_id: NodeId) -> TestId:
    """Return the function's id: the node id without its parametrization.

    A ``[`` in the path is no parametrization, and a ``::`` in a parameter is no class.
    """
    path, colons, name = node_id.partition("::")
    return TestId(f"{path}{colons}{name.partition('[')[0]}")


_WORST_FIRST = (
    Outcome.ERROR,
    Outcome.FAILED,
    Outcome.XPASSED,
    Outcome.MISSING,
    Outcome.SKIPPED,
    Outcome.XFAILED,
    Outcome.PASSED,
)


def worst(outcomes: frozenset[Outcome]) -> Outcome:
    """Return the gravest outcome; of nothing at all, ``MISSING``."""
    return next((outcome for outcome in _WORST_FIRST if outcome in outcomes), Outcome.MISSING)


_PASSING = re.compile(r"0x[0-9a-fA-F]{6,}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def is_unstable(node_id: NodeId) -> bool:
    """Return whether a parametrization's id holds an address or a UUID."""
    return _PASSING.search(node_id.partition("::")[2].partition("[")[2]) is not None
