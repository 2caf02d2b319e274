from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.app.commit.revision_range import PushedRange, pushed_ranges
from pytest_phasegate.core.commit.revision_range import RefUpdate
from support.git_repo import opened, out, repo

if TYPE_CHECKING:
    from support.project import Project

__all__ = ["repo"]


@pytest.fixture
def published(repo: Project) -> tuple[str, str]:
    """Two commits, the first of them on the remote's main."""
    first = repo.write("a", "1\n").commit("one")
    repo.git("update-ref", "refs/remotes/origin/main", first)
    return first, repo.write("a", "2\n").commit("two")


def ranges(project: Project, *updates: RefUpdate, remote: str = "origin") -> list[str | None]:
    return [pushed.revision_range for pushed in pushed_ranges(opened(project), updates, remote)]


def test_an_update_brings_what_the_remote_ref_does_not_have(repo: Project, published: tuple[str, str]) -> None:
    first, second = published

    assert ranges(repo, RefUpdate(second, "refs/heads/main", first)) == [f"{first}..{second}"]


@pytest.mark.parametrize("remote", ["origin", "https://example.org/r.git"])
def test_a_new_branch_brings_what_no_branch_of_the_remote_has(
    repo: Project, published: tuple[str, str], remote: str
) -> None:
    first, second = published

    assert ranges(repo, RefUpdate(second, "refs/heads/new", None), remote=remote) == [f"{first}..{second}"]


def test_a_push_to_a_second_remote_is_measured_against_that_remote(repo: Project, published: tuple[str, str]) -> None:
    first, second = published
    repo.git("update-ref", "refs/remotes/fork/main", second)

    assert ranges(repo, RefUpdate(second, "refs/heads/new", None), remote="fork") == [None]
    assert ranges(repo, RefUpdate(second, "refs/heads/new", None)) == [f"{first}..{second}"]


def test_a_first_push_brings_the_whole_history(repo: Project) -> None:
    tip = repo.write("a", "1\n").commit("one")

    assert ranges(repo, RefUpdate(tip, "refs/heads/main", None)) == [tip]


def test_a_branch_that_merged_the_remotes_main_brings_its_own_commits(
    repo: Project, published: tuple[str, str]
) -> None:
    first, _ = published
    repo.git("checkout", "-q", "-b", "side", first)
    repo.write("b", "1\n").commit("side")
    upstream = out(repo, "commit-tree", "-p", first, "-m", "upstream", f"{first}^{{tree}}")
    repo.git("update-ref", "refs/remotes/origin/main", upstream)
    repo.git("merge", "-q", "-m", "join", upstream)
    tip = out(repo, "rev-parse", "HEAD")

    assert ranges(repo, RefUpdate(tip, "refs/heads/side", None)) == [f"{upstream}..{tip}"]


def test_an_object_of_the_remote_that_is_not_here_is_no_end_of_a_range(
    repo: Project, published: tuple[str, str]
) -> None:
    first, second = published

    assert ranges(repo, RefUpdate(second, "refs/heads/main", "9" * 40)) == [f"{first}..{second}"]


def test_a_tag_brings_the_commits_it_names(repo: Project, published: tuple[str, str]) -> None:
    first, second = published
    repo.git("tag", "-a", "v1", "-m", "v1")

    assert ranges(repo, RefUpdate(out(repo, "rev-parse", "v1"), "refs/tags/v1", None)) == [f"{first}..{second}"]


def test_what_brings_no_commit_says_why(repo: Project, published: tuple[str, str]) -> None:
    first, _ = published
    blob = out(repo, "rev-parse", "HEAD:a")
    updates = (
        RefUpdate(None, "refs/heads/gone", first),
        RefUpdate(blob, "refs/tags/blob", None),
        RefUpdate(first, "refs/heads/again", None),
    )

    assert pushed_ranges(opened(repo), updates, "origin") == (
        PushedRange("refs/heads/gone", None, "is deleted"),
        PushedRange("refs/tags/blob", None, "is no commit"),
        PushedRange("refs/heads/again", None, "brings no commit that the remote does not have"),
    )


def test_two_refs_with_the_same_commits_are_proved_once(repo: Project, published: tuple[str, str]) -> None:
    first, second = published
    updates = (RefUpdate(second, "refs/heads/a", None), RefUpdate(second, "refs/heads/b", first))

    assert ranges(repo, *updates) == [f"{first}..{second}"]
