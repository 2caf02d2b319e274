"""Every code a user may meet, with its meaning and its remedy: one module a family.

``docs/messages.md`` is made from this catalogue and a test compares the two.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from pytest_phasegate.core.verdict.messages.message import Message

FAMILIES = {
    "PG1": "guide",
    "PG2": "red_green",
    "PG3": "coverage",
    "PG4": "regression",
    "PG5": "process",
    "PG9": "environment",
}
"""The module of each family, by the first three characters of its codes."""


def explain(code: str) -> Message | None:
    """Return the message with this code, whatever its case, or ``None``."""
    wanted = code.strip().upper()
    module = FAMILIES.get(wanted[:3])
    return family(module).get(wanted) if module else None


def family(module: str) -> Mapping[str, Message]:
    """Return the messages of one family by code."""
    messages: Mapping[str, Message] = importlib.import_module(f"{__name__}.{module}").MESSAGES
    return messages


def catalogue() -> dict[str, Message]:
    """Return all messages by code, in order."""
    return {code: message for module in FAMILIES.values() for code, message in sorted(family(module).items())}
