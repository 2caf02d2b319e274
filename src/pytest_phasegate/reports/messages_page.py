"""The page of all messages, made from the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_phasegate.core.verdict.messages.message import Message

HEAD = """# Messages

Every code phasegate prints, what it means, how to fix it, and how to waive it. `phasegate explain CODE`
prints the same. This page is made from the catalogue by `phasegate explain --format markdown`; do not edit it by hand.
"""


def as_page(messages: Mapping[str, Message]) -> str:
    """Return the Markdown page of these messages."""
    return HEAD + "".join(_section(code, message) for code, message in messages.items())


def _section(code: str, message: Message) -> str:
    waive = message.waive or "This cannot be waived."
    return f"\n## {code}: {message.title}\n\n{message.meaning}\n\n**Fix**: {message.mend}\n\n**Waive**: {waive}\n"
