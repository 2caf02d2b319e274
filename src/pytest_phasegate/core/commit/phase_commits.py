"""What is known of a phase's commits: their messages, and the paths that they touch."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_phasegate.core.project.paths import Layout, Side
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


@dataclass(frozen=True, slots=True)
class Changeset(Fact):
    """The paths that a change creates, modifies or deletes; ``what`` names the change in a sentence's middle.

    ``absent`` are the files the phase is to create that neither are there nor came with the change; ``None`` where
    nobody looked.
    """

    need = Need.CHANGE
    what: str
    paths: tuple[str, ...]
    layout: Layout
    absent: tuple[str, ...] | None = None
    further: tuple[str, ...] = ()  # what the other commits of the phase touch
    declared: tuple[str, ...] = ()  # what any phase of any guide declares, and the guides; known where ``further`` is

    @property
    def production(self) -> tuple[str, ...]:
        """The touched paths of the production side."""
        return tuple(path for path in self.paths if self.layout.side(path) is Side.PRODUCTION)
