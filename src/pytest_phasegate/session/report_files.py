"""``--phasegate-report TYPE[:DEST]``: which reports were asked for, and where they go."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from pytest_phasegate.errors import ConfigurationError
from pytest_phasegate.wiring import records

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pytest

    from pytest_phasegate.core.verdict.report import RunReport
    from pytest_phasegate.session.state import SessionState

FORMATS = {
    "term": ("as_terminal", ""),
    "json": ("as_json", "phasegate.json"),
    "markdown": ("as_markdown", "phasegate.md"),
    "html": ("as_html", "phasegate.html"),
}
"""The module of each type of report, and the file it goes to where none is named (none: the terminal's section)."""


class ReportFile(NamedTuple):
    """A report that was asked for: the module that renders it, and the file it goes to."""

    module: str
    path: Path


def wanted(config: pytest.Config) -> tuple[ReportFile, ...]:
    """Return the reports that go to files; ``term`` alone asks for the section, which is always there.

    Raises:
        ConfigurationError: A type is not known.
    """
    base = config.invocation_params.dir
    return tuple(_files(config.getoption("phasegate_reports"), base))


def _files(asked: Iterable[str], base: Path) -> Iterable[ReportFile]:
    for text in asked:
        kind, _, destination = text.partition(":")
        if kind not in FORMATS:
            known = ", ".join(FORMATS)
            raise ConfigurationError(f"--phasegate-report {text!r}: no such type", hint=f"the types are: {known}")
        module, default = FORMATS[kind]
        if destination or default:
            yield ReportFile(module, base / (destination or default))


def write(report: RunReport, file: ReportFile, state: SessionState | None = None) -> str:
    """Write one report aside and rename it; return what went wrong, or nothing.

    Args:
        report: What the run came to.
        file: Which report, and where.
        state: The run: a page for people says where and when it was made, how each test ended, and shows source.
    """
    renderer = import_module(f"pytest_phasegate.reports.{file.module}")
    more = (records.place(state.root, state.ended),) if state and file.module == "as_html" else ()
    aside = file.path.with_name(f"{file.path.name}.{os.getpid()}.tmp")
    try:
        file.path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(renderer.text(report, *more), encoding="utf-8")
        aside.replace(file.path)
    except OSError as error:
        return f"the report {file.path} cannot be written: {error.strerror or error}"
    return ""
