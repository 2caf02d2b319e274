"""The same histories, judged as they are made: by what the author's own runs of pytest have shown.

The author writes tests before code, runs pytest after each, and commits. The hooks judge every commit first with no
interpreter to replay with, where only evidence can answer, and then, if that settles nothing, with one.
"""

from __future__ import annotations

import re
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from support.histories import BASE, tree_after
from support.known_histories import DISHONEST, HISTORIES, TOLD_BY_A_RANGE, UNSETTLED
from support.warm import Warm, warm_project

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from support.histories import History, Step
    from support.project import Project, Run

Files = dict[str, str]
NO_INTERPRETER = "PG931"
LET_THROUGH = {"passed", "exempt", "waived"}
INTERRUPTED = 2


class Author:
    """Somebody at work in a project, with a ledger of their own for each history."""

    def __init__(self, project: Project, warm: Warm) -> None:
        self.project = project
        self.warm = warm
        self.files = dict(BASE)
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
        (self.project.root.parent / "runs").unlink(missing_ok=True)  # what one of the tests counts there
        self.files = dict(BASE)
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
        self.project.git("add", "--all")

    def commit(self, step: Step) -> None:
        """Make the commit, whatever the hooks said of it."""
        self.project.commit(step.message)

    def judged(self, step: Step, **environment: str) -> Run:
        """Call the hooks of a commit one after the other, as git does, up to the one that refuses."""
        message = self.project.home / "message"
        message.write_text(step.message, encoding="utf-8")
        first = self.warm.phasegate(self.project, "hook", "red-green", env=environment)
        return first if first.exit_code else self._commit_msg(message, environment)

    def by_evidence(self, step: Step) -> Run:
        """Let the hooks judge where nothing can be replayed."""
        return self.judged(step, PHASEGATE_RED_GREEN_ON_MISSING="block", PHASEGATE_PYTHON="/nowhere/python")

    def by_replay_too(self, step: Step) -> Run:
        """Let the hooks judge as they do by default."""
        return self.judged(step, PHASEGATE_PYTHON=sys.executable)

    def _commit_msg(self, message: Path, environment: Mapping[str, str]) -> Run:
        return self.warm.phasegate(self.project, "hook", "commit-msg", str(message), env=environment)

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


@pytest.fixture(scope="module")
def author(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Author]:
    root, home = tmp_path_factory.mktemp("shop"), tmp_path_factory.mktemp("home")
    with Warm() as warm:
        yield Author(warm_project(root, home, warm).init_git(), warm)


def codes(run: Run) -> set[str]:
    return set(re.findall(r"PG\d{3}", run.text))


def assert_as_in_the_table(said: Run, step: Step) -> None:
    assert (said.exit_code == 0) is (step.verdict in LET_THROUGH), said.text
    assert step.verdict in LET_THROUGH or step.codes <= codes(said), said.text


@pytest.mark.parametrize("number", range(len(HISTORIES)), ids=[history.name for history in HISTORIES])
def test_a_history_as_its_author_makes_it(number: int, author: Author) -> None:
    history: History = HISTORIES[number]
    author.begin()
    for place, step in enumerate(history.steps):
        author.work(step)
        said = author.by_evidence(step)
        assert (NO_INTERPRETER in codes(said)) is ((history.name, place) in UNSETTLED), said.text
        if NO_INTERPRETER in codes(said):
            said = author.by_replay_too(step)
        if (history.name, place) in TOLD_BY_A_RANGE:
            assert said.exit_code == 0, said.text
        else:
            assert_as_in_the_table(said, step)
        author.commit(step)


TWO_SIDED = [
    history
    for history in DISHONEST
    if len(history.steps) == 1
    and len({path.startswith("tests/") for path in history.steps[0].files}) > 1
    and (history.name, 0) not in TOLD_BY_A_RANGE
]


@pytest.mark.parametrize("number", range(len(TWO_SIDED)), ids=[history.name for history in TWO_SIDED])
def test_evidence_lets_no_dishonest_history_through_that_began_with_the_code(number: int, author: Author) -> None:
    (step,) = TWO_SIDED[number].steps
    author.begin()
    author.work(step, code_first=True)

    said = author.by_evidence(step)

    assert said.exit_code != 0
