"""What two versions of a module have in common by their text alone, which is quick to see."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from pytest_phasegate.core.project.syntax import DEFINITIONS, FUNCTIONS, dump
from pytest_phasegate.core.redgreen.change.definitions import Entry, entries_of, shell


class Text:
    """One version of a module: its definitions with the text of each."""

    def __init__(self, tree: ast.Module, source: bytes) -> None:
        self.entries = entries_of(tree)
        self._lines = source.splitlines()
        self.groups: dict[str, list[Entry]] = {}
        for entry in self.entries:
            self.groups.setdefault(entry.name, []).append(entry)

    def of(self, name: str) -> tuple[tuple[tuple[bytes, ...], tuple[str, ...]], ...]:
        """Return the lines and the conditions of every definition of a name."""
        group = self.groups.get(name, ())
        return tuple((self._text(entry.node), entry.conditions) for entry in group if isinstance(entry.node, FUNCTIONS))

    def functions(self) -> Iterator[str]:
        """Yield the names that functions alone define."""
        for name, group in self.groups.items():
            if all(isinstance(entry.node, FUNCTIONS) for entry in group):
                yield name

    def surroundings(self) -> list[str]:
        """Return what may put a mark on a function from outside: classes without their bodies, and named marks."""
        marks = {"pytestmark", *self._used_by_decorators()}
        around = (entry for entry in self.entries if isinstance(entry.node, ast.ClassDef) or entry.last in marks)
        return [f"{entry.name} {dump(shell(entry.node))}" for entry in around]

    def _used_by_decorators(self) -> Iterator[str]:
        """Yield the names that stand in decorators: aliases of marks, lists of cases."""
        for entry in self.entries:
            for mark in entry.node.decorator_list if isinstance(entry.node, DEFINITIONS) else ():
                yield from (node.id for node in ast.walk(mark) if isinstance(node, ast.Name))

    def _text(self, node: ast.stmt) -> tuple[bytes, ...]:
        """Return the whole lines that a function stands on, its decorators with it."""
        return tuple(self._lines[_first(node) - 1 : node.end_lineno])


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
    lines = source.splitlines()
    return [tuple(lines[_first(node) - 1 : node.end_lineno]) for node in tree.body]


def _first(node: ast.stmt) -> int:
    """Return the first line of a statement, its decorators with it."""
    decorators = node.decorator_list if isinstance(node, DEFINITIONS) else []
    return min([node.lineno, *(mark.lineno for mark in decorators)])


def common_text(before: Text, after: Text) -> frozenset[str]:
    """Return the functions that stand in both versions by the same text, where nothing around them differs."""
    if before.surroundings() != after.surroundings():
        return frozenset()
    return frozenset(name for name in before.functions() if before.of(name) == after.of(name))
