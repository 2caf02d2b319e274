"""Where a verdict of other content was reached, and how much has changed since."""

from __future__ import annotations

from typing import NamedTuple


class Since(NamedTuple):
    """The commit a verdict stood on, and how many files differ now; empty and ``None`` where nobody can tell."""

    commit: str = ""
    files: int | None = None

    @property
    def told(self) -> str:
        """The words behind a verdict: ``passed at 1a2b3c4, 3 files changed since``."""
        if not self.commit or self.files is None:
            return "on other content"
        changed = "1 file" if self.files == 1 else f"{self.files} files"
        return f"at {self.commit[:7]}, {changed} changed since"
