"""The commits that a range means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_phasegate.errors import RepositoryError

if TYPE_CHECKING:
    from pytest_phasegate.app.ports.repository import Repository
    from pytest_phasegate.app.ports.trees import Commit


@dataclass(frozen=True, slots=True)
class Span:
    """The commits to judge, oldest first, and the revision that the configuration is read from (``None``: no such)."""

    asked: str
    base: str | None
    commits: tuple[Commit, ...]


def span_of(repository: Repository, asked: str) -> Span:
    """Read a range: ``A..B``, ``A...B`` (since their merge base), or one commit.

    Raises:
        RepositoryError: An end of it is unknown, or the clone is too shallow to hold it.
    """
    if "..." in asked:
        one, _, other = asked.partition("...")
        start = repository.merge_base(one or "HEAD", other or "HEAD")
        return _since(repository, asked, start, other or "HEAD")
    if ".." in asked:
        one, _, other = asked.partition("..")
        return _since(repository, asked, one or "HEAD", other or "HEAD")
    commit = repository.commit(asked.removesuffix("^!"))
    missing = [parent for parent in commit.parents if repository.resolve(parent) is None]
    if missing:
        raise RepositoryError(
            f"the parent {missing[0][:12]} of {asked} is not in this clone",
            hint="fetch the whole history: `git fetch --unshallow`, or `fetch-depth: 0` in actions/checkout",
            code="PG904",
        )
    return Span(asked, commit.parents[0] if commit.parents else None, (commit,))


def _since(repository: Repository, asked: str, start: str | None, end: str) -> Span:
    if start is None:
        raise RepositoryError(f"the ends of {asked} have no common ancestor", hint="name a range of one history")
    return Span(asked, start, repository.commits(f"{start}..{end}"))
