"""What a hook prints when it refuses: at most twenty lines of what, where, why, the next command, how to waive."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from pytest_phasegate.core.project.agents import Reply
from pytest_phasegate.core.verdict.verdict import Finding
from pytest_phasegate.reports.escaping import escaped

LINES = 20


def refusal(headline: str, findings: Sequence[Finding], *, closing: str = "") -> str:
    """Return the text: the headline, as many findings as fit, where to read more, and the closing lines."""
    codes = list(dict.fromkeys(finding.code for finding in findings))
    tail = [f"  meaning, remedy and waiver: phasegate explain {' '.join(codes)}"] if codes else []
    tail += [f"  {line}" for line in closing.splitlines()]
    return "\n".join([f"phasegate: {escaped(headline)}", *_fitting(findings, LINES - 1 - len(tail)), *tail])


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
    where = f"{escaped(finding.path)}{f':{finding.line}' if finding.line else ''}: " if finding.path else ""
    first, *more = finding.message.split("\n")
    yield f"  {finding.code} {where}{escaped(first)}"
    yield from (f"      {escaped(line)}" for line in more[-4:])
    if finding.fix:
        yield f"    fix: {escaped(finding.fix)}"


def tell(reply: Reply) -> int:
    """Tell a coding agent something, and return the exit code that goes with it."""
    if reply.out:
        print(reply.out)
    if reply.err:
        print(reply.err, file=sys.stderr)
    return reply.code
