"""Which trees a replay builds, and which test files it runs in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from pytest_phasegate.core.grading import Additions
from pytest_phasegate.core.paths import Side
from pytest_phasegate.core.replay import own_packages

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_phasegate.core.change.changeset import ChangeSet
    from pytest_phasegate.core.paths import Layout

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class Scope:
    """The test files to run: these, or the whole suite, or nothing (``files`` empty and not ``suite``)."""

    files: tuple[str, ...] = ()
    suite: bool = False

    @property
    def empty(self) -> bool:
        """Whether there is nothing to run."""
        return not self.files and not self.suite


def scope_of(changes: ChangeSet, layout: Layout, present: Iterable[str]) -> Scope:
    """Return which test files a change concerns.

    The files of the tests that differ; the whole suite where something changed that any test may use (data, conftest,
    a helper module, a mixin's file), and where production code changed alone: then every test may be affected.
    """
    touched = {test.id.partition("::")[0] for test in changes.tests}
    touched |= {helper.id.partition("::")[0] for helper in changes.helpers}
    elsewhere = [path for path in touched if not layout.is_collected(path)]
    if changes.shared or elsewhere:
        return Scope(suite=True)
    here = frozenset(present)
    files = tuple(sorted(path for path in touched if path in here))
    if files:
        return Scope(files)
    return Scope(suite=changes.changes_behaviour)


def red_tree(before: Mapping[str, Entry], after: Mapping[str, Entry], layout: Layout) -> dict[str, Entry]:
    """Return the red tree: everything of *after*, except the production files, which are *before's*."""
    others = {path: entry for path, entry in after.items() if layout.side(path) is not Side.PRODUCTION}
    production = {path: entry for path, entry in before.items() if layout.side(path) is Side.PRODUCTION}
    return {**others, **production}


def additions_of(changes: ChangeSet, layout: Layout, paths: Iterable[str]) -> Additions:
    """Return what a change adds, to grade a red by; ``paths`` are the files of both trees."""
    added = changes.added
    return Additions(
        packages=own_packages(layout.module_of(path) for path in paths if layout.side(path) is Side.PRODUCTION),
        names=added.names | added.parameters | added.callables,
        paths=frozenset(change.path for change in changes.production),
    )
