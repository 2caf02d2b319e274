"""What was judged as JSON: a report of phases, a range and its messages, and whether tests are as expected."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from pytest_phasegate.core.coverage.measurement import Figure
from pytest_phasegate.core.evidence.outcomes import Outcome
from pytest_phasegate.core.mapping.phase_run import Expectation, ExpectedTest
from pytest_phasegate.core.project.plain_values import reading
from pytest_phasegate.core.redgreen.verdict import LISTS
from pytest_phasegate.core.verdict.report import CoverageShare, CriterionVerdict, Kind, PhaseReport, RunReport
from pytest_phasegate.core.verdict.verdict import Finding, Ruling, Verdict
from pytest_phasegate.errors import EvidenceError
from pytest_phasegate.reports.escaping import escaped, json_text

if TYPE_CHECKING:
    from pytest_phasegate.app.commit.phase_commits import JudgedMessage
    from pytest_phasegate.app.redgreen.verification import Verification, VerifiedCommit

SCHEMA = "phasegate.report/1"


def document(report: RunReport) -> dict[str, Any]:
    """Return the report as plain values, in the order of the schema."""
    return {
        "schema": SCHEMA,
        "verdict": report.ruling.value,
        "guide": report.guides[0]._asdict() if report.guides else {},
        "guides": [guide._asdict() for guide in report.guides],
        **picked(report, "selection", "narrowed", "notes"),
        "phases": [_phase(phase) for phase in report.phases],
        "regressions": [picked(one, "test", "phase", "kind", "detail") for one in report.regressions],
        "renamed": [picked(one, "test", "phase", "detail") for one in report.renamed],
        "suite": picked(report.suite, "tests", "cases", "red", "incomplete", "left", "ran") if report.suite else None,
    }


def text(report: RunReport) -> str:
    """Return the report as JSON text: ASCII only, so that no control or bidi character reaches a terminal."""
    return json_text(document(report)) + "\n"


def picked(one: object, *names: str) -> dict[str, Any]:
    """Return attributes of a value, or of what it holds (``phase.title``), under their own names, in this order.

    A tuple becomes a list, as in JSON.
    """
    values = ((name.rpartition(".")[2], attrgetter(name)(one)) for name in names)
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values}


def _phase(phase: PhaseReport) -> dict[str, Any]:
    return {
        **picked(phase, "id", "guide", "title"),
        "verdict": phase.ruling.value,
        "gates": [_verdict(verdict) for verdict in phase.gates],
        "tests": picked(phase.tests, "declared", "collected", "passed", "failed", "skipped", "missing"),
        "coverage": _coverage(phase.coverage) if phase.coverage else None,
        "criteria": [criterion_record(one) for one in phase.criteria],
        "source": {"files": str(phase.files_source), "tests": str(phase.tests_source)},
    }


def criterion_record(one: CriterionVerdict) -> dict[str, Any]:
    """Return the verdict of one criterion as plain values; one that waits for a person is ``open``."""
    return {
        **picked(one, "number", "text", "line"),
        "verdict": "open" if one.open else one.ruling.value,
        "reason": one.reason,
        "by": one.by or None,
        **picked(one, "expected", "actual", "fix"),
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "gate": verdict.gate,
        "verdict": verdict.ruling.value,
        "reason": verdict.reason,
        "findings": list(map(finding_record, verdict.findings)),
    }


def finding_record(finding: Finding) -> dict[str, Any]:
    """Return a finding as plain values."""
    return picked(finding, "code", "severity", "path", "line", "message", "fix")


def _coverage(coverage: CoverageShare) -> dict[str, Any]:
    return {
        **picked(coverage, "minimum", "minimum_from"),
        "line": _figure(coverage.line),
        "branch": _figure(coverage.branch),
        "function": _figure(coverage.function),
        "all_tests": {
            "line": _figure(coverage.all_line),
            "branch": _figure(coverage.all_branch),
            "function": _figure(coverage.all_function),
        },
        "files": [picked(file, "path", "percent", "missing", "excluded") for file in coverage.files],
        "excluded": sum(len(file.excluded) for file in coverage.files),
    }


def _figure(figure: Figure | None) -> dict[str, Any]:
    return {"covered": figure.covered, "total": figure.total, "percent": figure.shown} if figure else {}


def verification_json(found: Verification, *, cases: bool = False) -> dict[str, Any]:
    """Return the whole answer as JSON values; ``cases`` lists the cases of each test too."""
    return {
        "schema": "phasegate.verify/1",
        "verdict": str(found.verdict.verdict),
        "reason": found.verdict.reason,
        "range": found.asked,
        "shard": found.part or None,
        "commits": [_commit(one, cases=cases) for one in found.commits],
        "open_red": [str(red.test) for red in found.verdict.open_red],
        "findings": [finding_record(finding) for finding in found.verdict.findings],
    }


def _commit(one: VerifiedCommit, *, cases: bool) -> dict[str, Any]:
    verdict = one.verdict
    return {
        **picked(verdict, "sha", "subject", "kind", "verdict", "reason", *LISTS, "open_red"),
        "red": [picked(red, "test", "grade", "exception") for red in verdict.red],
        "counts": {name: len(one.cases.get(name, ())) for name in LISTS},
        **({"cases": {name: list(one.cases.get(name, ())) for name in LISTS}} if cases else {}),
        "waiver": verdict.waiver or None,
        **picked(one, "carried", "neutralised"),
        "findings": [finding_record(finding) for finding in verdict.findings],
        "seconds": round(verdict.seconds, 2),
    }


def messages_json(asked: str, judged: Iterable[JudgedMessage]) -> dict[str, Any]:
    """Return what was found in the messages of a range, as ``phasegate.messages/1``."""
    commits = [
        {
            **picked(one.commit, "sha", "subject"),
            "verdict": "failed" if one.findings else "passed",
            "findings": [picked(found, "code", "severity", "message", "fix") for found in one.findings],
        }
        for one in judged
    ]
    verdict = "failed" if any(one["findings"] for one in commits) else "passed"
    return {"schema": "phasegate.messages/1", "verdict": verdict, "range": asked, "commits": commits}


def expectation_lines(expectation: Expectation) -> Iterator[str]:
    """Yield one line a test, those that are not as expected last, and what it comes to."""
    for test in sorted(expectation.tests, key=lambda one: not one.met):
        yield escaped(_expected_line(test))
    met = sum(test.met for test in expectation.tests)
    sources = dict.fromkeys("derived" if test.derived else "declared" for test in expectation.tests)
    known = " and ".join(sources) or "declared"
    yield f"expected {expectation.colour}: {met} of {len(expectation.tests)} {known} tests are {expectation.colour}"
    if expectation.guards:
        passing = "1 passes already: it" if expectation.guards == 1 else f"{expectation.guards} pass already: they"
        yield f'{passing} may stay, as a guard; policy strict asks for @pytest.mark.characterization("why")'
    elif expectation.tests and all(test.outcome is Outcome.PASSED and not test.met for test in expectation.tests):
        yield "is their code there already? phasegate check runs them without it"
    if not expectation.tests:
        yield "the selected phases declare no tests, so there is nothing to expect"


def _expected_line(test: ExpectedTest) -> str:
    said = ", ".join(filter(None, [test.grade.value if test.grade.value != "none" else "", test.exception]))
    known = f" ({said})" if said else ""
    return f"{'ok ' if test.met else 'NOT'} {test.test or test.wanted}: {test.why or test.outcome}{known}"


def expectation_json(expectation: Expectation) -> str:
    """Return the JSON, schema ``phasegate.expect/1``."""
    record = {
        "schema": "phasegate.expect/1",
        "expected": expectation.colour.value,
        "verdict": "passed" if expectation.met else "failed",
        "tests": [_expected_record(test) for test in expectation.tests],
    }
    return json_text(record) + "\n"


def _expected_record(test: ExpectedTest) -> dict[str, object]:
    return {
        "phase": test.phase,
        "declared": test.wanted,
        "source": "derived" if test.derived else "declared",
        "test": test.test or None,
        **picked(test, "met", "outcome", "grade", "exception", "why"),
    }


def read_report(text: str) -> RunReport:
    """Read a report.

    Raises:
        EvidenceError: It is cut short, or of another schema.
    """
    try:
        record = json.loads(text)
        if record["schema"] != SCHEMA:
            raise EvidenceError(
                f"the report of the test run is of the schema {record['schema']!r}, not {SCHEMA!r}",
                hint="install the same version of pytest-phasegate in the project's environment",
            )
        phases = [_phase_of(one) for one in record["phases"]]
        renamed = [{**one, "kind": Kind.RENAMED} for one in record["renamed"]]
        return reading(RunReport)({**record, "phases": phases, "renamed": renamed})
    except (ValueError, KeyError, TypeError) as error:
        raise EvidenceError(f"the report of the test run cannot be read: {type(error).__name__}: {error}") from None


def _phase_of(record: Mapping[str, Any]) -> dict[str, Any]:
    gates = [{**gate, "phase": record["id"], "ruling": gate["verdict"]} for gate in record["gates"]]
    told = {f"{kind}_source": source for kind, source in record["source"].items()}
    criteria = list(map(_criterion_of, record.get("criteria", ())))
    return {**record, **told, "gates": gates, "criteria": criteria, "coverage": _shares(record["coverage"])}


def _criterion_of(record: Mapping[str, Any]) -> dict[str, Any]:
    waits = record["verdict"] == "open"
    ruling = Ruling.NOT_EVALUATED if waits else record["verdict"]
    return {**record, "ruling": ruling, "open": waits, "by": record["by"] or ""}


def _shares(record: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not record:
        return None
    figures = {kind: figure or None for kind, figure in record.items() if kind in record["all_tests"]}
    return {**record, **figures, **{f"all_{kind}": figure or None for kind, figure in record["all_tests"].items()}}
