"""Tests by their text alone: their digests, and what two versions of a module have in common, which is quick to see."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.evidence.runs import TestVersion
from pytest_phasegate.core.project.paths import Layout
from pytest_phasegate.core.project.syntax import (
    DEFINITIONS,
    FUNCTIONS,
    Function,
    Unreadable,
    digest,
    dump,
    first_line,
    last_name,
    lines_of,
    parse,
)
from pytest_phasegate.core.redgreen.change.definitions import Entry, by_name, entries_of, shell, unannotated


def test_versions(path: str, source: bytes, layout: Layout) -> tuple[TestVersion, ...]:
    """Return every test function of a file at its content, in the order of the text; of an unreadable file, none.

    The digests are those of ``read_tests``; ``helpers`` is one digest of everything else in the file.
    """
    tree = parse(path, source)
    if isinstance(tree, Unreadable):
        return ()
    try:
        return _versions(path, tree, layout)
    except RecursionError:
        return ()


def _versions(path: str, tree: ast.Module, layout: Layout) -> tuple[TestVersion, ...]:
    groups = by_name(entries_of(tree))
    tests = {name: group for name, group in groups.items() if is_test(group[-1], layout)}
    helpers = _helpers(group for name, group in groups.items() if name not in tests)
    return tuple(TestVersion(TestId(f"{path}::{name}"), digest_of(group), helpers) for name, group in tests.items())


def _helpers(groups: Iterable[list[Entry]]) -> str:
    """Digest definitions by name, so that their order and that of the imports does not count."""
    written = (
        f"{entry.name} {dump(shell(entry.node))} {' '.join(entry.conditions)}" for group in groups for entry in group
    )
    return digest(*sorted(written))


def is_test(entry: Entry, layout: Layout) -> bool:
    """Whether a definition is a test: a method by any class, which a subclass elsewhere may bring; never a fixture."""
    if not isinstance(entry.node, FUNCTIONS):
        return False
    named = layout.is_test_function(entry.last) or (bool(entry.classes) and entry.last.startswith("test"))
    return named and not _is_fixture(entry.node)


def _is_fixture(node: ast.AST) -> bool:
    return isinstance(node, FUNCTIONS) and any(last_name(mark) == "fixture" for mark in node.decorator_list)


def digest_of(group: list[Entry]) -> str:
    """Return the digest of a test: of all definitions of its name, the conditions around them included."""
    functions = functions_of(group)
    conditions = [text for entry in group for text in entry.conditions]
    return digest(*map(core_of, functions), *(dump(function.decorator_list) for function in functions), *conditions)


def functions_of(group: list[Entry]) -> list[Function]:
    """Return the functions among the definitions of one name."""
    return [entry.node for entry in group if isinstance(entry.node, FUNCTIONS)]


def core_of(function: Function) -> str:
    """Write what a test does: without its name, decorators, and the annotations of its signature."""
    kind = "async " if isinstance(function, ast.AsyncFunctionDef) else ""
    return kind + dump(function.args, unannotated) + dump(function.body)


def stand_ins(function: Function) -> tuple[str, frozenset[str]]:
    """Return what a test does but for what the functions in it take, and the names of that."""
    within = [node for outer in function.body for node in ast.walk(outer)]
    taken = [node.args for node in within if isinstance(node, (*FUNCTIONS, ast.Lambda))]
    aside = set(map(id, taken))
    names = frozenset(item.arg for one in taken for item in ast.walk(one) if isinstance(item, ast.arg))
    whole = [*function.decorator_list, function.args, *function.body]
    return digest(dump(whole, lambda node: None if id(node) in aside else node)) if taken else "", names


def given(function: Function) -> tuple[str, frozenset[tuple[str, str]]]:
    """Return what a test does but for the attributes that it gives to what it has a name for, and each of these."""
    found: dict[int, tuple[str, str]] = {}
    for node in (node for outer in function.body for node in ast.walk(outer)):
        match node:
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(), attr=name)]):
                found[id(node)] = name, dump(node)
    whole = [*function.decorator_list, function.args, *function.body]
    return digest(dump(whole, lambda node: None if id(node) in found else node)), frozenset(found.values())


def annotations_of(function: Function) -> str:
    """Write the annotations of a signature; nothing where there are none."""
    arguments = (item for item in ast.walk(function.args) if isinstance(item, ast.arg))
    said = [*((item.arg, item.annotation) for item in arguments), ("", function.returns)]
    return "".join(f"{name}: {dump(node)}," for name, node in said if node is not None)


test_versions.__test__ = False  # type: ignore[attr-defined]


class Text:
    """One version of a module: its definitions with the text of each."""

    def __init__(self, tree: ast.Module, source: bytes) -> None:
        self.entries = entries_of(tree)
        self._source = source
        self._lines = lines_of(source)
        self.groups = by_name(self.entries)

    def of(self, name: str) -> tuple[tuple[tuple[bytes, ...], tuple[str, ...]], ...]:
        """Return the lines and the conditions of every definition of a name."""
        group = self.groups.get(name, ())
        return tuple((self._text(entry.node), entry.conditions) for entry in group if isinstance(entry.node, FUNCTIONS))

    def functions(self) -> Iterator[str]:
        """Yield the names that functions alone define."""
        for name, group in self.groups.items():
            if all(isinstance(entry.node, FUNCTIONS) for entry in group):
                yield name

    def surroundings(self, other: Text) -> list[str]:
        """Return what may put a mark on a function from outside: classes without their bodies, and named marks.

        A class whose name is nowhere in the other version is around none of its functions.
        """
        marks = {"pytestmark", *self._used_by_decorators()}
        around = [entry for entry in self.entries if isinstance(entry.node, ast.ClassDef) or entry.last in marks]
        fresh = {entry.name for entry in around if isinstance(entry.node, ast.ClassDef) and not other.names(entry.last)}
        known = (entry for entry in around if fresh.isdisjoint({entry.name, entry.name.rpartition("::")[0]}))
        return [f"{entry.name} {dump(shell(entry.node))}" for entry in known]

    def names(self, name: str) -> bool:
        """Whether a name may stand anywhere in the text."""
        return name.encode() in self._source

    def _used_by_decorators(self) -> Iterator[str]:
        """Yield the names that stand in decorators: aliases of marks, lists of cases."""
        for entry in self.entries:
            for mark in entry.node.decorator_list if isinstance(entry.node, DEFINITIONS) else ():
                yield from (node.id for node in ast.walk(mark) if isinstance(node, ast.Name))

    def _text(self, node: ast.stmt) -> tuple[bytes, ...]:
        """Return the whole lines that a function stands on, its decorators with it."""
        return tuple(self._lines[first_line(node) - 1 : node.end_lineno])


def differing(
    before: tuple[ast.Module, bytes], after: tuple[ast.Module, bytes]
) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """Return the statements of two modules between the first and the last whose text differs."""
    (one, source), (other, target) = before, after
    old, new = (
        list(zip(one.body, _texts(one, source), strict=True)),
        list(zip(other.body, _texts(other, target), strict=True)),
    )
    while old and new and old[0][1] == new[0][1]:
        del old[0], new[0]
    while old and new and old[-1][1] == new[-1][1]:
        del old[-1], new[-1]
    return [statement for statement, _ in old], [statement for statement, _ in new]


def _texts(tree: ast.Module, source: bytes) -> list[tuple[bytes, ...]]:
    lines = lines_of(source)
    return [tuple(lines[first_line(node) - 1 : node.end_lineno]) for node in tree.body]


def common_text(before: Text, after: Text) -> frozenset[str]:
    """Return the functions that stand in both versions by the same text, where nothing around them differs."""
    if before.surroundings(after) != after.surroundings(before):
        return frozenset()
    both = frozenset(before.functions()).intersection(after.functions())
    return frozenset(name for name in both if before.of(name) == after.of(name))
