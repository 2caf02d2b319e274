"""Import statements of a module, and which of its lines run when it is imported."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
_BY_NAME = frozenset({"import_module", "importorskip", "__import__"})


@dataclass(frozen=True, slots=True)
class ImportSite:
    """One place that imports: its lines, the dotted names it may load, and the function it stands in, if any."""

    first: int
    last: int
    names: frozenset[str]
    function: str = ""


@dataclass(frozen=True, slots=True)
class ModuleText:
    """What is known of a module from its text.

    ``bodies`` holds the lines that run only when a function is called; all other lines run at import.
    """

    sites: tuple[ImportSite, ...] = ()
    bodies: frozenset[int] = frozenset()


def read_module(text: str, name: str, *, package: bool = False) -> ModuleText:
    """Read a module's text; one that cannot be parsed tells nothing.

    Args:
        text: The source.
        name: The module's dotted name, against which relative imports are resolved.
        package: Whether it is a package's ``__init__``.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return ModuleText()
    parent = name if package else name.rpartition(".")[0]
    return ModuleText(tuple(_sites(tree, "", parent)), frozenset(_bodies(tree)))


def _bodies(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, _FUNCTION):
            first = max(node.body[0].lineno, node.lineno + 1)
            yield from range(first, (node.end_lineno or node.lineno) + 1)


def _sites(node: ast.AST, function: str, parent: str) -> Iterator[ImportSite]:
    """Yield the places that import, outermost function's qualified name with each; typing-only blocks left out."""
    for child in ast.iter_child_nodes(node):
        names = frozenset(_names(child, parent))
        if names and isinstance(child, (ast.stmt, ast.expr)):
            inside = "" if function.endswith(".") else function
            yield ImportSite(child.lineno, child.end_lineno or child.lineno, names, inside)
        if isinstance(child, ast.If) and _is_typing_only(child.test):
            for statement in child.orelse:
                yield from _sites(ast.Module([statement], []), function, parent)
        else:
            yield from _sites(child, _enter(child, function), parent)


def _enter(node: ast.AST, function: str) -> str:
    """Return the qualified name inside a node; it ends in ``.`` while only classes have been entered."""
    if isinstance(node, ast.ClassDef) and (not function or function.endswith(".")):
        return f"{function}{node.name}."
    if isinstance(node, _FUNCTION) and (not function or function.endswith(".")):
        return f"{function}{node.name}"
    return function


def _is_typing_only(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def _names(node: ast.AST, parent: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield from _with_parents(alias.name)
    elif isinstance(node, ast.ImportFrom):
        base = _absolute(node, parent)
        yield from _with_parents(base)
        yield from (f"{base}.{alias.name}" if base else alias.name for alias in node.names)
    elif isinstance(node, ast.Call) and _called(node.func) in _BY_NAME and node.args:
        wanted = node.args[0]
        if isinstance(wanted, ast.Constant) and isinstance(wanted.value, str):
            yield from _with_parents(wanted.value)


def _absolute(node: ast.ImportFrom, parent: str) -> str:
    """Return the dotted name that ``from ... import`` starts from."""
    package = parent
    for _ in range(node.level - 1):
        package = package.rpartition(".")[0]
    parts = (package if node.level else "", node.module or "")
    return ".".join(part for part in parts if part)


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _with_parents(name: str) -> Iterator[str]:
    """Yield a dotted name and the packages around it, which are imported first."""
    while name:
        yield name
        name = name.rpartition(".")[0]
