"""``--phasegate-report TYPE[:DEST]``: which reports were asked for, and where they go."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from pytest_phasegate.core.verdict.report import RunReport
from pytest_phasegate.errors import ConfigurationError, EvidenceError
from pytest_phasegate.session.state import SessionState
from pytest_phasegate.wiring import records

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
    base = config.invocation_params.dir
    return tuple(_files(config.getoption("phasegate_reports"), base))


def annotates(config: pytest.Config) -> bool:
    """Whether GitHub's annotations were asked for, without a file."""
    return "github" in config.getoption("phasegate_reports")


def _files(asked: Iterable[str], base: Path) -> Iterable[ReportFile]:
    for text in asked:
        form, _, destination = text.partition(":")
        if form not in FORMATS:
            known = ", ".join(FORMATS)
            raise ConfigurationError(f"--phasegate-report {text!r}: no such type", hint=f"the types are: {known}")
        if form == "badge" and destination.endswith(".svg"):
            form = "svg"
        if destination or FORMATS[form]:
            yield ReportFile(form, base / (destination or FORMATS[form]))


def write(path: Path, render: Callable[[], str]) -> str:
    """Write one report aside and rename it; return what went wrong, or nothing."""
    aside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        text = render()
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(text if text.endswith("\n") else f"{text}\n", encoding="utf-8")
        aside.replace(path)
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
    from pytest_phasegate.reports.formats import of_phases

    return of_phases(report, form, partial(records.place, state.root, report, state.ended))
