"""How much a condition demands of its subject, and how much slack it leaves."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from enum import IntEnum

from pytest_phasegate.core.project.syntax import dump, last_name


class Strength(IntEnum):
    """How much an assertion demands of its subject."""

    TRUTH = 1
    KIND = 2
    RELATION = 3
    EQUALITY = 4


def always_holds(test: ast.expr) -> bool:
    """Whether a condition can never refuse, whatever the code does."""
    match test:
        case ast.Constant(value=value):
            return bool(value)
        case ast.Tuple(elts=[_, *_]):
            return True
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(map(always_holds, values))
        case ast.Compare(left=left, ops=[ast.Eq() | ast.Is() | ast.LtE() | ast.GtE()], comparators=[right]):
            return dump(left) == dump(right) and not any(isinstance(node, ast.Call) for node in ast.walk(left))
        case _:
            return False


def weigh(test: ast.expr) -> tuple[ast.expr, Strength]:
    """Return what a condition is about and how much it demands of that."""
    match test:
        case ast.Compare(left=ast.Constant() as left, ops=[operator], comparators=[right]):
            return right, weighed(right, _weigh_comparison(operator, left))
        case ast.BoolOp(values=[first, *_]):
            subject, strength = weigh(first)
            return subject, Strength(max(strength - 1, Strength.TRUTH))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return operand, Strength.EQUALITY
        case ast.Call(args=[first, *_]) if last_name(test) in {"isinstance", "issubclass"}:
            return first, Strength.KIND
        case ast.Compare(left=left, ops=operators, comparators=others):
            return left, weighed(left, max(map(_weigh_comparison, operators, others)))
        case _:
            return test, Strength.TRUTH


_PARTIAL = frozenset(
    {"len", "type", "id", "hash", "callable", "isinstance", "issubclass", "hasattr", "bool", "any", "all"}
)
"""Functions of Python of which the result tells only something of what they are given."""


def weighed(subject: ast.expr, strength: Strength) -> Strength:
    """Return how much is demanded of a value of which a subject may be only a part, as its length."""
    match subject:
        case ast.Call(func=ast.Name(id=name)) if name in _PARTIAL:
            return min(strength, Strength.RELATION)
        case _:
            return strength


def _weigh_comparison(operator: ast.cmpop, other: ast.expr) -> Strength:
    value = other.value if isinstance(other, ast.Constant) else ...
    match operator:
        case ast.Eq() | ast.Is():
            return Strength.TRUTH if value is True else Strength.EQUALITY
        case ast.IsNot() | ast.NotEq():
            return Strength.TRUTH if value is None else Strength.KIND
        case _:
            return Strength.RELATION


_SLACK = frozenset({"rel", "abs", "delta", "rtol", "atol", "rel_tol", "abs_tol", "tolerance", "tol"})
_DIGITS = frozenset({"places", "decimal", "significant"})


def slack(node: ast.AST) -> Iterator[tuple[str, float]]:
    """Yield the explicit tolerances of an assertion by name; the larger, the looser."""
    for item in ast.walk(node):
        if isinstance(item, ast.keyword) and isinstance(item.value, ast.Constant):
            value = item.value.value
            if isinstance(value, (int, float)) and item.arg in _SLACK:
                yield item.arg, value
            elif isinstance(value, int) and item.arg in _DIGITS:
                yield item.arg, -value
