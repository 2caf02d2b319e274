"""What one section says, before it is a phase, and how files and tests come to it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from pytest_phasegate.core.guide.markdown.document import Document
from pytest_phasegate.core.guide.model import Action, Criterion, DeclaredFile, DeclaredTest, Diagnostic
from pytest_phasegate.core.project.paths import is_test_module
from pytest_phasegate.core.verdict.verdict import Severity
from pytest_phasegate.dialects.paths import LOCAL, Declared, declared_in
from pytest_phasegate.dialects.tokens import OF_AUTHOR, path_fault

_ABSOLUTE = re.compile(r"(?<![\w/.~:])(?:~|[A-Za-z]:)?(?:/[\w.@+-]+){2,40}")
_MAX_TOLD = 200
IN_REPOSITORY = "paths here are those of the author's machine; they are read as files of this repository"
ACTIONS = {"files": Action.UNSPECIFIED} | {each.value: each for each in (Action.CREATE, Action.MODIFY, Action.DELETE)}


@dataclass(slots=True)
class Gathered:
    """What the fields of one section said, before it becomes a phase.

    ``named`` are the names, classes and files of its tests, ``settled`` the lines whose
    tables of tests have been read, or are not to be.
    """

    document: Document
    files: dict[str, DeclaredFile] = field(default_factory=dict)
    tests: dict[tuple[str | None, str | None, str], DeclaredTest] = field(default_factory=dict)
    named: set[str | None] = field(default_factory=set)
    criteria: list[Criterion] = field(default_factory=list)
    coverage: list[str] = field(default_factory=list)
    commits: list[str] = field(default_factory=list)
    depends: list[tuple[str, int]] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    goal: str = ""
    duration: str = ""
    kind: str = ""
    claim: str = ""
    labels: list[str] = field(default_factory=list)
    claims: set[int] = field(default_factory=set)
    settled: set[int] = field(default_factory=set)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def report(self, code: str, severity: Severity, message: str, line: int, fix: str = "") -> None:
        """Remember a remark about a line."""
        self.diagnostics.append(Diagnostic(code, severity, message, self.document.path, line, fix=fix))


def add_files(gathered: Gathered, found: Iterable[Declared]) -> None:
    """Take over declared files; one that could leave the repository becomes an error and is never opened."""
    for file, fault, goes_inside in found:
        inside = _inside(gathered.document, file.path) if fault in OF_AUTHOR else ""
        if fault:
            report_path(gathered, file.path, fault, file.line, found=bool(inside))
        if inside or not fault:
            file = file._replace(path=inside or file.path)  # noqa: PLW2901 - the same file, as this repository names it
            if goes_inside and file.action in {Action.CREATE, Action.TEST} and gathered.document.exists(file.path):
                file = file._replace(action=Action.MODIFY)  # noqa: PLW2901 - the same file
            known = gathered.files.get(file.path)
            if known is None or (known.action is Action.UNSPECIFIED and file.action is not Action.UNSPECIFIED):
                gathered.files[file.path] = file if known is None else known._replace(action=file.action)


def add_listed(gathered: Gathered, paths: Iterable[str], line: int) -> None:
    """Take over the files of a list that holds nothing but paths, each with a note behind a blank."""
    for path, _, note in (each.strip("`-* \t\n").partition(" ") for each in paths):
        action = Action.TEST if is_test_module(path) else Action.UNSPECIFIED
        add_files(gathered, declared_in(f"`{path.rstrip('`')}` {note}", line, action))


def report_path(gathered: Gathered, path: str, fault: str, line: int, *, found: bool = False) -> None:
    """Remark on a path that may not be used; one that is found in the repository is only told."""
    message = f"the path {path!r} {fault}; a guide names files inside the repository"
    message = IN_REPOSITORY if found else message
    severity = Severity.WARNING if fault in OF_AUTHOR else Severity.ERROR
    gathered.report("PG113", severity, message, line, "write it relative to the repository's root")


def _inside(document: Document, path: str) -> str:
    """Return the end of an author's absolute path that is a file of this repository, or lies below the root of one."""
    found = _existing_end(document, path)
    root = "" if found else _root_of_author(document)
    below = path.removeprefix(root) if root and path.startswith(root) else ""
    return found or ("" if path_fault(below) else below)


def _existing_end(document: Document, path: str) -> str:
    parts = path.split("/")
    ends = ("/".join(parts[at:]) for at in range(1, len(parts) - 1))
    return next((end for end in ends if end and not path_fault(end) and document.exists(end)), "")


@lru_cache(maxsize=1)
def _root_of_author(document: Document) -> str:
    """Return where the repository lies on its author's machine, as a path tells that ends like a file which is here."""
    told = (each for text in document.lines if "/" in text for each in _ABSOLUTE.findall(LOCAL.sub("", text)))
    ends = ((path, _existing_end(document, path)) for path in islice(told, _MAX_TOLD))
    return next((path.removesuffix(end) for path, end in ends if end), "")


def add_tests(gathered: Gathered, found: Iterable[DeclaredTest]) -> None:
    """Take over declared tests, each once."""
    for test in found:
        gathered.tests.setdefault((test.file, test.class_name, test.name), test)
        gathered.named |= {test.name, test.file, *(test.class_name or "").split("::")}
