"""Coverage by phase: one measurement for all, told apart where the run passes from one phase to the next."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from coverage import Coverage

from pytest_phasegate.adapters.coverage.contexts import Recorder
from pytest_phasegate.adapters.coverage.own_measurement import (
    loaded_elsewhere,
    loaded_modules,
    read_modules,
    started,
    time_of_children,
)
from pytest_phasegate.adapters.project.worktree import seen_from
from pytest_phasegate.app.coverage.phase_coverage import Asked
from pytest_phasegate.core.coverage.credit import Kind, Owner, Suite, credit, ran_alone
from pytest_phasegate.core.coverage.measurement import Measurement, minima, phase_key, read_override, together
from pytest_phasegate.core.coverage.phase_coverage import CoverageFacts
from pytest_phasegate.core.evidence.outcomes import function_of
from pytest_phasegate.core.guide.model import Guide
from pytest_phasegate.core.project.settings import Credit
from pytest_phasegate.core.verdict.gate import Need
from pytest_phasegate.errors import EvidenceError, PhasegateError
from pytest_phasegate.session.shared_fixtures import ImportWatch, SharedFixtures
from pytest_phasegate.session.state import (
    READ_EARLY,
    ReadEarly,
    SessionState,
    distributes,
    guarded,
    hand_over,
    handed_over,
)
from pytest_phasegate.wiring import measurement, projects, readers, records
from pytest_phasegate.wiring.projects import Project

RECORDER: pytest.StashKey[Recorder] = pytest.StashKey()
EARLY: pytest.StashKey[frozenset[str]] = pytest.StashKey()
REASON: pytest.StashKey[str] = pytest.StashKey()


def begin(config: pytest.Config) -> None:
    """Start to listen, or to measure, before the first conftest imports anything; or note why not. Once is enough.

    The options are not complete yet, and the configuration may be broken: that is told later, by others.
    """
    options = config.known_args_namespace
    asked = (options.phasegate_phase or options.phasegate_cov) and not options.collectonly
    if not asked or options.phasegate_mode == "off" or EARLY in config.stash:
        return
    running, root = Coverage.current(), projects.root(config.rootpath)
    config.stash[EARLY] = frozenset(loaded_modules(root).values())
    try:
        if running is not None:
            config.stash[RECORDER] = Recorder(root, running, ours=False)
        elif options.phasegate_cov is False:
            config.stash[REASON] = "coverage was not measured (--no-phasegate-cov)"
        elif sys.gettrace() is not None:
            config.stash[REASON] = "coverage was not measured: another tool (a debugger?) has set a trace function"
        elif not distributes(options):
            config.stash[RECORDER] = _own(config)
    except PhasegateError as error:
        config.stash[REASON] = error.problem


def _own(config: pytest.Config) -> Recorder:
    """Start a measurement of our own; of branches too where any guide or the configuration asks for them.

    The guides are read before that, for all: under the tracer it would take twice the time.
    """
    project = Project.around(config.rootpath)
    here = config.invocation_params.dir
    named = [str(here / name) for name in config.known_args_namespace.phasegate_guides]
    texts = records.texts_of_tests(project)
    guides = records.derived(project, readers.guides(project, named), texts=texts)
    config.stash[READ_EARLY] = ReadEarly(project, texts, guides)
    source = [str(project.root / directory) for directory in texts.layout.source]
    phases = [phase for guide in guides for phase in guide.phases]
    measured = started(source, branches=lambda: any(minima(phase, project.settings).branch for phase in phases))
    return Recorder(project.root, measured, ours=True)


def features(state: SessionState) -> Iterator[object]:
    """Yield what answers for the figures and, where this process measures, what says whose they are."""
    recorder = state.config.stash.get(RECORDER, None)
    figures = Figures(state, recorder.coverage if recorder else None)
    yield figures
    if recorder:
        yield Measuring(state, recorder, figures)


class Measuring:
    """Switch the owner of what runs at every passage from one phase to another."""

    def __init__(self, state: SessionState, recorder: Recorder, figures: Figures) -> None:
        self.state = state
        self.recorder = recorder
        self.figures = figures
        self.troubles: dict[str, str] = {}
        self.tests: dict[str, set[tuple[str, str]]] = {}
        self.preloaded: frozenset[str] = frozenset()
        self.early = state.config.stash.get(EARLY, frozenset())
        self.children = 0.0
        self.collecting = False
        self.fixtures = SharedFixtures(state, recorder)
        self.imports = ImportWatch(state, recorder)

    @pytest.hookimpl(trylast=True)
    @guarded
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Go over to the measurement that pytest-cov starts on a worker only now."""
        session.config.pluginmanager.register(self.fixtures, "phasegate-sharedfixtures")
        if (running := Coverage.current()) is not None:
            self.recorder.follow(running)

    @pytest.hookimpl(tryfirst=True)
    @guarded
    def pytest_collection(self) -> None:
        """Note what is loaded before any test is collected."""
        self.recorder.close_stretch()
        self.preloaded = frozenset(loaded_modules(self.state.root).values())
        self.collecting = True
        self.imports.begin()

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Iterator[None]:
        """Let what the import of a module of tests runs belong to that module."""
        if isinstance(collector, pytest.Module):
            self._switch(Owner(Kind.COLLECTION, self._relative(collector.path)))
            try:
                return (yield)
            finally:
                self._switch(Owner(Kind.STARTUP))
        return (yield)

    @guarded
    def pytest_plugin_registered(self, plugin: object) -> None:
        """Let what the import of a conftest ran, which collection came upon, belong to that conftest."""
        file = getattr(plugin, "__file__", None) or ""
        if self.collecting and os.path.basename(file) == "conftest.py":  # noqa: PTH119
            around, self.recorder.owner = self.recorder.owner, Owner(Kind.COLLECTION, self._relative(file))
            self.recorder.close_stretch()
            self.recorder.owner = around

    @guarded
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Learn which tests will run for which phase."""
        self.collecting = False
        for item in session.items:
            phase = self._phase(item)
            self.fixtures.learn(item, phase)
            function = function_of(self.state.case(item.nodeid)).partition("::")[2].replace("::", ".")
            self.tests.setdefault(phase, set()).add((self._relative(item.path), function))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Let what a test runs belong to its phase."""
        self._enter(item)
        try:
            return (yield)
        finally:
            self._look_after(item)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtestloop(self) -> Iterator[None]:
        """Close the account before whoever measures closes theirs: this wrapper is the innermost."""
        self.children = time_of_children()
        try:
            return (yield)
        finally:
            self._finish()

    @guarded
    def pytest_unconfigure(self) -> None:
        """Leave nothing behind where the tests never came to run."""
        self.imports.end()
        self.recorder.stop()

    @guarded
    def _switch(self, owner: Owner) -> None:
        self.recorder.switch(owner)

    @guarded
    def _enter(self, item: pytest.Item) -> None:
        """Go over to a test's phase; what is no phase's is not traced, which would take several times as long."""
        phase, credit = self._phase(item), self.state.settings.coverage.credit
        self.recorder.switch(Owner(Kind.TESTS, phase))
        (self.recorder.go_on if phase or credit is not Credit.PHASE else self.recorder.rest)()

    @guarded
    def _look_after(self, item: pytest.Item) -> None:
        """Note for the phase if the measurement was disturbed, by this test or one before it."""
        if trouble := self.recorder.trouble():
            self.troubles.setdefault(self._phase(item), f"{trouble}; noticed after {item.nodeid}")

    @guarded
    def _finish(self) -> None:
        self.recorder.stop()
        self.imports.end()
        modules, recorded = loaded_modules(self.state.root), self.recorder.recorded()
        suite = Suite(
            tests={phase: frozenset(tests) for phase, tests in self.tests.items()},
            paths=modules,
            texts={} if ran_alone(recorded, self.tests) else read_modules(self.state.root, modules),
            fixtures=self.fixtures.users(),
            preloaded=self.preloaded,
        )
        measured = credit(recorded, suite)._replace(
            troubles=self.troubles,
            early=self.early,
            elsewhere=loaded_elsewhere(self.state.root, self.state.texts().layout.source),
            children=time_of_children() > self.children,
        )
        hand_over(self.state, measured)
        if not self.state.is_worker and not distributes(self.state.config.option):
            self.figures.measured.append(measured)

    def _phase(self, item: pytest.Item) -> str:
        ref = self.state.phase_of.get(self.state.case(item.nodeid))
        return phase_key(ref.guide, ref.phase) if ref else ""

    def _relative(self, path: os.PathLike[str] | str) -> str:
        """Return a path relative to the root; one outside as it is."""
        return seen_from(self.state.root, path) or os.path.realpath(path)


