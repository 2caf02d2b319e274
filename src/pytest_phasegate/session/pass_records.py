"""What ``accept`` and ``status`` go by: the verdicts of this run and the content they are about."""

from __future__ import annotations

import os.path
import time
from collections.abc import Iterator, Mapping

import pytest

from pytest_phasegate.adapters.evidence import WorkFiles
from pytest_phasegate.app.ports.repository import Stamp
from pytest_phasegate.core.coverage.figures import overriding, read_override
from pytest_phasegate.core.coverage.phase_coverage import minima
from pytest_phasegate.core.guide.model import Guide
from pytest_phasegate.core.regression.baseline import Passing, accepted_with
from pytest_phasegate.core.verdict.judgement import PYTEST, WHOLE, judgements_of
from pytest_phasegate.core.verdict.report import PhaseReport, RunReport
from pytest_phasegate.core.verdict.verdict import Ruling
from pytest_phasegate.errors import PhasegateError
from pytest_phasegate.session.report_files import wanted
from pytest_phasegate.session.state import SessionState, guarded
from pytest_phasegate.wiring import readers, records

TESTS = "tests"  # the gate that says so
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
        went_by, stage = state.settings.rules, state.settings.stage or ""
        records.judgements(state.root).append(
            one._replace(rules=went_by, stage=stage, seconds=seconds) for one in judged
        )
        records.keep_reports(state.root, report, tree=tree, at=at, source=PYTEST, tests=state.ended)
        for passing in self._passings(report, tree):
            records.passings(state.root).keep(passing)

    def _asked_otherwise(self) -> Iterator[str]:
        """Yield what an option asked for in this run that is less than, or other than, what the project asks for."""
        state = self.state
        overrides = [read_override(text) for text in state.config.getoption("phasegate_fail_under")]
        own = {guide.path for guide in self._own_guides()}
        for ref in state.selection or ():
            if ref.guide not in own:
                yield f"{ref.guide} is none of the project's guides"
            phase = state.guide(ref).phase(ref.phase)
            asked, given = phase and minima(phase, state.settings).line, overriding(overrides, ref.phase)
            if asked and given is not None and given < asked.percent:
                yield f"--phasegate-fail-under asks for {given:g} %, the {asked.source} for {asked.percent:g} %"

    def _own_guides(self) -> tuple[Guide, ...]:
        """Return the project's guides where this run went by others, and the run's where not."""
        state = self.state
        named = state.config.getoption("phasegate_guides")
        return readers.guides(state.project) if named else state.guides

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
