"""What a change takes away from its tests: deleted, weakened, broken, skipped, not run any more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_phasegate.core.evidence.outcomes import BAD, Outcome, TestId, file_of
from pytest_phasegate.core.project.pytest_options import exported
from pytest_phasegate.core.redgreen.case import Case, Sorted
from pytest_phasegate.core.redgreen.change.changeset import HelperChange, TestChange
from pytest_phasegate.core.redgreen.change.test_module import TestFunction
from pytest_phasegate.core.redgreen.change.weakening import Loss, Weakening
from pytest_phasegate.core.redgreen.earlier import (
    MAY_GO,
    asks_beside,
    heir,
    helps,
    holds,
    is_doubted,
    is_taken_over,
    lost_with,
    may_go,
    refuted,
)
from pytest_phasegate.core.redgreen.observed import SeenTest
from pytest_phasegate.core.redgreen.verdict import Fault, error, note, unknown, warning
from pytest_phasegate.core.verdict.verdict import counted

_WAIVE_ALONE = "mend the code, or show what holds now in a test that was red, or waive it: Red-Green: waived (reason)"
_WAIVE = "keep it, or commit the change of the test before the code, or waive it: Red-Green: waived (reason)"
_SKIPS = frozenset({Loss.SKIPPED, Loss.XFAIL})


def losses(case: Case, tests: Sorted) -> Iterator[Fault]:
    """Yield what texts of tests lost; it refuses where production behaviour changes, and is else only said."""
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
    if not case.change.alters_code:
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
    if outcome is Outcome.SKIPPED and change.before is not None and change.before.marks.skipped:
        return "it never ran"
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
    decided = case.change.changes_behaviour or refuted(case, change.before)
    if decided and change.before is not None and weakening.loss in MAY_GO:
        return _gone_or_dropped(case, tests, change, weakening)
    return _loss(case, change.id, change.line, weakening, change.before)


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
    return _loss(case, change.id, change.line, weakening, change.before)


def _contradicted(case: Case, tests: Sorted, change: TestChange) -> Iterator[Fault]:
    """Yield an altered test that was never red, and that fails on this code as it stood before."""
    if (
        may_go(change)
        or case.change.removes_only
        or change.before is None
        or not (not change.is_target or is_doubted(tests, change) or asks_beside(change))
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
    changed = {*case.change.became, *case.change.became.values()}
    deciding = ", ".join(dict.fromkeys([*case.change.deciding, *case.change.standing]))
    for test in sorted(case.seen.refuted - changed):
        helpers = (f"`{helper.id.partition('::')[2]}`" for helper in case.change.helpers if helps(helper, test))
        beside = ", ".join(helpers) or deciding
        message = f"{test} passes only because {beside} changed beside the code"
        if file_of(test) in case.change.examples:
            message = f"{test}: as its examples stood before, they fail on this code"
        text = case.seen.unaltered.get(test)
        if case.strict or (text is not None and not heir(tests, text, text)):
            yield error("PG206", message, test=test, fix=_WAIVE_ALONE)
        else:
            yield warning("PG206", message, test=test)


def _still_runs(tests: Sorted, change: TestChange) -> bool:
    mine = [test for test in tests.tests if tests.change_of(test) is change]
    return bool(mine) and all(case.after is Outcome.PASSED for test in mine for case in test.cases)


def _loss(case: Case, test: str, line: int | None, weakening: Weakening, before: TestFunction | None = None) -> Fault:
    code = "PG207" if weakening.loss in _SKIPS else "PG206"
    fix = _WAIVE_ALONE if test in case.seen.refuted else _WAIVE
    message = f"{test}: {weakening.loss}: {weakening.detail}"
    if case.change.alters_code:
        return error(code, f"{message}, while production code changes", test=test, line=line, fix=fix)
    if refuted(case, before):
        return error(
            code, f"{message}, and as it stood before, it fails on this code", test=test, line=line, fix=_WAIVE
        )
    return warning(code, message, test=test, line=line)


def ends(case: Case, tests: Sorted) -> Iterator[Fault]:
    """Yield the tests that end badly on the after side, or do not run there any more."""
    hindered = tests.hindered
    for test in tests.tests:
        if test.flaky:
            yield warning("PG209", f"{test.id} differs between two runs: it proves nothing", test=test.id)
        elif case.touches_code and test not in hindered:
            yield from _badly(tests, test)
    if hindered and case.touches_code:
        yield _hindrance(case, hindered)
    yield from (_broken(case, test) for test in case.seen.broken)
    departed, refuted = case.seen.departed or {}, case.seen.refuted
    left = {test.id for test in tests.tests if test.after is not Outcome.MISSING}
    for lost in case.seen.lost:
        if lost_with(case.change, lost) and departed.get(lost) in BAD and lost not in refuted:
            yield note("PG218", f"{lost} is not run any more: what it used is not there", test=lost)
        elif case.touches_code:
            fewer = f"fewer cases of {lost} are run than before"
            message = fewer if lost in left else f"{lost} passed before and is not run any more"
            yield error(
                "PG218",
                message,
                test=lost,
                fix="see that pytest runs it again: its name, the conftest files, the configuration",
            )
        else:
            yield warning("PG218", f"{lost} is not run any more", test=lost)
    yield from _switched_off(case, tests)
    for change in tests.unrun():
        yield warning("PG211", f"{change.id} was not collected, so it proves nothing", test=change.id, line=change.line)


def _broken(case: Case, test: TestId) -> Fault:
    path = file_of(test)
    message = f"{test} passed before the change, and after it {path} cannot be imported"
    return error("PG204", message, test=test, fix=case.command(path))


def _switched_off(case: Case, tests: Sorted) -> Iterator[Fault]:
    """Yield the tests that pytest does not find any more by their class, and that nothing ran."""
    for change in (change for change in tests.switched_off() if change.id not in case.seen.lost):
        message = f"{change.id} was collected before, and its class is not any more"
        if case.change.changes_behaviour:
            yield error("PG218", message, test=change.id, line=change.line, fix="let pytest collect it")
        else:
            yield warning("PG218", message, test=change.id, line=change.line)


_WHERE_IT_PASSES = "; where it passes, name the variables it needs in `red_green.environment`: a replay hides them"


def _line(change: TestChange | None) -> int | None:
    """Return where a changed test stands in *after*."""
    return change.line if change else None


def _badly(tests: Sorted, test: SeenTest) -> Iterator[Fault]:
    change = tests.change_of(test)
    line = _line(change)
    asked = tests.is_target(test) or (change is None and _was_made(test))
    if test.pass_to_fail or (test.after in BAD and test.base.green and change is None):
        message = f"{test.id} passed before the change and fails after it"
        yield error("PG204", message, test=test.id, line=line, fix=tests.case.command(test.id))
    elif test.after in BAD and asked and not tests.case.change.changes_behaviour:
        return
    elif test.after in BAD and asked and test.lacks_environment:
        yield missing_here(tests.case, test)
    elif test.after in BAD and asked and test.as_before and not tests.case.strict:
        yield warning("PG203", f"{test.id} fails as it did before: it proves nothing", test=test.id, line=line)
    elif test.after in BAD and asked:
        message = f"{test.id} is {'changed' if change and change.before else 'new'} and not green"
        hidden = test.after is Outcome.ERROR and test.exception not in {"ModuleNotFoundError", "ImportError"}
        fix = f"{tests.case.command(test.id)}{_WHERE_IT_PASSES if hidden else ''}"
        yield error("PG203", message, test=test.id, line=line, fix=fix)
    elif test.after is Outcome.SKIPPED:
        yield from _skipped(tests, test, change)
    elif test.base is Outcome.PASSED and any(case.after is Outcome.XFAILED for case in test.cases):
        yield from _excused_from_passing(tests, test, change)


def _was_made(test: SeenTest) -> bool:
    """Whether a test that no text defines came with the change: of data, say, with the code before as well."""
    return test.base is Outcome.MISSING and test.before in BAD


WITHOUT_DJANGO = exported({})
"""What names Django's settings, as long as no script of the project was asked for them."""


