"""The end of a run: ask the gates, let a refusal fail the run, and keep what `accept` and `status` go by."""

from __future__ import annotations

import os.path
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import pytest

from pytest_phasegate.adapters.work_files import WorkFiles
from pytest_phasegate.app.ports.repository import Stamp
from pytest_phasegate.app.regression.suite import compared_texts
from pytest_phasegate.app.renamed_tests import renamed_acceptances
from pytest_phasegate.app.verdict.check import judge
from pytest_phasegate.core.coverage.measurement import minima, overriding, read_override
from pytest_phasegate.core.coverage.phase_coverage import coverage_share
from pytest_phasegate.core.evidence.outcomes import TestRun
from pytest_phasegate.core.guide.model import Guide
from pytest_phasegate.core.guide.selection import PhaseRef
from pytest_phasegate.core.mapping.phase_run import PhaseRun
from pytest_phasegate.core.project.configuration import rules_of
from pytest_phasegate.core.project.settings import Mode
from pytest_phasegate.core.regression.baseline import Passing, accepted_with
from pytest_phasegate.core.regression.comparison import Compared, Texts, compare
from pytest_phasegate.core.regression.suite import SuiteRun, suite_run
from pytest_phasegate.core.verdict.gate import Evidence, Need
from pytest_phasegate.core.verdict.judgement import PYTEST, WHOLE, judgements_of
from pytest_phasegate.core.verdict.report import NO_TESTS, GuideName, Kind, PhaseReport, Regression, RunReport
from pytest_phasegate.core.verdict.verdict import Ruling, Verdict
from pytest_phasegate.errors import EvidenceError, PhasegateError
from pytest_phasegate.session.outcomes import filters_among, standing_filters
from pytest_phasegate.session.report_files import wanted
from pytest_phasegate.session.state import SessionState, guarded
from pytest_phasegate.session.test_files import of_another_runner
from pytest_phasegate.wiring import projects, readers, records


