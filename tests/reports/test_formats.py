from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pytest_phasegate.core.verdict.report import CriterionVerdict, GuideName, RunReport
from pytest_phasegate.core.verdict.verdict import Finding, Ruling, Severity, Verdict
from pytest_phasegate.reports import as_html, as_json, as_terminal
from pytest_phasegate.reports.as_json import read_report
from pytest_phasegate.reports.formats import of_phases

SCHEMA = json.loads(Path("docs/reference/schemas/report.schema.json").read_text(encoding="utf-8"))
UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def test_the_json_report_keeps_to_its_schema(report: RunReport, hostile: RunReport) -> None:
    for one in (report, hostile, RunReport((), (), ())):
        jsonschema.validate(json.loads(as_json.text(one)), SCHEMA)


def test_the_json_report_says_what_was_decided(report: RunReport) -> None:
    told = json.loads(as_json.text(report))

    assert (told["schema"], told["verdict"], told["selection"]) == ("phasegate.report/1", "failed", ["1", "2"])
    assert told["guide"]["slug"] == "g"
    assert told["phases"][0]["coverage"] == {
        "minimum": 90.0,
        "minimum_from": "guide",
        "line": {"covered": 40, "total": 41, "percent": 97.56},
        "branch": {},
        "function": {"covered": 3, "total": 3, "percent": 100.0},
        "all_tests": {"line": {"covered": 41, "total": 41, "percent": 100.0}, "branch": {}, "function": {}},
        "files": [{"path": "src/x.py", "percent": 97.56, "missing": [41], "excluded": []}],
        "excluded": 0,
    }
    assert told["phases"][1]["tests"]["missing"] == ["test_b"]
    assert told["phases"][1]["gates"][0]["findings"][0]["line"] == 7
    assert told["regressions"] == [{"test": "t.py::test_a", "phase": "1", "kind": "broke", "detail": "failed"}]


@pytest.mark.parametrize("form", ["json", "html", "term"])
def test_no_format_lets_a_control_or_bidi_character_through(form: str, hostile: RunReport) -> None:
    assert not UNSEEN.search(of_phases(hostile, form))


def test_no_line_of_a_terminal_starts_a_workflow_command(hostile: RunReport) -> None:
    shown = [line.lstrip() for line in as_terminal.text(hostile).splitlines()]

    assert not [line for line in shown if line.startswith("::")]


def test_what_a_command_said_is_shown_line_by_line_behind_a_bar(report: RunReport) -> None:
    said = Finding("PG521", Severity.ERROR, "lint ended with 1:\na.py:1: unused\n::error::x", fix="run it: lint")
    phase = report.phases[0]._replace(gates=(Verdict("commands", "1", Ruling.FAILED, "lint failed", (said,)),))

    told = as_terminal.text(report._replace(phases=(phase,)))

    assert (
        "    PG521 lint ended with 1:\n"
        "      | a.py:1: unused\n"
        "      | ::error::x\n"
        "      fix: run it: lint\n"
    ) in told  # fmt: skip


def test_findings_with_one_remedy_say_it_once_behind_the_last(report: RunReport) -> None:
    found = [("PG401", "a broke", "mend it"), ("PG401", "b broke", "mend it"), ("PG402", "c is gone", "bring it back")]
    findings = tuple(Finding(code, Severity.ERROR, message, fix=fix) for code, message, fix in found)
    phase = report.phases[0]._replace(gates=(Verdict("regression", "1", Ruling.FAILED, "lost", findings),))

    told = as_terminal.text(report._replace(phases=(phase,)))

    assert (
        "    PG401 a broke\n"
        "    PG401 b broke\n"
        "      fix: mend it\n"
        "    PG402 c is gone\n"
        "      fix: bring it back\n"
    ) in told  # fmt: skip


def test_the_markdown_report_names_phases_findings_and_regressions(report: RunReport) -> None:
    told = of_phases(report, "markdown")

    assert told.startswith("## ❌ Phase gates: failed\n")
    assert "| 1: Core | ✅ passed | 2 passed, 0 failed, 0 skipped, 0 missing | 97.56 % | tests ✅ |" in told
    assert "  - `PG411` `g.md:7` test\\_b is declared and was not collected<br>Fix: write it" in told
    assert "- broke: t.py::test\\_a \\(phase 1\\): failed" in told


def test_the_terminal_shows_each_gate_and_ends_with_the_phases_that_refuse(report: RunReport) -> None:
    assert as_terminal.text(report).splitlines() == [
        "note: PG417 test_a names several tests",
        "phase 1: Core",
        "  tests      passed        2 tests passed",
        "phase 2: TTL",
        "  tests      failed        1 of 2 declared tests was not collected",
        "    g.md:7 PG411 test_b is declared and was not collected",
        "      fix: write it",
        "FAIL phase 2 (tests failed)",
    ]


