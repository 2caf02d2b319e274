"""The texts of accepted tests that ask less now, and how tests that are red now ended where a phase began."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from pytest_phasegate.app.coverage.ownership import History
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.app.redgreen.change import ReadChange
from pytest_phasegate.app.redgreen.replay import Replayer
from pytest_phasegate.app.regression.test_texts import TestTexts
from pytest_phasegate.core.evidence.outcomes import (
    RED,
    CaseRun,
    NodeId,
    Outcome,
    TestId,
    TestRun,
    file_of,
    files_of,
    function_of,
)
from pytest_phasegate.core.evidence.probe_records import ProbedCase, ProbedRun, united
from pytest_phasegate.core.guide.model import Phase
from pytest_phasegate.core.mapping.mapping import TestMap
from pytest_phasegate.core.mapping.phase_run import PhaseRun
from pytest_phasegate.core.project.syntax import Unreadable
from pytest_phasegate.core.redgreen.change.test_module import read_versions
from pytest_phasegate.core.redgreen.change.weakening import mark_weakenings, weakenings
from pytest_phasegate.core.regression.baseline import BaselineTest
from pytest_phasegate.core.regression.comparison import Compared, Texts, compare
from pytest_phasegate.core.regression.suite import SuiteFacts, SuiteRun
from pytest_phasegate.core.verdict.report import Kind, Regression
from pytest_phasegate.errors import EvidenceError, RepositoryError

Before = Callable[[str, tuple[str, ...] | None, int], ProbedRun]
"""Runs the files that are there, or the whole suite, on the tree of a revision; a number tells tries apart."""


def base_of(repository: Repository, found: History | str, phase: Phase) -> str:
    """Return where a phase began; the last commit where history does not say, the empty tree before the first."""
    return (repository.opened_at or repository.empty_tree()) if isinstance(found, str) else found.span(phase.id).base


def against(
    run: SuiteRun, bases: Iterable[str], prefix: str, before: Before, *, waived: Mapping[TestId, str], now: str = ""
) -> SuiteFacts:
    """Ask earlier commits for what is red now; where nothing is, nothing is run.

    What is red there is run once more, in the second of them if there is one. A test that was green there without the
    rest of the suite, and is so now, is asked for in the whole suite there: another test may turn it red.

    Args:
        run: The suite as it stands; its ids are relative to the project.
        bases: Revisions, or trees: what was green in one of them was green.
        prefix: The project's path in the repository, as ``sub/``, or nothing.
        before: Runs test files, or the whole suite, on the tree of a revision.
        waived: Tests that may be red, with the reason.
        now: The tree of the suite as it stands, where nobody ran again what failed in it.

    Raises:
        EvidenceError: Nobody can tell how they ended there.
        RepositoryError: A tree cannot be written.
    """
    asked = tuple(dict.fromkeys(bases)) if run.red else ()
    found: dict[NodeId, Outcome] = {}
    for attempt, base in enumerate(asked * 2 if len(asked) == 1 else asked):
        lost = SuiteFacts(run, before=found).lost
        files = files_of(case for case in run.red if function_of(case) not in lost)
        if not files:
            break
        _add(found, _outcomes(run, before(base, tuple(prefix + path for path in files), attempt), base, prefix))
    lost = SuiteFacts(run, before=found).lost if now else ()
    disturbed = _green_alone(run, lost, prefix, before, now) if lost else frozenset()
    if disturbed:
        beside: dict[NodeId, Outcome] = {}
        for base in asked:
            _add(beside, _outcomes(run, before(base, None, 0), base, prefix))
        found |= {case: beside[case] for case in disturbed & beside.keys()}
    return SuiteFacts(run, " or ".join(base[:10] for base in asked), found, waived, disturbed)


def _add(found: dict[NodeId, Outcome], ended: Mapping[NodeId, Outcome]) -> None:
    found |= {case: outcome for case, outcome in ended.items() if case not in found or outcome.green}


def _green_alone(run: SuiteRun, lost: Sequence[TestId], prefix: str, before: Before, now: str) -> frozenset[NodeId]:
    """Return the cases of lost tests that fail in the suite as it stands, and pass there without the rest of it."""
    files = files_of(case for case in run.red if function_of(case) in lost)
    told = before(now, tuple(prefix + path for path in files), 0)
    green = {NodeId(case.node_id.removeprefix(prefix)) for case in told.cases if case.outcome.green}
    return frozenset(case for case in run.red if case in green and function_of(case) in lost)


def _outcomes(run: SuiteRun, told: ProbedRun, base: str, prefix: str) -> dict[NodeId, Outcome]:
    """Return how each case ended in an earlier tree; in a file that could not be collected there, each was red."""
    if trouble := told.trouble:
        raise EvidenceError(f"{len(run.red)} tests fail, and how they ended at {base[:10]} is not known: {trouble}")
    broken = {item.path.removeprefix(prefix) for item in told.uncollected}
    ended = {case: Outcome.ERROR for case in run.red if file_of(case) in broken}
    return ended | {NodeId(case.node_id.removeprefix(prefix)): case.outcome for case in told.cases}


def suite_run(run: ProbedRun, prefix: str, judged: Collection[TestId]) -> SuiteRun:
    """Return what a run of the whole suite says of it.

    Args:
        run: What was seen.
        prefix: The project's path in the repository, as ``sub/``, or nothing.
        judged: The accepted tests, which are held against the baseline.
    """
    cases = [case for case in run.cases if function_of(NodeId(case.node_id.removeprefix(prefix))) not in judged]
    red = tuple(NodeId(case.node_id.removeprefix(prefix)) for case in cases if case.outcome in RED and not case.flaky)
    return SuiteRun(len({case.test for case in cases}), red, run.trouble, cases=len(cases))


DELETIONS = ("deletions are judged commit by commit",)


def compared_at_end(
    change: ReadChange,
    prefix: str,
    baseline: Sequence[BaselineTest],
    replayer: Replayer,
    waivers: Mapping[TestId, str],
    *,
    suite: ProbedRun | None = None,
) -> Compared:
    """Run the accepted tests on the after side of a change and hold them against the baseline.

    One that the range deletes, and that nothing of it takes over, is *removed*; of what was gone before, it was judged.

    Args:
        change: The whole range as one change.
        prefix: The project's path in the repository, as ``sub/``, or nothing.
        baseline: The accepted tests, their ids relative to the project.
        replayer: Runs the tests.
        waivers: Tests somebody took on, with the reason.
        suite: The run of the whole suite there, if there was one that came to its end: what it ran is not run again.

    Raises:
        RepositoryError: The tree cannot be written.
    """
    files = tuple(sorted({prefix + file_of(entry.test) for entry in baseline}))
    parts = [suite] if suite else []
    ran = {file_of(case.node_id) for part in parts for case in part.cases}
    ran |= {item.path for part in parts for item in part.uncollected}
    left = tuple(file for file in files if file not in ran)
    run = united([*parts, replayer.standing(change, left)]) if left or not parts else parts[0]
    cases = tuple(_case(case, prefix) for case in run.cases)
    lost = run.lost_files
    unread = (NodeId(entry.test) for entry in baseline if prefix + file_of(entry.test) in lost)
    broken = (CaseRun(node_id, TestId(node_id), Outcome.ERROR) for node_id in unread)
    observed = TestRun((*cases, *broken), DELETIONS, run.trouble, frozenset(case.test for case in cases))
    found = compare(baseline, PhaseRun(observed, TestMap()), Texts(), waivers)
    deleted = {test.id.removeprefix(prefix) for test in change.changes.deleted if not test.removed_with}
    gone = (one for one in baseline if one.test in deleted and one.test not in waivers)
    removed = (Regression(one.test, one.phase, Kind.REMOVED, "deleted, and the baseline keeps it") for one in gone)
    return replace(found, regressions=(*found.regressions, *removed))


def _case(case: ProbedCase, prefix: str) -> CaseRun:
    node_id = NodeId(case.node_id.removeprefix(prefix))
    return CaseRun(node_id, function_of(node_id), case.outcome, flaky=case.flaky)


VERSIONS = 100  # commits of a file that are searched for an accepted text


def compared_texts(
    texts: TestTexts,
    baseline: Sequence[BaselineTest],
    collected: frozenset[TestId],
    renamed: Callable[[Sequence[BaselineTest]], Mapping[TestId, TestId]] | None = None,
) -> Texts:
    """Return the texts that a comparison with the baseline needs: new names too, where an accepted one is gone.

    Args:
        texts: What reads the project's tests.
        baseline: The accepted tests.
        collected: The tests that were collected.
        renamed: Tells what became of accepted tests that are gone.
    """
    known = {entry.test for entry in baseline}
    wanted = collected if known - collected else known & collected
    digests = texts.digests(sorted(wanted))
    changed = [one for one in baseline if one.digest and digests.get(one.test, one.digest) not in {one.digest, ""}]
    gone = [entry for entry in baseline if entry.test not in collected]
    names = renamed(gone) if renamed and gone else {}
    moved = [one for one in gone if one.test in names and digests.get(names[one.test], "") != one.digest]
    less = {entry.test: _less(texts, entry, names.get(entry.test)) for entry in (*changed, *moved)}
    return Texts(digests, less, names)


def _less(texts: TestTexts, entry: BaselineTest, became: TestId | None) -> str | None:
    """Return what the text that stands, under the name that the test has now, asks less than the accepted one."""
    path = file_of(entry.test)
    place, _, name = (became or entry.test).partition("::")
    accepted = _accepted(texts, entry, path)
    if not accepted:
        return None
    before, after = read_versions(path, accepted, texts.content_now(place), texts.layout)
    if isinstance(before, Unreadable) or isinstance(after, Unreadable):
        return None
    old, new = before.tests.get(entry.test), after.tests.get(TestId(f"{path}::{name}"))
    if old is None or new is None:
        return None
    losses = (
        *weakenings(old.claims, new.claims, helped=after.claims_reached(name, before)),
        *mark_weakenings(old.marks, new.marks, new.claims.words),
    )
    return "; ".join(loss.detail for loss in losses if not loss.conditional)


def _accepted(texts: TestTexts, entry: BaselineTest, path: str) -> bytes:
    """Find the content of a file that held the accepted text, by its digest; nothing where history has none."""
    if texts.repository is None:
        return b""
    try:
        for sha in texts.repository.touching(texts.prefix + texts.ids + path)[:VERSIONS]:
            if texts.then(sha, path).get(entry.test) == entry.digest:
                return texts.content_then(sha, path)
    except RepositoryError:
        return b""
    return b""