class Figures:
    """Answer for the figures: of what this process measured, or of what its workers did."""

    def __init__(self, state: SessionState, coverage: Coverage | None) -> None:
        self.state = state
        self.coverage = coverage
        self.reason = state.config.stash.get(REASON, "coverage was not measured")
        self.measured: list[Measurement] = []
        self.lost: list[str] = []
        self.found: dict[str, CoverageFacts] = {}
        state.providers[Need.COVERAGE] = self.facts
        state.coverage_report = self.report

    @pytest.hookimpl(optionalhook=True)
    @guarded
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker measured, or note that it is lost."""
        measured = handed_over(node, Measurement)
        self.measured += [measured] if measured else []
        self.lost += [] if measured else [node.gateway.id]

    def facts(self, guide: Guide) -> CoverageFacts:
        """Return what was measured for the phases of a guide.

        Raises:
            EvidenceError: The parts of the measurement do not fit together.
        """
        given = self.state.config.getoption("phasegate_fail_under")
        asked = Asked(guide, self._selected(guide), tuple(read_override(text) for text in given), self.doubt)
        self.found[guide.path] = found = measurement.coverage_facts(
            self.state.project, self.state.texts(), asked, together(self.measured), coverage=self.coverage
        )
        return found

    def report(self, form: str) -> str:
        """Return the coverage of the selected phases, as coverage.py writes it.

        Raises:
            EvidenceError: There is nothing to be told, or nothing that can be trusted.
        """
        measured = together(self.measured)
        if measured is None or self.doubt:
            raise EvidenceError(self.doubt or self.reason)
        credit = self.state.settings.coverage.credit
        return measurement.coverage_report(
            form, self.state.root, self.found, measured, credit=credit, coverage=self.coverage
        )

    @property
    def doubt(self) -> str:
        """Why nothing that was measured can be trusted, or why nothing was measured; else nothing."""
        if not self.measured:
            return self.reason
        if self.lost:
            return f"coverage is incomplete: lost with worker {', '.join(sorted(self.lost))}"
        return ""

    def _selected(self, guide: Guide) -> tuple[str, ...]:
        if self.state.selection is None:
            return tuple(phase.id for phase in guide.phases)
        return tuple(ref.phase for ref in self.state.selection if ref.guide == guide.path)
