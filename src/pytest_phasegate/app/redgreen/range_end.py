"""The tests that a range does not touch and that its code can reach, run once where the range ends."""

from __future__ import annotations

from collections.abc import Callable, Collection
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from pytest_phasegate.app.redgreen.change import ChangeReader
from pytest_phasegate.app.redgreen.replay import Replayer
from pytest_phasegate.app.redgreen.tree_runs import file_of
from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.evidence.probe_records import ProbedRun
from pytest_phasegate.core.project.paths import inside
from pytest_phasegate.core.project.settings import Policy, RedGreenSettings
from pytest_phasegate.core.redgreen.observed import BAD, Replay
from pytest_phasegate.core.redgreen.replay import failing_files, failing_tests


class Fallen(NamedTuple):
    """The tests that fail where a range ends and passed before; ``trouble`` says why nobody knows of some."""

    tests: tuple[TestId, ...] = ()
    trouble: str = ""


def fallen(
    reader: ChangeReader,
    replayer: Callable[[], Replayer],
    trees: tuple[str, str],
    rules: RedGreenSettings,
    *,
    last: Replay,
    green: AbstractSet[TestId],
    turned: AbstractSet[TestId],
) -> Fallen:
    """Run the tests that can reach what differs between two trees on the latter, and what fails there on the former.

    Args:
        reader: Reads the trees.
        replayer: Gives what runs tests, where some must run.
        trees: Where the range begins, and where it ends.
        rules: The rules of its base.
        last: What was run for its last commit: a file of which all is green there is known.
        green: The tests that its commits have shown green before and after them.
        turned: Those that its commits turned from red to green, red as they may be where it begins.

    Raises:
        RepositoryError: A tree cannot be written.
    """
    start, end = trees
    change = reader.between(start, end)
    changes = change.changes
    if not changes.changes_behaviour or changes.policy_under(rules) is Policy.OFF:
        return Fallen()
    reaching = reader.reach(change)([one.path for one in (*changes.behaviour, *changes.unproved)])
    collected = filter(change.layout.is_collected, change.after.entries)
    seen = [(file_of(case.node_id), case.after) for test in last.tests for case in test.cases]
    known = {path for path, _ in seen} - {path for path, outcome in seen if outcome in BAD}
    asked = tuple(collected) if reaching.whole else reaching.files
    left = tuple(path for path in asked if path not in known)
    if not left:
        return Fallen()
    runs = replayer()
    ended = runs.suite(change) if reaching.whole else runs.standing(change, left)
    unrun = _unrun(ended, asked if reaching.whole else left)
    files = tuple(sorted(unrun.union(failing_files(ended))))
    before = runs.standing(reader.between(start, start), files) if files else ProbedRun()
    stood = {case.test for case in before.cases if case.outcome.green} - failing_tests(before)
    passed = stood | (green - failing_tests(before)) | turned
    failing, ran = failing_tests(ended), {case.test for case in ended.cases}
    there = stood if ended.aborted is not None else passed  # what keeps all from running may lack here all along
    lost = passed & failing | {test for test in there - ran if file_of(test) in unrun}
    return Fallen(tuple(sorted(lost)), ended.trouble or ("pytest gave up" if ended.aborted is not None else ""))


def _unrun(ended: ProbedRun, asked: Collection[str]) -> set[str]:
    """Return the files that could not be imported, for themselves, or for a conftest of theirs or of all."""
    ran, broken = {case.path for case in ended.cases}, [item.path for item in ended.uncollected]
    alone = {path for path in asked if ended.aborted is not None and path not in ran}
    return alone.union(path for path in asked if any(inside(path, one) for one in broken))
