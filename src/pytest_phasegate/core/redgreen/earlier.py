"""Tests as they stood before a change, on the code after it: do they still hold, and if not, what asks in their place?

A demand that the code does not meet any more has gone for good, or was dropped to let broken code pass. It went for
good where a test that was red before asks something new of the same value; nothing else tells the two apart.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import reduce
from operator import and_

from pytest_phasegate.core.evidence.outcomes import Grade, NodeId, Outcome, TestId, file_of
from pytest_phasegate.core.redgreen.case import Case, Sorted
from pytest_phasegate.core.redgreen.change.assertions import Claim, Liveness
from pytest_phasegate.core.redgreen.change.changeset import ChangeSet, HelperChange, TestChange, TestStatus
from pytest_phasegate.core.redgreen.change.test_module import TestFunction
from pytest_phasegate.core.redgreen.change.weakening import Loss
from pytest_phasegate.core.redgreen.observed import SeenTest

MAY_GO = frozenset({Loss.EXCHANGED, Loss.ASSERTION_REMOVED, Loss.CASES_DROPPED})
"""What a changed behaviour may bring with it; a run of the text before tells."""


def to_be_run(case: Case) -> tuple[TestId, ...]:
    """Return the tests whose text of before must be run on the code after the change to judge it."""
    if case.replay is None or not case.touches_code:
        return ()
    tests = Sorted.of(case)
    weaker = (one.before.id for one in tests.changes.values() if one.before is not None and one.weakenings)
    lost = (test for test in case.seen.lost if lost_with(case.change, test))
    wanted = {*_helped(tests), *_changed(tests), *weaker, *lost}
    if case.change.changes_behaviour:
        listed = () if case.change.removes_only else case.change.deleted
        deleted = (change.id for change in listed if not change.removed_with or is_taken_over(change))
        wanted.update(deleted)
    return tuple(sorted(wanted - (case.seen.departed or {}).keys()))


def expecting(case: Case) -> dict[str, tuple[NodeId, ...]]:
    """Return by the name of an exception or a warning the cases of tests that were red and newly expect it."""
    tests, found = Sorted.of(case), dict[str, tuple[NodeId, ...]]()
    for test in filter(tests.proves, tests.tests):
        change = tests.change_of(test)
        for name in {name for claim in (_fresh(change) if change else ()) for name in claim.exceptions}:
            found[name] = (*found.get(name, ()), *(one.node_id for one in test.cases))
    return found


def lost_with(change: ChangeSet, test: TestId) -> str:
    """Return what else changed in a file and may have taken a test away that stands: a class, a name it was given."""
    return next((helper.id for helper in change.helpers if helps(helper, test)), "")


def is_weaker_for_sure(change: ChangeSet) -> bool:
    """Whether a text demands less by itself, so that no run can excuse it."""
    of_tests = (loss for test in change.tests if not test.is_gone for loss in test.weakenings)
    of_helpers = (loss for helper in change.helpers for loss in helper.weakenings)
    certain = (loss for loss in (*of_tests, *of_helpers) if loss.loss not in MAY_GO and not loss.conditional)
    return change.changes_behaviour and any(certain)


def is_taken_over(change: TestChange) -> bool:
    """Whether another test says by its words what a deleted one said."""
    return "::" in change.removed_with


def _changed(tests: Sorted) -> Iterator[TestId]:
    for change in tests.changes.values():
        if change.before is not None and (
            is_doubted(tests, change) or asks_beside(change) or may_go(change) or left_open(change)
        ):
            yield change.before.id


def left_open(change: TestChange) -> tuple[Claim, ...]:
    """Return the claims of an altered test, one of several, of which its text says nothing any more.

    It neither makes them, nor claims something else of the very same expression.
    """
    if change.before is None or change.after is None or len(change.before.claims.claims) < _SEVERAL:
        return ()
    live = [claim for claim in change.after.claims.claims if claim.liveness is Liveness.LIVE]
    texts, subjects = {claim.text for claim in live}, {claim.subject for claim in live}
    gone = (claim for claim in change.before.claims.claims if claim.text not in texts)
    return tuple(claim for claim in gone if claim.subject not in subjects and claim.liveness is not Liveness.DEAD)


_SEVERAL = 2


def open_claims(case: Case) -> dict[TestId, tuple[Claim, ...]]:
    """Return by the id of before the claims of which only a run tells whether the code still meets them."""
    tests = case.change.tests if not case.change.removes_only else ()
    contradicted = ((test.before, test) for test in tests if test.before and refuted(case, test.before))
    return {before.id: claims for before, test in contradicted if (claims := left_open(test))}


Payers = Mapping[str, tuple[tuple[TestId, Claim], ...]]
"""By the text of a claim of before the claims that may have taken its place, each with its test."""


def payers(case: Case, before: TestId, unmet: Sequence[Claim]) -> Payers:
    """Return the claims of tests that were red which ask as much of what the claims of a test asked about.

    What all claims of that test speak of does not tell one of them from the others.
    """
    tests = Sorted.of(case)
    old = next(test.before for test in case.change.tests if test.before and test.before.id == before)
    common = reduce(and_, (claim.about for claim in old.claims.claims))
    own = {claim.text: claim._replace(about=claim.about - common or claim.about) for claim in unmet}
    return {
        text: tuple(
            (change.id, fresh)
            for test in filter(tests.proves, tests.tests)
            if (change := tests.change_of(test)) is not None
            for fresh in _fresh(change)
            if _asks_instead(fresh, [claim], _among(tests, test), ())
        )
        for text, claim in own.items()
    }


def told_about(claims: Sequence[Claim]) -> str:
    """Return in words what some claims speak of."""
    names = sorted(frozenset().union(*(claim.about for claim in claims)))
    return ", ".join(f"`{name}`" for name in names[:_NAMED]) or "one value"


_NAMED = 3


def _among(tests: Sorted, test: SeenTest) -> frozenset[str] | None:
    """Return the names by which a value may be the same, of a test that is red for want of a name; else any may.

    What is only red since a name is missing was never asked about anything but what brings the name.
    """
    added = tests.case.change.added
    return added.all | added.callables if test.grade is Grade.STRUCTURAL else None


def may_go(change: TestChange) -> bool:
    """Whether a test lost what a changed behaviour may bring with it."""
    return any(loss.loss in MAY_GO for loss in change.weakenings)


def _helped(tests: Sorted) -> Iterator[TestId]:
    """Yield the tests that stand as they did, under whatever name, and pass before and after: what changed may do that.

    That the code before cannot import a file says nothing of a test in it that only got something for its stand-ins.
    """
    change = tests.case.change
    any_test = bool(change.deciding or change.standing)
    for test in tests.tests:
        helped = any_test or any(helps(helper, test.id) for helper in change.helpers)
        became = tests.change_of(test)
        before = test.id if became is None else became.before.id if became.before and not became.is_target else None
        passed = test.grade is Grade.NONE or (test.uncollected and lent_to(change, test.id))
        if helped and before and (test.base.green or became) and test.after.green and passed and not test.flaky:
            yield before


def helps(helper: HelperChange, test: TestId) -> bool:
    """Whether a test reaches a helper, or its class is one or has it: a class may inherit the test, or make it."""
    owner = helper.id if helper.id.count("::") == 1 else helper.id.rpartition("::")[0]
    return test in helper.tests or f"{test}::".startswith(f"{owner}::")


def lent_to(change: ChangeSet, test: TestId) -> frozenset[str]:
    """Return what came to stand-ins beside a test, where nothing else of it changed.

    They stand in the place of others, of which the code asks more now: without that a test asks nothing otherwise.
    """
    beside = [one for one in change.helpers if helps(one, test) or file_of(one.id) in change.decided_before]
    others = {*change.decided_before}.difference(file_of(one.id) for one in beside)
    gains = [one.gains for one in beside if one.gains is not None]
    apart = test in change.became or others or len(gains) < len(beside)
    return frozenset() if apart else frozenset[str]().union(*gains)


def given_to_mocks(change: ChangeSet, test: TestId) -> frozenset[str]:
    """Return the attributes that an altered test gives to something, where nothing else of it changed."""
    pairs = ((one.before, one.after) for one in change.tests if one.before is not None and one.before.id == test)
    before, after = next(pairs, (None, None))
    if before is None or after is None or before.given[0] != after.given[0] or not before.given[1] <= after.given[1]:
        return frozenset()
    return frozenset(name for name, _ in after.given[1] - before.given[1])


def is_doubted(tests: Sorted, change: TestChange) -> bool:
    """Whether a test was altered and no run tells what of it was red: it never was, or only for want of a name."""
    if not change.is_target or change.before is None or _takes_what_is_given(tests, change):
        return False
    left_out = change.after is not None and not _texts(change.before) <= _texts(change.after)
    return _was_never_red(tests, change.id, {Grade.NONE, Grade.STRUCTURAL} if left_out else {Grade.NONE})


def _takes_what_is_given(tests: Sorted, change: TestChange) -> bool:
    """Whether all that was altered is that functions in a test take a parameter which the code has now.

    As it stood before, it fails since the code gives that; its stand-ins do, and it asks, what they did.
    """
    if change.before is None or change.after is None:
        return False
    (was, had), (now, have) = change.before.stand_ins, change.after.stand_ins
    fresh = have - had
    given = fresh <= tests.case.change.added.parameters - change.before.claims.words
    return was == now != "" and bool(fresh) and had <= have and given


def _texts(test: TestFunction) -> set[str]:
    return {claim.text for claim in test.claims.claims}


def asks_beside(change: TestChange) -> bool:
    """Whether an altered test also asks about something that it did not ask about: that may be all of its red."""
    if change.before is None or change.after is None or not change.is_target:
        return False
    about = frozenset().union(*(claim.about for claim in change.before.claims.claims))
    return bool(about) and any(claim.about and claim.about.isdisjoint(about) for claim in _fresh(change))


def _was_never_red(tests: Sorted, test_id: TestId, grades: Collection[Grade]) -> bool:
    mine = [test for test in tests.tests if test_id in {test.id, *test.definitions}]
    return bool(mine) and all(test.after.green and test.grade in grades and not test.flaky for test in mine)


def refuted(case: Case, test: TestFunction | None) -> bool:
    """Whether the code after the change does otherwise than a test asked as it stood before."""
    return test is not None and test.id in case.seen.refuted


def holds(case: Case, test: TestFunction | None) -> bool:
    """Whether a test as it stood before is green on the code after the change."""
    outcome = (case.seen.departed or {}).get(test.id, Outcome.MISSING) if test is not None else Outcome.MISSING
    return outcome.green


def heir(tests: Sorted, old: TestFunction, new: TestFunction | None = None, named: str = "") -> TestId | None:
    """Return a test that was red before and asks something new of what an earlier text asked about, if there is one.

    Args:
        tests: The tests of the change.
        old: A test as it stood before.
        new: The same as it stands; of a deleted one ``None``: then only a new test takes its place, or the named one.
        named: The test that says the words of a deleted one.

    Of a text that claims nothing, a helper may: then a test that was red asks about something that it speaks of.
    """
    gone = _left_out(old, new)
    spoken_of = _spoken_of(old)
    for test in (test for test in tests.tests if tests.proves(test)):
        change = tests.change_of(test)
        replaces = change is not None and (change.status is TestStatus.NEW or change.id == named)
        if change is None or change.after is None or (new is None and not replaces):
            continue
        red = [change.after.claims.about(line) for line in test.stopped]
        fresh = list(_fresh(change))
        about = frozenset[str]().union(*(claim.about for claim in fresh)) or _spoken_of(change.after)
        if any(_asks_instead(claim, gone, _among(tests, test), red) for claim in fresh):
            return test.id
        if not gone and (not spoken_of or about & spoken_of):
            return test.id
    return None


def _spoken_of(test: TestFunction) -> frozenset[str]:
    return frozenset[str]().union(*(names for _, names in test.claims.named))


def _asks_instead(
    claim: Claim, gone: Sequence[Claim], among: frozenset[str] | None, red: Sequence[frozenset[str]]
) -> bool:
    """Whether a claim says what holds now: as much of the same expression, or of the value that the test was red for.

    Args:
        claim: A claim that was not made before.
        gone: The claims that are not made any more.
        among: The names by which a value may be the same; ``None``: any.
        red: The names in the statements that failed on the code before; none where nobody knows which did.
    """
    for one in (one for one in gone if claim.exact or claim.strength >= one.strength):
        about = (claim.about - claim.repeated) & one.about
        was_red = not red or any(not about.isdisjoint(names) for names in red)
        same = claim.text != one.text and (claim.subject == one.subject != "" or claim.value == one.value != "")
        returns = claim.value == one.raised_by != "" and not claim.exceptions
        if same or returns or (was_red and (about if among is None else about & among)):
            return True
    return False


def _left_out(old: TestFunction, new: TestFunction | None) -> Sequence[Claim]:
    """Return the claims that the new text does not make; where it makes all of them, all."""
    kept = _texts(new) if new is not None else set()
    return [claim for claim in old.claims.claims if claim.text not in kept] or old.claims.claims


def _fresh(change: TestChange) -> Iterator[Claim]:
    """Yield what a test claims, and did not before; all of it where only its cases or what it sets up changed."""
    if change.after is None:
        return
    known = _texts(change.before) if change.before is not None else set()
    live = [claim for claim in change.after.claims.claims if claim.liveness is Liveness.LIVE]
    yield from [claim for claim in live if claim.text not in known] or live
