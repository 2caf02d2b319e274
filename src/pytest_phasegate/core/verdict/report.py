"""What one judgement came to: decided once, here; every format only renders it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Self

from pytest_phasegate.core.coverage.measurement import Figure
from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.guide.model import Guide
from pytest_phasegate.core.regression.suite import SuiteRun
from pytest_phasegate.core.verdict.verdict import Ruling, Verdict, combine


class Kind(StrEnum):
    """How a baseline test was lost."""

    BROKE = "broke"
    REMOVED = "removed"
    SKIPPED = "skipped"
    WEAKENED = "weakened"
    FLAKY = "flaky"
    RENAMED = "renamed"  # found again by its digest under another name: told, and no loss


class Regression(NamedTuple):
    """One test of the baseline that is not as it was accepted; ``detail`` says what differs."""

    test: TestId
    phase: str
    kind: Kind
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TestCounts:
    """The tests of one phase, counted in functions; ``missing`` names what the guide declares and nobody found."""

    __test__ = False

    declared: int
    collected: int
    passed: int
    failed: int
    skipped: int
    missing: tuple[str, ...] = ()


NO_TESTS = TestCounts(0, 0, 0, 0, 0)


class FileShare(NamedTuple):
    """One file a phase answers for: its percentage, and the owned lines that were not reached.

    ``excluded`` are those that no figure counts since the phase itself excludes them.
    """

    path: str
    percent: float
    missing: tuple[int, ...]
    excluded: tuple[int, ...] = ()


class CoverageShare(NamedTuple):
    """The coverage of one phase; a figure is ``None`` where it was not measured.

    ``minimum_from`` says who asks for the minimum of lines. The figures count what the credited tests reach; the
    ``all_`` ones beside them what any test of the run reaches.
    """

    minimum: float | None
    line: Figure | None = None
    branch: Figure | None = None
    function: Figure | None = None
    files: tuple[FileShare, ...] = ()
    minimum_from: str = ""
    all_line: Figure | None = None
    all_branch: Figure | None = None
    all_function: Figure | None = None


AROUND = frozenset({"guide", "approval", "order", "regression", "suite", "commands", "protected", "feedback"})
"""Gates that speak of what a phase stands in: a refusal of theirs is one of the phase, and a pass alone is none."""


class CriterionVerdict(NamedTuple):
    """What is known of one criterion; ``number`` counts from 1.

    ``open`` says that it waits for a person. ``by`` names the gate, the command or the person that judged it.
    """

    number: int
    text: str
    line: int
    ruling: Ruling
    reason: str
    by: str = ""
    open: bool = False
    expected: str = ""
    actual: str = ""
    fix: str = ""


class PhaseReport(NamedTuple):
    """What every gate said of one phase."""

    guide: str  # the guide's path, as in ``PhaseRef``
    id: str
    title: str
    gates: tuple[Verdict, ...]
    tests: TestCounts
    coverage: CoverageShare | None = None
    criteria: tuple[CriterionVerdict, ...] = ()
    files_source: str = "declared"  # whether the guide declares the phase's files, or they are derived from its commits
    tests_source: str = "declared"

    @property
    def ruling(self) -> Ruling:
        """The ruling of the phase: the gravest of its gates; not evaluated where none that passed speaks of it."""
        whole = combine(verdict.ruling for verdict in self.gates)
        own = combine(verdict.ruling for verdict in self.gates if verdict.gate not in AROUND)
        return own if whole is Ruling.PASSED else whole

    @property
    def refusing(self) -> tuple[Verdict, ...]:
        """The gates that refuse it."""
        return tuple(verdict for verdict in self.gates if verdict.ruling.refuses)


class GuideName(NamedTuple):
    """What identifies a guide in a report."""

    path: str
    slug: str
    title: str
    dialect: str
    digest: str

    @classmethod
    def of(cls, guide: Guide) -> Self:
        """Return those of a guide."""
        return cls(guide.path, guide.slug, guide.title, guide.dialect, guide.digest)


class RunReport(NamedTuple):
    """What one run came to; an accepted test that was ``renamed`` is no regression.

    ``narrowed`` names what filtered the run beyond the phase selection, and ``notes`` are plain remarks
    (ambiguous mappings, tests marked for phases that do not exist) that decide nothing. ``suite`` is what the run says
    of the whole suite, where it ran all of it.
    """

    guides: tuple[GuideName, ...]
    selection: tuple[str, ...]
    phases: tuple[PhaseReport, ...]
    regressions: tuple[Regression, ...] = ()
    narrowed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    renamed: tuple[Regression, ...] = ()
    suite: SuiteRun | None = None

    @property
    def ruling(self) -> Ruling:
        """The ruling of the whole run: a narrowed one is not evaluated, else the gravest of its phases."""
        if self.narrowed:
            return Ruling.NOT_EVALUATED
        return combine(phase.ruling for phase in self.phases)

    @property
    def waiting(self) -> str:
        """What keeps a pass from being all that was asked: the criteria that wait for a person, counted; or nothing."""
        number = sum(one.open for phase in self.phases for one in phase.criteria)
        told = "1 criterion waits" if number == 1 else f"{number} criteria wait"
        return f"{told} for a person" if number else ""

    @property
    def refused(self) -> tuple[PhaseReport, ...]:
        """The phases that are refused."""
        return tuple(phase for phase in self.phases if phase.ruling.refuses)

    def name(self, phase: PhaseReport) -> str:
        """Return what to call a phase: its id, behind the guide's slug where there are several guides."""
        slugs = {guide.path: guide.slug for guide in self.guides}
        return f"{slugs[phase.guide]}:{phase.id}" if len(slugs) > 1 and phase.guide in slugs else phase.id
