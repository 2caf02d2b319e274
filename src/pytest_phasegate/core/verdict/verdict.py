"""Verdicts: what a gate answers, and how answers add up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

NOT_IMPORTED = "PG420"  # the finding that a file was not collected which may hold tests of the phase


def counted(number: int, noun: str) -> str:
    """Return the number with its noun: "1 test", "3 tests", "1,904 tests"."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def listed(names: Sequence[str], most: int, more: str = " and {} more") -> str:
    """Return some names in one line, and that or how many more there are."""
    return ", ".join(names[:most]) + (more.format(len(names) - most) if len(names) > most else "")


AMONG_OTHERS = ", …"  # after names of which the number is told already


def shortened(lines: Sequence[str], most: int, more: str = "  and {} more") -> Iterator[str]:
    """Yield the first of some lines, and how many more there are."""
    yield from lines[:most]
    if len(lines) > most:
        yield more.format(len(lines) - most)


class Severity(StrEnum):
    """How much a finding or a diagnostic matters."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Ruling(StrEnum):
    """The word of a verdict.

    ``NOT_EVALUATED`` means the rule was not asked for, or had nothing to judge; ``INCONCLUSIVE`` means it
    was asked for and the evidence is not there, which refuses.
    """

    PASSED = "passed"
    FAILED = "failed"
    NOT_EVALUATED = "not-evaluated"
    INCONCLUSIVE = "inconclusive"
    WAIVED = "waived"
    ERROR = "error"

    @property
    def refuses(self) -> bool:
        """Whether a run with this ruling must not pass."""
        return self in {Ruling.FAILED, Ruling.INCONCLUSIVE, Ruling.ERROR}


@dataclass(frozen=True, slots=True)
class Finding:
    """One located fact behind a verdict. ``line`` and ``column`` count from 1; ``fix`` is the next step."""

    code: str
    severity: Severity
    message: str
    path: str | None = None
    line: int | None = None
    fix: str = ""
    column: int | None = None


class Verdict(NamedTuple):
    """A gate's answer for one phase, with the reason in one sentence."""

    gate: str
    phase: str
    ruling: Ruling
    reason: str
    findings: tuple[Finding, ...] = ()

    @property
    def fix(self) -> str:
        """What the first finding that knows something says to do."""
        return next((finding.fix for finding in self.findings if finding.fix), "")


_GRAVEST_FIRST = (Ruling.ERROR, Ruling.FAILED, Ruling.INCONCLUSIVE, Ruling.PASSED, Ruling.WAIVED)


def combine(rulings: Iterable[Ruling]) -> Ruling:
    """Return the ruling of the whole: the gravest one, and never a pass made of nothing.

    A waived part beside passed ones leaves the whole passed; a whole made only of waived
    and unevaluated parts is waived; one made of nothing but unevaluated parts is not evaluated.
    """
    present = set(rulings)
    return next((ruling for ruling in _GRAVEST_FIRST if ruling in present), Ruling.NOT_EVALUATED)


def exit_code(ruling: Ruling) -> int:
    """Return the process exit code: 0 where nothing refuses, 1 refused, 4 inconclusive."""
    return {Ruling.FAILED: 1, Ruling.ERROR: 1, Ruling.INCONCLUSIVE: 4}.get(ruling, 0)
