"""The tests that a change does not concern, as the ledger has seen them: does it break one, does one no longer run?

A replay of the files concerned would find out; where the ledger cannot tell, that is what has to be done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pytest_phasegate.app.redgreen.lookup import Recalled, contradicts, is_of, is_whole, outcome_of
from pytest_phasegate.core.evidence.outcomes import BAD, Outcome, TestId, file_of
from pytest_phasegate.core.evidence.runs import TestVersion
from pytest_phasegate.core.redgreen.observed import SeenTest
from pytest_phasegate.core.redgreen.plan import Extent, ReplayPlan


def broken(recalled: Recalled, concerned: frozenset[TestId]) -> Iterator[SeenTest]:
    """Yield the other tests that were red on exactly the staged content, and how they ended before.

    One that failed before as well is nobody's regression; one that passed when it was run again is flaky.
    """
    reds = {
        red.test: None
        for run in recalled.after_runs
        for red in recalled.ledger.reds_of(run)
        if red.outcome in BAD and red.test.id not in concerned
    }
    standing = recalled.versions(recalled.change.after, [version.id for version in reds])
    mine = [version for version in reds if standing.get(version.id) == version]
    after = recalled.ended(recalled.after_runs, mine)
    before = recalled.ended_before([version.id for version in mine])
    for version in mine:
        was, ended = before.get(version.id, set()), after.get(version.id, set())
        flaky = contradicts(ended) or contradicts(was)
        yield SeenTest(version.id, outcome_of(was), outcome_of(was), outcome_of(ended), flaky=flaky)


def idle(recalled: Recalled, wanted: ReplayPlan) -> Iterator[TestId]:
    """Yield the tests that passed before, or may have, and of which no run on the staged content says so."""
    changes = recalled.change.changes
    excused = frozenset({*wanted.tests, *changes.became, *(test.id for test in changes.tests)})
    whole = wanted.extent is Extent.SUITE
    found = [*(_of_suite(recalled) if whole else _of_files(recalled, wanted.files)), *_inherited(recalled, wanted)]
    return (test for test in found if test not in excused)


def unseen(recalled: Recalled, wanted: ReplayPlan) -> frozenset[str] | None:
    """Return those test files of a plan of which no run on the staged content shows that each of their tests passes.

    ``None`` where that is all of them. The whole suite is shown by runs of the whole suite.
    """
    change = recalled.change
    paths = wanted.files or tuple(path for path in change.after.entries if change.layout.is_collected(path))
    known = recalled.modules(change.after, paths)
    ended = recalled.ended(recalled.after_runs, [version for some in known.values() for version in some])
    inherited = recalled.inherited(recalled.after_runs)
    tests = [version.id for some in known.values() for version in some] + list(inherited)
    failing = {file_of(test) for test in tests if {*ended.get(test, ()), *inherited.get(test, ())} != {Outcome.PASSED}}
    seen = {
        path
        for path in frozenset(map(file_of, tests)).intersection(paths) - failing
        if any(is_whole(run) or (wanted.files and is_of(run, path, change)) for run in recalled.after_runs)
    }
    return frozenset(paths) - seen if seen else None


def _of_files(recalled: Recalled, files: Sequence[str]) -> Iterator[TestId]:
    """Yield the idle tests of the files concerned, by their text before."""
    change = recalled.change
    paths = [path for path in files if path in change.before.entries]
    was = recalled.modules(change.before, paths)
    known = {**recalled.modules(change.after, [path for path in paths if path not in was]), **was}
    for path, versions in known.items():
        resting = _not_passing(recalled, [version.id for version in versions])
        before = recalled.ended_before(resting)
        for test in resting:
            known_otherwise = before.get(test) or _ran_whole(recalled, path, was.get(path, ()))
            if not known_otherwise or Outcome.PASSED in before.get(test, ()):
                yield test


def _of_suite(recalled: Recalled) -> Iterator[TestId]:
    """Yield what passed in a run of the whole suite before, and in none after; what only skips is for files shared."""
    base = next((run for run in recalled.base_runs if is_whole(run)), None)
    after = next((run for run in recalled.after_runs if is_whole(run)), None)
    if base is None or after is None:
        return
    fallen = [version.id for version in recalled.ledger.fallen(base, after)]
    there = recalled.versions(recalled.change.before, fallen)
    ended = _ended_after(recalled, there)
    skipping = bool(recalled.change.changes.shared or recalled.change.changes.deciding)
    yield from (test for test in there if not ended.get(test) or (skipping and _rests(ended[test])))


def _inherited(recalled: Recalled, wanted: ReplayPlan) -> Iterator[TestId]:
    """Yield the tests without a text of their own that passed before."""
    before, after = recalled.inherited(recalled.base_runs), recalled.inherited(recalled.after_runs)
    passed = (
        test for test, ended in before.items() if Outcome.PASSED in ended and Outcome.PASSED not in after.get(test, ())
    )
    return (test for test in passed if wanted.extent is Extent.SUITE or file_of(test) in wanted.files)


def _not_passing(recalled: Recalled, tests: Sequence[TestId]) -> list[TestId]:
    ended = _ended_after(recalled, tests)
    return [test for test in tests if _rests(ended.get(test, set()))]


def _ended_after(recalled: Recalled, tests: Iterable[TestId]) -> dict[TestId, set[Outcome]]:
    return recalled.ended(recalled.after_runs, recalled.versions(recalled.change.after, tests).values())


def _rests(ended: set[Outcome]) -> bool:
    return Outcome.PASSED not in ended and ended.isdisjoint(BAD)


def _ran_whole(recalled: Recalled, path: str, versions: Sequence[TestVersion]) -> bool:
    """Whether a run of all of this file, as it was, is known: what it does not tell of was not collected."""
    runs = (run for run in recalled.base_runs if is_whole(run) or (not run.incomplete and path in run.partial))
    return bool(versions) and any(recalled.ledger.outcomes(run, versions) for run in runs)
