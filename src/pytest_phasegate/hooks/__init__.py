"""Hook entry points, one ``main(argv, here) -> int`` a hook id; ``here`` tells the project, the same one to each."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_phasegate.core.project.settings import Mode
from pytest_phasegate.core.verdict.verdict import Finding, Severity
from pytest_phasegate.reports.escaping import say

REFUSED = 1


def answer(hook: str, findings: Iterable[Finding], mode: Mode) -> int:
    """Print the findings on stderr and return the exit code: warnings, and any finding in report mode, let pass."""
    found = tuple(findings)
    if not found:
        return 0
    from pytest_phasegate.reports.messages import refusal

    grave = [finding for finding in found if finding.severity is Severity.ERROR]
    refuses = bool(grave) and mode is Mode.ENFORCE
    headline = f"{hook} refuses this commit" if refuses else f"{hook} has remarks (nothing is refused)"
    say(*refusal(headline, grave if refuses else found))
    return REFUSED if refuses else 0
