"""Somebody at work in a project: they write, run pytest and commit, and the hooks judge what they stage."""

from __future__ import annotations

import re
import shutil
import sys
from typing import TYPE_CHECKING

from support.histories import BASE, tree_after

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from support.histories import Step
    from support.project import Project, Run

Files = dict[str, str]
LET_THROUGH = {"passed", "exempt", "waived"}
INTERRUPTED = 2


class Author:
    """Somebody at work in a project, with a ledger of their own for each history."""

    def __init__(self, project: Project, base: Files = BASE) -> None:
        self.project = project
        self.base = base
        self.files = dict(base)
        self.ledger = project.home / "ledger.sqlite3"
        project.environment |= {
            "PYTHONPATH": str(project.root / "src"),
            "PHASEGATE_LEDGER": str(self.ledger),
            "PHASEGATE_COMMIT_CONVENTIONAL": "false",
        }
        self._write(self.files)
        project.write(".gitignore", "__pycache__/\n").commit("chore: begin")
        self._run()
        shutil.copy(self.ledger, project.home / "first.sqlite3")

    def begin(self) -> None:
        """Go back to where all histories start, with nothing seen but the suite, green."""
        self.project.git("checkout", "--quiet", "--force", "main")
        self.project.git("clean", "--quiet", "-fdx")
        self.project.git("checkout", "--quiet", "--detach")
        (self.project.root.parent / "runs").write_text("x")  # what one of the tests counts there
        self.files = dict(self.base)
        shutil.copy(self.project.home / "first.sqlite3", self.ledger)

    def work(self, step: Step, *, code_first: bool = False) -> None:
        """Write one side and run the tests, write the other side and run them again; stage all of it."""
        after = tree_after(self.files, step.files)
        differing = {path for path in {*self.files, *after} if self.files.get(path) != after.get(path)}
        first = {path for path in differing if path.startswith("tests/") is not code_first}
        for paths in (first, differing - first):
            if paths:
                kept = {path: text for path, text in self.files.items() if path not in paths}
                self._write({**kept, **{path: after[path] for path in paths if path in after}})
                self._run()
        # only what was written: git may look at the rest anew, and cannot where a history changes how it is read
        added = self.project.git("add", "--all", "--", *sorted(differing))
        assert added.exit_code == 0, added.text

    def commit(self, step: Step) -> None:
        """Make the commit, whatever the hooks said of it."""
        self.project.commit(step.message)

    def judged(self, step: Step, **environment: str) -> Run:
        """Call the hooks of a commit one after the other, as git does, up to the one that refuses."""
        message = self.project.home / "message"
        message.write_text(step.message, encoding="utf-8")
        first = self.project.phasegate("hook", "red-green", env=environment)
        return first if first.exit_code else self._commit_msg(message, environment)

    def by_evidence(self, step: Step) -> Run:
        """Let the hooks judge where nothing can be replayed."""
        return self.judged(step, PHASEGATE_RED_GREEN_ON_MISSING="block", PHASEGATE_PYTHON="/nowhere/python")

    def by_replay_too(self, step: Step) -> Run:
        """Let the hooks judge as they do by default."""
        return self.judged(step, PHASEGATE_PYTHON=sys.executable)

    def _commit_msg(self, message: Path, environment: Mapping[str, str]) -> Run:
        return self.project.phasegate("hook", "commit-msg", str(message), env=environment)

    def _write(self, files: Files) -> None:
        for path in self.files.keys() - files.keys():
            (self.project.root / path).unlink()
        for path, text in files.items():
            file = self.project.root / path
            if not file.exists() or self.files.get(path) != text:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
        self.files = files

    def _run(self) -> None:
        """Run the tests; where a file cannot be imported pytest runs none, and one runs the others all the same."""
        if self.project.pytest("-q").exit_code == INTERRUPTED:
            self.project.pytest("-q", "--continue-on-collection-errors")


def codes(run: Run) -> set[str]:
    return set(re.findall(r"PG\d{3}", run.text))


def assert_as_in_the_table(said: Run, step: Step) -> None:
    assert (said.exit_code == 0) is (step.verdict in LET_THROUGH), said.text
    assert step.verdict in LET_THROUGH or step.codes <= codes(said), said.text
