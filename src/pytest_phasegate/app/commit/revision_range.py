"""The commits that a range means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.core.commit.conventional import Commit
from pytest_phasegate.core.commit.revision_range import RefUpdate, Review
from pytest_phasegate.errors import PhasegateError, RepositoryError


class Span(NamedTuple):
    """The commits to judge, oldest first, and the revision that the configuration is read from (``None``: no such).

    ``why`` says why these are meant, where nobody names a range.
    """

    asked: str
    base: str | None
    commits: tuple[Commit, ...]
    why: str = ""


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


def proposed(
    repository: Repository, review: Review | None, *, defaults: tuple[str, ...] = (), ci: bool = False
) -> Span:
    """Return what a reviewer would look at: the change under review, else what the default branch lacks.

    Args:
        repository: The history.
        review: What the CI service says, if one does.
        defaults: Names of the default branch, as the service has them.
        ci: Whether a service runs this: then the last commit is no answer to which commits are meant.

    Raises:
        RepositoryError: It cannot be known, is not in this clone, or holds no commit.
    """
    if review is None:
        return _since_the_default_branch(repository, defaults, ci=ci)
    if review.unknown:
        raise RepositoryError(f"which commits to judge is not known: {review.unknown}", hint=_NAME_IT, code=NO_RANGE)
    fetch = _fetch(repository, review)
    if repository.resolve(review.head) is None:
        raise RepositoryError(f"the head of {review.what}, {review.head[:12]}, is not in this clone", hint=fetch)
    head = repository.commit(review.head)
    return _explained(repository, head.sha, _bases(repository, review, head.sha), review, fetch)


def _explained(repository: Repository, head: str, bases: Sequence[str], review: Review, fetch: str) -> Span:
    if not bases:
        raise RepositoryError(f"what {review.what} is to be merged into is not in this clone", hint=fetch)
    try:
        spans = (_after(repository, base, head, exact=review.exact) for base in bases)
        span = next((span for span in spans if span.commits), None)
    except RepositoryError as error:
        raise RepositoryError(error.problem, hint=fetch, code=error.code) from None
    if span is None:
        raise _nothing(review.what)
    return span._replace(why=f"{review.what} ({review.service})")


def _bases(repository: Repository, review: Review, head: str) -> tuple[str, ...]:
    """Return the bases that are here; of a test merge of the head first of all what it was merged into."""
    tip = repository.head()
    parents = repository.commit(tip).parents if tip and tip != head else ()
    merged = [parent for parent in parents if head in parents and parent != head]
    return tuple(base for base in (*merged, *review.bases) if repository.resolve(base))


def _fetch(repository: Repository, review: Review) -> str:
    """Return the command that brings a change under review into this clone."""
    cut = ["--unshallow"] if repository.is_shallow() else []
    wanted = [name for name in (review.branch, "" if review.head == "HEAD" else review.head) if name]
    command = " ".join(["git fetch", *cut, "origin", *wanted])
    return f"fetch it: `{command}`, or `fetch-depth: 0` in actions/checkout, `GIT_DEPTH: 0` in GitLab"


def _since_the_default_branch(repository: Repository, defaults: tuple[str, ...], *, ci: bool) -> Span:
    named = (f"origin/{name}" for name in defaults)
    branch = next((name for name in named if repository.resolve(name)), None) or repository.default_branch()
    if branch is None and ci:
        name = defaults[0] if defaults else "main"
        raise RepositoryError(
            "the default branch is not in this clone, so what it lacks is not known",
            hint=f"fetch it: `git fetch origin {name}`; or {_NAME_IT}",
            code=NO_RANGE,
        )
    span = _after(repository, branch, "HEAD") if branch else None
    if branch and span and span.commits:
        return span._replace(why=f"what {_tail(branch)} lacks")
    said = f"the last commit: HEAD is on {_tail(branch)}" if branch else "the last commit: there is no default branch"
    return span_of(repository, "HEAD")._replace(why=said)


def _tail(branch: str) -> str:
    return branch.removeprefix("refs/heads/").removeprefix("refs/remotes/")


def explicit(repository: Repository, asked: str, *, ci: bool = False) -> Span:
    """Return the commits of a range that somebody names; in CI, where nobody reads along, it holds some.

    Raises:
        RepositoryError: It is unknown, beyond a shallow clone, or holds none where it must.
    """
    span = span_of(repository, asked)
    if ci and not span.commits:
        raise _nothing(asked)
    return span


def since(repository: Repository, base: str) -> Span:
    """Return the commits that a base lacks.

    Raises:
        RepositoryError: There is none, or the base is unknown.
    """
    span = _after(repository, base, "HEAD")
    if not span.commits:
        raise _nothing(f"{base}..HEAD")
    return span._replace(why=f"what {base} lacks")


def _after(repository: Repository, base: str, head: str, *, exact: bool = False) -> Span:
    """Return the commits of a head that a base lacks; the configuration is that of where they parted."""
    start = base if exact else repository.merge_base(base, head)
    if start is None:
        raise RepositoryError(f"{base} and {head} have no common ancestor", hint="name a range of one history")
    sha, tip = repository.commit(start).sha, repository.commit(head).sha
    return Span(f"{sha[:12]}..{tip[:12]}", sha, repository.commits(f"{base}..{head}"))


def unmerged(repository: Repository) -> Span | None:
    """Return the commits that the default branch lacks, and after them what lies in the work tree, if anything does."""
    head, branch = repository.head(), repository.default_branch()
    before = _after(repository, branch, "HEAD") if head and branch else Span("", head, ())
    tree = repository.content_tree()
    if not repository.changes(head or repository.empty_tree(), tree):
        return before if before.commits else None
    made = _made("worktree", tree, head)
    return Span(before.asked or "worktree", before.base, (*before.commits, made))


def uncommitted(repository: Repository, place: str) -> Span:
    """Return what is ``staged``, or all that lies in the ``worktree``, as the one commit that it could become.

    Raises:
        PhasegateError: It is what HEAD holds already.
    """
    head = repository.head()
    tree = repository.index_tree() if place == "staged" else repository.content_tree()
    before = head or repository.empty_tree()
    if not repository.changes(before, tree):
        told = "nothing is staged" if place == "staged" else "nothing in the work tree differs from HEAD"
        raise PhasegateError(told, hint="phasegate verify judges what is committed")
    made = _made(place, tree, head)
    return Span(place, head, (made,), f"what {UNCOMMITTED[place]}")


def _made(place: str, tree: str, head: str | None) -> Commit:
    return Commit(f"what {UNCOMMITTED[place]}", sha=place, tree=tree, parents=(head,) if head else ())


UNCOMMITTED = {"staged": "is staged", "worktree": "lies in the work tree"}
"""What stands for the id of a commit that is not made, and what it is."""
_NAME_IT = "name the commits: `phasegate verify --base origin/main`, or a range"
NO_RANGE = "PG912"


def _nothing(what: str) -> RepositoryError:
    return RepositoryError(f"{what} has no commits to judge", hint=_NAME_IT, code=NO_RANGE)


class PushedRange(NamedTuple):
    """What one ref of a push brings: a range as ``Repository.commits`` reads it, or ``None`` and the reason."""

    ref: str
    revision_range: str | None
    reason: str = ""


def pushed_ranges(repository: Repository, updates: Iterable[RefUpdate], remote: str) -> tuple[PushedRange, ...]:
    """Return what each ref brings, one range only once.

    Args:
        repository: The repository that pushes.
        updates: The refs of the push.
        remote: The remote's name, or its address when it has none.
    """
    found = [_pushed_range(repository, update, remote) for update in updates]
    ranges = [one.revision_range for one in found]
    first = [one for place, one in enumerate(found) if one.revision_range not in {None, *ranges[:place]}]
    return (*first, *(one for one in found if one.revision_range is None))


def _pushed_range(repository: Repository, update: RefUpdate, remote: str) -> PushedRange:
    if update.local_oid is None:
        return PushedRange(update.remote_ref, None, "is deleted")
    tip = repository.resolve(update.local_oid)
    if tip is None:
        return PushedRange(update.remote_ref, None, "is no commit")
    if update.remote_oid and (known := repository.resolve(update.remote_oid)):
        return PushedRange(update.remote_ref, f"{known}..{tip}")
    new = repository.unpublished(tip, remote)
    return PushedRange(update.remote_ref, new, "" if new else "brings no commit that the remote does not have")
