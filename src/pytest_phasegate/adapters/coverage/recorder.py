"""Record what runs, stretch by stretch, each under its owner."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from pytest_phasegate.adapters.coverage.tap import Tap
from pytest_phasegate.core.coverage.credit import Kind, Owner, Recorded

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from coverage import Coverage

    from pytest_phasegate.core.coverage.measurement import Ran


class Recorder:
    """The account of one process's run.

    Args:
        root: The project's root; files outside of it are left out of the account.
        coverage: The measurement to listen to, already started.
        ours: It is our own, and nobody else reads it.
    """

    def __init__(self, root: Path, coverage: Coverage, *, ours: bool) -> None:
        self.root = root
        self.directory = os.getcwd()  # noqa: PTH109 - coverage.py's names are relative to it
        self.owner = Owner(Kind.STARTUP)
        self._by_owner: dict[Owner, dict[str, set[Any]]] = {}
        self._first: dict[str, frozenset[Any]] = {}
        self._requested: dict[Owner, set[str]] = {}
        self._tap: Tap | None = Tap(coverage, self._take, ours=ours)
        self.coverage = coverage
        self.ours = ours
        self.branches = self._tap.branches

    def switch(self, owner: Owner) -> None:
        """Let what runs from now on belong to an owner."""
        if owner != self.owner:
            self.close_stretch()
            self.owner = owner

    def close_stretch(self) -> None:
        """Credit what ran so far to the owner as it is."""
        if self._tap:
            self._tap.peek()

    def request(self, path: str) -> None:
        """Note that a module is about to be loaded for the owner as it is."""
        self._requested.setdefault(self.owner, set()).add(path)

    def trouble(self) -> str:
        """Return why what runs now is not recorded as it should be, or nothing."""
        return self._tap.trouble() if self._tap else ""

    def follow(self, coverage: Coverage) -> None:
        """Go on with another measurement, which somebody started in place of the one listened to."""
        if self._tap and coverage is not self.coverage:
            self._tap.release()
            self.coverage = coverage
            self._tap = Tap(coverage, self._take)
            self.branches = self._tap.branches

    def stop(self) -> None:
        """End the account; a measurement of our own ends with it."""
        if self._tap:
            self._tap.release()
            self._tap = None
            if self.ours and self._is_current():  # coverage.py cannot stop a measurement below another one
                self.coverage.stop()

    def recorded(self) -> Recorded:
        """Return the account, with paths relative to the root."""
        names = {name: path for name in self._first if (path := self._path(name))}
        return Recorded(
            branches=self.branches,
            by_owner={owner: _renamed(ran, names) for owner, ran in self._by_owner.items()},
            first=_renamed(self._first, names),
            requested={owner: frozenset(paths) for owner, paths in self._requested.items()},
        )

    def _is_current(self) -> bool:
        from coverage import Coverage

        return Coverage.current() is self.coverage

    def _take(self, traces: Mapping[str, Collection[Any]]) -> None:
        account = self._by_owner.setdefault(self.owner, {})
        for name, part in traces.items():
            if part:
                account.setdefault(name, set()).update(part)
                if name not in self._first:
                    self._first[name] = frozenset(part)

    def _path(self, name: str) -> str | None:
        """Return coverage.py's name of a file relative to the root, or nothing for one outside."""
        absolute = os.path.realpath(os.path.join(self.directory, name))  # noqa: PTH118 - a name of coverage.py's
        root = os.path.realpath(self.root)
        return os.path.relpath(absolute, root).replace(os.sep, "/") if absolute.startswith(root + os.sep) else None


def _renamed(ran: Mapping[str, Collection[Any]], names: Mapping[str, str]) -> Ran:
    return {names[name]: frozenset(traces) for name, traces in ran.items() if name in names}
