"""``--phasegate-expect red|green``: the run passes when every declared test of the selection is what it should be."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from pytest_phasegate.app.ports.repository import WorkTree
from pytest_phasegate.app.recorded_run import begin
from pytest_phasegate.core.evidence.observations import Observed, fold
from pytest_phasegate.core.evidence.outcomes import Additions, Outcome, TestId, file_of
from pytest_phasegate.core.evidence.runs import TestVersion
from pytest_phasegate.core.guide.model import Phase, Source
from pytest_phasegate.core.mapping import phase_run
from pytest_phasegate.core.mapping.assignment import map_tests
from pytest_phasegate.core.mapping.mapping import Collected, Declaration, absence
from pytest_phasegate.core.project.paths import Side
from pytest_phasegate.core.project.settings import Mode
from pytest_phasegate.core.redgreen.change.digests import test_versions
from pytest_phasegate.core.verdict.judgement import seen_red
from pytest_phasegate.errors import EvidenceError
from pytest_phasegate.reports.as_json import expectation_json, expectation_lines
from pytest_phasegate.session.ledger import Faults
from pytest_phasegate.session.outcomes import Watching
from pytest_phasegate.session.report_files import wanted, write
from pytest_phasegate.session.state import SessionState, guarded
from pytest_phasegate.wiring import records


class Expecting:
    """Compare the declared tests with what is expected of them, in the place of the gates.

    A file that cannot be imported because its module is yet to be written is the usual red: the run goes on with the
    other files, and the tests of that file are known by its text.
    """

    def __init__(self, state: SessionState, files: WorkTree, watching: Watching, faults: Faults) -> None:
        self.state = state
        self.files = files
        self.watching = watching
        self.faults = faults
        self.reports = [file for file in wanted(state.config) if file.form == "json"]
        self.expectation: phase_run.Expectation | None = None
        state.config.option.continue_on_collection_errors = True

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """Give the run its exit status: whatever pytest and its plugins say of red tests, they are what is wanted here.

        Where tests are only collected, nothing is compared.
        """
        if self.state.config.getoption("collectonly"):
            self.state.remarks.append("not evaluated: the run was narrowed by --co")
            return (yield)
        self._compare()
        met = self.state.passes = self.expectation is not None and self.expectation.met and not self.state.troubles
        result = yield
        if session.exitstatus in _JUDGED and self.state.mode is Mode.ENFORCE:
            session.exitstatus = pytest.ExitCode.OK if met else pytest.ExitCode.TESTS_FAILED
        return result

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Write the section."""
        self._write(terminalreporter)
        for trouble in [*self.state.remarks, *self.state.troubles]:
            terminalreporter.write_line(f"phasegate: warning: {trouble}", yellow=True)

    @guarded
    def _compare(self) -> None:
        state = self.state
        state.run = self.watching.completed()
        self.faults.settle()
        colour = phase_run.Colour(state.config.getoption("phasegate_expect"))
        lost = [test for path in self.faults.uncollected for test in self._tests_of(path)]
        declarations = self._declarations(lost)
        ids = {test for declaration in declarations for test in declaration.found}
        observed = Observed(0, state.run, "", self.faults.cases, self.faults.uncollected, frozenset(self.faults.strict))
        folded = fold(observed, {test: TestVersion(test, "") for test in ids}, self._additions())
        why, weakest = self._absence({*state.run.collected, *lost}, ids), state.settings.red_green.red
        compared = tuple(phase_run.compare(colour, declarations, folded, weakest, why))
        tests = phase_run.without_finished(colour, compared)
        self.expectation = phase_run.Expectation(colour, tests)
        known = self.expectation.met or {test.outcome for test in tests if not test.met} == {Outcome.PASSED}
        if colour is phase_run.Colour.RED and known and not state.run.partial:
            self._remember(tests)
        for file in self.reports:
            problem = write(file.path, partial(expectation_json, self.expectation))
            state.remarks += [problem] if problem else []

    def _remember(self, tests: Sequence[phase_run.ExpectedTest]) -> None:
        """Keep how much of these phases was seen red on this content, for ``status`` and ``next``."""
        state = self.state
        repository = state.project.repository_if_any
        if repository is None:
            return
        counts, reds = (Counter(test.phase for test in some) for some in (tests, [test for test in tests if test.met]))
        tree, at = repository.content_tree(), int(time.time())
        seen = ((state.guide(ref).slug, ref.phase) for ref in state.selection or () if counts[ref.phase])
        red = [seen_red(slug, one, counts[one], failed=reds[one], tree=tree, at=at) for slug, one in seen]
        try:
            records.judgements(state.root).append(red)
        except EvidenceError as error:
            state.remarks.append(error.problem)

    @guarded
    def _write(self, terminal: pytest.TerminalReporter) -> None:
        if self.expectation is None:
            return
        terminal.section("phase expectations")
        for line in expectation_lines(self.expectation):
            terminal.write_line(line)

    def _declarations(self, lost: list[TestId]) -> list[Declaration]:
        """Return the declared tests of the selection; those of files that were not collected are found by name."""
        state = self.state
        known = tuple(state.test_map.belongs) if state.test_map else ()
        unmapped = state.test_map.unmapped if state.test_map else ()
        prefix = state.path_prefix
        more = tuple(Collected(test, prefix + file_of(test)) for test in lost)
        whole = map_tests(state.guides, (*known, *unmapped, *more), state.settings.map, state.added, state.renamed)
        found = ((*whole.declared(ref), *whole.derived(ref)) for ref in state.selection or ())
        return [declaration for some in found for declaration in some]

    def _tests_of(self, path: str) -> Iterator[TestId]:
        """Yield the tests that the text of a file defines."""
        file = self.state.config.rootpath / path
        if file.suffix == ".py" and file.is_file():
            layout = begin(self.files, self.state.settings).layout
            yield from (version.id for version in test_versions(path, file.read_bytes(), layout))

    def _absence(self, known: Collection[TestId], named: set[TestId]) -> Callable[[Declaration], str]:
        """Return what tells why a declared test is not there: its file may say no more than why that is."""
        prefix, uncollected, phases = self.state.path_prefix, self.faults.uncollected, self.state.selection or ()
        mapped = self.state.test_map
        others = {test for ref in phases for test in mapped.tests(ref)} - named if mapped else set()
        silent = ((path, fault) for path, fault in uncollected.items() if not any(self._tests_of(path)))
        unread = {prefix + path: fault.raised.name for path, fault in silent}

        def why(declaration: Declaration) -> str:
            file = file_of(declaration.wanted)
            told, _ = absence(declaration, known, others)
            found = f"it was not found; {told}" if told else "it was not found"
            return f"its file cannot be collected ({unread[file]})" if file in unread else found

        return why

    def _additions(self) -> Additions:
        """Return what may yet come: the code is not written, so any name may be the one, and any declared module.

        Where the guide declares no files of a phase, any module may come that is not there. A package that is there,
        and is not found all the same, no code brings.
        """
        there = begin(self.files, self.state.settings).packages
        faults = (*self.faults.uncollected.values(), *self.faults.cases.values())
        missing = {one.raised.missing for one in faults if "ModuleNotFoundError" in one.raised.types}
        packages = there | phase_run.packages_to_come(self._phases())
        if any(phase.files_source is Source.DERIVED for phase in self._phases()):
            packages |= {module.partition(".")[0] for module in missing}
        return Additions(packages=packages - (there & missing), closed=frozenset(self._closed()))

    def _closed(self) -> Iterator[str]:
        """Yield the test files in which a name was missing and that import none with a star: code brings them none."""
        layout = begin(self.files, self.state.settings).layout
        for path in {fault.raised.path for fault in self.faults.cases.values() if "NameError" in fault.raised.types}:
            file = Path(self.files.top, path)
            if layout.side(path) is Side.TEST and b"import *" not in file.read_bytes():
                yield path

    def _phases(self) -> Iterator[Phase]:
        for ref in self.state.selection or ():
            yield from (phase for phase in self.state.guide(ref).phases if phase.id == ref.phase)


_JUDGED = frozenset({
    pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED
})  # fmt: skip
"""The exit statuses that speak of tests; an interruption, a usage error or a fault of pytest stays what it is."""
