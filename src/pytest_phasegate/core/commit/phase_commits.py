"""What is known of a phase's commit: a message about to be used, or commits that stand."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_phasegate.core.verdict.gate import Fact, Need


@dataclass(frozen=True, slots=True)
class CommitMessage:
    """One message. ``sha`` is empty for a commit that is being made; ``merge`` whether it joins parents."""

    subject: str
    trailers: tuple[tuple[str, str], ...] = ()
    sha: str = ""
    merge: bool = False

    def values(self, key: str) -> tuple[str, ...]:
        """Return the values of one trailer, whatever the case of its key."""
        return tuple(value for name, value in self.trailers if name.lower() == key.lower())


@dataclass(frozen=True, slots=True)
class Committed(Fact):
    """The messages to judge, oldest first; ``branch`` is ``None`` when HEAD is detached or no commit is at hand."""

    need = Need.MESSAGE
    messages: tuple[CommitMessage, ...] = ()
    branch: str | None = None