def missing_here(case: Case, test: SeenTest) -> Fault:
    """Say that a test lacks what no change to the project brings: a module, or Django's settings."""
    message = f"{test.id} cannot run in this environment: {test.why}"
    fix = WITHOUT_DJANGO if test.lacks_settings else f"install what {case.command(test.id)} lacks, and verify again"
    return unknown("PG217", message, test=test.id, fix=fix)


def _skipped(tests: Sorted, test: SeenTest, change: TestChange | None) -> Iterator[Fault]:
    """A test that ran before and is skipped now is a loss where the test side did it, or nothing else should."""
    by_the_change = change is not None or tests.is_touched(test) or tests.case.asks_no_red
    if test.base.green and by_the_change:
        yield error(
            "PG207", f"{test.id} passed before and is skipped now", test=test.id, line=_line(change), fix="let it run"
        )
    elif change is not None or test.base.green:
        yield warning("PG211", f"{test.id} is skipped, so it proves nothing", test=test.id, line=_line(change))


def _excused_from_passing(tests: Sorted, test: SeenTest, change: TestChange | None) -> Iterator[Fault]:
    """A test that passed before, and of which a conftest or a configuration says now that it may fail."""
    said = change is not None and any(loss.loss is Loss.XFAIL for loss in change.weakenings)
    if not said and (change is not None or tests.is_touched(test)):
        message = f"{test.id} passed before and is expected to fail now"
        yield error("PG207", message, test=test.id, line=_line(change), fix="let it pass")


def _hindrance(case: Case, hindered: Sequence[SeenTest]) -> Fault:
    first, number = hindered[0], len(hindered)
    what = first.id if number == 1 else f"{counted(number, 'new or changed test')}, {first.id} among them,"
    message = f"{what} cannot run here, nor can tests that nothing touched, before the change or after it"
    return unknown("PG217", f"{message}: {first.why}", test=first.id, fix=shows_why(case, first))


def shows_why(case: Case, test: SeenTest) -> str:
    """Return how to find out why a test can be run on no side here."""
    if test.lacks_settings:
        return WITHOUT_DJANGO
    return f"{case.command(test.id)} shows why{_WHERE_IT_PASSES}; phasegate doctor --verify"
