"""The ``phase gates`` section, and the files: ``--phasegate-report TYPE[:DEST]``, and the record of a shard."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from pytest_phasegate.adapters.project.worktree import replace_file
from pytest_phasegate.core.coverage.measurement import together
from pytest_phasegate.core.evidence.outcomes import NodeId, TestRun
from pytest_phasegate.core.guide.model import Guide
from pytest_phasegate.core.mapping.shards import WHOLE, Record
from pytest_phasegate.core.project.settings import Mode
from pytest_phasegate.core.verdict.report import RunReport
from pytest_phasegate.core.verdict.verdict import Ruling
from pytest_phasegate.errors import ConfigurationError, EvidenceError, PhasegateError
from pytest_phasegate.reports import as_terminal
from pytest_phasegate.reports.escaping import escaped
from pytest_phasegate.session.collection import Collecting
from pytest_phasegate.session.coverage import Figures
from pytest_phasegate.session.outcomes import Watching
from pytest_phasegate.session.state import SessionState, guarded
from pytest_phasegate.wiring import projects

FORMATS = {
    "term": "",
    "json": "phasegate.json",
    "markdown": "phasegate.md",
    "html": "phasegate.html",
    "github": "",
    "comment": "phasegate.comment.md",
    "gitlab": "phasegate.gitlab.json",
    "junit": "phasegate.junit.xml",
    "sarif": "phasegate.sarif",
    "badge": "phasegate.badge.json",
    "svg": "phasegate.svg",
    "lcov": "phasegate.lcov",
    "cobertura": "phasegate.cobertura.xml",
}
"""The file that each type of report goes to where none is named (none: the terminal)."""
OF_COVERAGE = frozenset({"lcov", "cobertura"})


class ReportFile(NamedTuple):
    """A report that was asked for: its type, and the file it goes to."""

    form: str
    path: Path


def wanted(config: pytest.Config) -> tuple[ReportFile, ...]:
    """Return the reports that go to files; ``term`` alone asks for the section, which is always there.

    Raises:
        ConfigurationError: A type is not known.
    """
    base, found = config.invocation_params.dir, []
    for text in config.getoption("phasegate_reports"):
        form, _, destination = text.partition(":")
        if form not in FORMATS:
            known = ", ".join(FORMATS)
            raise ConfigurationError(f"--phasegate-report {text!r}: no such type", hint=f"the types are: {known}")
        if destination or FORMATS[form]:
            found.append(ReportFile(form, base / (destination or FORMATS[form])))
    return tuple(found)


def write(path: Path, render: Callable[[], str]) -> str:
    """Write one report aside and rename it; return what went wrong, or nothing."""
    try:
        replace_file(path, render().removesuffix("\n") + "\n")
    except OSError as error:
        return f"the report {path} cannot be written: {error.strerror or error}"
    except EvidenceError as error:
        return f"the report {path} is not written: {error.problem}"
    return ""


def rendered(report: RunReport, form: str, state: SessionState) -> str:
    """Return a report in one format.

    Raises:
        EvidenceError: It is one of coverage, and there is none that can be trusted.
    """
    if form in OF_COVERAGE:
        if state.coverage_report is None:
            raise EvidenceError("coverage was not measured")
        return state.coverage_report(form)
    from pytest_phasegate.reports.formats import of_phases  # pages and charts, which a terminal does without
    from pytest_phasegate.wiring import pages

    return of_phases(report, form, partial(pages.place, state.project, report, state.ended))


def rest_of_the_gate(report: RunReport, guides: Sequence[Guide]) -> str:
    """Return what passed here and the command that asks everything else; empty where nothing passed.

    ``guides`` are all that the project has: among several, the command says whose phase it means.
    """
    passed = [phase for phase in report.phases if phase.ruling is Ruling.PASSED]
    if report.ruling is not Ruling.PASSED or not passed:
        return ""
    gates = dict.fromkeys(one.gate for phase in passed for one in phase.gates if one.ruling is Ruling.PASSED)
    slugs = {guide.path: f"{guide.slug}:" for guide in guides} if len(guides) > 1 else {}
    names = ",".join(f"{slugs.get(phase.guide, '')}{phase.id}" for phase in passed)
    return f"{' and '.join(gates)} passed; the whole gate: phasegate check {names}"


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
            told = f"phasegate: warning: {trouble}; nothing passes in this run"
            terminalreporter.write_line(escaped(told), yellow=True)

    @guarded
    def _write(self, terminal: pytest.TerminalReporter) -> None:
        report = self.state.report
        if report is None:
            return
        terminal.section("phase gates")
        for line in as_terminal.text(report, colour=terminal.hasmarkup, width=as_terminal.UNBROKEN).splitlines():
            terminal.write_line(line)
        if told := rest_of_the_gate(report, self.state.guides):
            terminal.write_line(escaped(told))
        if "github" in self.state.config.getoption("phasegate_reports"):
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


class Sharding:
    """Write the record when all tests are done, on the controller.

    Which tests a shard takes is for others to choose (pytest-split, path arguments): that does not make it partial.
    """

    def __init__(self, state: SessionState, watching: Watching) -> None:
        self.state = state
        self.watching = watching
        self.tree = projects.content_id(state.root)

    @guarded
    def pytest_sessionfinish(self) -> None:
        """Write the record; if that fails, there is none, and the remark says so."""
        path = os.fspath(self.state.config.getoption("phasegate_record") or "phasegate-record.json")
        target = self.state.config.invocation_params.dir / path
        try:
            text = json.dumps(self._record().plain(), separators=(",", ":"))
            replace_file(target, f"{text}\n")
            self.state.remarks.append(f"recorded in {path}{'' if self.state.judges else ', and not judged'}")
        except (OSError, PhasegateError) as error:
            self.state.remarks.append(f"no record was written: {error}")

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say where the record is, or why there is none, in a run that shows no verdicts."""
        if not self.state.judges:
            for remark in (*self.state.remarks, *self.state.troubles):
                terminalreporter.write_line(escaped(f"phasegate: {remark}"), yellow=True)

    def _record(self) -> Record:
        state = self.state
        plugins = state.config.pluginmanager.get_plugins()
        collecting = next(plugin for plugin in plugins if isinstance(plugin, Collecting))
        figures = next(plugin for plugin in plugins if isinstance(plugin, Figures))
        if projects.content_id(state.root) != self.tree:
            raise PhasegateError("files changed while the tests ran")
        return Record(
            tree=self.tree,
            guides={guide.path: guide.digest for guide in state.guides},
            selection=state.selection or (),
            shard=state.shard or WHOLE,
            run=self._run(),
            collected=collecting.collected,
            selected=tuple(NodeId(node_id) for node_id in collecting.selected),
            measured=together(figures.measured),
            doubt=figures.doubt,
            prefix=state.path_prefix,
        )

    def _run(self) -> TestRun:
        run = self.state.run or self.watching.completed()
        config = self.state.config
        chosen = {"--splits", "--group", f"{self.state.left_out} of the selected tests were left out"}
        chosen |= {str(argument) for argument in config.args}
        return replace(run, partial=tuple(word for word in run.partial if word not in chosen or not self.state.shard))
