"""Where a judgement stood, and what has changed since."""

from __future__ import annotations

from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.core.project.paths import is_ours
from pytest_phasegate.core.verdict.judgement import Judgement, Since
from pytest_phasegate.errors import RepositoryError

Changed = tuple[tuple[str, str], ...]


_MOST = 200  # of more files than these nobody wants the names kept with every verdict
_LOOKED_AT = 20  # so many commits behind a verdict are looked at for the one that brought the judged content


def standing_on(repository: Repository | None, content: str) -> tuple[str, Changed | None]:
    """Return HEAD, and what differs from it in a content: each path with its object there, or nothing."""
    head = repository.head() if repository and content else None
    if repository is None or head is None:
        return "", None
    changed = changed_between(repository, head, content)
    return head, tuple(sorted(changed.items())) if len(changed) <= _MOST else None


def since(repository: Repository | None, judgement: Judgement, content: str) -> Since:
    """Return where a judgement stood and how many files are not as they were then."""
    if repository is None or not content or not judgement.head or judgement.changed is None:
        return Since()
    then = dict(judgement.changed)
    try:
        now = changed_between(repository, judgement.head, content)
        commit = _commit_of(repository, judgement.head, then)
    except RepositoryError:
        return Since()
    return Since(commit, sum(then.get(path) != now.get(path) for path in then.keys() | now.keys()))


def _commit_of(repository: Repository, head: str, then: dict[str, str]) -> str:
    """Return the first commit that holds what was judged: the verdict came before it; else the one below it."""
    if not then:
        return head
    for commit in repository.commits(f"{head}..HEAD", first_parent=True)[:_LOOKED_AT]:
        if changed_between(repository, head, commit.tree) == then:
            return commit.sha
    return head


def changed_between(repository: Repository, before: str, after: str) -> dict[str, str]:
    """Return the paths that differ between two contents, ours aside, each with its object in the later one."""
    return {
        change.path: f"{change.after.mode} {change.after.oid}" if change.after else ""
        for change in repository.changes(before, after)
        if not is_ours(change.path)
    }
