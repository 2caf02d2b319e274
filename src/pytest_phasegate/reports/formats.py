"""One function a format: what was judged, for a scanner, a merge request, a test report, a badge, a pull request."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

from pytest_phasegate.__about__ import __version__
from pytest_phasegate.core.verdict.report import RunReport
from pytest_phasegate.core.verdict.verdict import Finding, Ruling, Severity, counted, shortened
from pytest_phasegate.reports.escaping import escaped, escaped_lines, json_text, workflow_safe
from pytest_phasegate.reports.escaping import markdown as marked
from pytest_phasegate.reports.findings import MARKS, Case, Judged, of_report
from pytest_phasegate.reports.messages import address, explain, linked
from pytest_phasegate.reports.page import Place

SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
MARKER = "<!-- phasegate: red before green -->"
"""Stands first in the comment on a pull request, so that the next one takes its place."""
_MOST, _LONGEST = 50, 60_000
"""Rows and findings of Markdown; signs of a comment, of which GitHub takes 65,536."""
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_GRAVITY = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}
_COLOURS = {Ruling.PASSED: ("brightgreen", "#4c1"), Ruling.WAIVED: ("yellow", "#dfb317")}
_GREY, _RED = ("lightgrey", "#9f9f9f"), ("red", "#e05d44")


def sarif(judged: Judged) -> str:
    """Return a SARIF 2.1.0 log with one run; what was waived is a suppressed result with its reason."""
    told = list(judged.told())
    codes = sorted({finding.code for _, finding in told})
    driver = {"name": "phasegate", "version": __version__, "rules": list(map(_rule, codes))}
    results = [
        {
            "ruleId": finding.code,
            "ruleIndex": codes.index(finding.code),
            "level": str(finding.severity),
            "message": {"text": escaped_lines(_prefix(case) + finding.message)},
            "locations": [{"physicalLocation": _place(case, finding)}],
            **_waived(case),
        }
        for case, finding in told
    ]
    run = {"tool": {"driver": driver}, "automationDetails": {"id": f"phasegate/{judged.command}/"}, "results": results}
    return json_text({"$schema": SARIF, "version": "2.1.0", "runs": [run]})


def _waived(case: Case) -> dict[str, Any]:
    reason = {"kind": "external", "justification": escaped_lines(case.waiver)}
    return {"suppressions": [reason]} if case.waiver else {}


def _rule(code: str) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": escaped_lines(code)}
    if where := address(code):
        rule["helpUri"] = where
    if message := explain(code):
        texts = {"shortDescription": message.title, "fullDescription": message.meaning, "help": message.mend}
        rule |= {key: {"text": text} for key, text in texts.items()}
    return rule


def _place(case: Case, finding: Finding) -> dict[str, Any]:
    region = {"startLine": finding.line or 1, **({"startColumn": finding.column} if finding.column else {})}
    uri = quote((finding.path or case.place).encode("utf-8", "backslashreplace"))
    return {"artifactLocation": {"uri": uri}, "region": region}


def gitlab(judged: Judged) -> str:
    """Return a code quality report of GitLab; what was waived is not in it."""
    seen: dict[str, int] = {}
    found = []
    for case, finding in judged.told():
        path, message = escaped_lines(finding.path or case.place), escaped_lines(_prefix(case) + finding.message)
        key = f"{path}\0{finding.code}\0{message}"
        seen[key] = seen.get(key, 0) + 1
        one = {
            "description": message,
            "check_name": escaped_lines(finding.code),
            "fingerprint": sha256(f"{key}\0{seen[key]}".encode()).hexdigest(),
            "severity": _GRAVITY[finding.severity],
            "location": {"path": path, "lines": {"begin": finding.line or 1}},
        }
        found += [] if case.waiver else [one]
    return json_text(found)


def github(judged: Judged, *, observing: bool = False) -> str:
    """Return a workflow command for each finding and each waiver, and one where all passed.

    Args:
        judged: What is told.
        observing: Whether nothing is refused, so that nothing is an error.
    """
    lines = [_command(case, finding, observing) for case, finding in judged.told() if not case.waiver]
    lines += [f"::notice title=waived::{_data(_prefix(one) + one.reason)}" for one in judged.cases if one.waiver]
    passed = f"{judged.again} passed: {judged.reason}" if judged.command == "verify" else judged.reason
    lines += [f"::notice title={judged.title.lower()}::{_data(passed)}"] if judged.ruling is Ruling.PASSED else []
    return "\n".join(lines)


def _command(case: Case, finding: Finding, observing: bool) -> str:
    level = _LEVELS[Severity.WARNING if observing and finding.severity is Severity.ERROR else finding.severity]
    place = {"file": finding.path, "line": finding.line, "col": finding.column} if finding.path else {}
    told = {**{key: value for key, value in place.items() if value}, "title": finding.code}
    safe = {key: _data(str(value)).replace(":", "%3A").replace(",", "%2C") for key, value in told.items()}
    properties = ",".join(f"{key}={value}" for key, value in safe.items())
    return f"::{level} {properties}::{_data(_prefix(case) + finding.message)}"


def _data(text: str) -> str:
    return escaped_lines(text).replace("%", "%25").replace("\n", "%0A")


def _prefix(case: Case) -> str:
    """Return what a finding needs before it where nothing around it says which commit is meant."""
    return f"{case.called}: " if case.title else ""


def junit(judged: Judged) -> str:
    """Return JUnit XML: a test case for each thing that was judged."""
    suite = ET.Element("testsuite", name=escaped(f"{judged.title.lower()} {judged.again}".strip()))
    for case in judged.cases:
        within = f".{case.group}" if judged.command == "check" else ""
        about = {"classname": f"phasegate.{judged.command}{within}", "name": case.called, "time": f"{case.seconds:.2f}"}
        one = ET.SubElement(suite, "testcase", {key: escaped(value) for key, value in about.items()})
        if case.ruling.refuses:
            errors = [finding for finding in case.findings if finding.severity is Severity.ERROR]
            kind = " ".join(dict.fromkeys(finding.code for finding in errors)) or case.state
            tag = "failure" if case.ruling is Ruling.FAILED else "error"
            fault = ET.SubElement(one, tag, message=escaped(case.reason), type=escaped(kind))
            said = "\n".join(f"{_where(each)}{each.code} {each.message}" for each in errors)
            fault.text = "\n".join(map(workflow_safe, said.split("\n")))
        elif case.ruling is not Ruling.PASSED:
            ET.SubElement(one, "skipped", message=escaped(f"{case.state}: {case.reason}"))
    tags = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
    suite.attrib |= {name: str(sum(1 for _ in suite.iter(tag))) for name, tag in tags.items()}
    suite.set("time", f"{sum(case.seconds for case in judged.cases):.2f}")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(suite, encoding="unicode")


def _where(finding: Finding) -> str:
    return ":".join(str(part) for part in (finding.path, finding.line) if part) + " " if finding.path else ""


def badge(judged: Judged) -> str:
    """Return what shields.io's endpoint badge reads."""
    colour, _ = _colour(judged)
    told = {"schemaVersion": 1, "label": escaped(judged.badge), "message": _shortly(judged), "color": colour}
    return json_text({**told, "isError": judged.ruling.refuses})


