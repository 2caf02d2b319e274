"""The functions of a Python source, with the executable lines of each one's own body."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_phasegate.core.coverage.lines import Function

if TYPE_CHECKING:
    from collections.abc import Iterator

_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def functions_of(text: str, statements: frozenset[int]) -> tuple[Function, ...]:
    """Return the functions in order of their lines.

    Args:
        text: The source; one that cannot be parsed has no functions (nothing of it can have run either).
        statements: The executable lines by coverage.py's account.

    A function whose body stands on its ``def`` line gets an empty body: lines cannot tell whether it was called.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return ()
    return tuple(sorted(_functions(tree, "", statements), key=lambda function: function.line))


def _functions(node: ast.AST, prefix: str, statements: frozenset[int]) -> Iterator[Function]:
    for child in _statements(node):
        inner = prefix
        if isinstance(child, (*_FUNCTION, ast.ClassDef)):
            inner = f"{prefix}{child.name}."
        if isinstance(child, _FUNCTION):
            yield Function(prefix + child.name, child.lineno, _own_body(child) & statements)
        yield from _functions(child, inner, statements)


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the statements directly in a node, and what else holds statements."""
    for field in ("body", "orelse", "finalbody", "handlers", "cases"):
        yield from getattr(node, field, ())


def _own_body(function: ast.FunctionDef | ast.AsyncFunctionDef) -> frozenset[int]:
    """Return the lines of a function's body, without those of functions and classes defined in it."""
    lines = _body(function)
    waiting = list(_statements(function))
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, _FUNCTION):
            lines -= _body(inner)
        else:
            waiting.extend(_statements(inner))
    return lines


def _body(function: ast.FunctionDef | ast.AsyncFunctionDef) -> frozenset[int]:
    first, last = function.body[0].lineno, function.end_lineno or function.lineno
    return frozenset(range(max(first, function.lineno + 1), last + 1))
