"""The same histories, judged as they are made: by what the author's own runs of pytest have shown.

The author writes tests before code, runs pytest after each, and commits. The hooks judge every commit first with no
interpreter to replay with, where only evidence can answer, and then, if that settles nothing, with one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.author import Author, assert_as_in_the_table, codes
from support.known_histories import DISHONEST, HISTORIES, TOLD_BY_A_RANGE, UNSETTLED
from support.project import Project

if TYPE_CHECKING:
    from support.histories import History

NO_INTERPRETER = "PG931"


@pytest.fixture(scope="module")
def author(tmp_path_factory: pytest.TempPathFactory) -> Author:
    root, home = tmp_path_factory.mktemp("shop"), tmp_path_factory.mktemp("home")
    return Author(Project(root, home).init_git())


@pytest.mark.sampled(28)
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


@pytest.mark.sampled(18)
@pytest.mark.parametrize("number", range(len(TWO_SIDED)), ids=[history.name for history in TWO_SIDED])
def test_evidence_lets_no_dishonest_history_through_that_began_with_the_code(number: int, author: Author) -> None:
    (step,) = TWO_SIDED[number].steps
    author.begin()
    author.work(step, code_first=True)

    said = author.by_evidence(step)

    assert said.exit_code != 0
