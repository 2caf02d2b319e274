"""What a change takes away from its tests: deleted, weakened, skipped."""

from __future__ import annotations

from pytest_phasegate.core.change.weakening import Loss
from pytest_phasegate.core.evidence import Outcome
from pytest_phasegate.core.redgreen.faults import error, note, unknown
from pytest_phasegate.core.redgreen.observed import BAD
from pytest_phasegate.core.verdict import Severity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_phasegate.core.change.changeset import TestChange
    from pytest_phasegate.core.change.weakening import Weakening
    from pytest_phasegate.core.redgreen.case import Case, Sorted
    from pytest_phasegate.core.redgreen.faults import Fault

_WAIVE = "keep it, or commit the change of the test on its own, or waive it: Red-Green: waived (reason)"
_SKIPS = frozenset({Loss.SKIPPED, Loss.XFAIL})


def losses(case: Case, tests: Sorted) -> Iterator[Fault]:
    """Yield what tests lost; it refuses while production behaviour changes, and is only said where it does not."""
    for change in case.change.deleted:
        yield _deleted(case, change)
    for change in tests.changes.values():
        for weakening in change.weakenings:
            yield _weakened(case, tests, change, weakening)
    for helper in case.change.helpers:
        for weakening in helper.weakenings:
            yield _loss(case, helper.id, None, weakening)


def _deleted(case: Case, change: TestChange) -> Fault:
    why = _excuse(case, change)
    if why:
        return note("PG205", f"{change.id} was deleted: {why}", test=change.id)
    if not case.change.changes_behaviour and (case.departed or {}).get(change.id) in BAD:
        message = f"{change.id} was deleted, and fails on the code after the change"
        return error("PG205", message, test=change.id, fix=_WAIVE)
    if not case.change.changes_behaviour:
        return note("PG205", f"{change.id} was deleted", test=change.id, severity=Severity.WARNING)
    if case.change.removes_only and (case.departed is None or change.id not in case.departed):
        return unknown(
            "PG205", f"{change.id} was deleted; whether what it tested is still there was not observed", test=change.id
        )
    return error("PG205", f"{change.id} was deleted while production code changes", test=change.id, fix=_WAIVE)


def _excuse(case: Case, change: TestChange) -> str:
    """Say why a deleted test is no loss; ``strict`` knows only the removal of code."""
    if change.removed_with and not (case.strict and case.change.changes_behaviour and not case.change.removes_only):
        return f"with {change.removed_with}"
    outcome = (case.departed or {}).get(change.id)
    if case.change.removes_only and outcome is not None and not outcome.green:
        return "what it tested was removed"
    return ""


def _weakened(case: Case, tests: Sorted, change: TestChange, weakening: Weakening) -> Fault:
    if weakening.conditional and _still_runs(tests, change):
        return note(
            "PG207", f"{change.id}: {weakening.detail}; here it still runs and passes", test=change.id, line=change.line
        )
    return _loss(case, change.id, change.line, weakening)


def _still_runs(tests: Sorted, change: TestChange) -> bool:
    mine = [test for test in tests.tests if tests.change_of(test) is change]
    return bool(mine) and all(case.after is Outcome.PASSED for test in mine for case in test.cases)


def _loss(case: Case, test: str, line: int | None, weakening: Weakening) -> Fault:
    code = "PG207" if weakening.loss in _SKIPS else "PG206"
    message = f"{test}: {weakening.loss}: {weakening.detail}"
    if case.change.changes_behaviour:
        return error(code, f"{message}, while production code changes", test=test, line=line, fix=_WAIVE)
    return note(code, message, test=test, line=line, severity=Severity.WARNING)
