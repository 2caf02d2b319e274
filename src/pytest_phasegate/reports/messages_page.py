"""The catalogue of messages as a page, and where the page of a code is."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from pytest_phasegate.core.verdict.messages import explain
from pytest_phasegate.core.verdict.messages.message import Message

HEAD = """# Messages

Every code phasegate prints, what it means, how to fix it, and how to waive it. `phasegate explain CODE`
prints the same. This page is made from the catalogue by `phasegate explain --format markdown`; do not edit it by hand.
"""


def as_page(messages: Mapping[str, Message]) -> str:
    """Return the Markdown page of these messages."""
    return HEAD + "".join(_section(code, message) for code, message in messages.items())


def documentation() -> str:
    """Return where the documentation lies: as the one says who runs us, else as this installation does; or nothing."""
    said = os.environ.get("PHASEGATE_DOCUMENTATION", "")
    if said:
        return said.rstrip("/")
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        urls = metadata("pytest-phasegate").get_all("Project-URL") or ()
    except PackageNotFoundError:
        return ""
    return next((url.partition(", ")[2].rstrip("/") for url in urls if url.startswith("Documentation,")), "")


def address(code: str) -> str:
    """Return where the page says what a code means; of a code that is not ours, or without documentation, nothing."""
    message, where = explain(code), documentation()
    if message is None or not where:
        return ""
    heading = re.sub(r"[^\w\s-]", "", f"{code}: {message.title}".lower())
    anchor = re.sub(r"\s", "-", heading)
    return f"{where}/messages.md#{anchor}"


def linked(code: str) -> str:
    """Return a code as Markdown that leads to what it means."""
    where = address(code)
    return f"[{code}]({where})" if where else f"`{code}`"


def _section(code: str, message: Message) -> str:
    waive = message.waive or "This cannot be waived."
    return f"\n## {code}: {message.title}\n\n{message.meaning}\n\n**Fix**: {message.mend}\n\n**Waive**: {waive}\n"
