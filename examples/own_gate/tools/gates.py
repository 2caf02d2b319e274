"""A gate of this project's own: a phase may take a working day at most.

Phases that take longer hide too much; the rule makes authors split them.
"""

from __future__ import annotations

import re

from pytest_phasegate.core.verdict.gate import BaseGate
from pytest_phasegate.core.verdict.verdict import Finding, Severity
from pytest_phasegate.hookspecs import hookimpl

LIMIT = 8.0
HOURS = re.compile(r"(\d+(?:\.\d+)?)\s*h")


class DurationGate(BaseGate):
    """Ask for a duration of at most eight hours."""

    name = "duration"

    def check(self, phase, evidence):
        """Read the phase's duration; one that names no hours cannot be judged."""
        found = HOURS.search(phase.duration)
        if found is None:
            return self.not_evaluated(phase, "the phase names no hours")
        hours = float(found.group(1))
        if hours <= LIMIT:
            return self.passed(phase, f"{hours:g} of at most {LIMIT:g} hours")
        finding = Finding(
            "SHOP1", Severity.ERROR, f"{hours:g} hours is too long", evidence.guide.path, phase.line, "split it"
        )
        return self.failed(phase, f"the phase takes more than {LIMIT:g} hours", [finding])


@hookimpl
def phasegate_register_gates():
    """Hand our gate over; it judges after the built-in ones."""
    return [DurationGate()]
