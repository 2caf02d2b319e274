"""The order in which a range holds its tests and its code, where the protocol is *test-first*."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.redgreen.change.behaviour import Effect
from pytest_phasegate.core.redgreen.change.changeset import ChangeSet, TestChange
from pytest_phasegate.core.redgreen.faults import Fault, error
from pytest_phasegate.core.redgreen.verdict import CommitRuling, CommitVerdict
from pytest_phasegate.core.verdict.verdict import Finding, Severity, counted

CODE = "PG221"


def out_of_order(
    verdict: CommitVerdict, change: ChangeSet, open_reds: Collection[TestId], *, strict: bool
) -> Iterator[Fault]:
    """Yield what is wrong with a commit in its place: code that came with its test, or before it.

    A commit of which red before green asks no red test is asked for none here. One of several tests that came first is
    enough, as one red test is; the strict policy asks it of each.

    Args:
        verdict: What the commit came to by its content.
        change: What it changes.
        open_reds: The tests that earlier commits of the range left red.
        strict: Whether every test that it turns green must have come first.
    """
    code = next((one.path for one in change.production if one.effect is not Effect.COSMETIC), "")
    if verdict.open_red and code:
        message = f"{code} changes in the commit that brings the red test {verdict.open_red[0]}"
        yield error(CODE, message, path=code, fix="commit the tests alone, then the code")
    proving = (*verdict.fail_to_pass, *verdict.fail_to_pass_unchanged)
    if verdict.verdict is not CommitRuling.PASSED or not change.changes_behaviour or not proving:
        return
    first = came_first(verdict, change, open_reds)
    late = [test for test in proving if test not in first]
    if first and not (strict and late):
        return
    yield error(CODE, _late(verdict, late, open_reds), test=late[0], fix="commit the red test before the code, alone")


def _late(verdict: CommitVerdict, late: list[TestId], open_reds: Collection[TestId]) -> str:
    rewritten = [test for test in late if test in open_reds]
    if rewritten:
        return f"{rewritten[0]} was changed by the commit that turns it green: what was seen red is another test"
    more = f" and {counted(len(late) - 1, 'test')} more" if len(late) > 1 else ""
    if late[0] in verdict.fail_to_pass:
        return f"{late[0]}{more} came with the code that turns it green, not in a commit before it"
    return f"no commit of the range shows {late[0]}{more} red before the code"


def came_first(verdict: CommitVerdict, change: ChangeSet, open_reds: Collection[TestId]) -> tuple[TestId, ...]:
    """Return the tests that a commit turns green, as an earlier commit of the range left them red.

    They may get another name, and lose the mark that declared them red.
    """
    by_id = {test.id: test for test in change.tests}
    names = {test.before.id: test.id for test in change.tests if test.before}
    known = {names.get(test, test) for test in open_reds}
    marked = [test for test in verdict.fail_to_pass if (found := by_id.get(test)) and _by_marks_alone(found)]
    return tuple(test for test in (*verdict.fail_to_pass_unchanged, *marked) if test in known)


def _by_marks_alone(test: TestChange) -> bool:
    return test.before is not None and test.after is not None and test.before.core == test.after.core


def not_green_at_the_end(test: TestId, sha: str) -> Finding:
    """Return what is said of a test that came first, was turned green, and is not green where the range ends."""
    message = f"{test} was turned green by {sha[:12]} and was not seen green at the end of the range"
    return Finding(CODE, Severity.ERROR, message, test.partition("::")[0], None, f"pytest {test}")


def order_unknown() -> Finding:
    """Return what is said of a range of one commit that holds test and code: only its content could be judged."""
    message = "one commit holds the test and the code: it was judged by its content, and their order cannot be known"
    return Finding(CODE, Severity.WARNING, message)


def order_unseen() -> Finding:
    """Return what is said of a shard of a range."""
    message = "a shard does not see the order of its range: verify the range once without --shard"
    return Finding(CODE, Severity.WARNING, message)
