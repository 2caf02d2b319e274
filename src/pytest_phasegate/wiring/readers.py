"""The guides of a project: found, read, linted, approved; and the gates that judge their phases."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from pytest_phasegate.adapters.guide import Found, GuideFile, configured, documents_beside, find_guides, given
from pytest_phasegate.adapters.guide import guides_elsewhere as elsewhere
from pytest_phasegate.adapters.project.worktree import append, text_there
from pytest_phasegate.app.guide.reader import guides_of, read_guide
from pytest_phasegate.core.guide.document_lint import Surface, remarks
from pytest_phasegate.core.guide.feature_documents import Role, role_alone
from pytest_phasegate.core.guide.markdown.document import Dialect, Document, read_document
from pytest_phasegate.core.guide.model import Diagnostic, Guide
from pytest_phasegate.core.guide.soundness import PATH, Approval, with_approvals
from pytest_phasegate.core.project.plain_values import as_line, lines_of
from pytest_phasegate.core.verdict.gate import Gate
from pytest_phasegate.dialects import BUILT_IN
from pytest_phasegate.errors import GuideError, unusable_file
from pytest_phasegate.wiring.projects import Project


def guides(project: Project, overrides: Sequence[str] = ()) -> tuple[Guide, ...]:
    """Read the project's guides, those named first, then those a glob finds.

    Args:
        project: Where they are; what its settings name is relative to its root.
        overrides: Guides the user names for this run, relative to the current directory; they replace the
            configured ones and may lie anywhere.

    Raises:
        GuideError: A guide named without a glob is missing or has no phase, or a file cannot be read.
    """
    known = dialects()
    named, globbed = ([one.read(known) for one in some] for some in _guide_sources(project, overrides))
    return _with_approvals(project.root, guides_of(named, globbed))


def linted_guides(project: Project, named: Sequence[str] = (), *, with_phases: bool = False) -> tuple[Guide, ...]:
    """Read and lint the guides named by the user, else those configured.

    Args:
        project: Where they are.
        named: Files relative to the current directory.
        with_phases: Whether a named guide without phases is an error, as for ``guides()``, and not a diagnostic.

    Raises:
        GuideError: A file is missing or cannot be read, or, if asked, holds no phase.
    """
    known, rules = dialects(), project.settings
    first, later = ([one.lint(known, rules) for one in some] for some in _guide_sources(project, named))
    return guides_of(first, later) if with_phases else (*first, *(guide for guide in later if guide.phases))


def guide_document(root: Path, guide: Guide) -> Document:
    """Return a guide as the document it was read from."""
    return read_document(GuideFile(root, guide.path, anywhere=True).bytes(), guide.path)


def documents(root: Path, named: Sequence[str]) -> tuple[Document, ...]:
    """Return the documents that a user names, relative to the current directory.

    Raises:
        GuideError: One is missing or cannot be read.
    """
    return tuple(read_document(each.bytes(), each.path) for each in given(root, named))


def documents_linted(project: Project, guide: Guide) -> tuple[Diagnostic, ...]:
    """Return what is wrong with a guide and the documents beside it; a specification may also stand alone."""
    root = project.root

    def read(path: str) -> Document | None:
        try:
            return documents(root, [str(root / path)])[0]
        except GuideError:
            return None

    alone = None if guide.phases else role_alone(guide.path)
    found = {} if alone else dict(documents_beside(root, guide))
    found[alone or Role.GUIDE] = (guide_document(root, guide),)
    surface = Surface(read, lambda path: (root / path).exists())
    return (*(() if alone else guide.diagnostics), *remarks(found, guide.slug, project.settings, surface))


def _guide_sources(project: Project, named: Sequence[str]) -> tuple[list[GuideFile], list[GuideFile]]:
    return (given(project.root, named), []) if named else configured(project.root, project.settings.guides)


TEMPLATES = ("seed", "superpowers", "spec-kit", "kiro", "stages")  # the forms in which a guide can be begun


def template(form: str) -> str:
    """Return a guide to begin with, in one of these forms; it is read back as it is meant."""
    return files("pytest_phasegate.dialects").joinpath("templates", f"{form}.md").read_text(encoding="utf-8")


def dialects() -> tuple[Dialect, ...]:
    """Return the dialects: the built-in ones, then those of installed plugins, in the order of registration.

    Only installed distributions add dialects, through entry points of the group ``phasegate``: a module that a
    project names under ``plugins`` is code of the repository, which reading a guide must not run. Without such
    an entry point pluggy is not even imported.
    """
    places = dict.fromkeys(sys.path)
    if not any(b"[phasegate]" in text for place in places for text in _entry_points(place or ".")):
        return BUILT_IN

    from pytest_phasegate.adapters.project.plugins import load_plugins, registered_dialects

    return (*BUILT_IN, *registered_dialects(load_plugins([], (), Path())))


def gates(project: Project) -> tuple[Gate, ...]:
    """Return every gate, built in, installed and of the project's own, in the order they judge.

    This imports the project's plugins: only what may run code of the repository calls it.

    Raises:
        ConfigurationError: A plugin cannot be loaded, or registers what is no gate.
    """
    from pytest_phasegate.adapters.project.plugins import load_plugins, registered_gates
    from pytest_phasegate.gates import registration

    return registered_gates(load_plugins([registration], project.settings.plugins, project.root))


def _entry_points(directory: str) -> Iterator[bytes]:
    try:
        names = [name for name in os.listdir(directory) if name.endswith((".dist-info", ".egg-info"))]  # noqa: PTH208 - on a hot path
    except OSError:
        return
    for name in names:
        try:
            with open(f"{directory}/{name}/entry_points.txt", "rb") as stream:  # noqa: PTH123 - on a hot path
                yield stream.read()
        except OSError:
            continue


def _with_approvals(root: Path, guides: tuple[Guide, ...]) -> tuple[Guide, ...]:
    return with_approvals(guides, lines_of(Approval, text_there(root / PATH)))


def is_committed(project: Project, path: str) -> bool:
    """Whether the last commit holds a file of the project, as it stands or otherwise."""
    head = project.repository.head()
    return head is not None and project.repository.file_at(head, f"{project.inside.prefix}{path}") is not None


def has_approval(root: Path, guide: Guide) -> bool:
    """Return whether there is a record that exactly this text of a guide was approved."""
    return _with_approvals(root, (replace(guide, approved=False),))[0].approved


def add_approval(root: Path, approval: Approval) -> None:
    """Append a record of approval.

    Raises:
        PhasegateError: The file cannot be written.
    """
    with unusable_file(f"{PATH} cannot be written"):
        append(root / PATH, as_line(approval))


def text_reader(root: Path) -> Callable[[bytes, str], Guide]:
    """Return what reads a guide of a project from its bytes, whatever is wrong with it."""
    return lambda content, path: read_guide(content, path, dialects(), lambda file: (root / file).is_file())


def guides_elsewhere(project: Project) -> tuple[str, ...]:
    """Return the documents that look like guides and that `guides` does not match."""
    return elsewhere(project.root, text_reader(project.root), project.settings.guides)


def search_guides(root: Path) -> Found:
    """Return what reads as a guide in a project that has not said where its guides are."""
    return find_guides(root, text_reader(root))
