"""The tests that passed before and that nobody runs any more, though nothing says that they go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.evidence.probe_records import ProbedCase, ProbedRun
from pytest_phasegate.core.project.paths import inside
from pytest_phasegate.core.redgreen.replay import definition_of


@dataclass(frozen=True, slots=True)
class Excused:
    """What may go with a change: ``tests`` and classes that it took away or altered, by id.

    ``texts`` are changed files that are no test's own, such as production code with examples in its docstrings;
    ``data`` those of the test side whose tests are no functions: there an id may be a line number, so only fewer count.
    ``altered`` are tests that stand otherwise than they did, with those that reach a changed helper: such a test must
    still run. ``renamed`` says under which id a test goes on; where that one does not run, the test is lost all the
    same. Where ``counted``, a change decides which tests run, and fewer cases of a test that it does not touch are a
    loss too.
    """

    tests: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    data: frozenset[str] = frozenset()
    renamed: Mapping[str, str] = field(default_factory=dict)
    altered: frozenset[str] = frozenset()
    counted: bool = False

    def covers(self, case: ProbedCase, there: Collection[str] = ()) -> bool:
        """Whether the change says itself that a case goes; ``there`` are the tests that run on the after side."""
        if self.renamed.get(definition_of(case)) in there:
            return True
        classes = case.test.split("::")
        above = {"::".join(classes[:depth]) for depth in range(2, len(classes) + 1)}
        return case.path in self.texts or bool({*above, definition_of(case)} & self.tests)

    def touches(self, case: ProbedCase) -> bool:
        """Whether the change altered a test itself, or took it away."""
        return self.covers(case) or definition_of(case) in self.altered


def broken_tests(base: ProbedRun, after: ProbedRun, excused: Excused) -> tuple[TestId, ...]:
    """Return the tests that were green in base and whose file the after side cannot import any more.

    A file of which the change altered tests speaks for itself: those are new or changed, and not green.
    """
    altered = {test.partition("::")[0] for test in excused.altered}
    broken = tuple(item.path for item in after.uncollected if item.path not in altered)
    lost = (case for case in base.cases if case.outcome.green and not excused.covers(case))
    return tuple(sorted({case.test for case in lost if any(inside(case.path, path) for path in broken)}))


def lost_tests(base: ProbedRun, after: ProbedRun, excused: Excused) -> tuple[TestId, ...]:
    """Return the tests that were green in base and that the after side did not collect, though their text stands.

    Args:
        base: The run of before's own tests.
        after: The run on the after side.
        excused: What the change itself took away or made otherwise.
    """
    there = {test for case in after.cases for test in (case.test, definition_of(case))}
    broken = {item.path for item in after.uncollected}
    gone = [
        case
        for case in base.cases
        if case.outcome.green and case.test not in there and case.path not in broken and not excused.covers(case, there)
    ]
    if excused.counted:
        gone += _fewer(base, after, excused)
    new = Counter(case.path for case in after.cases if case.path in excused.data)
    old = Counter(case.path for case in base.cases if case.path in excused.data)
    kept = {path for path in excused.data if new[path] >= old[path]}
    return tuple(sorted({case.test for case in gone if case.path not in kept}))


def _fewer(base: ProbedRun, after: ProbedRun, excused: Excused) -> list[ProbedCase]:
    """Return a green case of each untouched test of which fewer cases ran on the after side than in base."""
    old, new = Counter(case.test for case in base.cases), Counter(case.test for case in after.cases)
    left = {case.node_id for case in after.cases}
    found = (case for case in base.cases if case.outcome.green and case.node_id not in left)
    return [case for case in found if 0 < new[case.test] < old[case.test] and not excused.touches(case)]
