from __future__ import annotations

from pytest_phasegate.app.guide.finished_phases import finishing_commits, marks
from pytest_phasegate.app.ports.repository import Commit
from pytest_phasegate.core.guide.model import Guide, Phase

ONE = Phase("1", "One", 1, 2, commit="feat: one")
TWO = Phase("2", "Two", 3, 4)
GUIDE = Guide("g.md", "g", "G", "canonical", "", (ONE, TWO))


def commit(sha: str, subject: str, *trailers: tuple[str, str], body: str = "", parents: int = 1) -> Commit:
    return Commit(sha * 40, "t", ("p",) * parents, subject, f"{subject}\n\n{body}", trailers)


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
