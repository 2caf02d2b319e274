"""The verdict on one commit: what its message says, the faults, and the waivers that let some through."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from pytest_phasegate.core.commit.conventional import read_subject
from pytest_phasegate.core.evidence.outcomes import Grade, TestId, file_of
from pytest_phasegate.core.project.paths import ChangeKind, matches_any
from pytest_phasegate.core.project.settings import Waiver
from pytest_phasegate.core.verdict.verdict import Finding, Ruling, Severity

KEEPING_TYPES = frozenset({"refactor", "perf", "style", "build", "chore", "revert"})
"""Types of commits that say they keep behaviour, or bring an earlier one back."""
_OF_NUMPY = {"bld": "build", "maint": "chore", "mnt": "chore", "rev": "revert", "sty": "style"}
"""The same in the words that numpy, scipy, networkx and others use."""
_FORMATTED = "[pre-commit.ci] auto fixes"
"""How pre-commit.ci names what the hooks of a project rewrote."""
UNLIKE_CODE = frozenset({"style", "build", "chore"})
"""Those of them that are no name for a function: what a refactoring makes may well get tests of its own afterwards."""
TRAILER = "Red-Green"
OPEN = "PG217"
"""The code of what could not be run, which leaves a verdict open."""
_WAIVED = r"waived\b\s*(?:\(\s*(?P<reason>\S.*?)\s*\))?\s*"
_REVERTED = r"This reverts commit ([0-9a-f]{7,64})"


class Intent(NamedTuple):
    """A commit's message, as far as the rules ask for it.

    ``known`` is false where the message is not written yet (the pre-commit stage). ``type`` is that of a conventional
    subject. ``reverts`` is the commit that git says was reverted. ``waiver`` is the reason of a ``Red-Green: waived
    (reason)`` trailer, and ``waiver_fault`` what keeps such a trailer from being one.
    """

    subject: str = ""
    type: str = ""
    merge: bool = False
    reverts: str = ""
    waiver: str = ""
    waiver_fault: str = ""
    known: bool = True

    @property
    def keeps_behaviour(self) -> bool:
        """Whether the commit says that it changes no behaviour, so that a red test cannot be asked of it."""
        return self.merge or self.type in KEEPING_TYPES

    def by_content(self) -> Intent:
        """Return the intent of a revert whose commit is known: what it brings back is seen, the rest is like any."""
        return self._replace(type="") if self.type == "revert" else self


UNWRITTEN = Intent(known=False)
"""The intent of a commit whose message nobody knows yet."""


def intent_of(message: str, trailers: Iterable[tuple[str, str]] = (), *, merge: bool = False) -> Intent:
    """Read a commit message.

    Types count in any case, as the specification of conventional commits has it. A revert says so in its subject, or
    first of all in its body: what was squashed may hold a revert among other things.

    Args:
        message: The whole message.
        trailers: Its trailers (``core.commit.trailers``).
        merge: Whether the commit has several parents, or is about to.
    """
    subject = message.partition("\n")[0].strip()
    named = subject.startswith(('Revert "', 'Reapply "'))
    body = message.partition("\n")[2].lstrip()
    reverted = re.search(f"^{_REVERTED}", body, re.MULTILINE) if named else re.match(_REVERTED, body)
    waiver, fault = _waiver(trailers)
    return Intent(
        subject=subject,
        type="revert" if named or reverted else _type(subject),
        merge=merge,
        reverts=reverted[1] if reverted else "",
        waiver=waiver,
        waiver_fault=fault,
    )


def _type(subject: str) -> str:
    parts = read_subject(subject)
    said = parts.type.lower() if parts else ""
    return "style" if subject.startswith(_FORMATTED) else _OF_NUMPY.get(said, said)


def _waiver(trailers: Iterable[tuple[str, str]]) -> tuple[str, str]:
    for key, value in trailers:
        if key.lower() == TRAILER.lower():
            found = re.fullmatch(_WAIVED, value, re.IGNORECASE)
            if found is None:
                return "", f"the trailer says {value!r}, not 'waived (reason)'"
            said = found["reason"] or ""
            told = re.search(r"\w", said) and said.casefold() not in {"reason", "why"}  # as what we print has it
            return (said, "") if told else ("", "the trailer gives no reason")
    return "", ""


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


class RedDetail(NamedTuple):
    """Why a test was red."""

    test: TestId
    grade: Grade
    exception: str = ""


LISTS = (
    "fail_to_pass", "fail_to_pass_unchanged", "pass_to_pass", "fail_to_fail", "pass_to_fail", "never_red", "flaky",
)  # fmt: skip
"""The lists of tests that a verdict on a commit has, by the names of its fields."""


class CommitVerdict(NamedTuple):
    """What red before green says of one commit.

    The lists hold test functions as pytest collects them. ``pass_to_pass`` holds ``never_red``: tests that are new and
    were green at once. ``open_red`` are tests that the commit leaves red. ``waiver`` is the reason of what waived it.
    ``written`` says of each new or changed test whether it names no code but its own.
    ``awaits_message`` says that the type decides, which nobody knows before there is a message, ``left_to`` who runs
    what a hook did not.
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
    written: Mapping[TestId, bool] = MappingProxyType({})
    waiver: str = ""
    awaits_message: bool = False
    left_to: str = ""
    seconds: float = 0.0

    @property
    def turned(self) -> tuple[TestId, ...]:
        """All tests that went from red to green."""
        return (*self.fail_to_pass, *self.fail_to_pass_unchanged)

    def refused_for(self, more: Sequence[Finding]) -> CommitVerdict:
        """Return the verdict with what is wrong besides, or open, which refuses; it tells the first of that."""
        ruling = CommitRuling.INCONCLUSIVE if all(one.code == OPEN for one in more) else CommitRuling.FAILED
        return self._replace(verdict=ruling, reason=more[0].message, findings=(*self.findings, *more))


class Fault(NamedTuple):
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


def _path(test: str) -> str | None:
    return file_of(test) or None


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
