"""How much a condition demands, with how much slack, and which names stand behind the value it is about."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import NamedTuple

from pytest_phasegate.core.project.syntax import Function, dump, identifiers, last_name


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


EXPECTING = frozenset({
    "raises", "warns", "deprecated_call", "RaisesGroup", "RaisesExc", "assertRaises", "assertRaisesRegex",
    "assertWarns", "assertWarnsRegex", "assertLogs", "assertNoLogs",
})  # fmt: skip
_OF_ANY_TEST = frozenset({"self", "cls", "pytest", "approx", "ANY"})
"""Names that say nothing of what is tested."""
_OF_PYTHON = frozenset({*dir(builtins), "value"})
"""Names that say nothing of it either, where the file has nothing of its own under them."""


class Sources(NamedTuple):
    """The local variables of a function with the names in what they are set to, its parameters and modules.

    ``silent`` are the names that say nothing of what is tested.
    """

    local: dict[str, frozenset[str]]
    parameters: frozenset[str]
    silent: frozenset[str]

    @classmethod
    def of(
        cls, function: Function, modules: frozenset[str] = frozenset(), defined: frozenset[str] = frozenset()
    ) -> Sources:
        """Read one function.

        Args:
            function: The function.
            modules: Names of modules, which say nothing of what is looked up in them.
            defined: What its file defines or imports.
        """
        local: dict[str, frozenset[str]] = {}
        for target, value in set_in(function):
            names = frozenset(identifiers(value))
            for name in bound(target):
                local[name] = local.get(name, frozenset()) | names
        given = (item.arg for item in ast.walk(function.args) if isinstance(item, ast.arg))
        silent = _OF_ANY_TEST | (_OF_PYTHON - defined)
        return cls(local, frozenset(given) | modules | frozenset(modules_in(function)), silent)

    def behind(self, names: Iterable[str]) -> frozenset[str]:
        """Return the names that stand behind some names, none of them the function's own."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(self.local.get(name, ()))
        return self.foreign(found)

    def foreign(self, names: Iterable[str]) -> frozenset[str]:
        """Return those of some names that are neither the function's own nor of any test."""
        return frozenset(names) - self.local.keys() - self.parameters - self.silent


def modules_in(tree: ast.AST) -> Iterator[str]:
    """Yield the names by which ``import`` makes modules known."""
    for node in ast.walk(tree):
        for alias in node.names if isinstance(node, ast.Import) else ():
            yield from (alias.asname,) if alias.asname else alias.name.split(".")


def set_in(tree: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Yield each target of an assignment with what it is set to.

    What a ``with`` sets may come from its body, too, that of ``raises`` from nothing else; and what is set where an
    exception is caught from what raised it.
    """
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=targets, value=value):
                yield from ((target, value) for target in targets)
            case (
                ast.AnnAssign(target=target, value=ast.expr() as value)
                | ast.AugAssign(target=target, value=value)
                | ast.NamedExpr(target=target, value=value)
                | ast.For(target=target, iter=value)
                | ast.AsyncFor(target=target, iter=value)
                | ast.comprehension(target=target, iter=value)
            ):
                yield target, value
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                given = [ast.Expr(one.context_expr) for one in items if last_name(one.context_expr) not in EXPECTING]
                block = ast.Module([*given, *body], [])
                yield from ((item.optional_vars, block) for item in items if item.optional_vars)
            case ast.Try(body=body, handlers=handlers) | ast.TryStar(body=body, handlers=handlers):
                caught = ast.Module([item for handler in handlers for item in handler.body], [])
                yield from ((target, ast.Module(body, [])) for target, _ in set_in(caught))
            case _:
                pass


def bound(target: ast.AST) -> Iterator[str]:
    """Return the names that a target sets."""
    return (node.id for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
