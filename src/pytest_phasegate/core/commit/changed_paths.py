"""Which paths a change touches: the evidence of the gates that judge a change without reading it."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_phasegate.core.project.sides import Layout, Side
from pytest_phasegate.core.verdict.gate import Fact, Need


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
