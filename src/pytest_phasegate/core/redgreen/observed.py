"""What was seen of a test on both sides of a change, and which of its reds stand when they are run again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from pytest_phasegate.core.evidence.outcomes import BAD, Grade, NodeId, Outcome, TestId, file_of
from pytest_phasegate.core.evidence.probe_records import ProbedCase, ProbedRun, Replaced
from pytest_phasegate.core.project.pytest_options import lacks_settings
from pytest_phasegate.core.redgreen.change.test_module import TestFunction
from pytest_phasegate.core.redgreen.import_graph import Reaching


class SeenCase(NamedTuple):
    """One case on both sides: ``before`` on the red tree, ``base`` with before's own tests, ``after`` on after."""

    node_id: NodeId
    before: Outcome
    base: Outcome
    after: Outcome


class SeenTest(NamedTuple):
    """One test function on both sides; a side that was not run, or did not know the test, is ``MISSING``.

    ``before`` is the red tree, ``base`` before's own tests, ``after`` the after tree. ``grade`` and ``exception`` say
    why it is red on the red tree, ``confirm`` that this may be chance as long as it was seen once, ``uncollected``
    that its file could not be imported there. ``flaky`` says that two attempts or runs differed; ``definitions`` are
    the functions that its cases run, a mixin's among them.
    """

    id: TestId
    before: Outcome
    base: Outcome
    after: Outcome
    grade: Grade = Grade.NONE
    exception: str = ""
    flaky: bool = False
    uncollected: bool = False
    confirm: bool = False
    definitions: frozenset[TestId] = frozenset()
    cases: tuple[SeenCase, ...] = ()
    told: str = ""
    """What was raised on the red tree, with the first line of what it says."""
    stopped: tuple[int, ...] = ()
    """The lines of its function on which its cases are red on the red tree, as far as they came to it."""
    replaced: tuple[Replaced, ...] = ()
    """In the place of what something else stood on the after side, as far as it may be all that made it green."""
    as_before: bool = False
    """Whether it fails on the after side by what it failed by in base, with the same words."""
    at_odds: bool = False
    """Whether it fails on the red tree since libraries that are installed do not fit together."""

    @property
    def fail_to_pass(self) -> bool:
        """Whether it goes from a red that may count to green; of a declared red the mark must be gone."""
        return self.grade not in {Grade.NONE, Grade.BROKEN} and self.after is Outcome.PASSED

    @property
    def by_its_reds(self) -> SeenTest:
        """The test with those of its cases alone that were red: a proof stands on them, and on none beside them."""
        reds = tuple(case for case in self.cases if not case.before.green)
        return self._replace(cases=reds) if reds and self.fail_to_pass else self

    @property
    def pass_to_pass(self) -> bool:
        """Whether it is green on both sides."""
        return self.before.green and self.after.green and not self.fail_to_pass

    @property
    def fail_to_fail(self) -> bool:
        """Whether it fails on both sides."""
        return self.after in BAD and (self.grade is not Grade.NONE or self.before in BAD)

    @property
    def pass_to_fail(self) -> bool:
        """Whether the change breaks it."""
        return self.after in BAD and self.grade is Grade.NONE and self.before.green

    @property
    def lacks_environment(self) -> bool:
        """Whether the red tree's run failed for want of a module, or settings, that no change to the project brings."""
        broken, bad = self.grade is Grade.BROKEN, self.after in BAD
        module = broken and self.exception == "ModuleNotFoundError"
        return module or ((broken or bad) and self.lacks_settings) or (bad and self.at_odds)

    @property
    def lacks_settings(self) -> bool:
        """Whether the red tree's run failed since nothing had set Django up."""
        return lacks_settings(self.told)

    @property
    def why(self) -> str:
        """What was raised on the red tree, in as many words as are known."""
        return self.told or self.exception

    @property
    def because(self) -> str:
        """The same, as it goes on behind what is said of the test."""
        return f": {self.why}" if self.why else ""


