"""What must be run to judge a change; a replay only carries it out."""

from __future__ import annotations

from enum import StrEnum

from pytest_phasegate.core.facts import dataclass
from pytest_phasegate.core.settings import Policy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_phasegate.core.change.changeset import ChangeSet
    from pytest_phasegate.core.evidence import TestId


class Extent(StrEnum):
    """How much of the suite a replay runs."""

    NOTHING = "nothing"
    TESTS = "tests"
    SUITE = "suite"


@dataclass(frozen=True, slots=True)
class ReplayPlan:
    """The runs that a judgement needs.

    ``tests`` are definitions (a mixin's, too), ``files`` the modules pytest is given for them. ``red`` and ``base`` say
    that the red tree and the before tree must be run beside the after tree: where production does not differ, the red
    tree is the after tree. ``departed`` are deleted tests to run on the departed tree: those that still pass there
    tested what stays. ``lines`` asks which changed lines the fail_to_pass tests run.
    """

    extent: Extent
    tests: tuple[TestId, ...] = ()
    files: tuple[str, ...] = ()
    red: bool = False
    base: bool = False
    departed: tuple[TestId, ...] = ()
    lines: bool = False
    reason: str = ""


def plan(change: ChangeSet, policy: Policy = Policy.STANDARD, *, open_reds: Iterable[TestId] = ()) -> ReplayPlan:
    """Decide what to run.

    Args:
        change: The change, read.
        policy: The project's policy; ``strict`` asks for lines as well.
        open_reds: Tests that earlier commits of the range left red.
    """
    tests = sorted({*change.concerned, *(open_reds if change.changes_behaviour else ())})
    reason = _reason_for_suite(change)
    if not reason and not tests:
        return ReplayPlan(Extent.NOTHING, departed=_departed(change), reason="no test is concerned")
    return ReplayPlan(
        extent=Extent.SUITE if reason else Extent.TESTS,
        tests=tuple(tests),
        files=() if reason else _files(change, tests),
        red=change.changes_behaviour,
        base=change.changes_behaviour or bool(change.shared or change.deciding),
        departed=_departed(change),
        lines=policy is Policy.STRICT and change.changes_behaviour and not change.removes_only,
        reason=reason or "new, changed, moved and concerned tests",
    )


def widened(first: ReplayPlan, *, proved: bool) -> ReplayPlan | None:
    """Return the plan to go on with where the tests concerned proved nothing: an unchanged test may have been red."""
    if proved or first.extent is not Extent.TESTS or not first.red:
        return None
    return ReplayPlan(
        Extent.SUITE, first.tests, (), red=True, base=True, departed=first.departed, lines=first.lines,
        reason="no changed test went from red to green, so an unchanged one may have",
    )  # fmt: skip


def _files(change: ChangeSet, tests: Iterable[TestId]) -> tuple[str, ...]:
    """Return the modules of some tests, and those where code beside the tests changed: it may take one away."""
    return tuple(sorted({test.partition("::")[0] for test in tests}.union(_altered(change))))


def _altered(change: ChangeSet) -> tuple[str, ...]:
    return change.modules if change.changes_behaviour else ()


def _reason_for_suite(change: ChangeSet) -> str:
    targets = {test.id.partition("::")[0] for test in change.tests if test.is_target}
    if change.deciding and (change.changes_behaviour or not targets):
        return f"{change.deciding[0]} decides which tests run"
    if change.shared and not targets.difference(change.shared):
        return f"{change.shared[0]} may concern any test"
    by_helper = any(helper.tests for helper in change.helpers)
    if change.changes_behaviour and not by_helper and not any(test.is_target for test in change.tests):
        return "production code changed and no test did"
    return ""


def _departed(change: ChangeSet) -> tuple[TestId, ...]:
    """Return the deleted tests of which the text does not say where they went, where code only goes."""
    return tuple(test.id for test in change.deleted if not test.removed_with) if change.removes_only else ()
