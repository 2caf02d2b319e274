"""Python source as a syntax tree, and a digest of it that layout, comments and docstrings do not move."""

from __future__ import annotations

import ast
import tokenize
import warnings
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from io import BytesIO
from typing import NamedTuple

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DEFINITIONS = (*FUNCTIONS, ast.ClassDef)


class Unreadable(NamedTuple):
    """A Python file that this interpreter cannot parse, and why."""

    path: str
    reason: str


def parse(path: str, source: bytes) -> ast.Module | Unreadable:
    """Return the syntax tree of a module as the running interpreter reads it.

    A syntax of a newer Python, a wrong encoding or a null byte is a fact to report, not an exception.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source)
        except SyntaxError as error:
            return Unreadable(path, f"line {error.lineno or 1}: {error.msg}")
        except (ValueError, RecursionError, MemoryError) as error:
            return Unreadable(path, str(error) or type(error).__name__)


def lines_of(source: bytes) -> list[bytes]:
    """Return the lines of a module in UTF-8: in another encoding the same bytes are another text."""
    lines = source.splitlines()
    if not any(b"coding" in line for line in lines[:2]):
        return lines
    encoding, _ = tokenize.detect_encoding(BytesIO(source).readline)
    return [line.decode(encoding, "replace").encode() for line in lines]


def only_imports(source: bytes, name: str) -> bool:
    """Whether a module gets a name by an import alone; of a text that cannot be parsed nobody knows."""
    module = parse("", source)
    if isinstance(module, Unreadable):
        return False
    imported = False
    for node in ast.walk(module):
        match node:
            case ast.ImportFrom(names=names):
                imported = imported or any((alias.asname or alias.name) in {name, "*"} for alias in names)
            case ast.FunctionDef(name=other) | ast.AsyncFunctionDef(name=other) | ast.ClassDef(name=other) if (
                other == name
            ):
                return False
            case ast.Name(id=other, ctx=ast.Store()) if other == name:
                return False
            case _:
                pass
    return imported


def digest(*texts: str) -> str:
    """Return ``sha256:`` and the hex digest of some texts, kept apart."""
    return "sha256:" + sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()


_SILENT = frozenset({"ctx", "kind", "type_comment", "type_ignores"})


def dump(node: ast.AST | Iterable[ast.AST], rewrite: Callable[[ast.AST], ast.AST | None] | None = None) -> str:
    """Return a text that is equal exactly for equal trees, positions and docstrings aside.

    Every Python version gives the same text, since empty fields are left out. ``rewrite`` may replace a node
    before it is written, or drop it by returning ``None``; it sees the children of what it returns.
    Iterative, because a long chain of operators is a deep tree.
    """
    written: list[str] = []
    waiting: list[ast.AST | str] = []
    waiting.extend([node] if isinstance(node, ast.AST) else reversed(list(node)))
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            written.append(item)
            continue
        kept = rewrite(item) if rewrite else item
        if kept is not None and not is_silent(kept):
            waiting.append(")")
            waiting.extend(reversed(list(_fields(kept))))
            written.append(f"{type(kept).__name__}(")
    return "".join(written)


def is_silent(node: ast.AST) -> bool:
    """Whether a node does nothing when it runs: ``pass``, a docstring, ``...`` as a statement."""
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _is_nothing(item: object) -> bool:
    return isinstance(item, ast.AST) and is_silent(item)


def _fields(node: ast.AST) -> Iterator[ast.AST | str]:
    for name, value in ast.iter_fields(node):
        if name in _SILENT or value is None or (isinstance(value, list) and all(map(_is_nothing, value))):
            if name == "value" and isinstance(node, ast.Constant):
                yield "None"
            continue
        yield f"{name}="
        if isinstance(value, list):
            yield "["
            for item in value:
                yield item if isinstance(item, ast.AST) else f"{item!r},"
            yield "]"
        else:
            yield value if isinstance(value, ast.AST) else _constant(value)


def _constant(value: object) -> str:
    """Write a constant with its type, since ``1``, ``True`` and ``1.0`` are equal; huge integers have no ``repr``."""
    return f"{type(value).__name__}:{hex(value) if type(value) is int else repr(value)},"


DOES = (ast.Call, ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)
"""What may change something when it is evaluated."""


def identifiers(node: ast.AST) -> Iterator[str]:
    """Yield every name, attribute, argument and keyword that occurs in a tree."""
    for item in ast.walk(node):
        for field in ("id", "attr", "arg", "name"):
            value = getattr(item, field, None)
            if isinstance(value, str):
                yield value


def constants(node: ast.AST) -> Iterator[str]:
    """Yield every literal of a tree, written with its type."""
    return (_constant(item.value) for item in ast.walk(node) if isinstance(item, ast.Constant))


def first_line(node: ast.stmt) -> int:
    """Return the first line of a statement, its decorators with it."""
    decorators = node.decorator_list if isinstance(node, DEFINITIONS) else []
    return min([node.lineno, *(mark.lineno for mark in decorators)])


def dotted(node: ast.AST | None) -> str:
    """Return ``a.b.c`` for a chain of names, also of what is called or subscripted; else the empty text."""
    parts: list[str] = []
    while node is not None:
        match node:
            case ast.Call(func=inner) | ast.Subscript(value=inner):
                node = inner
            case ast.Attribute(value=inner, attr=attr):
                parts.append(attr)
                node = inner
            case ast.Name(id=name):
                return ".".join([name, *reversed(parts)])
            case _:
                return ""
    return ""


def last_name(node: ast.AST | None) -> str:
    """Return the last name of a chain, also of one that begins in a call: ``c`` of ``a().b.c()``."""
    while isinstance(node, (ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def walk(nodes: Iterable[ast.AST], rewrite: Callable[[ast.AST], ast.AST | None]) -> Iterator[ast.AST]:
    """Yield every node of some trees as ``rewrite`` leaves them."""
    waiting = list(nodes)
    while waiting:
        kept = rewrite(waiting.pop())
        if kept is not None:
            yield kept
            waiting.extend(ast.iter_child_nodes(kept))
