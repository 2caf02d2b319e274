"""What a code means: the catalogue ``messages.md`` (``docs/messages.md`` shows the same), and how a hook refuses."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from pytest_phasegate.core.project.agents import Reply
from pytest_phasegate.core.verdict.verdict import Finding

_NO_WAIVER = "This cannot be waived."
_SECTION = re.compile(r"^## (PG\d+): (.+)\n\n(.+)\n\n\*\*Fix\*\*: (.+)\n\n\*\*Waive\*\*: (.+)$", re.MULTILINE)


class Message(NamedTuple):
    """A code's title, what it means, how to mend it, and how to waive it (empty: it cannot be waived)."""

    title: str
    meaning: str
    mend: str
    waive: str = ""


def page() -> str:
    """Return the catalogue as it was written."""
    from importlib.resources import files  # a hook that refuses needs no catalogue

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


LINES = 20


def refusal(headline: str, findings: Sequence[Finding], *, closing: str = "") -> list[str]:
    """Return the lines: the headline, as many findings as fit, where to read more, and the closing lines."""
    codes = list(dict.fromkeys(finding.code for finding in findings))
    tail = [f"  meaning, remedy and waiver: phasegate explain {' '.join(codes)}"] if codes else []
    tail += [f"  {line}" for line in closing.splitlines()]
    return [f"phasegate: {headline}", *_fitting(findings, LINES - 1 - len(tail)), *tail]


def _fitting(findings: Sequence[Finding], room: int) -> Iterator[str]:
    blocks = [list(_block(finding)) for finding in findings]
    for place, block in enumerate(blocks):
        left = len(blocks) - place
        if len(block) + (left > 1) > room:
            yield f"  ... and {left} more"
            return
        yield from block
        room -= len(block)


def _block(finding: Finding) -> Iterator[str]:
    where = f"{finding.path}{f':{finding.line}' if finding.line else ''}: " if finding.path else ""
    first, *more = finding.message.split("\n")
    yield f"  {finding.code} {where}{first}"
    yield from (f"      {line}" for line in more[-4:])
    if finding.fix:
        yield f"    fix: {finding.fix}"


def tell(reply: Reply) -> int:
    """Tell a coding agent something, and return the exit code that goes with it."""
    if reply.out:
        print(reply.out)
    if reply.err:
        print(reply.err, file=sys.stderr)
    return reply.code
