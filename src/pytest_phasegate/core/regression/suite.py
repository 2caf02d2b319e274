"""The whole suite on one content, and how what is red in it ended where the phase began."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from pytest_phasegate.core.evidence.outcomes import NodeId, Outcome, TestId, TestRun, function_of
from pytest_phasegate.core.verdict.gate import Fact, Need

RED = frozenset({Outcome.FAILED, Outcome.ERROR})


@dataclass(frozen=True, slots=True)
class SuiteRun:
    """One complete run of the suite, without the tests that other gates judge.

    ``tests`` counts the functions that ran, ``red`` are the cases of them that failed. ``incomplete`` says why the
    run may not speak for the suite. ``left`` counts the functions that were not run, because nothing that they import
    changed, and ``ran`` all that were, those that other gates judge among them.
    """

    tests: int
    red: tuple[NodeId, ...] = ()
    incomplete: str = ""
    left: int = 0
    ran: int = 0


@dataclass(frozen=True, slots=True)
class SuiteFacts(Fact):
    """The suite as it stands, held against the phase's base.

    ``base`` names the commit, ``before`` says how the cases of the red functions ended there (one that is not in it
    was not there), and ``waived`` why a test may be red.
    """

    need = Need.SUITE
    run: SuiteRun
    base: str = ""
    before: Mapping[NodeId, Outcome] = field(default_factory=lambda: MappingProxyType[NodeId, Outcome]({}))
    waived: Mapping[TestId, str] = field(default_factory=lambda: MappingProxyType[TestId, str]({}))

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
    return SuiteRun(len({case.test for case in others}), red, run.incomplete, left, ran)


def files_of(cases: Iterable[NodeId]) -> tuple[str, ...]:
    """Return the files of some cases, sorted."""
    return tuple(sorted({case.partition("::")[0] for case in cases}))
