"""Which commits are meant where nobody names a range."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.app.commit.revision_range import Span, proposed, since, uncommitted
from pytest_phasegate.core.commit.revision_range import Review
from pytest_phasegate.errors import PhasegateError, RepositoryError
from support.git_repo import opened, out, repo

if TYPE_CHECKING:
    from support.project import Project

__all__ = ["repo"]


@pytest.fixture
def forked(repo: Project) -> Project:
    """A main branch that went on, and a topic of two commits that stands on its beginning."""
    repo.write("a.txt", "a").commit("chore: begin")
    repo.git("checkout", "-q", "-b", "topic")
    repo.write("b.txt", "b").commit("test: one")
    repo.write("c.txt", "c").commit("feat: two")
    repo.git("checkout", "-q", "main")
    repo.write("d.txt", "d").commit("feat: meanwhile")
    repo.git("checkout", "-q", "topic")
    return repo


def subjects(found: Span) -> list[str]:
    return [commit.subject for commit in found.commits]


TOPIC = ["test: one", "feat: two"]


def test_a_topic_is_judged_since_it_left_the_default_branch(forked: Project) -> None:
    found = proposed(opened(forked), None)

    assert subjects(found) == TOPIC
    assert found.base == out(forked, "rev-parse", "main~1")
    assert "main" in found.why


def test_on_the_default_branch_the_last_commit_is_judged(forked: Project) -> None:
    forked.git("checkout", "-q", "main")

    found = proposed(opened(forked), None)

    assert subjects(found) == ["feat: meanwhile"]
    assert "last commit" in found.why


def test_commits_of_the_default_branch_that_are_not_pushed_are_judged(forked: Project) -> None:
    forked.git("checkout", "-q", "main")
    forked.git("update-ref", "refs/remotes/origin/main", "main~1")
    forked.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")

    assert subjects(proposed(opened(forked), None)) == ["feat: meanwhile"]


def pull(project: Project, **more: object) -> Review:
    words = {"bases": (out(project, "rev-parse", "main"),), "head": out(project, "rev-parse", "topic"), **more}
    return Review("GitHub", "pull request 7", branch="main", **words)  # type: ignore[arg-type]


def test_of_a_test_merge_the_commits_of_the_pull_request_are_judged(forked: Project) -> None:
    review = pull(forked, bases=("origin/main", out(forked, "rev-parse", "main~1")))
    forked.git("checkout", "-q", "--detach", "main")
    forked.git("merge", "-q", "--no-ff", "-m", "Merge topic into main", "topic")

    found = proposed(opened(forked), review, ci=True)

    assert subjects(found) == TOPIC
    assert "pull request 7" in found.why


def test_what_a_pull_request_merged_from_its_base_is_not_its_own(forked: Project) -> None:
    forked.git("merge", "-q", "-m", "Merge main", "main")

    found = proposed(opened(forked), pull(forked), ci=True)

    assert subjects(found) == [*TOPIC, "Merge main"]


def test_a_job_that_runs_again_after_the_merge_judges_the_same(forked: Project) -> None:
    before = out(forked, "rev-parse", "main")
    forked.git("checkout", "-q", "main")
    forked.git("merge", "-q", "--no-ff", "-m", "Merge topic", "topic")

    found = proposed(opened(forked), pull(forked, bases=("main", before)), ci=True)

    assert subjects(found) == TOPIC


def test_a_push_is_judged_by_what_came(forked: Project) -> None:
    first, last = out(forked, "rev-parse", "topic~1"), out(forked, "rev-parse", "topic")
    review = Review("GitHub", "the push to topic", (first,), last, exact=True)

    assert subjects(proposed(opened(forked), review, ci=True)) == ["feat: two"]


@pytest.mark.parametrize(
    ("more", "command"),
    [
        pytest.param({"head": "d" * 40}, f"git fetch origin main {'d' * 40}", id="head"),
        pytest.param({"bases": ("origin/main", "e" * 40)}, "git fetch origin main", id="base"),
    ],
)
def test_what_is_not_in_the_clone_is_named_with_the_command_that_brings_it(
    forked: Project, more: dict[str, object], command: str
) -> None:
    with pytest.raises(RepositoryError) as raised:
        proposed(opened(forked), pull(forked, **more), ci=True)

    assert command in raised.value.hint
    assert raised.value.exit_code == 4


def test_a_shallow_clone_names_the_command(forked: Project) -> None:
    shallow = forked.root / "shallow"
    forked.git("clone", "-q", "--depth=1", "--branch=topic", f"file://{forked.root}", str(shallow))
    review = pull(forked)
    forked.root = shallow

    with pytest.raises(RepositoryError) as raised:
        proposed(opened(forked), review, ci=True)

    assert "git fetch --unshallow origin main" in raised.value.hint
    done = forked.git(*raised.value.hint.split("`")[1].split()[1:])
    assert done.exit_code == 0, done.text
    assert subjects(proposed(opened(forked), review, ci=True)) == TOPIC


def test_what_cannot_be_known_is_inconclusive(forked: Project) -> None:
    with pytest.raises(RepositoryError, match="does not say"):
        proposed(opened(forked), Review("GitHub", unknown="the event does not say"), ci=True)


def test_a_pull_request_without_commits_is_no_pass(forked: Project) -> None:
    base = out(forked, "rev-parse", "main")

    with pytest.raises(RepositoryError, match="no commits"):
        proposed(opened(forked), pull(forked, bases=(base,), head=base), ci=True)


def test_in_ci_a_clone_without_the_default_branch_is_inconclusive_and_elsewhere_the_last_commit_is_meant(
    repo: Project,
) -> None:
    repo.write("a.txt", "a").commit("chore: begin")
    repo.write("b.txt", "b").commit("feat: one")
    repo.git("branch", "-m", "topic")

    assert subjects(proposed(opened(repo), None)) == ["feat: one"]
    with pytest.raises(RepositoryError, match="default branch") as raised:
        proposed(opened(repo), None, defaults=("trunk",), ci=True)
    assert "git fetch origin trunk" in raised.value.hint


def test_since_a_base_alone(forked: Project) -> None:
    assert subjects(since(opened(forked), "main")) == TOPIC
    with pytest.raises(RepositoryError, match="no commits"):
        since(opened(forked), "HEAD")


def test_what_is_staged_and_what_lies_in_the_work_tree_can_be_judged_as_a_commit(forked: Project) -> None:
    repository = opened(forked)
    for place in ("staged", "worktree"):
        with pytest.raises(PhasegateError, match="nothing") as raised:
            uncommitted(repository, place)
        assert raised.value.exit_code == 2
    forked.write("e.txt", "e").git("add", "e.txt")
    forked.write("f.txt", "f")

    staged, worktree = (uncommitted(opened(forked), place) for place in ("staged", "worktree"))

    assert staged.base == worktree.base == out(forked, "rev-parse", "HEAD")
    assert staged.commits[0].tree != worktree.commits[0].tree
