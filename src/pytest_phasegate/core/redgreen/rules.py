"""The table of ``docs/reference/red-green.md``: judge one commit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_phasegate.core.evidence.outcomes import BAD, Grade, Outcome, TestId, counts_as_red, file_of
from pytest_phasegate.core.project.pytest_options import lacks_settings
from pytest_phasegate.core.project.settings import Policy
from pytest_phasegate.core.redgreen.case import Case, Sorted
from pytest_phasegate.core.redgreen.change.behaviour import Effect
from pytest_phasegate.core.redgreen.change.changeset import ChangeSet, FileAction, TestChange
from pytest_phasegate.core.redgreen.exercised import told
from pytest_phasegate.core.redgreen.losses import WITHOUT_DJANGO, ends, losses, missing_here, shows_why
from pytest_phasegate.core.redgreen.observed import SeenTest
from pytest_phasegate.core.redgreen.verdict import Fault, error, note, unknown, warning
from pytest_phasegate.core.verdict.verdict import AMONG_OTHERS, counted, listed


def faults_of(case: Case) -> tuple[Fault, ...]:
    """Return everything that is wrong, or worth a word, about a commit."""
    tests = Sorted.of(case)
    unreadable = tuple(_unreadable(case, tests))
    follow = _OF_UNREADABLE if any(fault.unknown for fault in unreadable) else ()
    observed = (fault for fault in _observed(case, tests) if fault.finding.code not in follow)
    return (*unreadable, *losses(case, tests), *observed)


_OF_UNREADABLE = ("PG201", "PG202", "PG203")
"""That no test came, or none is green, follows from a file that nobody can read: mended, it may be otherwise."""


def _unreadable(case: Case, tests: Sorted) -> Iterator[Fault]:
    """Yield what cannot be parsed; of production code that tests run green on, only we cannot."""
    production = {change.path for change in case.change.production}
    runs = any(test.after.green for test in tests.tests)
    for fact in case.change.unreadable:
        message = f"{fact.path} cannot be parsed: {fact.reason}"
        if runs and fact.path in production:
            yield warning("PG216", message, test=fact.path)
        else:
            yield unknown("PG216", message, path=fact.path, fix="mend the file, or run phasegate with a newer Python")


_SHOWN = "run pytest with the interpreter that phasegate doctor names, and mend what it shows"


def _observed(case: Case, tests: Sorted) -> Iterator[Fault]:
    """Yield what the runs say; where they were needed and are not there, nothing is known."""
    if case.replay is None:
        if case.may_be_refused:
            yield unknown(
                "PG217", "no run has shown how the tests of this change behave", fix="phasegate verify HEAD~..HEAD"
            )
        return
    for trouble in case.replay.trouble:
        yield unknown("PG217", trouble, fix=_SHOWN) if case.may_be_refused else warning("PG217", trouble)
    for path, made in case.not_compiled.items():
        message = f"a compiled source changed, and no replay compiles it: tests run with {made} as it is"
        yield unknown("PG217", message, path=path, fix=_NOT_COMPILED)
    stuck = (*_none_can_run(case, tests), *_nothing_ran(case))
    if stuck:
        yield from stuck
        return
    proof = list(_proof(case, tests) if case.change.changes_behaviour else _test_only(case, tests))
    said = {(fault.finding.code, fault.test) for fault in proof if fault.unknown}
    yield from (fault for fault in ends(case, tests) if (fault.finding.code, fault.test) not in said)
    if case.replay.behind:
        yield _behind(case.replay.behind)
    yield from proof
    yield from _most_unable(case, tests)


_NOT_COMPILED = (
    'run its tests where it is built; `policy = "off"` under [[tool.phasegate.red_green.paths]] asks nothing of it'
)


def _behind(tests: Sequence[TestId]) -> Fault:
    verb, pronoun = ("fails", "it does") if len(tests) == 1 else ("fail", "they do")
    message = f"{counted(len(tests), 'test')} {verb} on the old code only after another test failed, so {pronoun}"
    return note("PG210", f"{message} not count as red: {listed(tests, _LISTED, AMONG_OTHERS)}", test=tests[0])


_LISTED = 3


def _nothing_ran(case: Case) -> Iterator[Fault]:
    """Yield that of a change which asks for no red test nobody knows whether it turns one red: there are, and none ran.

    Tests that go with the code are asked about by themselves.
    """
    reaching = case.seen.reaching
    there = reaching.known + reaching.alike if reaching is not None and not case.not_compiled else 0
    outcomes = {outcome for test in case.seen.tests for outcome in (test.base, test.after)}
    if case.asks_no_red and there and outcomes <= {Outcome.MISSING, Outcome.SKIPPED} and not _takes_tests(case.change):
        path, failure = next(iter(case.seen.failed_files.items()), (None, None))
        why = failure.told if failure is not None else ""
        message = f"not one test of {counted(there, 'test file')} ran here, before the change or after it"
        fix = "see that pytest collects and runs them: what they import, testpaths, python_files, -k, skips"
        fix = WITHOUT_DJANGO if lacks_settings(why) else fix
        yield unknown("PG217", f"{message}{why and f': {why}'}", path=path, fix=fix)


def _takes_tests(change: ChangeSet) -> bool:
    """Whether tests go: of a revert nothing says which, where it takes modules away with what asks of them."""
    code = {one.path for one in change.production}
    whole = all(one.action is FileAction.DELETED for one in change.production)
    return bool(change.deleted) or (whole and bool({*change.restored}.difference(code, change.others)))


def _most_unable(case: Case, tests: Sorted) -> Iterator[Fault]:
    """Yield that most tests of a change which is to leave them green cannot be set up: the few others are no answer."""
    unable = [test for test in tests.tests if test.base is test.after is Outcome.ERROR]
    keeps = case.asks_no_red or case.intent.keeps_behaviour
    if keeps and not tests.fail_to_pass and len(unable) > len(tests.pass_to_pass):
        first = unable[0]
        message = (
            f"{len(unable):,} of {counted(len(tests.tests), 'test')} cannot be set up here, before the change or after"
        )
        yield unknown("PG217", f"{message} it{first.because}", test=first.id, fix=shows_why(case, first))


def _none_can_run(case: Case, tests: Sorted) -> Iterator[Fault]:
    """Yield that nothing was seen: no test is green on any side, and what was there before was as broken then.

    Of a change that asks for a red test, all must end by the same exception, which is no assertion: what is wrong then
    lies before every test, as where settings are missing. One test alone says so where its file cannot be imported, on
    either side: a test that runs with the change arrived.
    """
    there = [test for test in tests.tests if test.base is not Outcome.MISSING]
    arrived = any(test.uncollected and test.after is Outcome.FAILED for test in tests.tests)
    broken = not arrived and all(test.after in BAD and not test.base.green for test in tests.tests)
    same = {test.exception for test in tests.tests}
    several = len(tests.tests) > 1 or any(test.uncollected for test in tests.tests)
    alike = several and len(same) == 1 and not same & {"", "AssertionError"}
    graded = all(test.grade is Grade.BROKEN for test in tests.tests)
    if there and broken and case.touches_code and (alike if case.change.changes_behaviour else graded):
        first = tests.tests[0]
        number = len(tests.tests)
        what = f"not one of the {number:,} tests can" if number > 1 else f"{first.id} cannot"
        message = f"{what} run here, before the change or after it{first.because}"
        yield unknown("PG217", message, test=first.id, fix=shows_why(case, first))


def _proof(case: Case, tests: Sorted) -> Iterator[Fault]:
    """Yield what keeps a change of production behaviour from being proved by its tests.

    Where a run came to no end, what it did not show could have been the proof.
    """
    proved = tests.fail_to_pass or tests.fail_to_pass_unchanged
    whole = case.replay is not None and not case.replay.trouble and not case.not_compiled
    if whole and not proved and not case.change.removes_only:
        yield from _unproved(case, tests)
    for test in tests.never_red:
        if not case.strict:
            yield note("PG210", f"{test} was never red", test=test)
    if case.strict and not case.change.removes_only:
        yield from _strict(case, tests)


def _unproved(case: Case, tests: Sorted) -> Iterator[Fault]:
    """Say why nothing was proved: the nearest miss first; what could not run here may have been the proof."""
    new = any(test.is_target and test.before is None for test in case.change.tests)
    kept = case.intent.keeps_behaviour and not new
    targets = [test for test in tests.tests if tests.is_target(test)]
    hindered = tests.hindered
    asked = [test for test in targets if test not in hindered and not (kept and test.replaced)]
    near = [fault for test in asked for fault in _near_miss(case, test)]
    unable = hindered or any(test.after in BAD and test.lacks_environment for test in targets)
    if any(fault.unknown for fault in near) or unable:
        yield from (fault for fault in near if fault.unknown)
        return
    if kept:
        return
    skipped = [test for test in tests.tests if _may_prove_elsewhere(tests, test)]
    if skipped and not near:
        yield _unseen(skipped)
        return
    apart = sorted({file_of(change.id) for change in case.change.targets})
    if apart and not targets and set(apart) <= set(case.change.run_otherwise):
        yield _not_by_pytest(apart)
        return
    python = case.seen.python
    elsewhere = [one for one in case.change.behaviour if any(not way.runs_on(python) for way in one.branches)]
    if python and elsewhere and not near:
        yield _for_others(elsewhere[0].path, python)
        return
    yield from near
    if any(test.is_target for test in case.change.tests):
        message, fix = _missing(case, targets, new=new)
        yield _first_place(case, "PG202", message, fix, on_type=not new)
    else:
        data = f"{case.change.shared[0]} beside it turned no test red" if case.change.shared else "no test did"
        message = f"production code changed, and {data}"
        fix = f"write the failing test first; {_BY_TYPE}"
        yield _first_place(case, "PG201", message, fix, on_type=True)


def _missing(case: Case, targets: Sequence[SeenTest], *, new: bool) -> tuple[str, str]:
    """Say what new and changed tests lack of a proof, and what to do."""
    said = "production behaviour changed, and {}".format
    if not targets:
        named = any(test.after and test.after.collected for test in case.change.tests)
        left_out = "see what leaves them out: -k, -m, --deselect or --ignore in addopts, a conftest.py"
        return said("pytest collects none of the new or changed tests"), left_out if named else _NAME
    if all(change.after and change.after.claims.idle for change in case.change.targets):
        return said("no new or changed test asserts anything of it"), "assert what the code does"
    if all(test.after in BAD for test in targets):
        return said("no new or changed test is green"), "make them green"
    if all(test.after in {Outcome.SKIPPED, Outcome.XFAILED} for test in targets):
        fix = "take the mark away, see it fail without the change, and commit them together"
        return said("every new or changed test is skipped or expected to fail"), fix
    fix = f"write a test that fails on the old code; {_TESTS_FIRST if new else _BY_TYPE}"
    return said("every new or changed test already passes on the old code"), fix


_BY_TYPE = "for a refactoring, write the subject as `refactor: …`"
_TESTS_FIRST = "for a refactoring, commit the new tests first, then the code as `refactor: …`"


def _may_prove_elsewhere(tests: Sorted, test: SeenTest) -> bool:
    """Whether a new or changed test is let off for what is missing here, not by its own unconditional mark."""
    change = tests.change_of(test)
    marks = change.after.marks if change is not None and change.after is not None else None
    if test.after is Outcome.XFAILED:
        return tests.is_target(test) and marks is not None and marks.xfail_here
    return test.after is Outcome.SKIPPED and tests.is_target(test) and not (marks and marks.skipped)


def _unseen(skipped: Sequence[SeenTest]) -> Fault:
    some = listed([test.id for test in skipped], _LISTED, AMONG_OTHERS)
    return unknown(
        "PG211",
        f"the tests that could prove the change are skipped or expected to fail here: {some}",
        path=file_of(skipped[0].id),
        fix="run it where they are not (`pytest -rsx` says why they are)",
    )


def _for_others(path: str, python: str) -> Fault:
    message = f"a branch in {path} is new that Python {python} does not take, so no test can prove it here"
    return unknown("PG211", message, path=path, fix="run it with a Python that takes it (--python)")


def _not_by_pytest(paths: Sequence[str]) -> Fault:
    some = listed(paths, _LISTED, AMONG_OTHERS)
    return unknown("PG211", f"pytest collects no test of {some}, nor did it before", path=paths[0], fix=_NAME)


_NAME = "let pytest collect them: call the file test_*.py, or add its name to python_files"


def _first_place(case: Case, code: str, message: str, fix: str, *, on_type: bool) -> Fault:
    paths = [change.path for change in case.change.behaviour if change.effect is not Effect.REMOVAL]
    paths.sort(key=lambda path: case.policy_of(path) in {Policy.OBSERVE, Policy.OFF})
    more = f" (and {counted(len(paths) - 1, 'more file')})" if len(paths) > 1 else ""
    return error(code, message + more, path=paths[0], fix=fix)._replace(on_type=on_type and not case.intent.known)


def _near_miss(case: Case, test: SeenTest) -> Iterator[Fault]:
    """Yield why a new or changed test that could have been the proof is none."""
    if test.flaky:
        yield unknown("PG209", f"{test.id} differs between two runs", test=test.id, fix="make it deterministic")
    elif test.replaced:
        message = f"{test.id} shows nothing of this change{told(test.replaced)}"
        yield unknown("PG224", message, test=test.id, fix="let it run the code of the change as it stands")
    elif test.lacks_environment:
        if test.after.green:
            yield missing_here(case, test)
    elif test.grade is Grade.BROKEN:
        message = f"{test.id} fails on the old code for a reason that is not the change's{test.because}"
        yield error("PG208", message, test=test.id, fix=case.command(test.id))
    elif test.grade is not Grade.NONE and test.after.green and not counts_as_red(test.grade, case.parts.red):
        message = f"{test.id} was red only because a name was missing"
        yield error("PG219", message, test=test.id, fix="let it fail on a behaviour")


def _strict(case: Case, tests: Sorted) -> Iterator[Fault]:
    """Every new or changed test is fail_to_pass or declared, and every changed line runs under one that is."""
    for test in tests.tests:
        change = tests.change_of(test)
        if (
            change is not None
            and change.is_target
            and not tests.proves(test)
            and not test.flaky
            and not _is_declared(change)
            and case.policy_of(file_of(change.id)) is Policy.STRICT
        ):
            message = f"{test.id} was never red and is not declared a characterization"
            yield error("PG210", message, test=test.id, line=change.line, fix=_DECLARE)
    if case.seen.lines is None:
        yield unknown("PG213", "which lines the fail_to_pass tests run was not observed")
        return
    strict = (path for path in case.seen.lines.missing if case.policy_of(path) is Policy.STRICT)
    for path, lines in ((path, case.seen.lines.missing[path]) for path in strict):
        message = f"{len(lines)} changed lines run under no fail_to_pass test"
        yield error("PG213", message, path=path, line=lines[0], fix="test them, or take them out")


_DECLARE = '@pytest.mark.characterization("why")'


def _is_declared(change: TestChange) -> bool:
    return change.after is not None and change.after.marks.characterization is not None


def _test_only(case: Case, tests: Sorted) -> Iterator[Fault]:
    """Yield what is wrong with a change of tests alone: a red for the wrong reason, an undeclared green."""
    for test in tests.tests:
        change = tests.change_of(test)
        if test.after not in BAD or test.flaky or not tests.is_target(test):
            continue
        if test.lacks_environment:
            yield missing_here(case, test)
        elif test.grade is Grade.BROKEN:
            message = f"{test.id} fails for a reason that no production code can mend{test.because}"
            yield error("PG208", message, test=test.id, line=change.line if change else None, fix=case.command(test.id))
    never_red = set(tests.never_red)
    for test in (test for test in tests.tests if test.id in never_red):
        change = tests.change_of(test)
        if not case.strict:
            yield note("PG210", f"{test.id} was never red", test=test.id)
        elif change is not None and not _is_declared(change):
            message = f"{test.id} is green at once and not declared a characterization"
            yield error("PG214", message, test=test.id, line=change.line, fix=_DECLARE)
