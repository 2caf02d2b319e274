"""``ledger verify|export``: whether the recorded runs are sound; ``combine``: records of shards, judged as one run."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pytest_phasegate.app.coverage.phase_coverage import Asked
from pytest_phasegate.cli.output import OF_COVERAGE, answer_in, answer_of_phases, declare_formats
from pytest_phasegate.cli.project import Project, opened
from pytest_phasegate.core.coverage.measurement import read_override
from pytest_phasegate.core.coverage.phase_coverage import CoverageFacts
from pytest_phasegate.core.evidence.runs import Health
from pytest_phasegate.core.guide.model import Guide
from pytest_phasegate.core.mapping.assignment import map_tests
from pytest_phasegate.core.mapping.shards import Record, read_record, unite
from pytest_phasegate.core.verdict.gate import Need
from pytest_phasegate.core.verdict.report import RunReport
from pytest_phasegate.core.verdict.verdict import exit_code
from pytest_phasegate.errors import EvidenceError
from pytest_phasegate.reports.as_json import picked
from pytest_phasegate.session.phases import OFFERED
from pytest_phasegate.session.state import SessionState
from pytest_phasegate.session.verdict import Judging
from pytest_phasegate.wiring import measurement, projects, readers, records


def configure_ledger(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=("verify", "export"), help="look at every row; or print every record")
    parser.add_argument("--set-aside", action="store_true", help="rename a damaged file, so that a new one can begin")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="of verify; default: text")


def run_ledger(options: argparse.Namespace) -> int:
    """Look at the ledger, or print it."""
    ledger = projects.ledger(projects.root(Path.cwd()))
    if options.action == "export":
        for record in ledger.export():
            print(json.dumps(record))
        return 0
    health = ledger.health()
    aside = ledger.set_aside() if health.problems and options.set_aside else ""
    answer_in(options.format, _record(health, aside), _lines(health, aside))
    return 1 if health.problems else 0


def _record(health: Health, aside: str) -> dict[str, object]:
    return {
        "schema": "phasegate.ledger/1",
        **picked(health, "path", "exists"),
        "sound": not health.problems,
        **picked(health, "rows", "problems"),
        "set_aside": aside or None,
    }


def _lines(health: Health, aside: str) -> list[str]:
    if not health.exists:
        return [f"{health.path}: nothing recorded yet"]
    if not health.problems:
        counts = ", ".join(f"{count} {name}" for name, count in health.rows.items() if count)
        return [f"{health.path}: sound ({counts or 'empty'})"]
    end = f"set aside as {aside}" if aside else "`phasegate ledger verify --set-aside` starts a new one"
    return [f"{health.path}: damaged", *(f"  {problem}" for problem in health.problems), end]


def configure_combine(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("records", nargs="+", metavar="RECORD", help="what --phasegate-record wrote, one of each shard")
    parser.add_argument("--guide", action="append", default=[], metavar="PATH", help="as --phasegate-guide of the runs")
    parser.add_argument(
        "--fail-under", action="append", default=[], metavar="[ID=]PCT", help="as --phasegate-fail-under"
    )
    declare_formats(parser, "html", *OF_COVERAGE)


def run_combine(options: argparse.Namespace) -> int:
    """Judge the whole and print the report."""
    project = opened(options)
    whole = unite([_read(Path(path)) for path in options.records])
    found: dict[str, CoverageFacts] = {}
    report = _judged(project, whole, options, found)

    def coverage(form: str) -> str:
        if whole.measured is None:
            raise EvidenceError("the runs of the records measured no coverage")
        credit = project.settings.coverage.credit
        return measurement.coverage_report(form, project.root, found, whole.measured, credit=credit)

    observing = project.settings.observes
    answer_of_phases(report, options, project, coverage, observing=observing)
    return 0 if observing else exit_code(report.ruling)


def _read(path: Path) -> Record:
    try:
        return read_record(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, RecursionError) as error:
        raise EvidenceError(f"{path}: the record cannot be read: {error}") from error
    except EvidenceError as error:
        raise EvidenceError(f"{path}: {error.problem}", hint=error.hint) from error


def _judged(project: Project, whole: Record, options: argparse.Namespace, found: dict[str, CoverageFacts]) -> RunReport:
    guides = _guides(project, whole, options.guide)
    # The features of a run ask pytest's configuration for one thing only: where node ids start.
    config: Any = SimpleNamespace(rootpath=project.root / whole.prefix)
    state = SessionState(config, project, project.settings.mode, guides, whole.selection)
    state.gates = tuple(gate for gate in readers.gates(project) if gate.needs <= OFFERED)
    texts = records.texts_of_tests(project, whole.prefix)
    state.added = texts.added(guides)
    state.renamed = records.renamed_declarations(project.root, texts, guides)
    state.collected = whole.run.collected
    state.test_map = map_tests(guides, whole.collected, project.settings.map, state.added, state.renamed)
    overrides = tuple(read_override(text) for text in options.fail_under)

    def coverage(guide: Guide) -> CoverageFacts:
        selected = [ref.phase for ref in whole.selection if ref.guide == guide.path]
        asked = Asked(guide, selected, overrides, whole.doubt)
        found[guide.path] = measurement.coverage_facts(project, texts, asked, whole.measured)
        return found[guide.path]

    state.providers[Need.COVERAGE] = coverage
    Judging(state, lambda: whole.run).judge()
    if state.report is None:
        raise EvidenceError(f"the records cannot be judged: {'; '.join(state.troubles)}")
    return state.report


def _guides(project: Project, whole: Record, named: list[str]) -> tuple[Guide, ...]:
    """Return the guides that the shards went by.

    Raises:
        EvidenceError: They, or the content, are not what the shards ran on.
    """
    guides = readers.guides(project, [str(Path.cwd() / path) for path in named])
    if {guide.path: guide.digest for guide in guides} != dict(whole.guides):
        raise EvidenceError("the guides here are not those the shards went by", hint="combine on the same commit")
    if projects.content_id(project.root) != whole.tree:
        raise EvidenceError("the files here are not those the shards ran on", hint="combine on the same commit")
    return records.derived(project, guides)
