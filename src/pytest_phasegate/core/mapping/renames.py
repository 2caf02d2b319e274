"""What became of a test that is no longer where it was: found by its text, or with the file or class it stood in."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from pytest_phasegate.core.evidence.outcomes import TestId

ENOUGH = 0.5
"""The share of its tests, or of its lines, by which a file or class is known under another name, as git has it."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a change did to the tests around one that went.

    ``stood`` are the tests of the file before, ``left`` those of them that stand there still, ``fresh`` the tests that
    came, wherever; each with its digest. ``alike`` are the new files that hold most lines of one that is gone.
    """

    stood: Mapping[TestId, str]
    left: AbstractSet[TestId]
    fresh: Mapping[TestId, str]
    alike: AbstractSet[str] = field(default_factory=frozenset)


def successor(old: TestId, digest: str, step: Step) -> TestId | None:
    """Return the test that one became, or ``None`` where none can be told from the others.

    The same text under another name is it; so is the same name in a file or class that goes on under another name.
    """
    return _by_text(old, digest, step) or _by_home(old, step)


def _by_text(old: TestId, digest: str, step: Step) -> TestId | None:
    same = [test for test, other in step.fresh.items() if digest and other == digest]
    return _only_best({test: _likeness(old, test) for test in same})


def _by_home(old: TestId, step: Step) -> TestId | None:
    home, _, name = old.rpartition("::")
    if any(_home(test) == home for test in step.left):
        return None
    homes = {_home(test) for test in step.fresh if test.rpartition("::")[2] == name}
    scores = {other: (share, _likeness(home, other)) for other in homes if (share := _share(home, other, step))}
    best = _only_best(scores)
    return next((test for test in step.fresh if test == f"{best}::{name}"), None)


def _share(home: str, other: str, step: Step) -> float:
    """Return how much of a file or class another one holds; nothing where it is not enough."""
    texts = {digest for test, digest in step.stood.items() if _home(test) == home}
    there = {digest for test, digest in step.fresh.items() if _home(test) == other}
    share = len(texts & there) / len(texts) if texts else 0.0
    if other.partition("::")[0] in step.alike and home.partition("::")[2] == other.partition("::")[2]:
        share = max(share, ENOUGH)
    return share if share >= ENOUGH else 0.0


def _likeness(one: str, other: str) -> tuple[bool, bool, bool]:
    """Compare two places: the last name weighs most, then the file, then the classes."""
    (path, *names), (other_path, *others) = one.split("::"), other.split("::")
    return names[-1:] == others[-1:], path == other_path, names[:-1] == others[:-1]


def _only_best(scores: Mapping[str, object]) -> TestId | None:
    """Return what scores highest, if nothing else does as well."""
    best = max(scores.values(), default=None)  # type: ignore[type-var]
    winners = [test for test, score in scores.items() if score == best]
    return winners[0] if len(winners) == 1 else None  # type: ignore[return-value]


def _home(test: str) -> str:
    return test.rpartition("::")[0]