class Judging:
    """Judge the selected phases when all tests are done, on the controller."""

    def __init__(self, state: SessionState, completed: Callable[[], TestRun]) -> None:
        self.state = state
        self.completed = completed
        self.compared: Compared | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Judge, and make a run that pytest calls passed fail where a gate refuses."""
        self.judge()
        state = self.state
        state.passes = state.report is not None and not state.report.ruling.refuses
        if not state.passes and state.mode is Mode.ENFORCE and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @guarded
    def judge(self) -> None:
        """Gather the evidence and put the verdicts into the state."""
        state = self.state
        state.run = self.completed()
        state.observed = PhaseRun(state.run, state.test_map, self._new_filters()) if state.test_map else None
        evidence = {guide.path: self._evidence(guide) for guide in state.guides}
        selection, moved = state.selection or (), _moved(evidence.values())
        chosen = {ref.guide for ref in selection}
        state.report = RunReport(
            guides=tuple(GuideName.of(guide) for guide in state.guides if guide.path in chosen),
            selection=tuple(ref.phase for ref in selection),
            phases=tuple(self._phase(ref, evidence[ref.guide]) for ref in selection),
            regressions=tuple(one for one in moved if one.kind is not Kind.RENAMED),
            renamed=tuple(one for one in moved if one.kind is Kind.RENAMED),
            narrowed=state.run.partial,
            suite=self._suite(),
            notes=tuple(state.told_loose_ends()) if state.strict else tuple(self._notes()),
        )

    def _new_filters(self) -> tuple[str, ...]:
        """Return the filters in the project's ``addopts`` that the last commit does not have."""
        state = self.state
        filtered = state.run is not None and state.run.filtered
        if not filtered or not isinstance(state.config, pytest.Config):  # shards that are united have no options
            return ()
        committed = projects.committed_addopts(state.texts().repository, state.config.inipath)
        if committed is None:
            return ()
        new = standing_filters(state.config) - filters_among(committed)
        return tuple(f"{option} {value}" for option, value in sorted(new))

    def _suite(self) -> SuiteRun | None:
        """Return what the run says of the tests that neither a selected phase nor the baseline answers for."""
        state = self.state
        if not state.whole_suite or state.observed is None or state.run is None:
            return None
        own = (test for ref in state.selection or () for test in state.observed.tests(ref))
        found = suite_run(state.run, state.guarded_tests.union(own), state.unreached)
        return found._replace(incomplete=found.incomplete or self._of_another_runner())

    def _of_another_runner(self) -> str:
        state = self.state
        if state.run is None or state.run.collected or not isinstance(state.config, pytest.Config):
            return ""
        return of_another_runner(state)

    def _evidence(self, guide: Guide) -> Evidence:
        facts: dict[Need, Any] = {}
        absent: dict[Need, str] = {}
        for need, provide in {Need.RUN: self._observed, Need.BASELINE: self._compared, **self.state.providers}.items():
            try:
                facts[need] = provide(guide)
            except PhasegateError as error:
                absent[need] = error.problem
        return Evidence(self.state.settings, guide, facts, absent)

    def _observed(self, _guide: Guide) -> PhaseRun:
        if self.state.observed is None:
            raise PhasegateError("no worker handed over what it collected")
        return self.state.observed

    def _compared(self, _guide: Guide) -> Compared:
        """Return what became of the accepted tests; the same for every guide, and compared once."""
        state = self.state
        if state.observed is None or state.run is None:
            raise EvidenceError("no test run is recorded")
        if "--co" in state.run.partial:
            raise EvidenceError("the baseline was not compared")
        if self.compared is None:
            reader = state.texts()
            baseline = records.accepted_tests(state.root, reader.repository)
            renamed = partial(renamed_acceptances, reader, state.guides)
            texts = compared_texts(reader, baseline, state.collected, renamed) if baseline else Texts()
            waivers = records.waived_tests(state.settings, (entry.test for entry in baseline))
            self.compared = compare(baseline, state.observed, texts, waivers)
        return self.compared

    def _phase(self, ref: PhaseRef, evidence: Evidence) -> PhaseReport:
        phase = next(phase for phase in evidence.guide.phases if phase.id == ref.phase)
        observed = PhaseRun.of(evidence)
        verdicts = judge(self.state.gates, phase, evidence)
        return PhaseReport(
            guide=ref.guide,
            id=ref.phase,
            title=phase.title,
            gates=tuple(self._sound(verdict) for verdict in verdicts),
            tests=observed.counts(ref) if observed else NO_TESTS,
            coverage=coverage_share(phase, evidence),
            files_source=phase.files_source,
            tests_source=phase.tests_source,
        )

    def _sound(self, verdict: Verdict) -> Verdict:
        """Return the verdict, or one that does not pass where the run was narrowed or one of our hooks failed."""
        state = self.state
        if state.run and state.run.partial:
            reason = f"the run was narrowed: {', '.join(state.run.partial)}"
            return verdict._replace(ruling=Ruling.NOT_EVALUATED, reason=reason)
        # what is an error under strict is known before any test runs, except to the controller of xdist
        if state.strict and (loose := next(state.loose_ends(), "")):
            return verdict._replace(ruling=Ruling.FAILED, reason=f"not strict: {loose}")
        if state.troubles and verdict.ruling is Ruling.PASSED:
            return verdict._replace(ruling=Ruling.INCONCLUSIVE, reason=state.troubles[0])
        return verdict

    def _notes(self) -> Iterator[str]:
        yield from self.state.notes
        yield from filter(None, [self._of_another_runner()])
        yield from self.state.unclear()


def _moved(gathered: Iterable[Evidence]) -> tuple[Regression, ...]:
    """Return the accepted tests that are not as they were, and those found under another name; each once."""
    found = [compared for evidence in gathered if (compared := Compared.of(evidence))]
    told = [(*one.regressions, *one.renamed) for one in found]
    return tuple(dict.fromkeys(regression for part in told for regression in part))


TESTS = "tests"  # the gate that says that the tests of a phase passed
SOURCES = (".py", ".pyi", ".pyx", ".toml", ".cfg", ".ini", ".md")  # files that say what is tested, and how


