"""The line of pytest's header that says what this run is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.reports.escaping import escaped
from pytest_phasegate.session.guard import guarded
from pytest_phasegate.session.state import TAKEN

if TYPE_CHECKING:
    from pytest_phasegate.session.state import SessionState


class Header:
    """Say the mode and, with ``--phase``, the selected phases of each guide."""

    def __init__(self, state: SessionState) -> None:
        self.state = state

    @pytest.hookimpl
    @guarded
    def pytest_report_header(self) -> str:
        """Return the line ``phasegate: phases 1, 2 of docs/plans/x.md (enforce)``."""
        chosen = [self._chosen(guide.path) for guide in self.state.guides]
        words = "; ".join(filter(None, chosen)) or self._nothing()
        return escaped(f"phasegate: {words} ({self.state.mode})")

    def _nothing(self) -> str:
        """Say that no phase is selected, and how one would be where ``--phase`` is an option of the project's own."""
        taken = "; --phase is an option of this project, ours is --phasegate-phase"
        return f"no phase selected{taken if self.state.config.stash.get(TAKEN, False) else ''}"

    def _chosen(self, guide: str) -> str:
        ids = [ref.phase for ref in self.state.selection or () if ref.guide == guide]
        return f"phase{'s' if len(ids) > 1 else ''} {', '.join(ids)} of {guide}" if ids else ""
