"""Waivers: what is let through, with a reason, and until when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pytest_phasegate.core.project.paths import matches_any
from pytest_phasegate.core.project.settings import Waiver
from pytest_phasegate.core.redgreen.faults import Fault, warning
from pytest_phasegate.core.redgreen.intent import Intent

_SHORTEST_SHA = 7


def waiver_for(faults: Sequence[Fault], intent: Intent, waivers: Iterable[Waiver], *, sha: str, today: str) -> str:
    """Return the reason by which every refusal among some faults is waived; empty where one of them is not.

    Args:
        faults: What was found.
        intent: The commit's message; its trailer waives all.
        waivers: The configuration's, of the base revision in a range.
        sha: The commit's id, empty while there is none.
        today: The date, ISO; a waiver holds through the day it expires.
    """
    if intent.waiver:
        return intent.waiver
    holding = [waiver for waiver in waivers if not is_expired(waiver, today)]
    whole = next((waiver.reason for waiver in holding if _names_commit(waiver, sha)), "")
    if whole:
        return whole
    reasons = [_reason(fault, holding) for fault in faults if fault.refuses]
    return "; ".join(dict.fromkeys(reasons)) if reasons and all(reasons) else ""


def is_expired(waiver: Waiver, today: str) -> bool:
    """Whether a waiver's day has passed."""
    return bool(waiver.expires) and waiver.expires < today


def without_force(
    faults: Sequence[Fault], intent: Intent, waivers: Iterable[Waiver], *, sha: str, today: str
) -> Iterator[Fault]:
    """Yield a word about each waiver that was meant for this commit and does not hold."""
    if intent.waiver_fault:
        yield warning("PG215", intent.waiver_fault)
    for waiver in waivers:
        meant = _names_commit(waiver, sha) or any(_matches(fault, waiver) for fault in faults if fault.refuses)
        if meant and is_expired(waiver, today):
            yield warning("PG215", f"the waiver for {waiver.match} expired on {waiver.expires}")


def _names_commit(waiver: Waiver, sha: str) -> bool:
    match = waiver.match.lower()
    is_sha = len(match) >= _SHORTEST_SHA and all(sign in "0123456789abcdef" for sign in match)
    return is_sha and sha.startswith(match)


def _reason(fault: Fault, waivers: Iterable[Waiver]) -> str:
    return next((waiver.reason for waiver in waivers if _matches(fault, waiver)), "")


def _matches(fault: Fault, waiver: Waiver) -> bool:
    named = [name for name in (fault.test, fault.finding.path) if name]
    return any(matches_any(name, [waiver.match]) for name in named)
