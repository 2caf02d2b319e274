"""Whether recorded runs show that the tests which reach a change are green on the staged content."""

from __future__ import annotations

from pytest_phasegate.app.recalled import Recalled, is_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pytest_phasegate.app.changes import ReadChange
    from pytest_phasegate.app.ledger_port import Ledger
    from pytest_phasegate.core.reaching import Reaching
    from pytest_phasegate.core.recorded import RunRef


def stands_green(change: ReadChange, ledger: Ledger, reaching: Reaching) -> bool:
    """Return whether each test file that can reach a change ran whole on the staged content, and without a red.

    Raises:
        LedgerError: The ledger cannot be believed or read.
    """
    with ledger.kept_open():
        recalled = Recalled(change, ledger)
        clean = [run for run in recalled.after_runs if not run.incomplete and not ledger.reds_of(run)]
    standing = change.after.entries
    if reaching.whole or not reaching.files:
        return any(map(is_whole, clean))
    files = [path for path in reaching.files if path in standing]
    return all(any(_ran(run, path, set(standing)) for run in clean) for path in files)


def _ran(run: RunRef, path: str, standing: set[str]) -> bool:
    """Whether a run was of this file, whole: what narrowed it are names of files alone."""
    return is_whole(run) or (path in run.partial and standing.issuperset(run.partial))