def svg(judged: Judged) -> str:
    """Return the same badge as a picture."""
    label, message, (_, colour) = escaped(judged.badge), _shortly(judged), _colour(judged)
    left, right = 10 + 7 * len(label), 10 + 7 * len(message)
    told, size = f"{label}: {message}", {"width": str(left + right), "height": "20"}
    image = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **size, "role": "img", "aria-label": told})
    ET.SubElement(image, "title").text = told
    for start, width, ground, words in ((0, left, "#555", label), (left, right, colour, message)):
        ET.SubElement(image, "rect", x=str(start), width=str(width), height="20", fill=ground)
        shown = {"x": str(start + width // 2), "y": "14", "fill": "#fff", "text-anchor": "middle", "font-size": "11"}
        ET.SubElement(image, "text", {**shown, "font-family": "Verdana,DejaVu Sans,sans-serif"}).text = words
    return ET.tostring(image, encoding="unicode")


def _colour(judged: Judged) -> tuple[str, str]:
    return _RED if judged.ruling.refuses else _COLOURS.get(judged.ruling, _GREY)


def _shortly(judged: Judged) -> str:
    """Return the verdict, with the coverage of a phase that is judged alone."""
    covered = [row[3] for row in judged.rows if judged.command == "check" and row[3] != "-"]
    return f"{judged.ruling}, {covered[0]}" if len(judged.rows) == len(covered) == 1 else str(judged.ruling)


def markdown(judged: Judged) -> str:
    """Return Markdown for a job summary: the verdict, a table, and what stands behind each refusal."""
    notes = ["", "### Notes", "", *(f"- {marked(note)}" for note in judged.notes)] if judged.notes else []
    head = f"## {MARKS[judged.ruling]} {judged.title}: {judged.ruling}{judged.waiting}"
    reason = workflow_safe(marked(judged.reason))
    return "\n".join([head, "", reason, *_table(judged), *_listed(judged), *notes])


def comment(judged: Judged) -> str:
    """Return the comment on a pull request: what refuses is read, the table is in a fold."""
    fold = ["", "<details>", f"<summary>{counted(len(judged.rows), judged.head[0])}</summary>", *_table(judged), ""]
    again = [f"The same here: `phasegate {judged.command} {_code(judged.again)}`"] if judged.again else []
    head = [MARKER, f"### {judged.title}: {judged.ruling}{judged.waiting}", "", workflow_safe(marked(judged.reason))]
    lines = [
        *head,
        *_listed(judged),
        *([*fold, "</details>"] if judged.rows else []),
        *(["", *again] if judged.ruling.refuses else []),
    ]
    text = "\n".join(lines)
    return text if len(text) <= _LONGEST else "\n".join([*head, "", "The log of the job tells the rest."])


def _table(judged: Judged) -> Iterator[str]:
    if not judged.rows:
        return
    yield from ("", f"| {' | '.join(judged.head)} |", f"|{' --- |' * len(judged.head)}")
    yield from shortened([f"| {' | '.join(map(marked, row))} |" for row in judged.rows], _MOST, "\nand {} more")


def _listed(judged: Judged) -> Iterator[str]:
    """Yield what is refused and what was found, so much of it."""
    lines = [line for case in judged.cases if not case.waiver for line in _of_case(judged, case)]
    yield from ["", *shortened(lines, _MOST, "- and {} more")] if lines else []


def _of_case(judged: Judged, case: Case) -> Iterator[str]:
    if not case.findings and not (case.ruling.refuses and case.title):
        return
    within = f"{case.group}, " if judged.command == "check" else ""
    told = any(case.reason.startswith(finding.message) for finding in case.findings) or case.reason == judged.reason
    yield f"- **{marked(within + case.called)}** {case.state}{'' if told else f': {marked(case.reason)}'}"
    for finding in case.findings:
        fix = f"<br>Fix: {_mixed(finding.fix)}" if finding.fix else ""
        named = not finding.path or finding.message.startswith(finding.path)
        place = "" if named else f"`{_code(_where(finding).strip())}` "
        yield f"  - {linked(_code(finding.code))} {place}{marked(finding.message)}{fix}"


def _mixed(text: str) -> str:
    """Return text of which only what stands between two backticks is code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return marked(text)
    return "".join(f"`{_code(one)}`" if at % 2 and one else marked(one) for at, one in enumerate(parts))


def _code(text: str) -> str:
    return escaped(text).replace("`", "'").replace("|", "\\|")


def summarise(judged: Judged) -> str:
    """Add the Markdown to the summary of the step of a GitHub job, where there is one; return what went wrong."""
    file = os.environ.get("GITHUB_STEP_SUMMARY", "")
    try:
        if file:
            with Path(file).open("a", encoding="utf-8", errors="backslashreplace") as summary:
                summary.write(f"{markdown(judged)}\n\n")
    except OSError as error:
        return f"the summary of the step cannot be written: {error.strerror}"
    return ""


FORMATS: Mapping[str, Callable[[Judged], str]] = {
    form.__name__: form for form in (markdown, comment, github, gitlab, junit, sarif, badge, svg)
}


def of_phases(report: RunReport, form: str, place: Callable[[], Place] | None = None) -> str:
    """Return a report of phases in any format but those of coverage.py; a page says where and when it was made."""
    if form == "html":
        from pytest_phasegate.reports.as_html import text

        return text(report, place() if place else None)
    from pytest_phasegate.reports import as_json, as_terminal

    own = {"term": as_terminal.text, "json": as_json.text}
    return own[form](report) if form in own else FORMATS[form](of_report(report))
