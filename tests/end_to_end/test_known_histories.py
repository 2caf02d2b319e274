"""Histories with a known answer, judged by replay: no false pass, no refusal without its code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.histories import verifying
from support.known_histories import HISTORIES, TOLD_BY_A_RANGE, UNSETTLED, fast_import
from support.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_phasegate.app.redgreen.verification import Verification
    from support.histories import History


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Project:
    root, home = tmp_path_factory.mktemp("histories"), tmp_path_factory.mktemp("home")
    project = Project(root, home).init_git("base")
    done = project.run("git", "fast-import", "--quiet", stdin=fast_import())
    assert done.exit_code == 0, done.text
    return project


@pytest.fixture(scope="module")
def verify(repository: Project) -> Iterator[Callable[[str], Verification]]:
    """The use case, with one set of scratch trees for all histories."""
    with verifying(repository) as judge:
        yield judge


def test_there_are_at_least_sixty_histories_each_with_a_name_of_its_own() -> None:
    assert len({history.name for history in HISTORIES}) == len(HISTORIES) >= 60


def test_what_is_said_of_the_evidence_is_said_of_commits_that_are_there() -> None:
    there = {(history.name, number) for history in HISTORIES for number in range(len(history.steps))}

    assert {*UNSETTLED, *TOLD_BY_A_RANGE} <= there


@pytest.mark.parametrize("number", range(len(HISTORIES)), ids=[history.name for history in HISTORIES])
@pytest.mark.sampled(36)
def test_a_history_with_a_known_answer(number: int, verify: Callable[[str], Verification]) -> None:
    history: History = HISTORIES[number]

    found = verify(f"base..history-{number}")

    said = [(one.verdict.verdict.value, one.verdict.reason) for one in found.commits]
    assert [verdict for verdict, _ in said] == [step.verdict for step in history.steps], said
    assert found.verdict.verdict.value == history.verdict, found.verdict.reason
    for step, judged in zip(history.steps, found.commits, strict=True):
        codes = {finding.code for finding in judged.verdict.findings if finding.severity == "error"}
        assert step.codes <= codes, said
