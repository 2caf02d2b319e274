"""The hook *guide*: the guides of a commit have no errors, and what they promised of finished phases stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from pytest_phasegate.app.commit.staged import staged_guides, staged_record
from pytest_phasegate.app.guide.reader import unreadable
from pytest_phasegate.app.guide.tampering import acceptance_of
from pytest_phasegate.app.mapping import Declared
from pytest_phasegate.app.ports.repository import INDEX
from pytest_phasegate.core.guide.model import Guide
from pytest_phasegate.core.verdict.verdict import Finding, Severity
from pytest_phasegate.gates.guide import edited_phases, errors_of, paths_outside
from pytest_phasegate.hooks import answer
from pytest_phasegate.wiring import readers, records
from pytest_phasegate.wiring.projects import Project


def main(argv: Sequence[str], here: Callable[[], Project]) -> int:  # noqa: ARG001 - git gives this hook nothing that it needs
    """Judge the guides that the commit creates or changes, as they are staged."""
    project = here()
    if not project.settings.judges:
        return 0

    read = readers.text_reader(project.root)
    guides = staged_guides(project.repository, project.staged, project.settings.guides, read)
    return answer("guide", _findings(project, guides, read), project.settings.mode)


def _findings(project: Project, guides: Sequence[Guide], read: Callable[[bytes, str], Guide]) -> Iterator[Finding]:
    inside = project.inside

    def renamed(earlier: Iterable[Guide]) -> Declared:
        return records.renamed_declarations(project.root, records.texts_of_tests(project), earlier)

    for guide in guides:
        if guide.phases or unreadable(guide) or guide.path in project.settings.guides:
            stood = _errors_before(project, guide, read)
            yield from (
                *(
                    replace(error, severity=Severity.WARNING) if _what(error) in stood else error
                    for error in errors_of(guide)
                ),
                *paths_outside(guide),
            )  # else a glob found it, and it is another document by now
        if not unreadable(guide) and not staged_record(project.repository, inside, guide):
            path = inside.prefix + guide.path
            git = project.repository
            acceptance = acceptance_of(git, guide, path, read, guides=guides, renamed=renamed, tree=INDEX)
            yield from edited_phases(guide, acceptance)


def _errors_before(project: Project, guide: Guide, read: Callable[[bytes, str], Guide]) -> frozenset[tuple[str, str]]:
    """Return the errors that the guide had before the commit, as long as it had phases: it did not bring these."""
    repository = project.repository
    stood = repository.content_at(repository.opened_at, project.inside.prefix + guide.path)
    before = read(stood, guide.path) if stood is not None else None
    return frozenset(map(_what, errors_of(before))) if before and before.phases else frozenset()


def _what(error: Finding) -> tuple[str, str]:
    return error.code, error.message
