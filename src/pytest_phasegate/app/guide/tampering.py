"""What a guide said of its finished phases when they were finished."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from pytest_phasegate.app.guide.finished_phases import finishing_commits, marks
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.app.renamed_tests import Declared
from pytest_phasegate.core.commit.conventional import Commit
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.guide.progress import Acceptance

Renamed = Callable[[Iterable[Guide]], Declared]


def acceptance_of(
    repository: Repository,
    guide: Guide,
    path: str,
    read: Callable[[bytes, str], Guide],
    *,
    guides: Sequence[Guide],
    renamed: Renamed,
    tree: str,
) -> Acceptance:
    """Return the digests of the finished phases' sections, each as of the commit that finished it.

    A phase whose commit does not hold the guide (it was written later) has none. A section that
    only calls renamed tests by their new names is as it was.

    Args:
        repository: Where the commits are.
        guide: The guide as it is to be judged.
        path: Its path from the top of the repository.
        read: How to read an earlier text of it.
        guides: All guides of the project.
        renamed: Tells what became of the tests that a guide declares.
        tree: The content in which the guide stands so, or ``INDEX``: it may have been moved there.
    """
    head = repository.opened_at
    if head is None:
        return Acceptance({}, {})
    before = said_at(repository, head, path, read, tree)
    guides = (_with_what_went(guide, before), *(other for other in guides if other.slug != guide.slug))
    mentioning = repository.commits_mentioning(tuple(dict.fromkeys(marks(guides))))
    finished = {
        phase: commit for (slug, phase), commit in finishing_commits(mentioning, guides).items() if slug == guide.slug
    }
    then = _Then(repository, guide, path, read, renamed, tree)
    digests = {phase: digest for phase, commit in finished.items() if (digest := then.digest(phase, commit))}
    return Acceptance(digests, {phase: finished[phase].sha for phase in digests})


def _with_what_went(guide: Guide, before: Guide | None) -> Guide:
    """Return a guide with the phases that it had before and has no more: commits are known by what those declare."""
    gone = tuple(phase for phase in before.phases if guide.phase(phase.id) is None) if before else ()
    return replace(guide, phases=(*guide.phases, *gone))


class _Then(NamedTuple):
    """Reads what a guide said in other commits; ``guide`` is as it is to be judged."""

    repository: Repository
    guide: Guide
    path: str
    read: Callable[[bytes, str], Guide]
    renamed: Renamed
    tree: str

    def digest(self, phase_id: str, commit: Commit) -> str | None:
        """Return a section's digest in a commit; as it is now where only renamed tests make the difference."""
        content = _content(self.repository, commit.sha, self.path, self.tree)
        then = self.read(content, self.path) if content is not None else None
        section, now = then.phase(phase_id) if then else None, self.guide.phase(phase_id)
        if content is None or then is None or section is None:
            return None
        if now is None or section.digest == now.digest:
            return section.digest
        if _only_says_its_kind(section, now):
            return now.digest  # that a phase of a title alone needs no test may be said later, too
        names = self.renamed([replace(then, path=self.guide.path, phases=(section,))])
        retold = self.read(_retold(content, names, section), self.path).phase(phase_id) if names else None
        return now.digest if retold and retold.digest == now.digest else section.digest


def _only_says_its_kind(then: Phase, now: Phase) -> bool:
    """Whether a phase that declares nothing says by now that it needs no red test, and asks for all that it asked."""
    nothing = not (then.files or then.tests or now.declared_files or now.declared_tests)
    kept = {one.text for one in then.criteria} <= {one.text for one in now.criteria}
    return nothing and kept and now.needs_no_red and not then.needs_no_red and then.title == now.title


def _retold(content: bytes, names: Declared, section: Phase) -> bytes:
    """Return the text of a guide with the tests of a phase, their classes and files under their new names."""
    new: dict[str, str] = {}
    for (_, test), became in names.items():
        path, *classes, name = became.split("::")
        new[test.name] = name
        if test.class_name:
            new[test.class_name] = "::".join(classes)
        stood = {test.file} if test.file else {file.path for file in section.files if file.path.endswith(".py")}
        new |= dict.fromkeys(stood if len(stood) == 1 else (), path)
    changed = {old.encode(): name.encode() for old, name in new.items() if old != name}
    if not changed:
        return content
    words = b"|".join(re.escape(old) for old in sorted(changed, key=len, reverse=True))
    return re.sub(rb"(?<![\w/])(?:%s)(?!\w)" % words, lambda found: changed[found[0]], content)


def said_at(
    repository: Repository, sha: str, path: str, read: Callable[[bytes, str], Guide], tree: str
) -> Guide | None:
    """Return a guide as a commit holds it, if it does, also by a name that it had before it was moved."""
    content = _content(repository, sha, path, tree)
    return read(content, path) if content is not None else None


def _content(repository: Repository, sha: str, path: str, tree: str) -> bytes | None:
    found = repository.content_at(sha, path)
    if found is not None:
        return found
    earlier = (repository.content_at(sha, name) for name in repository.names(path, tree)[1:])
    return next((content for content in earlier if content is not None), None)
