"""Whose tests ran a line: how one run of all phases is told apart as if each phase had run alone.

A line that runs in a test counts for the test's phase. A line that runs on import runs once a process, for whoever
imports first; run alone, every phase that imports the module would have run it. So a module's import lines count
for each phase whose tests import it, be it through other modules; and so does what a fixture shared by several
phases runs, for each phase that has a test with this fixture.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from pytest_phasegate.core.coverage.measurement import Measurement, Ran, Trace, joined, lines_of
from pytest_phasegate.core.project.paths import beginnings, inside
from pytest_phasegate.core.project.syntax import FUNCTIONS, last_name

_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
"""The fields in which an AST node holds statements, or nodes that hold statements."""
_BY_NAME = frozenset({"import_module", "importorskip", "__import__"})


class ImportSite(NamedTuple):
    """One place that imports: its lines, the dotted names it may load, and the function it stands in, if any."""

    first: int
    last: int
    names: frozenset[str]
    function: str = ""


class ModuleText(NamedTuple):
    """What is known of a module from its text.

    ``bodies`` holds the lines that run only when a function is called; all other lines run at import.
    """

    sites: tuple[ImportSite, ...] = ()
    bodies: frozenset[int] = frozenset()


def import_sites(text: str, name: str, *, package: bool = False) -> tuple[ImportSite, ...]:
    """Return the places of a module that import; of a text that cannot be parsed, none.

    Args:
        text: The source.
        name: The module's dotted name, against which relative imports are resolved.
        package: Whether it is a package's ``__init__``.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return ()
    parent = name if package else name.rpartition(".")[0]
    by_name = any(name in text for name in _BY_NAME)
    return tuple(sorted(_sites(tree, parent, by_name=by_name), key=lambda site: (site.first, site.last)))


def _sites(tree: ast.Module, parent: str, *, by_name: bool) -> Iterator[ImportSite]:
    """Yield the places that import, each with its outermost function's qualified name; typing-only blocks left out.

    Expressions are searched only ``by_name``, for calls such as ``import_module("x")``: that is slow.
    """
    waiting: list[tuple[ast.AST, str]] = [(tree, "")]
    while waiting:
        node, function = waiting.pop()
        names = frozenset(_names(node, parent))
        if names and isinstance(node, (ast.stmt, ast.expr)):
            inside = "" if function.endswith(".") else function
            yield ImportSite(node.lineno, node.end_lineno or node.lineno, names, inside)
        within = _enter(node, function)
        waiting.extend((child, within) for child in _children(node, by_name))


