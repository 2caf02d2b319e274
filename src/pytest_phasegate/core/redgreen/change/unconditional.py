"""What of a definition runs whenever it is called: without branches, caught blocks and what stands after its end."""

from __future__ import annotations

import ast
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_phasegate.core.project.syntax import last_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_phasegate.core.redgreen.change.definitions import Entry


def certain(entry: Entry) -> Entry:
    """Return a definition with no more than what runs for sure."""
    return replace(entry, node=_Pruning().visit(deepcopy(entry.node)))


_STATEMENTS = (ast.If, ast.Try, ast.TryStar, ast.Match)
_EXPRESSIONS = (ast.IfExp, ast.BoolOp)
_ENDS = (ast.Return, ast.Raise, ast.Continue, ast.Break)


class _Pruning(ast.NodeTransformer):
    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, _STATEMENTS) or _suppresses(node):
            return ast.Pass()
        if isinstance(node, _EXPRESSIONS):
            return ast.Constant(None)
        pruned: ast.AST = self.generic_visit(node)
        if isinstance(getattr(pruned, "body", None), list):
            pruned.body = list(_up_to_the_end(pruned.body))  # type: ignore[attr-defined]
        return pruned


def _suppresses(node: ast.AST) -> bool:
    return isinstance(node, (ast.With, ast.AsyncWith)) and any(
        last_name(item.context_expr) in {"suppress", "raises"} for item in node.items
    )


def _up_to_the_end(statements: Iterable[ast.stmt]) -> Iterable[ast.stmt]:
    for statement in statements:
        yield statement
        if isinstance(statement, _ENDS):
            return
