"""What a commit says about itself: its type, whether it reverts or merges, whether it asks to be waived."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

KEEPING_TYPES = frozenset({"refactor", "perf", "style", "build", "chore", "revert"})
"""Types of commits that say they keep behaviour, or bring an earlier one back."""
TRAILER = "Red-Green"
_WAIVED = r"waived\b\s*(?:\(\s*(?P<reason>\S.*?)\s*\))?\s*"
_REVERTED = r"This reverts commit ([0-9a-f]{7,64})"


@dataclass(frozen=True, slots=True)
class Intent:
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
        return replace(self, type="") if self.type == "revert" else self


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
    from pytest_phasegate.core.commit.conventional import read_subject

    subject = message.partition("\n")[0].strip()
    parts = read_subject(subject)
    named = subject.startswith(('Revert "', 'Reapply "'))
    body = message.partition("\n")[2].lstrip()
    reverted = re.search(f"^{_REVERTED}", body, re.MULTILINE) if named else re.match(_REVERTED, body)
    waiver, fault = _waiver(trailers)
    return Intent(
        subject=subject,
        type="revert" if named or reverted else parts.type.lower() if parts else "",
        merge=merge,
        reverts=reverted[1] if reverted else "",
        waiver=waiver,
        waiver_fault=fault,
    )


def _waiver(trailers: Iterable[tuple[str, str]]) -> tuple[str, str]:
    for key, value in trailers:
        if key.lower() == TRAILER.lower():
            found = re.fullmatch(_WAIVED, value, re.IGNORECASE)
            if found is None:
                return "", f"the trailer says {value!r}, not 'waived (reason)'"
            return (found["reason"], "") if found["reason"] else ("", "the trailer gives no reason")
    return "", ""
