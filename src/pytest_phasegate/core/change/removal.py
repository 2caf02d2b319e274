"""Whether production code only went."""

from __future__ import annotations

import ast

from pytest_phasegate.core.change.scope import entries_of, shell
from pytest_phasegate.core.change.syntax import dump, is_silent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator


def removes_only(before: ast.Module, after: ast.Module) -> bool:
    """Whether *after* is *before* with something left out.

    Each definition of *after* must have stood in *before*, and its lines, nesting included, must be a subsequence
    of what they were; the order of the definitions themselves does not matter. Of a table, an assigned literal
    with many entries, each entry is a line.
    """
    old, new = _definitions(before), _definitions(after)
    return all(name in old and _is_within(lines, old[name]) for name, lines in new.items())


def _definitions(tree: ast.Module) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for entry in entries_of(tree):
        node = entry.node
        lines = [dump(shell(node))] if isinstance(node, ast.ClassDef) else list(_lines([node]))
        found.setdefault(entry.name, []).extend([*entry.conditions, *lines])
    return found


def _is_within(lines: Iterable[str], of: Iterable[str]) -> bool:
    rest = iter(of)
    return all(line in rest for line in lines)


_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


def _lines(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the statements of a block, compound ones by their head and then what they hold."""
    for node in nodes:
        if is_silent(node):
            continue
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            yield from _entries(node.value, _head(node, {"value"}))
            continue
        blocks = {name: value for name in _BLOCKS if isinstance(value := getattr(node, name, None), list)}
        yield _head(node, blocks)
        for name, block in blocks.items():
            if block:
                yield f"{name}("
                yield from _lines(block)
                yield ")"


def _head(node: ast.AST, without: Container[str]) -> str:
    return type(node).__name__ + "".join(_part(value) for name, value in ast.iter_fields(node) if name not in without)


def _entries(value: ast.expr | None, place: str) -> Iterator[str]:
    """Yield a value, a table entry by entry, each with its place; also one in a call (``frozenset({...})``)."""
    match value:
        case ast.Dict(keys=keys, values=values):
            yield f"{place}Dict"
            for key, item in zip(keys, values, strict=True):
                yield from _entries(item, f"{place}{_part(key)}:")
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            yield f"{place}{type(value).__name__}"
            yield from (f"{place}- {dump(item)}" for item in items)
        case ast.Call(func=function, args=[ast.Dict() | ast.List() | ast.Tuple() | ast.Set() as table], keywords=[]):
            yield from _entries(table, f"{place}{dump(function)} ")
        case _:
            yield f"{place}{_part(value)}"


def _part(value: object) -> str:
    if isinstance(value, list):
        return "".join(map(_part, value))
    return dump(value) if isinstance(value, ast.AST) else f"{value!r},"