def _children(node: ast.AST, by_name: bool) -> Iterator[ast.AST]:
    if isinstance(node, ast.If) and last_name(node.test) == "TYPE_CHECKING":
        yield from node.orelse
    elif by_name:
        yield from ast.iter_child_nodes(node)
    else:
        yield from _statements(node)


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the statements directly in a node, and what else holds statements."""
    for name in _BLOCKS:
        yield from getattr(node, name, ())


def _enter(node: ast.AST, function: str) -> str:
    """Return the qualified name inside a node; it ends in ``.`` while only classes have been entered."""
    if isinstance(node, ast.ClassDef) and (not function or function.endswith(".")):
        return f"{function}{node.name}."
    if isinstance(node, FUNCTIONS) and (not function or function.endswith(".")):
        return f"{function}{node.name}"
    return function


def _names(node: ast.AST, parent: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield from beginnings(alias.name)
    elif isinstance(node, ast.ImportFrom):
        package = parent
        for _ in range(node.level - 1):
            package = package.rpartition(".")[0]
        base = ".".join(filter(None, (package if node.level else "", node.module)))
        yield from beginnings(base)
        yield from (f"{base}.{alias.name}" if base else alias.name for alias in node.names)
    elif isinstance(node, ast.Call) and last_name(node.func) in _BY_NAME and node.args:
        wanted = node.args[0]
        if isinstance(wanted, ast.Constant) and isinstance(wanted.value, str):
            yield from beginnings(wanted.value)


class Kind(StrEnum):
    """What was going on while lines ran."""

    STARTUP = "startup"  # before anything was collected: it would have run in any run
    COLLECTION = "collection"  # a module of tests, or a conftest, was being imported; the name is its path
    TESTS = "tests"  # tests of a phase ran; the name is the phase's key, or empty for tests of none
    IMPORT = "import"  # a module of the project was being imported, for whomever; the name is its path
    FIXTURE = "fixture"  # a fixture that several phases share was set up or torn down


class Owner(NamedTuple):
    """To whom the lines of a stretch of the run belong."""

    kind: Kind
    name: str = ""


class Recorded(NamedTuple):
    """What one process recorded, by owner and path.

    ``first`` is what ran of a file in the stretch it first ran in; ``requested`` holds by owner the files that were
    loaded for it.
    """

    branches: bool
    by_owner: Mapping[Owner, Ran]
    first: Ran
    requested: Mapping[Owner, frozenset[str]] = MappingProxyType({})


class Suite(NamedTuple):
    """What one process knows of its tests and modules.

    ``tests`` holds by phase key (empty: of no phase) the tests of the phase, as path and qualified function;
    ``fixtures`` by a shared fixture's name the phases that use it; ``paths`` the file of each loaded module of the
    project by dotted name; ``texts`` what each of these files says; ``preloaded`` the files loaded before collection.
    """

    tests: Mapping[str, frozenset[tuple[str, str]]]
    fixtures: Mapping[str, frozenset[str]] = MappingProxyType({})
    paths: Mapping[str, str] = MappingProxyType({})
    texts: Mapping[str, ModuleText] = MappingProxyType({})
    preloaded: frozenset[str] = frozenset()


def credit(recorded: Recorded, suite: Suite) -> Measurement:
    """Give every phase what it would have run alone."""
    everything, alone = joined(recorded.by_owner.values()), ran_alone(recorded, suite.tests)
    return Measurement(
        branches=recorded.branches,
        phases={
            phase: everything if alone else _Phase(recorded, suite, phase, _collected(suite, phase)).ran()
            for phase in filter(None, suite.tests)
        },
        everything=everything,
        imported=frozenset(suite.paths.values()),
    )


def ran_alone(recorded: Recorded, tests: Mapping[str, Collection[tuple[str, str]]]) -> bool:
    """Whether one phase was alone in the run, so that all that ran is its own: then no text of a module is needed."""
    modules = {path for cases in tests.values() for path, _ in cases}
    strangers = (
        owner
        for owner in recorded.by_owner
        if (owner.kind is Kind.TESTS and owner.name not in tests)
        or (owner.kind is Kind.COLLECTION and owner.name not in modules and not _is_conftest_of(owner.name, modules))
    )
    return len(tests) == 1 and not any(strangers)


class _Phase(NamedTuple):
    recorded: Recorded
    suite: Suite
    key: str
    # the files that are collected for this phase alone: its modules of tests and their conftests
    collected: frozenset[str]

    def ran(self) -> Ran:
        direct = joined(ran for owner, ran in self.recorded.by_owner.items() if self._counts(owner))
        imported, found = self._imported(direct), direct
        while True:
            found = joined([direct, *(self._import_of(path) for path in imported)])
            following = self._imported(found)
            if following == imported:
                return found
            imported = following

    def _counts(self, owner: Owner) -> bool:
        """Whether what ran for an owner would have run for this phase alone."""
        match owner.kind:
            case Kind.STARTUP:
                return True
            case Kind.TESTS:
                return owner.name == self.key
            case Kind.COLLECTION:
                return owner.name in self.collected
            case Kind.IMPORT:
                return False  # whether it would have been imported is found out by following imports
            case _:
                return self.key in self.suite.fixtures.get(owner.name, ())

    def _imported(self, ran: Ran) -> frozenset[str]:
        """Follow the imports from the phase's files, and return every file that is loaded for it."""
        lines = {path: frozenset(lines_of(traces)) for path, traces in ran.items()}
        requested = (paths for owner, paths in self.recorded.requested.items() if self._counts(owner))
        reached: set[str] = set()
        waiting = [*self.collected, *self.suite.preloaded, *lines, *(path for paths in requested for path in paths)]
        while waiting:
            path = waiting.pop()
            if path not in reached:
                reached.add(path)
                waiting.extend(self._loaded_by(path, lines.get(path, frozenset())))
        return frozenset(reached)

    def _loaded_by(self, path: str, lines: frozenset[int]) -> Iterator[str]:
        yield from self.recorded.requested.get(Owner(Kind.IMPORT, path), ())
        text = self.suite.texts.get(path)
        at_import = lines.union(lines_of(self._import_traces(path)))
        for site in text.sites if text else ():
            if self._executed(path, site, lines if site.function else at_import):
                yield from (self.suite.paths[name] for name in site.names if name in self.suite.paths)

    def _executed(self, path: str, site: ImportSite, lines: frozenset[int]) -> bool:
        """Whether an import statement ran for this phase: by its lines, or by its place in a file not measured."""
        if path not in self.recorded.first:
            return not site.function or (path, site.function) in self.suite.tests[self.key]
        return any(line in lines for line in range(site.first, site.last + 1))

    def _import_of(self, path: str) -> Ran:
        """Return what ran because a module was imported: in its own file, and in the functions it called meanwhile."""
        seen = self.recorded.by_owner.get(Owner(Kind.IMPORT, path))
        return seen if seen is not None else {path: frozenset(self._import_traces(path))}

    def _import_traces(self, path: str) -> Iterator[Trace]:
        """Yield what of a file ran when it was first imported, as far as the file alone can tell."""
        text = self.suite.texts.get(path)
        if text is not None:
            traces = self.recorded.first.get(path, frozenset())
            yield from (trace for trace in traces if _line_of(trace) not in text.bodies)


def _collected(suite: Suite, phase: str) -> frozenset[str]:
    modules = frozenset(path for path, _ in suite.tests[phase])
    return modules.union(path for path in suite.texts if _is_conftest_of(path, modules))


def _line_of(trace: Trace) -> int:
    """Return the line a trace belongs to: for an arc the one it leaves, or on entry the one it comes to."""
    if isinstance(trace, int):
        return trace
    return trace[0] if trace[0] > 0 else trace[1]


def _is_conftest_of(path: str, modules: Iterable[str]) -> bool:
    directory, _, name = path.rpartition("/")
    return name == "conftest.py" and any(inside(module, directory) for module in modules)