class LineEvidence(NamedTuple):
    """Executable production lines that the change adds, and those of them that a fail_to_pass test ran, by path."""

    changed: Mapping[str, frozenset[int]] = MappingProxyType({})
    run: Mapping[str, frozenset[int]] = MappingProxyType({})

    @property
    def missing(self) -> dict[str, list[int]]:
        """The changed lines that no fail_to_pass test ran."""
        left = {path: sorted(lines - self.run.get(path, frozenset())) for path, lines in self.changed.items()}
        return {path: lines for path, lines in left.items() if lines}


class Replay(NamedTuple):
    """Every test that ran on the after side, and in ``trouble`` why a run may not speak for what it was asked.

    ``behind`` are tests that failed on the red tree only behind another one that failed there: they were not red.
    ``lost`` are tests that were green in base, still stand, and were not collected after; ``broken`` such whose file
    cannot be imported after; ``failed_files`` test files that could not be collected after. ``departed`` holds the
    outcomes of deleted and altered tests on the departed tree, ``lines`` those a strict policy asks for, each ``None``
    where it was not observed; ``refuted`` are those of the departed that the code contradicts, and that were not red
    before it, ``unaltered`` the texts of those of them that the change leaves as they are. ``red_before`` are the
    functions that failed with before's own tests and code (``None``: those were not run). ``reaching`` are the files
    that were run since they reach what asks for no red test; ``started`` says by the directory in which pytest was
    started which files it was given there, relative to it (none: the whole suite). ``carried`` are files of a build
    elsewhere that the tests ran with, ``neutralised`` options taken out of ``addopts``, ``python`` is the version.
    """

    tests: tuple[SeenTest, ...] = ()
    trouble: tuple[str, ...] = ()
    behind: tuple[TestId, ...] = ()
    lost: tuple[TestId, ...] = ()
    broken: tuple[TestId, ...] = ()
    failed_files: Mapping[str, FileFailure] = MappingProxyType({})
    departed: Mapping[TestId, Outcome] | None = None
    refuted: frozenset[TestId] = frozenset()
    unaltered: Mapping[TestId, TestFunction] = MappingProxyType({})
    idle: Mapping[TestId, bool] = MappingProxyType({})
    """Of tests that run a function written elsewhere, or under another name: whether it names no code but its own."""
    unpaid: Mapping[TestId, str] = MappingProxyType({})
    """By the id of before what a test asked about, the code contradicts, and nothing that was red asks about."""
    lines: LineEvidence | None = None
    red_before: frozenset[TestId] | None = frozenset()
    reaching: Reaching | None = None
    started: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    carried: tuple[str, ...] = ()
    neutralised: tuple[str, ...] = ()
    python: str = ""


@dataclass(frozen=True, slots=True)
class FileFailure:
    """Why a test file could not be collected on the after side, and whether it could not be before, for the same."""

    grade: Grade
    exception: str = ""
    told: str = field(default="", compare=False)
    before: bool = False


Cause = tuple[str, str, int]
"""What was raised, and where: the exception, the file of the project and the line."""


