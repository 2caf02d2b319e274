"""The catalogue of messages: every code with its meaning and its remedy, and where the page of a code is.

``messages.md``, beside this module, is the catalogue; ``docs/messages.md`` shows the same.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_NO_WAIVER = "This cannot be waived."
_SECTION = re.compile(r"^## (PG\d+): (.+)\n\n(.+)\n\n\*\*Fix\*\*: (.+)\n\n\*\*Waive\*\*: (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Message:
    """A code's title, what it means, how to mend it, and how to waive it (empty: it cannot be waived)."""

    title: str
    meaning: str
    mend: str
    waive: str = ""


def page() -> str:
    """Return the catalogue as it was written."""
    return (files(__package__) / "messages.md").read_text(encoding="utf-8")


@cache  # a report asks it for every finding
def catalogue() -> Mapping[str, Message]:
    """Return all messages by code, in order."""
    return {
        code: Message(title, meaning, mend, waive.removesuffix(_NO_WAIVER))
        for code, title, meaning, mend, waive in _SECTION.findall(page())
    }


def explain(code: str) -> Message | None:
    """Return the message with this code, whatever its case, or ``None``."""
    return catalogue().get(code.strip().upper())


def as_page(messages: Mapping[str, Message]) -> str:
    """Return the Markdown page of these messages."""
    head, _, _ = page().partition("\n## ")
    return head + "".join(_section(code, message) for code, message in messages.items())


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
    waive = message.waive or _NO_WAIVER
    return f"\n## {code}: {message.title}\n\n{message.meaning}\n\n**Fix**: {message.mend}\n\n**Waive**: {waive}\n"
