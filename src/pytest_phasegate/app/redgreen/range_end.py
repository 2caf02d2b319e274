"""The tests that a range does not touch and that its code can reach, run once where the range ends."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import NamedTuple

from pytest_phasegate.app.redgreen.change import ChangeReader, ReadChange
from pytest_phasegate.app.redgreen.confirmation import ROUNDS_UNSTEADY
from pytest_phasegate.app.redgreen.replay import Replayer
from pytest_phasegate.core.evidence.outcomes import BAD, TestId, file_of, files_of
from pytest_phasegate.core.evidence.probe_records import ProbedRun, united
from pytest_phasegate.core.project.paths import inside
from pytest_phasegate.core.project.settings import Policy, RedGreenSettings
from pytest_phasegate.core.redgreen.observed import Endings, Replay
from pytest_phasegate.core.redgreen.replay import failing_alike, settled
from pytest_phasegate.core.redgreen.verdict import CommitVerdict
from pytest_phasegate.core.verdict.verdict import Finding


class Fallen(NamedTuple):
    """The tests that fail where a range ends and passed before; ``trouble`` says why nobody knows of some.

    ``waived`` tells by which waiver some of them may: that of the commit that broke them. ``let_off`` is what is wrong
    with tests that a commit broke and a later one, of tests alone, made green again.
    """

    tests: tuple[TestId, ...] = ()
    trouble: str = ""
    let_off: tuple[Finding, ...] = ()
    waived: Mapping[TestId, str] = MappingProxyType({})


class Shown(NamedTuple):
    """What the commits of a range have shown of its tests.

    ``last`` is what was run for the last of them: a file of which all is green there is known. ``green`` are the tests
    that were green before and after a commit, ``turned`` those that one turned green, red as they may be where it
    begins.
    """

    last: Replay
    green: frozenset[TestId]
    turned: frozenset[TestId]

    @classmethod
    def of(cls, verdicts: Iterable[CommitVerdict], last: Replay) -> Shown:
        """Gather it from the verdicts on the commits."""
        verdicts = tuple(verdicts)
        green = (test for one in verdicts for test in one.pass_to_pass)
        turned = (test for one in verdicts for test in one.turned)
        return cls(last, frozenset(green), frozenset(turned))

    @property
    def files(self) -> set[str]:
        """The files of which is known that each of their cases ends well."""
        seen = [(file_of(case.node_id), case.after) for test in self.last.tests for case in test.cases]
        return {path for path, _ in seen} - {path for path, outcome in seen if outcome in BAD}


def fallen(
    reader: ChangeReader,
    replayer: Callable[[], Replayer],
    change: ReadChange,
    start: str,
    *,
    rules: RedGreenSettings,
    shown: Shown,
) -> Fallen:
    """Run the tests that can reach a range's change where it ends, and what fails there where it begins.

    Args:
        reader: Reads the trees.
        replayer: Gives what runs tests, where some must run.
        change: The range as one change.
        start: The tree that it begins with.
        rules: The rules of its base.
        shown: What its commits have shown.

    Raises:
        RepositoryError: A tree cannot be written.
    """
    changes = change.changes
    if not changes.changes_behaviour or changes.policy_under(rules) is Policy.OFF:
        return Fallen()
    reaching = reader.reach(change)([one.path for one in (*changes.behaviour, *changes.unproved)])
    asked = reaching.files or tuple(filter(change.layout.is_collected, change.after.entries))
    left = tuple(path for path in asked if path not in shown.files)
    if not left:
        return Fallen()
    started = shown.last.started
    suite = bool(reaching.whole) and not reaching.files and not (started and not any(started.values()))
    end = _RangeEnd(replayer(), change, reader.between(start, start), shown)
    ended = end.of_suite(asked) if suite else _once(end.runs, change, left)
    found = {test for files, run in ended for test in end.lost(files, run)}
    trouble = next((run.trouble for _, run in ended if run.trouble and run.aborted is None), "")
    return Fallen(tuple(sorted(found)), trouble)


class _RangeEnd(NamedTuple):
    """A range as one ``change``, and the tree it begins with as one that changes nothing: ``then``."""

    runs: Replayer
    change: ReadChange
    then: ReadChange
    shown: Shown

    def of_suite(self, files: tuple[str, ...]) -> list[tuple[tuple[str, ...], ProbedRun]]:
        """Run all tests at once; where pytest gives up, the files by their names."""
        whole = self.runs.once(self.change, None)
        return [(files, whole)] if whole.aborted is None else _once(self.runs, self.change, files)

    def lost(self, files: Collection[str], run: ProbedRun) -> set[TestId]:
        """Return the tests that fail in a run of files and passed where the range begins; chance loses none."""
        wanted = tuple(sorted(_unrun(run, files).union(run.failing_files)))
        after, before = run, self._begun(wanted, run)
        lost = _lost(after, before, files, self.shown)
        for attempt in range(1, 1 + ROUNDS_UNSTEADY):
            doubtful = _doubtful(wanted, after, before, lost) if run.aborted is None else ()
            if not doubtful:
                break
            again = self.runs.once(self.change, doubtful, attempt)
            after = settled(after, again)
            if before.failing_files:
                before = settled(before, self.runs.once(self.then, doubtful, attempt))
            lost = _lost(after, before, files, self.shown)
            if Endings.of(again).says_as(Endings.of(run)) and not _is_unsteady(before, lost):
                break
        return lost

    def _begun(self, files: tuple[str, ...], ended: ProbedRun) -> ProbedRun:
        """Run files where the range begins; twice what fails there as it does where it ends: it may be by chance."""
        before = united(run for _, run in _once(self.runs, self.then, files))
        alike = failing_alike(before, ended) if ended.aborted is None else ()
        return settled(before, self.runs.once(self.then, alike, 1)) if alike else before


def _is_unsteady(before: ProbedRun, lost: Collection[TestId]) -> bool:
    return any(case.flaky and case.test in lost for case in before.cases)


def _lost(run: ProbedRun, before: ProbedRun, files: Collection[str], shown: Shown) -> set[TestId]:
    """Return the tests of a run that fail, or that it could not come to, and passed before."""
    unrun, stood = _unrun(run, files), before.green_tests
    passed = stood | (shown.green - before.failing_tests) | shown.turned
    there = stood if run.aborted is not None else passed  # what keeps all from running may lack here all along
    gone = there - {case.test for case in run.cases}
    return {*(passed & run.failing_tests), *(test for test in gone if file_of(test) in unrun)}


def _doubtful(files: Iterable[str], run: ProbedRun, before: ProbedRun, lost: AbstractSet[TestId]) -> tuple[str, ...]:
    """Return those of the failing files that are run once more: chance may have lost a test, or hidden that it is."""
    alike = failing_alike(run, before)
    mine = {case.path for case in run.cases if not lost.isdisjoint(case.functions)}
    mine.update(map(file_of, lost))
    return tuple(path for path in files if path in mine or not any(inside(path, one) for one in alike))


def _once(runs: Replayer, change: ReadChange, files: tuple[str, ...]) -> list[tuple[tuple[str, ...], ProbedRun]]:
    """Run files on the after side; where a conftest lets pytest give up, those of each directory by themselves."""
    whole = runs.once(change, files)
    places: dict[str, tuple[str, ...]] = {}
    for path in files if whole.aborted is not None else ():
        place = path.rpartition("/")[0]
        places[place] = (*places.get(place, ()), path)
    apart = places.values() if len(places) > 1 else ()
    return [(some, runs.once(change, some)) for some in apart] or [(files, whole)]


def broken_between(
    reader: ChangeReader, replayer: Replayer, trees: tuple[str, str], tests: Collection[TestId]
) -> frozenset[TestId]:
    """Return those of some tests that pass on the former of two trees and do not on the latter.

    Raises:
        RepositoryError: A tree cannot be written.
    """
    files = files_of(tests)
    before, after = (replayer.standing(reader.between(tree, tree), files).green_tests for tree in trees)
    return before.intersection(tests) - after


def _unrun(ended: ProbedRun, asked: Collection[str]) -> set[str]:
    """Return the files that could not be imported, for themselves, or for a conftest of theirs or of all."""
    ran, broken = {case.path for case in ended.cases}, [item.path for item in ended.uncollected]
    alone = {path for path in asked if ended.aborted is not None and path not in ran}
    return alone.union(path for path in asked if any(inside(path, one) for one in broken))