class Remembering:
    """Note the content before the first test, and what was judged of it when all are done.

    Content that changed while the tests ran is no content that anything passed on: then nothing is noted. Without git
    there is no content to speak of, and nothing to note either.
    """

    def __init__(self, state: SessionState) -> None:
        self.state = state
        self.own = frozenset(os.path.realpath(file.path) for file in wanted(state.config))
        self.before = self._sources()
        self.begun = time.monotonic()

    @pytest.hookimpl(trylast=True)
    @guarded
    def pytest_sessionfinish(self) -> None:
        """Note the verdicts, after everybody wrote their files; what keeps us from it is a remark of the run."""
        try:
            if self.state.report is not None:
                self._remember(self.state.report)
        except PhasegateError as error:
            self.state.remarks.append(f"this run cannot be accepted: {error.problem}")

    def _remember(self, report: RunReport) -> None:
        state = self.state
        repository = state.texts().repository or state.project.repository_if_any
        if repository is None or report.narrowed:
            return
        if other := next(self._asked_otherwise(), ""):
            state.remarks.append(f"this run cannot be accepted: {other}")
            return
        if self._sources() != self.before:
            state.remarks.append("this run cannot be accepted: files changed while the tests ran")
            return
        tree, at = repository.content_tree(), int(time.time())
        judged = judgements_of(report, tree=tree, at=at, source=PYTEST)
        seconds = ((WHOLE, round(time.monotonic() - self.begun, 2)),)
        went_by, stage = rules_of(state.settings), state.settings.stage or ""
        told = (one._replace(rules=went_by, stage=stage, seconds=seconds) for one in judged)
        records.judgements(state.root).append(told)
        records.keep_reports(state.root, report, tree=tree, at=at, source=PYTEST, tests=state.ended)
        for passing in self._passings(report, tree):
            records.passings(state.root).keep(passing)

    def _asked_otherwise(self) -> Iterator[str]:
        """Yield what an option asked for in this run that is less than, or other than, what the project asks for."""
        state = self.state
        overrides = [read_override(text) for text in state.config.getoption("phasegate_fail_under")]
        named = state.config.getoption("phasegate_guides")
        own = {guide.path for guide in (readers.guides(state.project) if named else state.guides)}
        for ref in state.selection or ():
            if ref.guide not in own:
                yield f"{ref.guide} is none of the project's guides"
            phase = state.guide(ref).phase(ref.phase)
            asked, given = phase and minima(phase, state.settings).line, overriding(overrides, ref.phase)
            if asked and given is not None and given < asked.percent:
                yield f"--phasegate-fail-under asks for {given:g} %, the {asked.source} for {asked.percent:g} %"

    def _passings(self, report: RunReport, tree: str) -> Iterator[Passing]:
        state = self.state
        observed = state.observed
        if observed is None:
            return
        passed = {(phase.guide, phase.id) for phase in report.phases if _tests_passed(phase)}
        kept = [ref for ref in state.selection or () if (ref.guide, ref.phase) in passed]
        digests = state.texts().digests(test for ref in kept for test in observed.tests(ref))
        for ref in kept:
            guide = state.guide(ref)
            tests = tuple(accepted_with(ref, guide, state.guides, observed, digests))
            yield Passing(guide.slug, ref.phase, tree, tests)

    def _sources(self) -> Mapping[str, Stamp]:
        """Return when each source file was last changed; a report of this run is none."""
        try:
            files = WorkFiles(self.state.root)
            top = os.path.realpath(files.top)
            sources = (path for path in files.paths() if path.endswith(SOURCES))
            return files.stamps(path for path in sources if f"{top}/{path}" not in self.own)
        except PhasegateError:
            return {}


def _tests_passed(phase: PhaseReport) -> bool:
    """Return whether its tests speak for the phase, or it is one without any.

    A regression must not keep the baseline from being updated.
    """
    ruling = next((verdict.ruling for verdict in phase.gates if verdict.gate == TESTS), None)
    without = phase.tests.declared == phase.tests.collected == 0
    return ruling is Ruling.PASSED or (ruling is Ruling.NOT_EVALUATED and without)
