"""Whether the accepted tests still pass where a push ends: run from git's objects, whatever the work tree holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_phasegate.core.evidence.outcomes import CaseRun, NodeId, Outcome, TestId, TestRun, function_of
from pytest_phasegate.core.evidence.probe_records import united
from pytest_phasegate.core.mapping.mapping import TestMap
from pytest_phasegate.core.mapping.phase_run import PhaseRun
from pytest_phasegate.core.regression.comparison import Compared, Texts, compare

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_phasegate.app.redgreen.change import ReadChange
    from pytest_phasegate.app.redgreen.replay import Replayer
    from pytest_phasegate.core.evidence.probe_records import ProbedCase, ProbedRun
    from pytest_phasegate.core.regression.baseline import BaselineTest

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

    It never says *removed*: a test that is gone was deleted, or renamed, by a commit of the range, which is judged.

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
    files = tuple(sorted({prefix + entry.test.partition("::")[0] for entry in baseline}))
    ran = (
        {case.node_id.partition("::")[0] for case in suite.cases} | {item.path for item in suite.uncollected}
        if suite
        else set()
    )
    left = tuple(file for file in files if file not in ran)
    parts = [suite] if suite else []
    run = united([*parts, replayer.standing(change, left)]) if left or not parts else parts[0]
    cases = tuple(_case(case, prefix) for case in run.cases)
    incomplete = run.trouble or ("pytest gave up" if run.aborted is not None else "")
    lost = {item.path for item in run.uncollected}
    broken = tuple(_uncollected(entry) for entry in baseline if prefix + entry.test.partition("::")[0] in lost)
    observed = TestRun((*cases, *broken), DELETIONS, incomplete, frozenset(case.test for case in cases))
    return compare(baseline, PhaseRun(observed, TestMap()), Texts(), waivers)


def _case(case: ProbedCase, prefix: str) -> CaseRun:
    node_id = NodeId(case.node_id.removeprefix(prefix))
    return CaseRun(node_id, function_of(node_id), case.outcome, flaky=case.flaky)


def _uncollected(entry: BaselineTest) -> CaseRun:
    return CaseRun(NodeId(entry.test), TestId(entry.test), Outcome.ERROR)
