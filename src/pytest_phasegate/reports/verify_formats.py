"""What ``verify`` found, for people and for machines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from pytest_phasegate.__about__ import __version__
from pytest_phasegate.core.redgreen.verdict import CommitRuling
from pytest_phasegate.core.verdict.messages import explain
from pytest_phasegate.core.verdict.verdict import Ruling, Severity, counted
from pytest_phasegate.reports.escaping import escaped, markdown
from pytest_phasegate.reports.messages_page import address, linked
from pytest_phasegate.reports.verify_json import verification_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pytest_phasegate.app.redgreen.verification import Verification
    from pytest_phasegate.core.redgreen.verdict import CommitVerdict
    from pytest_phasegate.core.verdict.verdict import Finding

_WIDTH = max(map(len, CommitRuling))
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_MOST_FINDINGS = 8
_SHORT = 10
"""Commits that a terminal shows at once."""


def as_text(found: Verification, *, cases: bool = False) -> str:
    """Return a line a commit, with what refuses it below; then the verdict on the range."""
    del cases
    lines = [line for one in found.commits for line in commit_lines(one.verdict)]
    lines += [f"  {_said(finding)}" for finding in found.verdict.findings]
    lines += _again(found)
    part = f" (shard {found.part})" if found.part else ""
    return "\n".join([*lines, f"{found.verdict.verdict}: {escaped(found.verdict.reason)}{part}"])


def _again(found: Verification) -> Iterator[str]:
    """Yield the refused commits of a long range once more at its end, where they are read, and what to do next."""
    refused = [one.verdict for one in found.commits if one.verdict.verdict.refuses]
    if not refused or len(found.commits) <= _SHORT:
        return
    yield ""
    for verdict in refused[:_SHORT]:
        codes = dict.fromkeys(one.code for one in verdict.findings if one.severity is Severity.ERROR)
        told = f"{escaped(verdict.subject)}  {' '.join(codes)}".rstrip()
        yield f"{verdict.verdict:<{_WIDTH}}  {verdict.sha[:12]}  {told}"
    if len(refused) > _SHORT:
        yield f"and {len(refused) - _SHORT} more"
    yield f"one of them again: phasegate verify {refused[0].sha[:12]}; what a code means: phasegate explain CODE"


def commit_lines(verdict: CommitVerdict) -> Iterator[str]:
    """Yield the lines of one commit."""
    yield f"{verdict.verdict:<{_WIDTH}}  {verdict.sha[:12]}  {escaped(verdict.subject)}"
    refuses = verdict.verdict.refuses
    errors = [finding for finding in verdict.findings if refuses and finding.severity is Severity.ERROR]
    if verdict.reason not in {finding.message for finding in errors[:1]}:
        yield f"{'':<{_WIDTH}}  {escaped(verdict.reason)}"
    if errors:
        yield from (f"  {_said(finding)}" for finding in errors[:_MOST_FINDINGS])
        if len(errors) > _MOST_FINDINGS:
            yield f"  and {len(errors) - _MOST_FINDINGS} more"


def _said(finding: Finding) -> str:
    line = f":{finding.line}" if finding.line else ""
    place = f"{finding.path}{line}: " if finding.path else ""
    fix = f"\n      fix: {escaped(finding.fix)}" if finding.fix else ""
    return f"  {finding.code} {escaped(place + finding.message)}{fix}"


def as_json(found: Verification, *, cases: bool = False) -> str:
    """Return ``phasegate.verify/1``."""
    return json.dumps(verification_json(found, cases=cases), indent=2)


def as_github(found: Verification, *, cases: bool = False, observing: bool = False) -> str:
    """Return a workflow command for each finding of a refused commit, each waiver, and one for the range.

    Args:
        found: What is told.
        cases: Cases are nothing for GitHub.
        observing: Whether nothing is refused, so that nothing is an error.
    """
    del cases
    refusals = [_command(finding, prefix, observing=observing) for finding, prefix in _refusals(found)]
    waivers = [f"::notice title=waived::{_data(_named(one) + one.reason)}" for one in _waived(found)]
    passed = found.verdict.verdict is Ruling.PASSED
    told = f"{found.asked} passed: {found.verdict.reason}"
    return "\n".join([*refusals, *waivers, *([f"::notice title=red before green::{_data(told)}"] if passed else [])])


def _waived(found: Verification) -> Iterator[CommitVerdict]:
    return (one.verdict for one in found.commits if one.verdict.verdict is CommitRuling.WAIVED)


def _named(verdict: CommitVerdict) -> str:
    return f"{verdict.sha[:12]} {verdict.subject}: "


def _refusals(found: Verification) -> Iterator[tuple[Finding, str]]:
    for one in found.commits:
        if one.verdict.verdict.refuses:
            named = _named(one.verdict)
            yield from ((each, named) for each in one.verdict.findings if each.severity is not Severity.NOTE)
    yield from ((each, "") for each in found.verdict.findings)


def _command(finding: Finding, prefix: str, *, observing: bool) -> str:
    line = f",line={finding.line}" if finding.line else ""
    file = f"file={_property(finding.path)}{line}," if finding.path else ""
    severity = Severity.WARNING if observing and finding.severity is Severity.ERROR else finding.severity
    return f"::{_LEVELS[severity]} {file}title={finding.code}::{_data(prefix + finding.message)}"


def _data(text: str) -> str:
    return escaped(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def as_markdown(found: Verification, *, cases: bool = False) -> str:
    """Return a table a commit a row, for a pull request or a job summary."""
    del cases
    rows = [_row(one.verdict) for one in found.commits]
    head = ["| commit | verdict | red to green | reason |", "| --- | --- | ---: | --- |"]
    wrong = [f"- {linked(each.code)} {markdown(named + each.message)}" for each, named in _refusals(found)]
    verdict = f"**Red before green: {found.verdict.verdict}** ({markdown(found.verdict.reason)})"
    table = ["", *head, *rows] if rows else []
    return "\n".join([verdict, *table, *(["", *wrong] if wrong else [])])


MARKER = "<!-- phasegate: red before green -->"
"""Stands first in the comment on a pull request, so that the next one takes its place."""
_MOST_ROWS = 50
_LONGEST = 60_000
"""Signs of a comment; GitHub takes 65,536."""


def as_comment(found: Verification, *, cases: bool = False) -> str:
    """Return the comment on a pull request: the verdict, what refuses, and the commits in a fold."""
    del cases
    refused = [(each, named) for each, named in _refusals(found) if each.severity is Severity.ERROR]
    wrong = [f"- {linked(each.code)} {_placed(each)}{markdown(named + each.message)}" for each, named in refused]
    rows = [_row(one.verdict) for one in found.commits[:_MOST_ROWS]]
    more = [f"and {len(found.commits) - _MOST_ROWS} more"] if len(found.commits) > _MOST_ROWS else []
    head = ["| commit | verdict | red to green | reason |", "| --- | --- | ---: | --- |"]
    table = ["<details>", f"<summary>{counted(len(found.commits), 'commit')}</summary>", "", *head, *rows, "", *more]
    again = found.verdict.verdict.refuses and found.asked
    lines = [
        MARKER,
        f"### Red before green: {found.verdict.verdict}",
        "",
        markdown(found.verdict.reason),
        *(["", *wrong[:_MOST_ROWS]] if wrong else []),
        *(["", *table, "</details>"] if rows else []),
        *(["", f"The same here: `phasegate verify {_code(found.asked)}`"] if again else []),
    ]
    text = "\n".join(lines)
    return text if len(text) <= _LONGEST else "\n".join([*lines[:4], "", "The log of the job tells the rest."])


def _placed(finding: Finding) -> str:
    line = f":{finding.line}" if finding.line else ""
    return f"`{_code(f'{finding.path}{line}')}` " if finding.path else ""


def _code(text: str) -> str:
    return escaped(text).replace("`", "'").replace("|", "\\|")


def as_junit(found: Verification, *, cases: bool = False) -> str:
    """Return JUnit XML: a test case a commit, and one for the range, which may be refused as a whole."""
    del cases
    each = [_case(f"{one.verdict.sha[:12]} {one.verdict.subject}", one.verdict) for one in found.commits]
    whole = found.verdict.verdict
    tag = "error" if whole is Ruling.INCONCLUSIVE else "failure"
    told = _fault(tag, found.verdict.reason, str(whole), "\n".join(map(_said, found.verdict.findings)))
    told = told if whole.refuses else ""
    each.append(f'<testcase classname="phasegate.verify" name="the range as a whole" time="0">{told}</testcase>')
    count = {tag: sum(f"<{tag} " in one for one in each) for tag in ("failure", "error", "skipped")}
    numbers = (
        f'tests="{len(each)}" failures="{count["failure"]}" errors="{count["error"]}" skipped="{count["skipped"]}"'
    )
    suite = f"<testsuite name={_attribute(f'red before green {found.asked}'.strip())} {numbers}>"
    return "\n".join(['<?xml version="1.0" encoding="utf-8"?>', suite, *each, "</testsuite>"])


def _case(name: str, verdict: CommitVerdict) -> str:
    told = ""
    if verdict.verdict.refuses:
        errors = [finding for finding in verdict.findings if finding.severity is Severity.ERROR]
        tag = "failure" if verdict.verdict is CommitRuling.FAILED else "error"
        codes = " ".join(dict.fromkeys(finding.code for finding in errors)) or str(verdict.verdict)
        told = _fault(tag, verdict.reason, codes, "\n".join(_said(finding) for finding in errors))
    elif verdict.verdict is not CommitRuling.PASSED:
        told = f"<skipped message={_attribute(f'{verdict.verdict}: {verdict.reason}')} />"
    start = f'<testcase classname="phasegate.verify" name={_attribute(name)} time="{verdict.seconds:.2f}">'
    return f"{start}{told}</testcase>"


def _fault(tag: str, message: str, kind: str, text: str) -> str:
    return f"<{tag} message={_attribute(message)} type={_attribute(kind)}>{escape(text)}</{tag}>"


def _attribute(text: str) -> str:
    return quoteattr(escaped(text))


def _row(verdict: CommitVerdict) -> str:
    turned = len(verdict.fail_to_pass) + len(verdict.fail_to_pass_unchanged)
    commit = f"{verdict.sha[:12]} {markdown(verdict.subject)}"
    return f"| {commit} | {verdict.verdict} | {turned} | {markdown(verdict.reason)} |"


def as_sarif(found: Verification, *, cases: bool = False) -> str:
    """Return a SARIF 2.1.0 log with one run; what was waived is a suppressed result with its reason."""
    del cases
    refusals = list(_refusals(found))
    waived = [(each, one) for one in _waived(found) for each in one.findings if each.severity is Severity.ERROR]
    codes = sorted({finding.code for finding, _ in (*refusals, *waived)})
    driver = {"name": "phasegate", "version": __version__, "rules": list(map(_rule, codes))}
    results = [_result(finding, prefix, codes) for finding, prefix in refusals]
    for finding, verdict in waived:
        suppression = {"kind": "external", "justification": verdict.waiver}
        results.append({**_result(finding, _named(verdict), codes), "suppressions": [suppression]})
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return json.dumps(
        {"$schema": schema, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}, indent=2
    )


def _rule(code: str) -> dict[str, Any]:
    message = explain(code)
    texts = (
        {"shortDescription": message.title, "fullDescription": message.meaning, "help": message.mend} if message else {}
    )
    where = {"helpUri": address(code)} if address(code) else {}
    return {"id": code, **where, **{key: {"text": text} for key, text in texts.items()}}


def _result(finding: Finding, prefix: str, codes: list[str]) -> dict[str, Any]:
    place: dict[str, Any] = {}
    if finding.path:
        place["artifactLocation"] = {"uri": quote(finding.path.encode("utf-8", "backslashreplace"))}
        place["region"] = {"startLine": finding.line or 1}
    return {
        "ruleId": finding.code,
        "ruleIndex": codes.index(finding.code),
        "level": str(finding.severity),
        "message": {"text": prefix + finding.message},
        **({"locations": [{"physicalLocation": place}]} if place else {}),
    }


FORMATS: Mapping[str, Callable[..., str]] = {
    "text": as_text,
    "json": as_json,
    "github": as_github,
    "markdown": as_markdown,
    "comment": as_comment,
    "junit": as_junit,
    "sarif": as_sarif,
}
