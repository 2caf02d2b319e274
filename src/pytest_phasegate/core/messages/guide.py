"""PG1xx: what a guide says, and what it cannot mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_phasegate.core.messages.message import Message

MESSAGES: dict[str, Message] = {}