def test_the_terminal_tells_one_cause_of_several_gates_once(report: RunReport) -> None:
    why = "the test run ended with 4 and gave no report: conftest.py:1: ImportError"
    gates = [Verdict(name, "1", Ruling.INCONCLUSIVE, why) for name in ("tests", "coverage", "suite")]

    told = as_terminal.text(report._replace(phases=(report.phases[0]._replace(gates=tuple(gates)),)))

    assert told.splitlines()[2:-1] == [
        f"  tests      inconclusive  {why}",
        "  coverage   inconclusive  as tests",
        "  suite      inconclusive  as tests",
    ]


def test_the_terminal_says_of_a_narrowed_run_only_that_it_was(report: RunReport) -> None:
    narrowed = report._replace(narrowed=("-k one",), notes=())

    assert as_terminal.text(narrowed) == (
        "not evaluated: the run was narrowed by -k one; without that, from the project's top: pytest --phase 1,2\n"
    )
    assert json.loads(as_json.text(narrowed))["verdict"] == "not-evaluated"
    assert "narrowed by \\-k one" in of_phases(narrowed, "markdown")
    assert "narrowed by -k one" in as_html.text(narrowed)


@pytest.mark.parametrize(
    ("ruling", "style"), [(Ruling.PASSED, "32"), (Ruling.NOT_EVALUATED, "2"), (Ruling.FAILED, "31")]
)
def test_the_last_line_has_the_colour_of_the_verdict(ruling: Ruling, style: str, report: RunReport) -> None:
    phase = report.phases[0]._replace(gates=(Verdict("tests", "1", ruling, "so"),))

    *_, last = as_terminal.text(report._replace(phases=(phase,)), colour=True).splitlines()

    assert last.startswith(f"\x1b[{style}m")


@pytest.mark.parametrize(("ruling", "more"), [(Ruling.FAILED, 5), (Ruling.PASSED, 20)])
def test_the_terminal_lists_so_many_findings_and_says_how_many_more(
    ruling: Ruling, more: int, report: RunReport
) -> None:
    many: Any = tuple(Finding("PG412", Severity.WARNING, f"t{at}") for at in range(25))
    phase = report.phases[0]._replace(gates=(Verdict("tests", "1", ruling, "", many),))

    told = as_terminal.text(report._replace(phases=(phase,)))

    assert f"    and {more} more; the json format has them all" in told.splitlines()


def test_a_phase_nobody_collected_a_test_of_names_what_is_missing(report: RunReport) -> None:
    phase = report.phases[1]._replace(tests=replace(report.phases[1].tests, collected=0))

    assert "  missing: test_b" in as_terminal.text(report._replace(phases=(phase,))).splitlines()


@pytest.mark.parametrize("form", ["term", "markdown", "html"])
def test_a_phase_is_named_with_its_guide_where_there_are_several(form: str, report: RunReport) -> None:
    other = GuideName("docs/other.md", "other", "Other", "canonical", "sha256:1")
    twice = report._replace(
        guides=(*report.guides, other),
        phases=(*report.phases, report.phases[1]._replace(guide="docs/other.md")),
    )

    assert "g:2" in of_phases(twice, form)
    assert "other:2" in of_phases(twice, form)
    assert "g:2" not in of_phases(report, form)


def test_a_renamed_test_is_told_and_no_regression(report: RunReport) -> None:
    document = json.loads(as_json.text(report))

    assert [one["kind"] for one in document["regressions"]] == ["broke"]
    assert document["renamed"] == [{"test": "t.py::test_old", "phase": "1", "detail": "now t.py::test_new"}]
    assert read_report(as_json.text(report)) == report


def with_criteria(report: RunReport) -> RunReport:
    """Return the report of a phase that passed and has a criterion that waits for a person."""
    criteria = (
        CriterionVerdict(1, "All tests pass", 9, Ruling.PASSED, "2 tests passed", "tests"),
        CriterionVerdict(2, "Docs read well", 10, Ruling.NOT_EVALUATED, "a person has to look", open=True, fix="look"),
    )
    gates = (Verdict("tests", "1", Ruling.PASSED, "2 tests passed"),)
    return report._replace(phases=(report.phases[0]._replace(gates=gates, criteria=criteria),), regressions=())


def test_a_criterion_that_waits_for_a_person_stands_beside_the_pass(report: RunReport) -> None:
    waiting = with_criteria(report)

    assert as_terminal.text(waiting).splitlines()[-1].endswith("; 1 criterion waits for a person")
    assert "; 1 criterion waits for a person" not in as_terminal.text(report)
    assert of_phases(waiting, "markdown").splitlines()[0].endswith("passed; 1 criterion waits for a person")


def test_the_json_report_has_a_verdict_for_each_criterion(report: RunReport) -> None:
    record = as_json.document(with_criteria(report))

    jsonschema.validate(record, SCHEMA)
    assert [(one["number"], one["verdict"], one["by"]) for one in record["phases"][0]["criteria"]] == [
        (1, "passed", "tests"),
        (2, "open", None),
    ]