class Endings(NamedTuple):
    """How cases ended in one run, in the order in which they ran."""

    cases: Mapping[NodeId, ProbedCase]

    @classmethod
    def of(cls, run: ProbedRun) -> Endings:
        """Take the cases of a run."""
        return cls({case.node_id: case for case in run.cases})

    @classmethod
    def worst_of(cls, runs: Iterable[Endings]) -> Endings:
        """Take the cases of several runs; one that ran in more than one of them, as it failed, if it did."""
        found: dict[NodeId, ProbedCase] = {}
        for run in runs:
            found |= {node: case for node, case in run.cases.items() if node not in found or not case.outcome.green}
        return cls(found)

    @property
    def green(self) -> frozenset[NodeId]:
        """The cases that passed."""
        return frozenset(node for node, case in self.cases.items() if case.outcome.green)

    def passing(self, tests: Iterable[SeenTest], failed: Callable[[SeenCase], bool]) -> frozenset[TestId]:
        """Return those of some failed tests of which every failed case is green here."""
        green = self.green
        return frozenset(test.id for test in tests if all(case.node_id in green for case in test.cases if failed(case)))

    def fails_where(self, other: Endings, test: SeenTest) -> bool:
        """Whether every case of a test that is red in one of two runs raised the same in the same place in both."""
        red = [case.node_id for case in test.cases if case.node_id not in self.green & other.green]
        return all(self._fault(node) == other._fault(node) is not None for node in red)

    def says_as(self, other: Endings) -> bool:
        """Whether every case that failed in both runs raised the same, with the same words."""
        both = ((one.raised, other.cases[node].raised) for node, one in self.cases.items() if node in other.cases)
        return all(one == another for one, another in both if one and another)

    def cause(self, test: SeenTest) -> Cause:
        """Return why a test is red; of one that nothing was raised in, or that never ran, its file is all there is."""
        faults = (self._fault(case.node_id) for case in test.cases if case.node_id not in self.green)
        return next((fault for fault in faults if fault is not None), ("", file_of(test.id), 0))

    def first_red(self) -> TestId | None:
        """Return the test that failed with no failure before it."""
        return next((case.test for case in self.cases.values() if case.outcome in BAD), None)

    def behind(self) -> frozenset[TestId]:
        """Return the failed tests that ran after another one had failed."""
        first = self.first_red()
        return frozenset(case.test for case in self.cases.values() if case.outcome in BAD and case.test != first)

    def _fault(self, node: NodeId) -> Cause | None:
        raised = self.cases[node].raised if node in self.cases else None
        return (raised.name, raised.path, raised.line) if raised else None


class Suspect(NamedTuple):
    """A red that does not count before it was seen once more.

    ``behind`` says that another test had failed before it; ``doubtful`` that it may be chance, or none of the change's,
    too: the change does not touch the test, or it is neither an assertion nor a missing name.
    """

    test: SeenTest
    behind: bool
    doubtful: bool


def suspects(tests: Iterable[SeenTest], red: Endings, touched: frozenset[TestId]) -> tuple[Suspect, ...]:
    """Return the tests that went from red to green, and may not have been red for the code's sake.

    A name that the change brings, and that a test of the change lacks, is missing whatever ran before. An assertion may
    be about time, which other processes take.
    """
    behind = red.behind()
    found = []
    for test in tests:
        if not test.fail_to_pass or (test.grade is Grade.DECLARED and not test.confirm and test.id in touched):
            continue
        doubtful = test.confirm or test.id not in touched
        if doubtful or test.grade is Grade.BEHAVIOURAL or (test.id in behind and test.grade is not Grade.STRUCTURAL):
            found.append(Suspect(test, test.id in behind, doubtful))
    return tuple(found)


def unsettled(left: Iterable[Suspect], round_: Endings, known: set[Cause]) -> tuple[Suspect, ...]:
    """Return the reds of a run that may be owed to another one; note what the first of it was red for.

    Nothing had failed before the first one. What raised the same in the same place as it did is red for the same, and
    need not run alone. A file that cannot be imported is red before any test runs. An assertion before which nothing
    had failed in the run before has now failed twice, and is red for its own sake.
    """
    listed = tuple(left)
    first = round_.first_red()
    known.update(round_.cause(one.test) for one in listed if one.test.id == first or one.test.uncollected)
    owing = (one for one in listed if (one.behind or one.doubtful) and not one.test.uncollected)
    return tuple(one for one in owing if round_.cause(one.test) not in known)


def parted(files: Sequence[str]) -> tuple[frozenset[str], ...]:
    """Return groups of files such that of any two files each lies in one without the other; few, also of many files."""
    bits = max(1, (len(files) - 1).bit_length())
    groups = (
        frozenset(path for number, path in enumerate(files) if number >> bit & 1 == side)
        for bit in range(bits)
        for side in (0, 1)
    )
    return tuple(filter(None, groups))


def not_green(test: SeenTest) -> SeenTest:
    """Return a test as failing with the change: by itself it does."""
    cases = tuple(case._replace(after=Outcome.FAILED) for case in test.cases)
    return test._replace(cases=cases, after=Outcome.FAILED)


def never_red(test: SeenTest) -> SeenTest:
    """Return a test as green on the red tree: what made it red there is not the code."""
    cases = tuple(case._replace(before=case.after) for case in test.cases)
    return test._replace(cases=cases, before=test.after, grade=Grade.NONE, exception="", confirm=False)
