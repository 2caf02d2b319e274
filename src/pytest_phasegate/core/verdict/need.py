"""What evidence a gate asks for."""

from __future__ import annotations

from enum import StrEnum


class Need(StrEnum):
    """A kind of evidence; the app gathers each once, and only if a gate asks for it."""

    RUN = "run"
    COVERAGE = "coverage"
    BASELINE = "baseline"
    RED_GREEN = "red-green"
    COMMANDS = "commands"
    CHANGE = "change"
    MESSAGE = "message"
    ACCEPTANCE = "acceptance"
    ORDER = "order"
    SUITE = "suite"
    """Comes after the test run, of which it says more."""
    CRITERIA = "criteria"
    VERDICTS = "verdicts"
    """What the gates that do not ask for this said of the phase; nothing gathers it."""
