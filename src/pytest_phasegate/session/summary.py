"""The ``phase gates`` section of the terminal summary, and the reports that were asked for."""

from __future__ import annotations

from functools import partial

import pytest

from pytest_phasegate.core.project.settings import Mode
from pytest_phasegate.core.verdict.report import RunReport
from pytest_phasegate.core.verdict.verdict import Ruling
from pytest_phasegate.reports.as_terminal import UNBROKEN, text
from pytest_phasegate.reports.escaping import escaped
from pytest_phasegate.session.report_files import annotates, rendered, wanted, write
from pytest_phasegate.session.state import SessionState, guarded


def rest_of_the_gate(report: RunReport) -> str:
    """Return what passed here and the command that asks everything else; empty where nothing passed."""
    passed = [phase for phase in report.phases if phase.ruling is Ruling.PASSED]
    if report.ruling is not Ruling.PASSED or not passed:
        return ""
    gates = dict.fromkeys(one.gate for phase in passed for one in phase.gates if one.ruling is Ruling.PASSED)
    return f"{' and '.join(gates)} passed; the whole gate: phasegate check {','.join(map(report.name, passed))}"


class Reporting:
    """Show the verdicts, write the reports, and warn in one line where a hook of ours failed."""

    def __init__(self, state: SessionState) -> None:
        self.state = state
        self.files = wanted(state.config)

    @guarded
    def pytest_sessionfinish(self) -> None:
        """Write the reports that were asked for."""
        report = self.state.report
        if report is not None:
            told = [write(one.path, partial(rendered, report, one.form, self.state)) for one in self.files]
            self.state.remarks += filter(None, told)

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Write the section; a refusal makes pytest's own last line red."""
        self._write(terminalreporter)
        for remark in self.state.remarks:
            terminalreporter.write_line(escaped(f"phasegate: {remark}"), yellow=True)
        for trouble in self.state.troubles:
            terminalreporter.write_line(
                escaped(f"phasegate: warning: {trouble}; nothing passes in this run"), yellow=True
            )

    @guarded
    def _write(self, terminal: pytest.TerminalReporter) -> None:
        report = self.state.report
        if report is None:
            return
        terminal.section("phase gates")
        for line in text(report, colour=terminal.hasmarkup, width=UNBROKEN).splitlines():
            terminal.write_line(line)
        if told := rest_of_the_gate(report):
            terminal.write_line(escaped(told))
        if annotates(self.state.config):
            self._annotate(terminal, report)
        if report.ruling.refuses:
            terminal.stats.setdefault("failed", [])

    def _annotate(self, terminal: pytest.TerminalReporter, report: RunReport) -> None:
        """Write GitHub's annotations, each on a line of its own, and the summary of its step."""
        from pytest_phasegate.reports.findings import of_report
        from pytest_phasegate.reports.formats import github, summarise

        judged = of_report(report)
        for line in github(judged, observing=self.state.mode is not Mode.ENFORCE).splitlines():
            terminal.write_line(line)
        self.state.remarks += filter(None, [summarise(judged)])
