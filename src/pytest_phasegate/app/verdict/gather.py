"""The evidence of a check: what git says of a phase (``phase_work``), and what the runs say that wiring provides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Event, Lock
from typing import Any

from pytest_phasegate.app.coverage.ownership import History, history
from pytest_phasegate.app.guide.status import done_phases, was_accepted
from pytest_phasegate.app.guide.surroundings import Surroundings
from pytest_phasegate.app.guide.tampering import acceptance_of, said_at
from pytest_phasegate.app.regression.suite import Before, against
from pytest_phasegate.app.verdict.phase_work import PhaseWork
from pytest_phasegate.core.commit.conventional import Commit
from pytest_phasegate.core.criteria.reviews import Review
from pytest_phasegate.core.criteria.verdicts import CriteriaFacts, held, lines_to_run, may_run, paths_asked
from pytest_phasegate.core.evidence.outcomes import TestId, function_of
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.guide.progress import Acceptance
from pytest_phasegate.core.project.paths import Inside, Layout
from pytest_phasegate.core.project.settings import Credit, Settings
from pytest_phasegate.core.redgreen.import_graph import Reaching
from pytest_phasegate.core.redgreen.verdict import CommitVerdict
from pytest_phasegate.core.regression.suite import SuiteFacts
from pytest_phasegate.core.verdict.gate import Need, RanCommand, Regenerated
from pytest_phasegate.core.verdict.report import RunReport
from pytest_phasegate.errors import EvidenceError

_TELLING = Lock()


@dataclass(frozen=True)
class Gathering:
    """Where a check finds its evidence; see ``app.check.Sources``.

    ``run_tests``, ``run_commands`` and ``replay`` start child processes; ``replay`` is given commits, oldest first, and
    judges them. ``approved`` says whether there is a record that exactly the present text of a guide was approved.
    ``run_before`` runs test files, or the suite, on the tree of a revision, and ``waived`` says which tests may be red.
    ``regenerate`` makes the generated files of a content anew, in a copy. ``reach`` tells which test files can reach
    what changed since a tree; without it, every test runs. ``ended`` is set when the test run has ended, however.
    """

    around: Surroundings
    layout: Layout
    run_tests: Callable[[Guide, Sequence[Phase], tuple[str, ...] | None], RunReport]
    run_commands: Callable[[Mapping[str, str]], tuple[RanCommand, ...]]
    replay: Callable[[Sequence[Commit]], tuple[CommitVerdict, ...]]
    read: Callable[[bytes, str], Guide]
    approved: Callable[[Guide], bool]
    settings: Settings
    run_before: Before
    waived: Callable[[Iterable[TestId]], Mapping[TestId, str]]
    regenerate: Callable[[str], tuple[Regenerated, ...]]
    rules_at: Callable[[str, Settings], Settings]
    reach: Callable[[str], Reaching] | None = None
    ended: Event = field(default_factory=Event, compare=False)
    # by the path of each guide: several needs, in threads of their own, ask for it
    histories: dict[str, History | str] = field(default_factory=dict, compare=False)

    def tests(self, guide: Guide, phases: Sequence[Phase]) -> RunReport:
        """Run the tests of these phases; a run that something narrowed is no evidence."""
        try:
            report = self.run_tests(guide, phases, self._reaching(guide, phases))
        finally:
            self.ended.set()
        if report.narrowed:
            raise EvidenceError(f"the test run was narrowed by {', '.join(report.narrowed)}")
        return report

    def suite(self, report: RunReport, guide: Guide, phase: Phase) -> SuiteFacts:
        """Hold what a run says of the whole suite against the phase's base; only what is red is run there."""
        if report.suite is None:
            raise EvidenceError("the test run did not run the whole suite")
        if not report.suite.red:
            return SuiteFacts(report.suite)
        repository, prefix, work = self.around.git, self.around.prefix, self._work(guide, phase)
        waived = self.waived(function_of(case) for case in report.suite.red)
        texts = {prefix + one.path for one in self.around.guides}
        same = all(change.path in texts for change in repository.changes(work.base, work.before))
        bases = (work.base,) if same else (work.base, work.before)
        return against(report.suite, bases, prefix, self.run_before, waived=waived, now=self.around.content)

    def _reaching(self, guide: Guide, phases: Sequence[Phase]) -> tuple[str, ...] | None:
        """Return the test files that can end otherwise than where a phase began, or ``None`` where any may.

        What was green there, or in what its change stands on, was green. Every test is wanted too where all of them
        count for the coverage.
        """
        if self.reach is None or self.around.repository is None or self.settings.coverage.credit is not Credit.PHASE:
            return None
        works = [self._work(guide, phase) for phase in phases]
        found = [self.reach(base) for base in sorted({base for one in works for base in (one.base, one.before)})]
        if any(one.whole for one in found):
            return None
        place = Inside(self.around.prefix)
        return tuple(sorted({path for one in found for file in one.files if (path := place.relative(file))}))

    def _work(self, guide: Guide, phase: Phase) -> PhaseWork:
        return PhaseWork(self.around.git, self.around, self.layout, guide, phase, partial(self._history, guide))

    def _history(self, guide: Guide) -> History | str:
        with _TELLING:
            if guide.path not in self.histories:
                self.histories[guide.path] = history(self.around.git, guide, self.around.prefix)
            return self.histories[guide.path]

    def of_need(self, need: Need, guide: Guide, phase: Phase) -> Any:
        """Return one fact about a phase."""
        if need is Need.COMMANDS:
            return self.run_commands(self.settings.commands)
        if need is Need.ORDER:
            return done_phases(self.around, guide)
        if need is Need.GENERATED:
            return self.regenerate(self.around.content) if self.settings.generate else ()
        if need is Need.FEEDBACK:
            return self.around.feedback
        if need is Need.CRITERIA:
            return self._criteria(guide, phase)
        return self._of_git(need, guide, phase)

    def _of_git(self, need: Need, guide: Guide, phase: Phase) -> Any:
        """Return what git tells of a phase.

        Raises:
            RepositoryError: There is none, or it cannot answer.
        """
        work, begun = self._work(guide, phase), partial(self._begun, guide, phase)
        answers: dict[Need, Callable[[], Any]] = {
            Need.CHANGE: work.change,
            Need.MESSAGE: partial(work.messages, begun),
            Need.ACCEPTANCE: partial(self._acceptance, guide),
            Need.BEGUN: begun,
            Need.RULES: partial(work.altered_rules, self._rules_at, self.settings),
            Need.RED_GREEN: partial(self._proved, work, begun),
        }
        return answers[need]()

    def _criteria(self, guide: Guide, phase: Phase) -> CriteriaFacts:
        approved = self.approved(guide)
        lines = (line for line in lines_to_run(phase, self.settings) if may_run(line, self.settings, approved=approved))
        there = frozenset(path for path in paths_asked(phase, self.settings) if self.around.files.exists(path))
        return CriteriaFacts(
            ran={one.line: one for one in self.run_commands({line: line for line in lines})},
            there=there,
            loose=there - self._held(there),
            answers=self._answers(guide, phase),
        )

    def _held(self, paths: frozenset[str]) -> frozenset[str]:
        if not paths or self.around.repository is None:
            return paths
        return held(
            paths, map(Inside(self.around.prefix).relative, self.around.repository.entries(self.around.content))
        )

    def _answers(self, guide: Guide, phase: Phase) -> Mapping[int, Review]:
        accepted = was_accepted(guide, phase, self.around)
        return self.around.answered(guide, phase, accepted=accepted).answers or {}

    def _acceptance(self, guide: Guide) -> Acceptance:
        if self.approved(guide):
            return Acceptance({}, {})
        path, around = self.around.prefix + guide.path, self.around
        return acceptance_of(
            around.git, guide, path, self.read, guides=around.guides, renamed=around.renamed, tree=around.content
        )

    def _begun(self, guide: Guide, phase: Phase) -> Phase | None:
        """Return the phase as the guide said it where the phase began; of an approved guide, nothing is asked."""
        if self.approved(guide):
            return None
        base = self._work(guide, phase).base
        then = said_at(self.around.git, base, self.around.prefix + guide.path, self.read, self.around.content)
        return then.phase(phase.id) if then else None

    def _rules_at(self, revision: str) -> Settings:
        return self.rules_at(revision, self.settings)

    def _proved(self, work: PhaseWork, begun: Callable[[], Phase | None]) -> tuple[CommitVerdict, ...]:
        """Replay the commits of a phase."""
        unasked = self.settings._replace(configured=False)
        parts = work.to_prove(begun, lambda revision: self.rules_at(revision, unasked).configured)
        return tuple(verdict for part in parts for verdict in self.replay(part))
