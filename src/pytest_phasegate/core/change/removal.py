"""Whether production code only went."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pytest_phasegate.core.change.scope import entries_of, shell
from pytest_phasegate.core.change.syntax import dump, is_silent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def removes_only(before: ast.Module, after: ast.Module) -> bool:
    """Whether *after* is *before* with something left out.

    Each definition of *after* must have stood in *before*, and its lines, nesting included, must be a subsequence
    of what they were; the order of the definitions themselves does not matter.
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
        blocks = {name: value for name in _BLOCKS if isinstance(value := getattr(node, name, None), list)}
        yield type(node).__name__ + "".join(_part(value) for name, value in ast.iter_fields(node) if name not in blocks)
        for name, block in blocks.items():
            if block:
                yield f"{name}("
                yield from _lines(block)
                yield ")"


def _part(value: object) -> str:
    if isinstance(value, list):
        return "".join(map(_part, value))
    return dump(value) if isinstance(value, ast.AST) else f"{value!r},"
