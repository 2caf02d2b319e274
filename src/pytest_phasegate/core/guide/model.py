"""What a guide says: its phases, and what each of them promises."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from pytest_phasegate.core.project.paths import is_of_tests
from pytest_phasegate.core.verdict.verdict import Finding

CHECKPOINT = "checkpoint"
"""The kind of a phase that asks that the tests pass, and nothing else."""
_WITHOUT_RED = frozenset(
    (CHECKPOINT, "characterization", "docs", "style", "refactor", "perf", "chore", "build", "ci", "revert", "test")
)
MAX_PHASES = 2_000  # a guide with more is refused: so many are read, and one more, which tells


class Action(StrEnum):
    """What a phase does to a declared file."""

    CREATE = "create"
    MODIFY = "modify"
    DELETE = "delete"
    TEST = "test"
    UNSPECIFIED = "unspecified"


class Source(StrEnum):
    """How it is known that something belongs to a phase."""

    DECLARED = "declared"  # the guide says so
    DERIVED = "derived"  # the phase's commits, or its uncommitted work, brought it


class DeclaredFile(NamedTuple):
    """A file that a phase creates, modifies or deletes.

    ``path`` is relative to the repository root, with ``/``, and may be a glob or end in ``/``.
    ``lines`` is the range or anchor as written, and ``line`` the place in the guide, from 1; of a derived one it is
    that of the phase.
    """

    path: str
    action: Action
    line: int
    note: str = ""
    lines: str | None = None
    source: Source = Source.DECLARED


class DeclaredTest(NamedTuple):
    """A test function that a phase promises, as far as the guide names its place."""

    name: str
    line: int
    class_name: str | None = None
    file: str | None = None
    expected_failure: str | None = None  # the failure the guide foresees for the red run; only some dialects state it
    source: Source = Source.DECLARED


class Criterion(NamedTuple):
    """One line of a phase's success criteria; ``checked`` is the author's claim."""

    text: str
    checked: bool
    kind: str
    line: int


class CoverageGoal(NamedTuple):
    """The coverage a phase demands, in percent; ``None`` where the guide names no figure.

    ``stages`` holds the figures of lines where one criterion names several (``60%/70%/80%``), in their order and
    with the name beside each, which may be empty; ``minimum`` is the highest of them.
    """

    minimum: float | None = None
    branch: float | None = None
    function: float | None = None
    stages: tuple[tuple[str, float], ...] = ()


class Derivation(NamedTuple):
    """What history says of a phase that does not declare all of its files and tests.

    ``commits`` are the phase's, oldest first; ``open`` says that what no commit names is the phase's too, and
    ``uncommitted`` that there is such work in no commit yet. ``files`` and ``tests`` say which of the two the guide
    does not declare, so that they are derived; ``beside`` lists what the commits brought beside what it declares.
    ``remarks`` is what the reader of a verdict should know of it.
    """

    commits: tuple[str, ...] = ()
    open: bool = False
    uncommitted: bool = False
    files: bool = False
    tests: bool = False
    beside: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def begun(self) -> bool:
        """Whether anything of the phase was done."""
        return bool(self.commits) or self.uncommitted

    @property
    def told(self) -> str:
        """Where it was derived from, in words."""
        commits = f"{len(self.commits)} commit{'' if len(self.commits) == 1 else 's'}" if self.commits else ""
        return " and ".join(filter(None, (commits, "uncommitted work" if self.uncommitted else ""))) or "no commit"


class Phase(NamedTuple):
    """One ordered step of a guide.

    ``digest`` covers the section's text with ticked boxes, status fields and white space set aside,
    so that a claim of progress is not taken for an edit of the plan.
    """

    id: str
    title: str
    line: int
    end_line: int
    goal: str = ""
    duration: str = ""
    depends: tuple[str, ...] = ()
    files: tuple[DeclaredFile, ...] = ()
    tests: tuple[DeclaredTest, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    coverage: CoverageGoal = CoverageGoal()
    commit: str | None = None
    claim: str = ""  # the progress the author claims (``done``, ``in progress`` or nothing); never believed
    kind: str = ""  # a declared kind of work, such as ``characterization`` or ``refactor``; may be empty
    digest: str = ""
    labels: tuple[str, ...] = ()  # the labels of its fields as written, sub-headings included
    derivation: Derivation | None = None  # what its commits did; ``None`` where nobody asked, or nobody can tell

    @property
    def declared_files(self) -> tuple[DeclaredFile, ...]:
        """The files that the guide names."""
        return tuple(file for file in self.files if file.source is Source.DECLARED)

    @property
    def names_code(self) -> bool:
        """Whether the guide names a file that holds no tests."""
        return any(file.action is not Action.TEST and not is_of_tests(file.path) for file in self.declared_files)

    @property
    def declared_tests(self) -> tuple[DeclaredTest, ...]:
        """The tests that the guide names."""
        return tuple(test for test in self.tests if test.source is Source.DECLARED)

    @property
    def derived(self) -> Derivation | None:
        """What its commits did, of a phase of which the guide names neither a file nor a test."""
        found = self.derivation
        return found if found and found.files and found.tests and not self.declared_files else None

    @property
    def needs_no_red(self) -> bool:
        """Whether the guide says that it is of a kind of which no test has to be red first, such as ``chore``."""
        return self.kind in _WITHOUT_RED

    @property
    def is_checkpoint(self) -> bool:
        """Whether it asks that tests pass, and may bring nothing of its own."""
        return self.kind == CHECKPOINT and bool(self.criteria)

    @property
    def likely_subject(self) -> str:
        """A subject of its commit to begin with, where the guide declares none."""
        return f"feat: {self.title[:1].lower()}{self.title[1:60]}".strip()

    @property
    def files_source(self) -> Source:
        """How its files are known."""
        return Source.DERIVED if self.derivation and self.derivation.files else Source.DECLARED

    @property
    def tests_source(self) -> Source:
        """How its tests are known."""
        return Source.DERIVED if self.derivation and self.derivation.tests else Source.DECLARED


@dataclass(frozen=True, slots=True)
class Diagnostic(Finding):
    """One remark about a guide's text.

    ``phases`` are the ids it is about, where its line does not tell; ``None`` says that it does.
    """

    path: str
    line: int
    column: int = 1
    phases: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Guide:
    """A Markdown document that lists phases.

    ``slug`` is the file name without its guide suffix (``metric_caching``), ``digest`` is
    ``sha256:`` and the hex digest of the bytes read, and ``depends`` of each phase is already resolved.
    ``issue`` is the one that it names above its phases, by number or as ``ABC-12``.
    """

    path: str
    slug: str
    title: str
    dialect: str
    digest: str
    phases: tuple[Phase, ...]
    diagnostics: tuple[Diagnostic, ...] = field(default=())
    approved: bool = False
    issue: str = ""

    def phase(self, phase_id: str) -> Phase | None:
        """Return the phase with exactly this id."""
        return next((phase for phase in self.phases if phase.id == phase_id), None)


_SUFFIX = re.compile(r"[_-]?(?:implementation[_-]?)?(?:guide|plan)(?=(?:[_-]v?\d+)?\Z)", re.IGNORECASE)
_GENERIC = {"tasks", "plan", "guide", "implementation", "implementation_plan", "readme", "index", "todo", "prp"}


def slug_of(path: str) -> str:
    """Return the short name of a guide: its file name, or its directory's where the name says nothing."""
    parts = [part for part in path.replace("\\", "/").split("/") if part]
    name = parts[-1] if parts else ""
    stem = name[: name.rindex(".")] if "." in name[1:] else name
    if stem.lower() in _GENERIC and len(parts) > 1:
        return parts[-2]
    return _SUFFIX.sub("", stem) or stem
