"""The whole suite on one content: how what is red in it ended before, and which tests nobody runs any more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from pytest_phasegate.core.evidence.outcomes import RED, NodeId, Outcome, TestId, TestRun, file_of, function_of
from pytest_phasegate.core.evidence.probe_records import ProbedCase, ProbedRun
from pytest_phasegate.core.project.paths import inside
from pytest_phasegate.core.verdict.gate import Fact, Need


class SuiteRun(NamedTuple):
    """One complete run of the suite, without the tests that other gates judge.

    ``tests`` counts the functions that ran, ``red`` are the cases of them that failed. ``incomplete`` says why the
    run may not speak for the suite. ``left`` counts the functions that were not run, because nothing that they import
    changed, ``ran`` all that were, those that other gates judge among them, and ``cases`` the cases of ``tests``.
    """

    tests: int
    red: tuple[NodeId, ...] = ()
    incomplete: str = ""
    left: int = 0
    ran: int = 0
    cases: int = 0


@dataclass(frozen=True, slots=True)
class SuiteFacts(Fact):
    """The suite as it stands, held against the phase's base.

    ``base`` names the commit, ``before`` says how the cases of the red functions ended there (one that is not in it
    was not there), and ``waived`` why a test may be red. ``disturbed`` are cases that pass without the
    rest of the suite.
    """

    need = Need.SUITE
    run: SuiteRun
    base: str = ""
    before: Mapping[NodeId, Outcome] = field(default_factory=lambda: MappingProxyType[NodeId, Outcome]({}))
    waived: Mapping[TestId, str] = field(default_factory=lambda: MappingProxyType[TestId, str]({}))
    disturbed: frozenset[NodeId] = frozenset()

    @property
    def red(self) -> tuple[TestId, ...]:
        """The functions that are red now."""
        return tuple(dict.fromkeys(map(function_of, self.run.red)))

    @property
    def lost(self) -> tuple[TestId, ...]:
        """Those of them that the phase broke: the function was green at the base, or a case that is red now was."""
        return tuple(test for test in self.red if self._was_green(test))

    @property
    def new(self) -> tuple[TestId, ...]:
        """Those of them that were not there at the base."""
        there = {function_of(case) for case in self.before}
        return tuple(test for test in self.red if test not in there)

    @property
    def unable(self) -> tuple[TestId, ...]:
        """Those of them that could not be set up at the base either: a service that is not there, say."""
        ended: dict[TestId, set[Outcome]] = {}
        for case, outcome in self.before.items():
            ended.setdefault(function_of(case), set()).add(outcome)
        return tuple(test for test in self.red if ended.get(test) == {Outcome.ERROR})

    def _was_green(self, test: TestId) -> bool:
        before = {case: outcome for case, outcome in self.before.items() if function_of(case) == test}
        mine = [before[case] for case in self.run.red if case in before and function_of(case) == test]
        return any(outcome.green for outcome in mine) or (
            bool(before) and all(outcome.green for outcome in before.values())
        )


def suite_run(run: TestRun, judged_elsewhere: Collection[TestId], left: int = 0) -> SuiteRun:
    """Return what a run says of the suite beside the tests that other gates judge; ``left`` were not run."""
    others = [case for case in run.cases if case.test not in judged_elsewhere]
    red = tuple(case.node_id for case in others if case.outcome in RED)
    ran = len({case.test for case in run.cases})
    return SuiteRun(len({case.test for case in others}), red, run.incomplete, left, ran, len(others))


class Excused(NamedTuple):
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
    renamed: Mapping[str, str] = MappingProxyType({})
    altered: frozenset[str] = frozenset()
    counted: bool = False

    def covers(self, case: ProbedCase, there: Collection[str] = ()) -> bool:
        """Whether the change says itself that a case goes; ``there`` are the tests that run on the after side."""
        if self.renamed.get(case.defined_as) in there:
            return True
        classes = case.test.split("::")
        above = {"::".join(classes[:depth]) for depth in range(2, len(classes) + 1)}
        return case.path in self.texts or bool({*above, case.defined_as} & self.tests)

    def touches(self, case: ProbedCase) -> bool:
        """Whether the change altered a test itself, or took it away."""
        return self.covers(case) or case.defined_as in self.altered


def broken_tests(base: ProbedRun, after: ProbedRun, excused: Excused) -> tuple[TestId, ...]:
    """Return the tests that were green in base and that the after side cannot collect, as it cannot import their file.

    A file of which the change altered tests speaks for itself: those are new or changed, and not green.
    """
    altered = {file_of(test) for test in excused.altered}
    broken = tuple(item.path for item in after.uncollected if item.path not in altered)
    there = {case.node_id for case in after.cases}
    green = (case for case in base.cases if case.outcome.green and case.node_id not in there)
    lost = (case for case in green if not excused.covers(case))
    return tuple(sorted({case.test for case in lost if any(inside(case.path, path) for path in broken)}))


def lost_tests(base: ProbedRun, after: ProbedRun, excused: Excused) -> tuple[TestId, ...]:
    """Return the tests that were green in base and that the after side did not collect, though their text stands.

    One that something else takes the name of was not collected either.

    Args:
        base: The run of before's own tests.
        after: The run on the after side.
        excused: What the change itself took away or made otherwise.
    """
    ran = {case.defined_as for case in after.cases}
    there = {case.test for case in after.cases} | ran
    broken = after.lost_files
    gone = [
        case
        for case in base.cases
        if case.outcome.green and case.path not in broken and not excused.covers(case, there)
        if case.test not in there or case.defined_as == case.test not in ran
    ]
    gone += _fewer(base, after, excused)
    new = Counter(case.path for case in after.cases if case.path in excused.data)
    old = Counter(case.path for case in base.cases if case.path in excused.data)
    kept = {path for path in excused.data if new[path] >= old[path]}
    return tuple(sorted({case.test for case in gone if case.path not in kept}))


def _fewer(base: ProbedRun, after: ProbedRun, excused: Excused) -> list[ProbedCase]:
    """Return a green case of each test of which fewer cases ran on the after side than in base.

    What a change says of a test itself is read in its text: only of generated cases it is not.
    """
    old, new = Counter(case.test for case in base.cases), Counter(case.test for case in after.cases)
    left = {case.node_id for case in after.cases}
    found = (case for case in base.cases if case.outcome.green and 0 < new[case.test] < old[case.test])
    return [case for case in found if case.node_id not in left and _counts(case, excused)]


def _counts(case: ProbedCase, excused: Excused) -> bool:
    return not excused.covers(case) if case.generated else excused.counted and not excused.touches(case)
