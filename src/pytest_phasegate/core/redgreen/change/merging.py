"""What a merge did itself: what stands in it otherwise than in every parent, by the mildest reading of any."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_phasegate.core.redgreen.change.behaviour import Effect
from pytest_phasegate.core.redgreen.change.changeset import ProductionChange, TestStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TypeVar

    from pytest_phasegate.core.redgreen.change.changeset import ChangeSet, HelperChange, TestChange

    Change = TypeVar("Change", TestChange, HelperChange, ProductionChange)


def against_all(readings: Sequence[ChangeSet]) -> ChangeSet:
    """Unite what a merge changes of each of its parents.

    A test that one parent did not have is no deletion, and one that stands as in one parent is not changed: the commits
    that a merge brings are judged on their own.
    """
    first = readings[0]
    return replace(
        first,
        tests=tuple(_mildest_test(group) for group in _in_all([one.tests for one in readings])),
        helpers=tuple(_mildest_helper(group) for group in _in_all([one.helpers for one in readings])),
        production=tuple(_mildest(group) for group in _in_all([one.production for one in readings])),
        shared=tuple(path for path in first.shared if all(path in one.shared for one in readings)),
    )


def _in_all(readings: Sequence[Iterable[Change]]) -> Iterator[list[Change]]:
    """Yield the readings of each thing that differs from every parent."""
    named = [{one.path if isinstance(one, ProductionChange) else one.id: one for one in found} for found in readings]
    for name in named[0]:
        if all(name in one for one in named):
            yield [one[name] for one in named]


def _mildest_test(readings: list[TestChange]) -> TestChange:
    return min(readings, key=lambda one: (len(one.weakenings), one.status is TestStatus.NEW))


def _mildest_helper(readings: list[HelperChange]) -> HelperChange:
    return min(readings, key=lambda one: len(one.weakenings))


def _mildest(readings: list[ProductionChange]) -> ProductionChange:
    return max(readings, key=lambda one: list(Effect).index(one.effect))


def is_woven(parents: Sequence[str], merged: str) -> bool:
    """Whether a merged text differs from no two of its parents in one place, so that git could merge them alone.

    Then every line of it is a parent's, and every line that one parent lacks was taken out by another.
    """
    lines = merged.splitlines()
    places = [frozenset(_differing(parent.splitlines(), lines)) for parent in parents]
    return not frozenset.intersection(*places)


def _differing(parent: list[str], merged: list[str]) -> Iterator[int]:
    """Yield where two texts differ: each line that came in, doubled to leave odd numbers for the gaps between lines."""
    import difflib  # a merge alone asks

    for tag, _, _, start, end in difflib.SequenceMatcher(None, parent, merged).get_opcodes():
        if tag == "delete":
            yield 2 * start - 1
        elif tag != "equal":
            yield from (2 * line for line in range(start, end))
