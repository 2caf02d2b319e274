"""The tests that a range does not touch and that its code can reach, run once where the range ends."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import NamedTuple

from pytest_phasegate.app.redgreen.change import ChangeReader, ReadChange
from pytest_phasegate.app.redgreen.replay import Replayer
from pytest_phasegate.app.redgreen.tree_runs import file_of
from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.evidence.probe_records import ProbedRun
from pytest_phasegate.core.project.paths import inside
from pytest_phasegate.core.project.settings import Policy, RedGreenSettings
from pytest_phasegate.core.redgreen.observed import BAD, Replay
from pytest_phasegate.core.redgreen.replay import failing_files, failing_tests


class Fallen(NamedTuple):
    """The tests that fail where a range ends and passed before; ``trouble`` says why nobody knows of some.

    ``waived`` tells by which waiver some of them may: that of the commit that broke them.
    """

    tests: tuple[TestId, ...] = ()
    trouble: str = ""
    waived: Mapping[TestId, str] = MappingProxyType({})


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
    ended = [(asked, runs.suite(change))] if reaching.whole else []
    if not ended or ended[0][1].aborted is not None:
        ended = _standing(runs, change, asked if reaching.whole else left)
    lost: set[TestId] = set()
    for files, run in ended:
        unrun = _unrun(run, files)
        wanted = tuple(sorted(unrun.union(failing_files(run))))
        before = [one for _, one in _standing(runs, reader.between(start, start), wanted)] if wanted else []
        stood, fell = frozenset().union(*map(_green, before)), frozenset().union(*map(failing_tests, before))
        passed = stood | (green - fell) | turned
        there = stood if run.aborted is not None else passed  # what keeps all from running may lack here all along
        gone = there - {case.test for case in run.cases}
        lost |= (passed & failing_tests(run)) | {test for test in gone if file_of(test) in unrun}
    trouble = next((run.trouble for _, run in ended if run.trouble and run.aborted is None), "")
    return Fallen(tuple(sorted(lost)), trouble)


def _standing(runs: Replayer, change: ReadChange, files: tuple[str, ...]) -> list[tuple[tuple[str, ...], ProbedRun]]:
    """Run files on the after side; where a conftest lets pytest give up, those of each directory by themselves."""
    whole = runs.standing(change, files)
    places: dict[str, tuple[str, ...]] = {}
    for path in files if whole.aborted is not None else ():
        place = path.rpartition("/")[0]
        places[place] = (*places.get(place, ()), path)
    apart = places.values() if len(places) > 1 else ()
    return [(some, runs.standing(change, some)) for some in apart] or [(files, whole)]


def broken_between(
    reader: ChangeReader, replayer: Replayer, trees: tuple[str, str], tests: Collection[TestId]
) -> frozenset[TestId]:
    """Return those of some tests that pass on the former of two trees and do not on the latter.

    Raises:
        RepositoryError: A tree cannot be written.
    """
    files = tuple(sorted(set(map(file_of, tests))))
    before, after = (_green(replayer.standing(reader.between(tree, tree), files)) for tree in trees)
    return before.intersection(tests) - after


def _green(run: ProbedRun) -> frozenset[TestId]:
    return frozenset(case.test for case in run.cases if case.outcome.green) - failing_tests(run)


def _unrun(ended: ProbedRun, asked: Collection[str]) -> set[str]:
    """Return the files that could not be imported, for themselves, or for a conftest of theirs or of all."""
    ran, broken = {case.path for case in ended.cases}, [item.path for item in ended.uncollected]
    alone = {path for path in asked if ended.aborted is not None and path not in ran}
    return alone.union(path for path in asked if any(inside(path, one) for one in broken))
