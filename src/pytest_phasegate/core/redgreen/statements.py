"""The statements of a text: which of them a change touched, and which ran."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

_EXCLUDED = "pragma: no cover"
_SILENT = (ast.Global, ast.Nonlocal)


class Statement(NamedTuple):
    """One statement that runs: its first line, the last one of its head, and the last one of its blocks (from 1)."""

    first: int
    head: int
    last: int


def statements(source: str) -> tuple[Statement, ...]:
    """Return the statements of a module that can run; of one that cannot be parsed, none.

    Docstrings, ``...``, bare annotations, ``global`` and what is marked ``# pragma: no cover`` or stands under
    ``TYPE_CHECKING`` do not count.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    return tuple(_of_block(tree.body, source.splitlines()))


def touched(source: str, lines: frozenset[int]) -> frozenset[int]:
    """Return the first lines of the statements whose head stands on some of these lines."""
    return frozenset(one.first for one in statements(source) if not lines.isdisjoint(range(one.first, one.head + 1)))


def executed(source: str, lines: frozenset[int]) -> frozenset[int]:
    """Return the first lines of the statements that ran, by the lines a tracer saw.

    A head whose block ran has run: some versions of Python report no line for ``try`` or ``while True``.
    """
    return frozenset(one.first for one in statements(source) if not lines.isdisjoint(range(one.first, one.last + 1)))


def added_lines(before: str, after: str) -> frozenset[int]:
    """Return the lines of the second text that the first has not, from 1."""
    matcher = difflib.SequenceMatcher(None, before.splitlines(), after.splitlines())
    spans = (range(start + 1, end + 1) for tag, _, _, start, end in matcher.get_opcodes() if tag != "equal")
    return frozenset(line for span in spans for line in span)


def _of_block(block: Iterable[ast.stmt], lines: Sequence[str]) -> Iterator[Statement]:
    for node in block:
        if _says_nothing(node) or _EXCLUDED in lines[node.lineno - 1]:
            continue
        yield _statement(node)
        for inner in _blocks(node):
            yield from _of_block(inner, lines)


def _statement(node: ast.stmt) -> Statement:
    first = _first_line(node)
    last = node.end_lineno or node.lineno
    inner = [block[0] for block in _blocks(node) if block]
    head = min((_first_line(one) - 1 for one in inner), default=last)
    # the block of a function runs when it is called, not when it is defined
    reach = head if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) else last
    return Statement(first, max(head, node.lineno), max(reach, node.lineno))


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(mark.lineno for mark in decorators)])


def _blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list):
            yield block
    for holder in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield holder.body


def _says_nothing(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(value=ast.Constant()) | ast.AnnAssign(value=None):
            return True
        case ast.If(test=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name == "TYPE_CHECKING"
        case _:
            return isinstance(node, _SILENT)
