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
