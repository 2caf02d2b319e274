"""Commits that each try one bad habit: refused by ``verify`` and by the hooks, whichever side was written first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.author import LET_THROUGH, Author
from support.histories import tree_after, verifying
from support.histories_by_habit import BASE, HISTORIES
from support.known_histories import stream
from support.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_phasegate.app.redgreen.verification import Verification

SAMPLE = 80
"""Every how manieth history the ordinary run judges; all of them are for ``nox -s soak``."""
NAMED = [
    pytest.param(number, id=history.name.replace(" ", "-"), marks=[pytest.mark.soak] if number % SAMPLE else [])
    for number, history in enumerate(HISTORIES)
]


def fast_import() -> str:
    lines = [*stream("base", "chore: begin", {}, BASE, 1, None)]
    for number, history in enumerate(HISTORIES):
        step = history.steps[0]
        lines += stream(f"history-{number}", step.message, BASE, tree_after(BASE, step.files), number + 2, 1)
    return "\n".join(lines)


@pytest.fixture(scope="module")
def verify(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Verification]]:
    project = Project(tmp_path_factory.mktemp("habits"), tmp_path_factory.mktemp("home")).init_git("base")
    done = project.run("git", "fast-import", "--quiet", stdin=fast_import())
    assert done.exit_code == 0, done.text
    with verifying(project) as judge:
        yield judge


@pytest.fixture(scope="module")
def author(tmp_path_factory: pytest.TempPathFactory) -> Author:
    root, home = tmp_path_factory.mktemp("store"), tmp_path_factory.mktemp("home")
    return Author(Project(root, home).init_git(), BASE)


@pytest.mark.parametrize("number", NAMED)
def test_verify_judges_a_habit(number: int, verify: Callable[[str], Verification]) -> None:
    step = HISTORIES[number].steps[0]

    verdict = verify(f"base..history-{number}").commits[0].verdict

    found = {finding.code for finding in verdict.findings if finding.severity == "error"}
    assert verdict.verdict.value == step.verdict, verdict.reason
    assert step.codes <= found, verdict.reason


ORDERS = [
    pytest.param(
        number,
        code_first,
        id=f"{history.name.replace(' ', '-')}-{'code' if code_first else 'tests'} first",
        marks=[] if number % (4 * SAMPLE) == 2 * SAMPLE * code_first else [pytest.mark.soak],
    )
    for number, history in enumerate(HISTORIES)
    for code_first in (False, True)
]
"""The hooks see each history in both orders; the ordinary run takes one of them for every second that it judges."""


@pytest.mark.parametrize(("number", "code_first"), ORDERS)
def test_the_hooks_judge_a_habit(number: int, code_first: bool, author: Author) -> None:
    step = HISTORIES[number].steps[0]
    author.begin()
    author.work(step, code_first=code_first)

    said = author.by_replay_too(step)

    assert (said.exit_code == 0) is (step.verdict in LET_THROUGH), said.text
