"""What a change takes away from its tests: deleted, weakened, skipped."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_phasegate.core.evidence.outcomes import Outcome
from pytest_phasegate.core.redgreen.case import Case, Sorted
from pytest_phasegate.core.redgreen.change.changeset import HelperChange, TestChange
from pytest_phasegate.core.redgreen.change.weakening import Loss, Weakening
from pytest_phasegate.core.redgreen.earlier import (
    MAY_GO,
    asks_beside,
    heir,
    helps,
    holds,
    is_doubted,
    is_taken_over,
    refuted,
)
from pytest_phasegate.core.redgreen.observed import BAD
from pytest_phasegate.core.redgreen.verdict import Fault, error, note, unknown, warning

_WAIVE_ALONE = "mend the code, or show what holds now in a test that was red, or waive it: Red-Green: waived (reason)"
_WAIVE = "keep it, or commit the change of the test on its own, or waive it: Red-Green: waived (reason)"
_SKIPS = frozenset({Loss.SKIPPED, Loss.XFAIL})


def losses(case: Case, tests: Sorted) -> Iterator[Fault]:
    """Yield what tests lost; it refuses while production behaviour changes, and is only said where it does not."""
    for change in case.change.deleted:
        yield _deleted(case, tests, change)
    for change in tests.changes.values():
        faults = [_weakened(case, tests, change, weakening) for weakening in change.weakenings]
        faults += _contradicted(case, tests, change)
        yield from faults
        if not any(fault.refuses for fault in faults):
            yield from _unpaid(case, change)
    yield from _contradicted_beside(case, tests)
    for helper in case.change.helpers:
        for weakening in helper.weakenings:
            yield _helper_weakened(case, helper, weakening)


def _helper_weakened(case: Case, helper: HelperChange, weakening: Weakening) -> Fault:
    """A helper that makes another claim is a loss where a test fails with the helper as it stood before."""
    doubtful = weakening.loss is Loss.EXCHANGED and case.change.changes_behaviour and not case.strict
    if doubtful and case.seen.refuted.isdisjoint(helper.tests):
        message = f"{helper.id}: {weakening.loss}: {weakening.detail}"
        return warning("PG206", message, test=helper.id)
    return _loss(case, helper.id, None, weakening)


def _deleted(case: Case, tests: Sorted, change: TestChange) -> Fault:
    why = _excuse(case, tests, change)
    if why:
        return note("PG205", f"{change.id} was deleted: {why}", test=change.id)
    if not case.change.changes_behaviour and (case.seen.departed or {}).get(change.id) in BAD:
        message = f"{change.id} was deleted, and fails on the code after the change"
        return error("PG205", message, test=change.id, fix=_WAIVE)
    if not case.change.changes_behaviour:
        return warning("PG205", f"{change.id} was deleted", test=change.id)
    if case.change.removes_only and (case.seen.departed is None or change.id not in case.seen.departed):
        return unknown(
            "PG205", f"{change.id} was deleted; whether what it tested is still there was not observed", test=change.id
        )
    if refuted(case, change.before):
        message = (
            f"{change.id} was deleted, and fails on this code; no new test that was red asks as much of what holds now"
        )
        return error("PG205", message, test=change.id, fix=_WAIVE_ALONE)
    return error("PG205", f"{change.id} was deleted while production code changes", test=change.id, fix=_WAIVE)


def _excuse(case: Case, tests: Sorted, change: TestChange) -> str:
    """Say why a deleted test is no loss; ``strict`` knows only the removal of code."""
    contradicted = is_taken_over(change) and refuted(case, change.before)
    by_removal = not case.change.changes_behaviour or case.change.removes_only
    if change.removed_with and not contradicted and (by_removal or not case.strict):
        return f"with {change.removed_with}"
    outcome = (case.seen.departed or {}).get(change.id)
    if case.change.removes_only and outcome is not None and not outcome.green:
        return "what it tested was removed"
    fails = outcome is not None and outcome not in _STILL_THERE and not case.strict
    taken_by = heir(tests, change.before, named=change.removed_with) if fails and change.before is not None else None
    return f"it fails on this code, and {taken_by} asks for what holds now" if taken_by else ""


_STILL_THERE = frozenset({Outcome.PASSED, Outcome.XFAILED, Outcome.SKIPPED})


def _weakened(case: Case, tests: Sorted, change: TestChange, weakening: Weakening) -> Fault:
    if weakening.conditional and _still_runs(tests, change):
        return note(
            "PG207", f"{change.id}: {weakening.detail}; here it still runs and passes", test=change.id, line=change.line
        )
    if weakening.conditional and case.change.changes_behaviour and case.seen.trouble:
        message = f"{change.id}: {weakening.loss}: {weakening.detail}, and no run shows whether it runs here"
        return unknown("PG207", message, test=change.id, fix=_WAIVE)
    if case.change.changes_behaviour and change.before is not None and weakening.loss in MAY_GO:
        return _gone_or_dropped(case, tests, change, weakening)
    return _loss(case, change.id, change.line, weakening)


def _gone_or_dropped(case: Case, tests: Sorted, change: TestChange, weakening: Weakening) -> Fault:
    """Tell a demand that changed with the code from one that was dropped, by a run of the text before."""
    message = f"{change.id}: {weakening.loss}: {weakening.detail}"
    if refuted(case, change.before) and change.before is not None:
        if case.change.removes_only:
            return note("PG206", f"{message}; what it asked for was removed", test=change.id, line=change.line)
        taken_by = heir(tests, change.before, change.after)
        if taken_by and (weakening.loss is Loss.EXCHANGED or tests.turned(change)):
            return note("PG206", f"{message}; {taken_by} asks for what holds now", test=change.id, line=change.line)
    elif weakening.loss is Loss.EXCHANGED:
        if case.seen.departed is None or change.before is None or change.before.id not in case.seen.departed:
            return unknown("PG206", f"{message}; whether what it asked still holds was not observed", test=change.id)
        if not case.strict:
            said = "what it asked still holds" if holds(case, change.before) else "what it used is not there any more"
            return warning("PG206", f"{message}; {said}", test=change.id, line=change.line)
    return _loss(case, change.id, change.line, weakening)


def _contradicted(case: Case, tests: Sorted, change: TestChange) -> Iterator[Fault]:
    """Yield an altered test that was never red, and that fails on this code as it stood before."""
    decided = any(loss.loss in MAY_GO for loss in change.weakenings)
    if (
        decided
        or case.change.removes_only
        or change.before is None
        or not (is_doubted(tests, change) or asks_beside(change))
    ):
        return
    if refuted(case, change.before) and not heir(tests, change.before, change.after):
        message = f"{change.id}: as it stood before, it fails on this code"
        nobody = "no test that was red asks as much of what holds now"
        yield error("PG206", f"{message}, and {nobody}", test=change.id, line=change.line, fix=_WAIVE_ALONE)


def _unpaid(case: Case, change: TestChange) -> Iterator[Fault]:
    """Yield a test of several claims of which one that fails on this code gave way to nothing."""
    about = case.replay.unpaid.get(change.before.id) if case.replay and change.before else None
    if about:
        message = (
            f"{change.id}: what it asked of {about} fails on this code, and nothing that was red asks as much of it"
        )
        yield error("PG206", message, test=change.id, line=change.line, fix=_WAIVE_ALONE)


def _contradicted_beside(case: Case, tests: Sorted) -> Iterator[Fault]:
    """Yield the tests that pass by what changed beside them, and fail on this code with what stood there before."""
    changed = {found for test in case.change.tests if test.before for found in (test.id, test.before.id)}
    deciding = ", ".join(dict.fromkeys([*case.change.deciding, *case.change.standing]))
    for test in sorted(case.seen.refuted - changed):
        helpers = (f"`{helper.id.partition('::')[2]}`" for helper in case.change.helpers if helps(helper, test))
        beside = ", ".join(helpers) or deciding
        message = f"{test} passes only because {beside} changed beside the code"
        text = case.seen.unaltered.get(test)
        if case.strict or (text is not None and not heir(tests, text, text)):
            yield error("PG206", message, test=test, fix=_WAIVE_ALONE)
        else:
            yield warning("PG206", message, test=test)


def _still_runs(tests: Sorted, change: TestChange) -> bool:
    mine = [test for test in tests.tests if tests.change_of(test) is change]
    return bool(mine) and all(case.after is Outcome.PASSED for test in mine for case in test.cases)


def _loss(case: Case, test: str, line: int | None, weakening: Weakening) -> Fault:
    code = "PG207" if weakening.loss in _SKIPS else "PG206"
    fix = _WAIVE_ALONE if test in case.seen.refuted else _WAIVE
    message = f"{test}: {weakening.loss}: {weakening.detail}"
    if case.change.changes_behaviour:
        return error(code, f"{message}, while production code changes", test=test, line=line, fix=fix)
    return warning(code, message, test=test, line=line)
