"""What is wrong, or worth a word, about one commit: each fact with its code, its place and the next step."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_phasegate.core.redgreen.change.changeset import TestChange
from pytest_phasegate.core.verdict.verdict import Finding, Severity


@dataclass(frozen=True, slots=True)
class Fault:
    """A finding, and what it does to the verdict.

    ``test`` is the test a waiver may name. ``unknown`` marks what could not be found out: it makes the verdict
    inconclusive where an error would make it failed. ``on_type`` marks what the commit's type may yet excuse.
    """

    finding: Finding
    test: str = ""
    unknown: bool = False
    on_type: bool = False

    @property
    def refuses(self) -> bool:
        """Whether the finding refuses the commit."""
        return self.finding.severity is Severity.ERROR


def error(
    code: str, message: str, *, test: str = "", path: str | None = None, line: int | None = None, fix: str = ""
) -> Fault:
    """Return a fault that refuses."""
    return Fault(Finding(code, Severity.ERROR, message, path or _path(test), line, fix), test)


def unknown(code: str, message: str, *, test: str = "", path: str | None = None, fix: str = "") -> Fault:
    """Return a fault that leaves the verdict open, which refuses too."""
    return Fault(Finding(code, Severity.ERROR, message, path or _path(test), None, fix), test, unknown=True)


def warning(code: str, message: str, *, test: str = "", line: int | None = None) -> Fault:
    """Return a fault that refuses nothing and should not be missed."""
    return Fault(Finding(code, Severity.WARNING, message, _path(test), line), test)


def note(code: str, message: str, *, test: str = "", line: int | None = None) -> Fault:
    """Return a fault that is only said."""
    return Fault(Finding(code, Severity.NOTE, message, _path(test), line), test)


def line_of(change: TestChange | None) -> int | None:
    """Return where a changed test stands in *after*."""
    return change.line if change else None


def _path(test: str) -> str | None:
    return test.partition("::")[0] or None
