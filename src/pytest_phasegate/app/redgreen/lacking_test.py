"""Code that changes with no test: known from texts and the ledger, before anything is run.

A change of code alone may still turn a test green that an earlier commit left red. So a test that was seen red, and the
tests of a commit of tests alone just below, leave the answer to a replay until a run has shown them green.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_phasegate.app.ports.ledger import Ledger
from pytest_phasegate.app.ports.trees import Commit
from pytest_phasegate.app.redgreen.change import ChangeReader, ReadChange
from pytest_phasegate.app.redgreen.lookup import Recalled
from pytest_phasegate.app.redgreen.recorded_replay import OPEN_REDS
from pytest_phasegate.core.evidence.outcomes import Outcome
from pytest_phasegate.core.evidence.runs import TestVersion
from pytest_phasegate.core.redgreen.change.changeset import ChangeSet

_COMMITS = 5  # how far below a commit of tests alone is looked for, where those between change neither tests nor code
_RUNS = 50
_DOCTEST = ">>> "


def lacks_a_test(change: ReadChange, reader: ChangeReader, ledger: Ledger, before: str) -> bool:
    """Return whether production behaves otherwise and nothing that a replay runs could prove it.

    Args:
        change: The change, read.
        reader: Reads the commits below.
        ledger: What earlier runs have shown.
        before: The commit that the change stands on.

    Raises:
        EvidenceError: The repository or the ledger cannot be read.
    """
    if not _is_code_alone(change, reader):
        return False
    below = _tests_alone(reader, before)
    if below is not None and (below.shared or below.helpers):
        return False
    with ledger.kept_open():
        recalled = Recalled(change, ledger)
        written = [test.id for test in below.targets] if below else []
        fresh = recalled.versions(change.after, written)
        if len(fresh) < len(written):
            return False  # nobody has run them as they stand
        return not _left_red(recalled, list(fresh.values()), reader.repository.commit(before).made)


def _is_code_alone(change: ReadChange, reader: ChangeReader) -> bool:
    """Whether code changes, and no file that pytest could collect a test from, or that its tests stand on."""
    changes = change.changes
    if not changes.changes_behaviour or changes.removes_only:
        return False
    if changes.tests or changes.helpers or changes.shared or changes.configuration:
        return False
    texts = reader.texts(change.after.entries, changes.others)
    return not any(line.lstrip().startswith(_DOCTEST) for text in texts.values() for line in text.splitlines())


def _tests_alone(reader: ChangeReader, revision: str) -> ChangeSet | None:
    """Return what the newest commit of tests or code changes, if that is tests alone: it may have left them red."""
    for commit in _below(reader, revision):
        changes = reader.between(commit.parents[0], commit.tree).changes
        if changes.changes_behaviour:
            return None
        if changes.targets or changes.shared or changes.helpers:
            return changes
    return None


def _below(reader: ChangeReader, revision: str) -> Iterator[Commit]:
    """Yield a commit and those below it, as far as their one parent is in this clone."""
    for _ in range(_COMMITS):
        commit = reader.repository.commit(revision)
        if len(commit.parents) != 1 or reader.repository.resolve(commit.parents[0]) is None:
            return
        yield commit
        revision = commit.parents[0]


def _left_red(recalled: Recalled, written: Sequence[TestVersion], made: int) -> bool:
    """Return whether a test is open: one seen red as it stands, or one of those just written.

    It is no longer when a run passed it on the code before, or passed it after its red and in a second before that of
    the last commit.
    """
    ledger, code = recalled.ledger, recalled.production_before
    newest = {one.red.test.id: one for one in reversed(ledger.recent_reds(OPEN_REDS))}
    standing = recalled.versions(recalled.change.after, newest)
    seen = {test: newest[test.id] for test in standing.values() if newest[test.id].red.test.digest == test.digest}
    waiting = dict.fromkeys(written, 0) | {test: one.run.number for test, one in seen.items()}
    for run in {*ledger.runs(code), *(run for run in ledger.recent_runs(_RUNS) if run.at < made)}:
        for test, outcome in ledger.outcomes(run, list(waiting)).items():
            later = run.number > waiting[test] and test in seen
            if outcome is Outcome.PASSED and (run.production == code or later):
                del waiting[test]
    return bool(waiting)
