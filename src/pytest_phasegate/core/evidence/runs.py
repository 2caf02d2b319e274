"""What the ledger keeps of a run: which test, at which content, ended how, beside which production code.

Nothing here holds output, tracebacks, messages or environment: outcomes, grades, names of types, digests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha1, sha256
from types import MappingProxyType
from typing import NamedTuple

from pytest_phasegate.__about__ import __version__
from pytest_phasegate.core.evidence.outcomes import Grade, Moment, Outcome, Raised, TestId
from pytest_phasegate.core.project.layout import configuration_paths
from pytest_phasegate.core.project.paths import Layout, Side, inside


@dataclass(frozen=True, slots=True)
class TestVersion:
    """A test function at one content.

    ``id`` counts from the repository's top. ``digest`` is that of the function by AST, ``helpers`` that of what it
    leans on (fixtures, helper functions, conftest chain).
    """

    __test__ = False

    id: TestId
    digest: str
    helpers: str = ""


class Red(NamedTuple):
    """One test that did not end well: outcome ``failed``, ``error``, ``xpassed``, or ``xfailed`` under a strict mark.

    ``raised`` and ``moment`` are the facts of its gravest exception (without the message), so that the grade can be
    given again once the change is known; ``grade`` is the one of the day. ``flaky`` says that attempts differed.
    """

    test: TestVersion
    outcome: Outcome
    grade: Grade = Grade.NONE
    moment: Moment | None = None
    raised: Raised | None = None
    flaky: bool = False


class ModuleDigests(NamedTuple):
    """The tests of one test file, so that it need not be read again while it stays as it is.

    ``key`` says what the digests were made from.
    """

    path: str
    key: str
    tests: tuple[TestVersion, ...]


class RecordedRun(NamedTuple):
    """One pytest run as the ledger takes it.

    ``at`` is in seconds since the epoch. ``production`` and ``support`` (test files, conftest, helpers, test data,
    configuration) map a path from the repository's top to git's blob id of the content the run really used; in
    ``support``, ``snapshot.SURROUNDINGS`` stands for environment, interpreter, packages and options, by a digest.
    ``plain`` holds the tests of which the outcome says everything (passed, skipped, xfailed without strict).
    ``partial`` and ``incomplete`` are those of ``TestRun``; ``modules`` are test files new to the ledger.
    """

    at: int
    production: Mapping[str, str]
    support: Mapping[str, str] = MappingProxyType({})
    plain: Mapping[Outcome, Sequence[TestVersion]] = MappingProxyType({})
    reds: tuple[Red, ...] = ()
    partial: tuple[str, ...] = ()
    incomplete: str = ""
    modules: tuple[ModuleDigests, ...] = ()


class RunRef(NamedTuple):
    """A run in the ledger: its number (later runs have greater ones), when, and beside which content.

    ``production`` and ``support`` are snapshot digests (``snapshot_digest``).
    """

    number: int
    at: int
    production: str
    support: str
    partial: tuple[str, ...] = ()
    incomplete: str = ""


class Sighting(NamedTuple):
    """A red that was observed, and the run that observed it."""

    red: Red
    run: RunRef


class Seen(NamedTuple):
    """When a test, at one content, was last seen red and last seen green, in epoch seconds; 0 where it never was."""

    red: int = 0
    grade: Grade = Grade.NONE
    green: int = 0


class Health(NamedTuple):
    """What a look at the whole ledger found: nothing in ``problems`` means it is sound.

    ``rows`` counts the rows of each table; ``exists`` is false where nothing has been recorded yet.
    """

    path: str
    exists: bool
    rows: Mapping[str, int]
    problems: tuple[str, ...] = ()


def snapshot_digest(contents: Mapping[str, str]) -> str:
    """Return one digest over paths and blob ids, whatever the order."""
    lines = [f"{path}\0{blob}\n" for path, blob in sorted(contents.items())]
    return sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def blob_id(content: bytes, object_format: str = "sha1") -> str:
    """Return the id git gives this content in a repository of one of its two object formats."""
    named = b"blob %d\0" % len(content) + content
    return (sha256(named) if object_format == "sha256" else sha1(named, usedforsecurity=False)).hexdigest()


def digest_key(blob: str, layout: Layout) -> str:
    """Return what the digests of a test file depend on: its content, pytest's names of tests, and our version."""
    return f"{blob} {__version__} {' '.join(layout.python_functions)}"


class Ground(NamedTuple):
    """The paths of a tree that matter to its tests.

    ``production`` is the code under test; ``support`` is conftest, helpers and data of the test side, whatever
    configures pytest, and every other file that a test or the code may read; ``modules`` are the Python files of the
    test side, the test files among them.
    """

    production: tuple[str, ...]
    support: tuple[str, ...]
    modules: frozenset[str]

    @property
    def collected(self) -> tuple[str, ...]:
        """The files that pytest collects tests from."""
        return tuple(sorted(self.modules.difference(self.support)))

    @property
    def rest(self) -> tuple[str, ...]:
        """Everything beside the production code: support, and all the tests that stand there."""
        return (*self.support, *self.collected)


SURROUNDINGS = "/surroundings"
"""Stands among the paths of a run's ground for what else decides how tests end; no path of git begins like this."""
SPREAD = "+workers"
"""Ends the digest of surroundings in which xdist spread the tests: beside each other they may disturb each other."""

_PROSE = (".md", ".rst", ".adoc")
_RECORDS = ".phasegate/"  # where we keep what was accepted: no test of a project is about that


def ground_of(paths: Iterable[str], layout: Layout, sides: dict[str, Side] | None = None) -> Ground:
    """Sort the paths of one tree; a run and a commit are compared by what this returns for each.

    Args:
        paths: Every path of the tree.
        layout: Where production code and tests live in it.
        sides: What is known of paths under this very layout; what is found out is added.
    """
    known = {} if sides is None else sides
    production, support, modules = [], set(configuration_paths(paths := list(paths))), set()
    homes = tuple(root for root in layout.source if root)  # prose beside the code is shipped with it, and read by it
    for path in paths:
        side = known.get(path) or known.setdefault(path, layout.side(path))
        if side is Side.PRODUCTION:
            production.append(path)
        elif side is Side.TEST:
            is_python = path.endswith(".py")
            if is_python:
                modules.add(path)
            if not is_python or not layout.is_collected(path):
                support.add(path)
        elif not path.startswith(_RECORDS) and (not path.endswith(_PROSE) or any(inside(path, home) for home in homes)):
            support.add(path)
    return Ground(tuple(production), tuple(sorted(support)), frozenset(modules))
