"""The verdict on one commit, the faults it is made of, and the waivers that let some of them through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from pytest_phasegate.core.evidence.outcomes import Grade, TestId
from pytest_phasegate.core.project.paths import matches_any
from pytest_phasegate.core.project.settings import Waiver
from pytest_phasegate.core.redgreen.change.changeset import ChangeKind, TestChange
from pytest_phasegate.core.redgreen.intent import Intent
from pytest_phasegate.core.verdict.verdict import Finding, Ruling, Severity


class CommitRuling(StrEnum):
    """The word of a verdict on a commit; ``exempt`` where red before green asks nothing of it."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    EXEMPT = "exempt"
    WAIVED = "waived"

    @property
    def ruling(self) -> Ruling:
        """The same in the words of a gate."""
        return Ruling.NOT_EVALUATED if self is CommitRuling.EXEMPT else Ruling(self.value)

    @property
    def refuses(self) -> bool:
        """Whether the commit must not pass."""
        return self.ruling.refuses


@dataclass(frozen=True, slots=True)
class RedDetail:
    """Why a test was red."""

    test: TestId
    grade: Grade
    exception: str = ""


@dataclass(frozen=True, slots=True)
class CommitVerdict:
    """What red before green says of one commit.

    The lists hold test functions as pytest collects them. ``pass_to_pass`` holds ``never_red``: tests that are new and
    were green at once. ``open_red`` are tests that the commit leaves red. ``waiver`` is the reason of what waived it.
    ``written`` says of each new or changed test whether it names no code but its own.
    ``awaits_message`` says that the commit's type, not known yet, decides, ``left_to`` who runs what a hook did not.
    """

    kind: ChangeKind
    verdict: CommitRuling
    reason: str
    sha: str = ""
    subject: str = ""
    findings: tuple[Finding, ...] = ()
    fail_to_pass: tuple[TestId, ...] = ()
    fail_to_pass_unchanged: tuple[TestId, ...] = ()
    pass_to_pass: tuple[TestId, ...] = ()
    fail_to_fail: tuple[TestId, ...] = ()
    pass_to_fail: tuple[TestId, ...] = ()
    never_red: tuple[TestId, ...] = ()
    flaky: tuple[TestId, ...] = ()
    open_red: tuple[TestId, ...] = ()
    red: tuple[RedDetail, ...] = ()
    written: Mapping[TestId, bool] = field(default_factory=dict)
    waiver: str = ""
    awaits_message: bool = False
    left_to: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Fault:
    """A finding, and what it does to the verdict.

    ``test`` is the test a waiver may name. ``unknown`` marks what could not be found out: it makes the verdict
    inconclusive where an error would make it failed. ``on_type`` marks what the commit's type may yet excuse.
    """

    finding: Finding
    test: str = ""
    unknown: bool = False
    on_type: bool = False

    @property
    def refuses(self) -> bool:
        """Whether the finding refuses the commit."""
        return self.finding.severity is Severity.ERROR


def error(
    code: str, message: str, *, test: str = "", path: str | None = None, line: int | None = None, fix: str = ""
) -> Fault:
    """Return a fault that refuses."""
    return Fault(Finding(code, Severity.ERROR, message, path or _path(test), line, fix), test)


def unknown(code: str, message: str, *, test: str = "", path: str | None = None, fix: str = "") -> Fault:
    """Return a fault that leaves the verdict open, which refuses too."""
    return Fault(Finding(code, Severity.ERROR, message, path or _path(test), None, fix), test, unknown=True)


def warning(code: str, message: str, *, test: str = "", line: int | None = None) -> Fault:
    """Return a fault that refuses nothing and should not be missed."""
    return Fault(Finding(code, Severity.WARNING, message, _path(test), line), test)


def note(code: str, message: str, *, test: str = "", line: int | None = None) -> Fault:
    """Return a fault that is only said."""
    return Fault(Finding(code, Severity.NOTE, message, _path(test), line), test)


def line_of(change: TestChange | None) -> int | None:
    """Return where a changed test stands in *after*."""
    return change.line if change else None


def _path(test: str) -> str | None:
    return test.partition("::")[0] or None


_SHORTEST_SHA = 7


def waiver_for(faults: Sequence[Fault], intent: Intent, waivers: Iterable[Waiver], *, sha: str, today: str) -> str:
    """Return the reason by which every refusal among some faults is waived; empty where one of them is not.

    Args:
        faults: What was found.
        intent: The commit's message; its trailer waives all.
        waivers: The configuration's, of the base revision in a range.
        sha: The commit's id, empty while there is none.
        today: The date, ISO; a waiver holds through the day it expires.
    """
    if intent.waiver:
        return intent.waiver
    holding = [waiver for waiver in waivers if not is_expired(waiver, today)]
    whole = next((waiver.reason for waiver in holding if _names_commit(waiver, sha)), "")
    if whole:
        return whole
    reasons = [_reason(fault, holding) for fault in faults if fault.refuses]
    return "; ".join(dict.fromkeys(reasons)) if reasons and all(reasons) else ""


def is_expired(waiver: Waiver, today: str) -> bool:
    """Whether a waiver's day has passed."""
    return bool(waiver.expires) and waiver.expires < today


def without_force(
    faults: Sequence[Fault], intent: Intent, waivers: Iterable[Waiver], *, sha: str, today: str
) -> Iterator[Fault]:
    """Yield a word about each waiver that was meant for this commit and does not hold."""
    if intent.waiver_fault:
        yield warning("PG215", intent.waiver_fault)
    for waiver in waivers:
        meant = _names_commit(waiver, sha) or any(_matches(fault, waiver) for fault in faults if fault.refuses)
        if meant and is_expired(waiver, today):
            yield warning("PG215", f"the waiver for {waiver.match} expired on {waiver.expires}")


def _names_commit(waiver: Waiver, sha: str) -> bool:
    match = waiver.match.lower()
    is_sha = len(match) >= _SHORTEST_SHA and all(sign in "0123456789abcdef" for sign in match)
    return is_sha and sha.startswith(match)


def _reason(fault: Fault, waivers: Iterable[Waiver]) -> str:
    return next((waiver.reason for waiver in waivers if _matches(fault, waiver)), "")


def _matches(fault: Fault, waiver: Waiver) -> bool:
    named = [name for name in (fault.test, fault.finding.path) if name]
    return any(matches_any(name, [waiver.match]) for name in named)
