"""Whether a test demands less than it did: read from two versions of its text, never from its outcome."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from pytest_phasegate.core.redgreen.change.assertions import Claim, Liveness
from pytest_phasegate.core.redgreen.change.marks import Case, Marks
from pytest_phasegate.core.redgreen.change.strength import Strength
from pytest_phasegate.core.redgreen.change.test_claims import Claims


class Loss(StrEnum):
    """In which way a test was weakened."""

    ASSERTION_REMOVED = "assertion removed"
    ASSERTION_WEAKENED = "assertion weakened"
    EXCHANGED = "assertion exchanged"
    """For another, of which the text does not say that it asks as much of the same value."""
    NOT_REACHED = "assertion no longer decides"
    EXCEPTION_BROADENED = "expected exception broadened"
    MATCH_DROPPED = "match dropped"
    TOLERANCE = "tolerance widened"
    CASES_DROPPED = "cases dropped"
    SKIPPED = "skip added"
    XFAIL = "xfail added"
    EMPTIED = "body emptied"


class Weakening(NamedTuple):
    """One way in which a test or one of its helpers was weakened; ``words`` are what the lost part spoke of."""

    loss: Loss
    detail: str
    words: frozenset[str] = frozenset()
    conditional: bool = False
    """It takes effect only under a condition: where the test still ran and passed, nothing was lost."""


def weakenings(
    before: Claims, after: Claims, cases: frozenset[str] = frozenset(), helped: Sequence[Claim] = ()
) -> tuple[Weakening, ...]:
    """Compare what two versions of one function claim.

    Args:
        before: The version before.
        after: The version after.
        cases: The words of the cases it has now.
        helped: What the functions that it calls claim now, and did not before.
    """
    if after.empty and not before.empty:
        return (Weakening(Loss.EMPTIED, "nothing is left of its body", before.words),)
    losses = [*_claims(before, after, cases, helped)]
    if after.skips > before.skips:
        losses.append(Weakening(Loss.SKIPPED, "it now calls skip or xfail in its body", conditional=True))
    return tuple(losses)


def mark_weakenings(before: Marks, after: Marks, words: frozenset[str]) -> tuple[Weakening, ...]:
    """Compare the marks of two versions; ``words`` are those of the test as it stands now."""
    return (*_skips(before, after), *_cases(before.cases, after.cases, words))


def _skips(before: Marks, after: Marks) -> Iterator[Weakening]:
    if after.skipped and not before.skipped:
        yield Weakening(Loss.SKIPPED, "it is now skipped")
    elif len(after.skips) > len(before.skips) and not before.skipped:
        yield Weakening(Loss.SKIPPED, "it now runs only under a condition", conditional=True)
    if after.xfail and before.xfail not in {after.xfail, "loose"}:
        yield Weakening(
            Loss.XFAIL, "it is now expected to fail" if not before.xfail else "its xfail is no longer strict"
        )


def _cases(
    before: tuple[Case, ...] | None, after: tuple[Case, ...] | None, words: frozenset[str]
) -> Iterator[Weakening]:
    """Fewer cases are a loss, unless what they said now stands in the body (a loop took their place)."""
    if before is None or after is None:
        return
    counted, now = {case.text for case in before if not case.let_off}, {case.text for case in after}
    gone, come = len(counted - now), len(now - counted)
    lost = frozenset(word for case in before if case.text not in now for word in case.words)
    if gone > come and not (not after and lost <= words):
        yield Weakening(Loss.CASES_DROPPED, f"{gone - come} of {len(before)} cases are gone", lost)
    if sum(case.let_off for case in after) > sum(case.let_off for case in before):
        yield Weakening(Loss.SKIPPED, "more of its cases are skipped or expected to fail")


def _claims(before: Claims, after: Claims, cases: frozenset[str], helped: Sequence[Claim]) -> Iterator[Weakening]:
    old = [claim for claim in before.claims if claim.liveness in _DECIDING]
    new = [claim for claim in after.claims if claim.liveness in _DECIDING]
    silenced = {claim.text for claim in after.claims if claim.liveness not in _DECIDING}
    pairs, gone, come = _paired(old, new)
    for one, other in pairs:
        yield from _pair(one, other, after)
    for claim in gone:
        if claim.text in silenced:
            yield Weakening(
                Loss.NOT_REACHED, "an assertion is caught, or stands after the end of the test", claim.words
            )
    gone = [claim for claim in gone if not any(_stands_in(other, claim, after) for other in helped)]
    merged = [claim for claim in gone if any(_asks_the_whole(other, claim) for other in come)]
    come = [other for other in come if not any(_asks_the_whole(other, claim) for claim in merged)]
    left = [claim for claim in gone if claim.text not in silenced and claim not in merged]
    said = cases.union(*(claim.words for claim in new))
    lost = [claim for claim in left if not claim.words - COMMON <= said]
    words = frozenset().union(*(claim.words for claim in lost))
    if len(left) > len(come) and lost:
        count = min(len(lost), len(left) - len(come))
        there = ", ".join(f"line {claim.line}" for claim in lost[:3])
        yield Weakening(Loss.ASSERTION_REMOVED, f"{count} of {len(old)} assertions are gone (before: {there})", words)
    elif exchanged := [claim for claim in _unreplaced(left, come) if claim in lost]:
        about = ", ".join(sorted(frozenset().union(*(claim.about for claim in exchanged)))[:3]) or "one value"
        yield Weakening(Loss.EXCHANGED, f"one about {about} gave way to another", words)


def _asks_the_whole(new: Claim, old: Claim) -> bool:
    """Whether a claim compares with something else, exactly, what was called for the value another was a part of."""
    compares = new.strength is Strength.EQUALITY and new.text.startswith("Compare(")
    compares = compares and not new.wildcards and not new.repeated
    return compares and not new.slack and new.value in old.wholes and new.subject != old.subject


def _unreplaced(gone: Sequence[Claim], come: Sequence[Claim]) -> list[Claim]:
    """Return the claims that are gone and for which none came that asks as much of the same value."""
    left, free = [], list(come)
    for claim in gone:
        other = next((other for other in free if _asks_as_much(other, claim)), None)
        if other is None:
            left.append(claim)
        else:
            free.remove(other)
    return left


def _asks_as_much(new: Claim, old: Claim) -> bool:
    strong = new.exact or new.strength >= old.strength
    return strong and not new.about.isdisjoint(old.about) and new.wildcards <= old.wildcards


def _stands_in(helped: Claim, gone: Claim, after: Claims) -> bool:
    """Whether a claim of a function that is called says as much, with what it is given, as one that is gone."""
    return (
        helped.liveness is Liveness.LIVE
        and helped.strength >= gone.strength
        and helped.exceptions == gone.exceptions
        and helped.matches >= gone.matches
        and helped.wildcards <= gone.wildcards
        and helped.slack == gone.slack
        and (helped.of_parameters or not helped.words.isdisjoint(gone.words - COMMON))
        and gone.words - COMMON <= helped.words | after.words
    )


_DECIDING = {Liveness.LIVE, Liveness.GUARDED}
COMMON = frozenset({
    "self", "cls", "pytest", "raises", "warns", "match", "msg", "assertEqual", "assertTrue", "assertFalse", "assertIn",
    "assertIs", "assertIsNone", "assertIsNotNone", "assertRaises", "len", "str", "NoneType:None,", "bool:True,",
    "bool:False,", "isinstance", "approx",
})  # fmt: skip
"""Words of the language of assertions, which say nothing of what is tested."""


def _paired(old: Sequence[Claim], new: Sequence[Claim]) -> tuple[list[tuple[Claim, Claim]], list[Claim], list[Claim]]:
    """Pair the claims of two versions: equal ones first, then those about the same subject, in order.

    Expected exceptions are paired in order also where what runs under them was edited.
    """
    pairs: list[tuple[Claim, Claim]] = []
    gone, come = list(old), list(new)
    for alike in _ALIKE:
        for one in list(gone):
            other = next((candidate for candidate in come if alike(one, candidate)), None)
            if other is not None:
                pairs.append((one, other))
                gone.remove(one)
                come.remove(other)
    return pairs, gone, come


_ALIKE: tuple[Callable[[Claim, Claim], bool], ...] = (
    lambda one, other: (one.text, one.subject) == (other.text, other.subject),
    lambda one, other: one.subject == other.subject,
    lambda one, other: bool(one.exceptions and other.exceptions),
)


def _pair(one: Claim, other: Claim, after: Claims) -> Iterator[Weakening]:
    if one.liveness is Liveness.LIVE and other.liveness is Liveness.GUARDED:
        yield Weakening(Loss.NOT_REACHED, "an assertion now hangs on a condition", one.words)
    if one.exceptions or other.exceptions:
        if _is_broader(one.exceptions, other.exceptions):
            detail = f"{' or '.join(one.exceptions)} became {' or '.join(other.exceptions)}"
            yield Weakening(Loss.EXCEPTION_BROADENED, detail, one.words)
        if one.matches and not other.matches and not (one.words - other.words - COMMON) & _claimed(after, other):
            yield Weakening(Loss.MATCH_DROPPED, "the message of the exception is no longer checked", one.words)
    elif other.wildcards > one.wildcards:
        yield Weakening(Loss.ASSERTION_WEAKENED, "part of what is compared may now be anything", one.words)
    elif other.strength < one.strength and not other.exact:
        yield Weakening(Loss.ASSERTION_WEAKENED, f"{_NAMES[one.strength]} became {_NAMES[other.strength]}", one.words)
    elif _is_looser(dict(one.slack), dict(other.slack)):
        yield Weakening(Loss.TOLERANCE, "a tolerance is wider than it was", one.words)


_NAMES = {
    Strength.EQUALITY: "an exact comparison",
    Strength.RELATION: "a relation",
    Strength.KIND: "a check of kind or difference",
    Strength.TRUTH: "a check of truth",
}


def _is_looser(before: dict[str, float], after: dict[str, float]) -> bool:
    """Whether a tolerance grew, or an exact comparison got one that is more than rounding."""
    if before:
        return any(value > before.get(name, value) for name, value in after.items())
    return any(value > (_DIGITS_OF_ROUNDING if value < 0 else _ROUNDING) for value in after.values())


_ROUNDING = 0.01
_DIGITS_OF_ROUNDING = -4


def _claimed(after: Claims, own: Claim) -> frozenset[str]:
    return frozenset().union(*(claim.words for claim in after.claims if claim is not own))


def _is_broader(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether every exception expected before is still expected, and more is; names alone are known."""
    fresh = [name for name in after if name not in before]
    if any(name in {"Exception", "BaseException"} for name in fresh):
        return True
    kept = all(any(_covers(name, old) for name in after) for old in before)
    return kept and bool(fresh)


def _covers(name: str, old: str) -> bool:
    if name == old:
        return True
    broad, narrow = getattr(builtins, name, None), getattr(builtins, old, None)
    return isinstance(broad, type) and isinstance(narrow, type) and issubclass(narrow, broad)
