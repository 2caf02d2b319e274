"""What a guide said of its finished phases when they were finished."""

from __future__ import annotations

from pytest_phasegate.app.finished import finishing_commits, marks
from pytest_phasegate.core.acceptance import Acceptance

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_phasegate.app.ports import Repository
    from pytest_phasegate.app.trees import Commit
    from pytest_phasegate.core.guide import Guide


def acceptance_of(
    repository: Repository, guide: Guide, path: str, read: Callable[[bytes, str], Guide], guides: Sequence[Guide]
) -> Acceptance:
    """Return the digests of the finished phases' sections, each as of the commit that finished it.

    A phase whose commit does not hold the guide (it was written later, or under another name) has none.

    Args:
        repository: Where the commits are.
        guide: The guide as it is to be judged.
        path: Its path from the top of the repository.
        read: How to read an earlier text of it.
        guides: All guides of the project.
    """
    if repository.head() is None:
        return Acceptance({}, {})
    mentioning = repository.commits_mentioning(tuple(dict.fromkeys(marks(guides))))
    finished = {
        phase: commit for (slug, phase), commit in finishing_commits(mentioning, guides).items() if slug == guide.slug
    }
    digests = {
        phase: digest
        for phase, commit in finished.items()
        if (digest := _digest(repository, phase, commit, path, read))
    }
    return Acceptance(digests, {phase: finished[phase].sha for phase in digests})


def _digest(
    repository: Repository, phase: str, commit: Commit, path: str, read: Callable[[bytes, str], Guide]
) -> str | None:
    texts = _text_at(repository, commit, path)
    section = read(texts[path], path).phase(phase) if path in texts else None
    return section.digest if section else None


def _text_at(repository: Repository, commit: Commit, path: str) -> Mapping[str, bytes]:
    entry = repository.entries(commit.sha).get(path)
    return {path: repository.blobs([entry.oid])[entry.oid]} if entry else {}
