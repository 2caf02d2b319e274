"""The last passing of each phase, one file of JSON a phase beside the ledger."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

from pytest_phasegate.core.baseline import read_baseline, write_baseline
from pytest_phasegate.core.passing import Passing
from pytest_phasegate.errors import BaselineError, EvidenceError

if TYPE_CHECKING:
    from pathlib import Path

NAME = "passed"


class Passings:
    """What each phase of a repository had when its gates last passed, shared by all worktrees."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def keep(self, passing: Passing) -> None:
        """Replace what is known of one phase.

        Raises:
            EvidenceError: It cannot be written.
        """
        record = {"guide": passing.guide, "phase": passing.phase, "tree": passing.tree}
        target = self._file(passing.guide, passing.phase)
        aside = target.with_name(f"{target.name}.{os.getpid()}.tmp")
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            aside.write_text(json.dumps({**record, "tests": write_baseline(passing.tests)}), encoding="utf-8")
            aside.replace(target)
        except OSError as error:
            raise EvidenceError(f"the passing cannot be kept: {target}: {error.strerror or error}") from None

    def find(self, guide: str, phase: str) -> Passing | None:
        """Return what is known of one phase; what cannot be read counts as never written."""
        try:
            record = json.loads(self._file(guide, phase).read_text(encoding="utf-8"))
            return Passing(record["guide"], record["phase"], record["tree"], read_baseline(record["tests"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, BaselineError):
            return None

    def _file(self, guide: str, phase: str) -> Path:
        name = hashlib.sha256(f"{guide}\0{phase}".encode("utf-8", "surrogatepass")).hexdigest()
        return self.directory / f"{name[:32]}.json"
