"""Remarks about guides for machines: JSON, GitHub annotations, GitLab code quality, SARIF 2.1.0."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from pytest_phasegate.__about__ import __version__
from pytest_phasegate.core.guide.lint import has_errors
from pytest_phasegate.core.verdict.messages import explain
from pytest_phasegate.reports.escaping import escaped
from pytest_phasegate.reports.guide_json import diagnostic_json
from pytest_phasegate.reports.guide_text import diagnostic_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_phasegate.core.guide.model import Diagnostic

SCHEMA = "phasegate.lint/1"
SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "note": "notice"}
_GRAVITY = {"error": "major", "warning": "minor", "note": "info"}


def as_text(found: Sequence[Diagnostic]) -> str:
    """Return one line a remark."""
    return "\n".join(map(diagnostic_line, found))


def as_json(found: Sequence[Diagnostic]) -> str:
    """Return the remarks as ``phasegate.lint/1``."""
    verdict = "failed" if has_errors(found) else "passed"
    return json.dumps(
        {"schema": SCHEMA, "verdict": verdict, "diagnostics": list(map(diagnostic_json, found))}, indent=2
    )


def as_github(found: Sequence[Diagnostic]) -> str:
    """Return a workflow command a remark."""
    return "\n".join(map(_command, found))


def _command(each: Diagnostic) -> str:
    properties = f"file={_property(each.path)},line={each.line},col={each.column},title={each.code}"
    return f"::{_LEVELS[each.severity]} {properties}::{_data(escaped(each.message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(escaped(text)).replace(":", "%3A").replace(",", "%2C")


def as_gitlab(found: Sequence[Diagnostic]) -> str:
    """Return a code quality report."""
    seen: dict[str, int] = {}
    return json.dumps([_quality(each, seen) for each in found], indent=2)


def _quality(each: Diagnostic, seen: dict[str, int]) -> dict[str, Any]:
    key = f"{each.path}\0{each.code}\0{each.message}"
    seen[key] = seen.get(key, 0) + 1
    return {
        "description": each.message,
        "check_name": each.code,
        "fingerprint": sha256(f"{key}\0{seen[key]}".encode("utf-8", "backslashreplace")).hexdigest(),
        "severity": _GRAVITY[each.severity],
        "location": {"path": each.path, "lines": {"begin": each.line}},
    }


def as_sarif(found: Sequence[Diagnostic]) -> str:
    """Return a SARIF log with one run."""
    codes = sorted({each.code for each in found})
    driver = {"name": "phasegate", "version": __version__, "rules": list(map(_rule, codes))}
    run = {"tool": {"driver": driver}, "results": [_result(each, codes) for each in found]}
    return json.dumps({"$schema": SARIF, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(code: str) -> dict[str, Any]:
    message = explain(code)
    texts = (
        {"shortDescription": message.title, "fullDescription": message.meaning, "help": message.mend} if message else {}
    )
    return {"id": code, **{key: {"text": text} for key, text in texts.items()}}


def _result(each: Diagnostic, codes: Sequence[str]) -> dict[str, Any]:
    region = {"startLine": each.line, "startColumn": each.column}
    from urllib.parse import quote

    artifact = {"uri": quote(each.path.encode("utf-8", "backslashreplace"))}
    return {
        "ruleId": each.code,
        "ruleIndex": codes.index(each.code),
        "level": str(each.severity),
        "message": {"text": each.message},
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": region}}],
    }


FORMATS: Mapping[str, Callable[[Sequence[Diagnostic]], str]] = {
    "text": as_text,
    "json": as_json,
    "github": as_github,
    "gitlab": as_gitlab,
    "sarif": as_sarif,
}
