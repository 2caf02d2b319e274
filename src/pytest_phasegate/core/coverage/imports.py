"""Import statements of a module, and which of its lines run when it is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
"""The fields in which an AST node holds statements, or nodes that hold statements."""
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
    by_name = any(name in text for name in _BY_NAME)
    sites = sorted(_sites(tree, parent, by_name=by_name), key=lambda site: (site.first, site.last))
    return ModuleText(tuple(sites), frozenset(_bodies(tree)))


def _bodies(tree: ast.AST) -> Iterator[int]:
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, _FUNCTION):
            first = max(node.body[0].lineno, node.lineno + 1)
            yield from range(first, (node.end_lineno or node.lineno) + 1)
        else:
            waiting.extend(_statements(node))


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
    if isinstance(node, ast.If) and _is_typing_only(node.test):
        yield from node.orelse
    elif by_name:
        yield from ast.iter_child_nodes(node)
    else:
        yield from _statements(node)


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the statements directly in a node, and what else holds statements."""
    for field in _BLOCKS:
        yield from getattr(node, field, ())


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
