"""The tests that passed before and that nobody runs any more, though nothing says that they go."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_phasegate.core.replay import definition_of

if TYPE_CHECKING:
    from pytest_phasegate.core.evidence import TestId
    from pytest_phasegate.core.probing import ProbedCase, ProbedRun


@dataclass(frozen=True, slots=True)
class Excused:
    """What may go with a change: ``tests`` and classes that it took away or altered, by id.

    ``texts`` are changed files that are no test's own, such as production code with examples in its docstrings;
    ``data`` those of the test side whose tests are no functions: there an id may be a line number, so only fewer count.
    """

    tests: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    data: frozenset[str] = frozenset()

    def covers(self, case: ProbedCase) -> bool:
        """Whether the change says itself that a case goes."""
        classes = case.test.split("::")
        above = {"::".join(classes[:depth]) for depth in range(2, len(classes) + 1)}
        return case.path in self.texts or bool({*above, definition_of(case)} & self.tests)


def lost_tests(base: ProbedRun, after: ProbedRun, excused: Excused) -> tuple[TestId, ...]:
    """Return the tests that were green in base and that the after side did not collect, though their text stands.

    Args:
        base: The run of before's own tests.
        after: The run on the after side.
        excused: What the change itself took away or made otherwise.
    """
    there = {case.test for case in after.cases}
    broken = {item.path for item in after.uncollected}
    gone = [
        case
        for case in base.cases
        if case.outcome.green and case.test not in there and case.path not in broken and not excused.covers(case)
    ]
    new = Counter(case.path for case in after.cases if case.path in excused.data)
    old = Counter(case.path for case in base.cases if case.path in excused.data)
    kept = {path for path in excused.data if new[path] >= old[path]}
    return tuple(sorted({case.test for case in gone if case.path not in kept}))
