from __future__ import annotations

import pytest

from pytest_phasegate.app.guide.finished_phases import finishing_commits, marks, may_finish
from pytest_phasegate.core.commit.conventional import Commit
from pytest_phasegate.core.guide.model import Action, DeclaredFile, DeclaredTest, Guide, Phase

ONE = Phase("1", "One", 1, 2, commit="feat: one")
TWO = Phase("2", "Two", 3, 4)
GUIDE = Guide("g.md", "g", "G", "canonical", "", (ONE, TWO))


def commit(sha: str, subject: str, *trailers: tuple[str, str], body: str = "", parents: int = 1) -> Commit:
    return Commit(subject, trailers, sha * 40, "t", ("p",) * parents, f"{subject}\n\n{body}")


def found(*commits: Commit) -> dict[str, str]:
    return {phase: one.sha[0] for (_, phase), one in finishing_commits(commits, [GUIDE]).items()}


def test_what_to_look_for_is_the_trailer_and_every_declared_subject() -> None:
    assert list(marks([GUIDE])) == ["Phase: ", "feat: one"]


def test_a_phase_is_finished_by_its_subject_or_by_a_trailer() -> None:
    assert found(commit("a", "feat: one"), commit("b", "fix: x", ("Phase", "g/2"))) == {"1": "a", "2": "b"}
    assert found(commit("a", "feat: one more"), commit("b", "fix: x", ("Phase", "other/2"))) == {}


def test_the_last_of_several_counts_and_a_merge_does_not() -> None:
    assert found(commit("a", "feat: one"), commit("b", "feat: one"), commit("c", "feat: one", parents=2)) == {"1": "b"}


def test_a_revert_takes_the_phase_back_and_its_revert_brings_it_again() -> None:
    done = commit("a", "feat: one")
    back = commit("b", 'Revert "feat: one"', body=f"This reverts commit {done.sha}.")
    again = commit("c", 'Reapply "feat: one"', body=f"This reverts commit {back.sha}.")

    assert found(done, back) == {}
    assert found(done, back, again) == {"1": "a"}


CODE, TESTS = DeclaredFile("src/a.py", Action.CREATE, 2), DeclaredFile("tests/test_a.py", Action.CREATE, 2)
DATA = DeclaredFile("tests/data/a.json", Action.CREATE, 2)
IN_ITS_FILE = DeclaredTest("test_a", 3, None, "tests/test_a.py")


@pytest.mark.parametrize(
    ("files", "touched", "finishes"),
    [
        ((CODE,), ["src/a.py", "tests/test_a.py"], True),
        ((CODE,), ["src/a.py"], True),
        ((CODE,), ["tests/test_a.py"], False),  # its red tests, committed before its code
        ((CODE, TESTS), ["tests/test_a.py"], False),
        ((CODE, DATA), ["tests/test_a.py", "tests/data/a.json"], False),
        ((CODE,), ["README.md"], False),
        ((TESTS,), ["tests/test_a.py"], True),
        ((), ["tests/test_a.py"], True),
        ((), ["README.md"], False),
    ],
)
def test_what_touches_none_of_the_files_that_a_phase_writes_does_not_finish_it(
    files: tuple[DeclaredFile, ...], touched: list[str], finishes: bool
) -> None:
    phase = Phase("1", "One", 1, 2, files=files, tests=(IN_ITS_FILE,), commit="feat: one")

    assert may_finish(lambda: touched, dict)(GUIDE, phase) is finishes
