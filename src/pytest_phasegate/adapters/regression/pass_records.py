"""What phases passed on: beside the ledger, a directory for each phase with one file of JSON for each content."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

from pytest_phasegate.core.regression.baseline import read_baseline, write_baseline
from pytest_phasegate.core.regression.pass_record import Passing
from pytest_phasegate.errors import BaselineError, EvidenceError

if TYPE_CHECKING:
    from pathlib import Path

NAME = "passed"
_KEPT = 100
"""How many contents of a phase are remembered: those that passed last, in all worktrees together."""


class Passings:
    """What each phase of a repository had on each content that its tests passed on, shared by all worktrees."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def keep(self, passing: Passing) -> None:
        """Keep what a phase had on one content, beside what it had on others.

        Raises:
            EvidenceError: It cannot be written.
        """
        record = {"guide": passing.guide, "phase": passing.phase, "tree": passing.tree}
        target = self._file(passing.guide, passing.phase, passing.tree)
        aside = target.with_name(f"{target.name}.{os.getpid()}.tmp")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            aside.write_text(json.dumps({**record, "tests": write_baseline(passing.tests)}), encoding="utf-8")
            aside.replace(target)
            _forget(target.parent)
        except OSError as error:
            raise EvidenceError(f"the passing cannot be kept: {target}: {error.strerror or error}") from None

    def find(self, guide: str, phase: str, tree: str) -> Passing | None:
        """Return what a phase had on one content; what cannot be read counts as never written."""
        try:
            record = json.loads(self._file(guide, phase, tree).read_text(encoding="utf-8"))
            found = Passing(record["guide"], record["phase"], record["tree"], read_baseline(record["tests"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, BaselineError):
            return None
        return found if (found.guide, found.phase, found.tree) == (guide, phase, tree) else None

    def _file(self, guide: str, phase: str, tree: str) -> Path:
        of_phase, of_tree = _name(guide, phase), _name(tree)
        return self.directory / of_phase / f"{of_tree}.json"


def _name(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _forget(directory: Path) -> None:
    """Remove what passed longest ago; another process may be quicker."""
    written = sorted(directory.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    for path in written[:-_KEPT]:
        path.unlink(missing_ok=True)
