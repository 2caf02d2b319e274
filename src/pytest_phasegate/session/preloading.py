"""Load our own modules before measuring begins.

What is loaded while coverage.py measures goes through its tracer, which looks at every file and at every call, and so
takes about twice the time: for a small suite that was a tenth of the whole run.
"""

from __future__ import annotations

from importlib import import_module

MODULES = (
    "adapters.baseline_file",
    "adapters.git",
    "adapters.git.private",
    "adapters.guide_files",
    "adapters.installed",
    "adapters.json_pack",
    "adapters.judgements",
    "adapters.ledger.location",
    "adapters.ledger.reading",
    "adapters.ledger.store",
    "adapters.ledger.writing",
    "adapters.measuring.exclusions",
    "adapters.measuring.kept",
    "adapters.measuring.modules",
    "adapters.passings",
    "adapters.plugins",
    "adapters.work_files",
    "app.test_texts",
    "core.approvals",
    "gates.approval",
    "gates.commands",
    "gates.commit",
    "gates.coverage",
    "gates.guide",
    "gates.protected",
    "gates.red_green",
    "gates.registration",
    "gates.regression",
    "gates.scope",
    "gates.tests",
    "session.collecting",
    "session.comparing",
    "session.confining",
    "session.faults",
    "session.header",
    "session.judging",
    "session.recording",
    "session.remembering",
    "session.reporting",
    "session.setup",
    "session.suite_threshold",
    "session.watching",
)
"""What a run that judges loads in any case, the rest of it by import; features that are rarely on load late."""


def preload() -> None:
    """Load them."""
    for module in MODULES:
        import_module(f"pytest_phasegate.{module}")
