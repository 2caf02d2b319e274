"""Whether recorded runs show that the tests which reach a change are green on the staged content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_phasegate.app.redgreen.lookup import Recalled, is_whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_phasegate.app.ports.ledger import Ledger
    from pytest_phasegate.app.redgreen.change import ReadChange
    from pytest_phasegate.core.evidence.runs import RunRef
    from pytest_phasegate.core.redgreen.import_graph import Reaching


MOST_MODULES = 1500
"""In a larger tree, finding out what reaches a change takes longer than a hook should."""


def stands_green(change: ReadChange, ledger: Ledger, reaching: Callable[[], Reaching]) -> bool:
    """Return whether the suite, or each test file that can reach a change, ran green on the staged content.

    Raises:
        LedgerError: The ledger cannot be believed or read.
    """
    with ledger.kept_open():
        recalled = Recalled(change, ledger)
        clean = [run for run in recalled.after_runs if not run.incomplete and not ledger.reds_of(run)]
    if any(map(is_whole, clean)):
        return True
    standing = change.after.entries
    found = reaching() if clean and not is_large(change) else None
    if found is None or found.whole or not found.files:
        return False
    files = [path for path in found.files if path in standing]
    return all(any(_ran(run, path, set(standing)) for run in clean) for path in files)


def is_large(change: ReadChange) -> bool:
    """Whether a tree holds more modules than a hook should read."""
    return sum(path.endswith(".py") for path in change.after.entries) > MOST_MODULES


def _ran(run: RunRef, path: str, standing: set[str]) -> bool:
    """Whether a run was of this file, all of it: what narrowed the run are names of files alone."""
    return path in run.partial and standing.issuperset(run.partial)
