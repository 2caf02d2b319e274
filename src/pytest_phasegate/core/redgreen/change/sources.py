"""Which names stand behind a value that a test looks at: what its local variables were made of."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pytest_phasegate.core.project.syntax import Function, identifiers

_OF_ANY_TEST = frozenset({*dir(builtins), "self", "cls", "pytest", "approx", "value", "ANY"})
"""Names that say nothing of what is tested."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The local variables of a function with the names in what they are set to, its parameters and modules."""

    local: dict[str, frozenset[str]]
    parameters: frozenset[str]

    @classmethod
    def of(cls, function: Function, modules: frozenset[str] = frozenset()) -> Sources:
        """Read one function; ``modules`` are names of modules, which say nothing of what is looked up in them."""
        local: dict[str, frozenset[str]] = {}
        for target, names in _set(function):
            for name in _bound(target):
                local[name] = local.get(name, frozenset()) | names
        given = (item.arg for item in ast.walk(function.args) if isinstance(item, ast.arg))
        return cls(local, frozenset(given) | modules | frozenset(modules_in(function)))

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
        return frozenset(names) - self.local.keys() - self.parameters - _OF_ANY_TEST


def modules_in(tree: ast.AST) -> Iterator[str]:
    """Yield the names by which ``import`` makes modules known."""
    for node in ast.walk(tree):
        for alias in node.names if isinstance(node, ast.Import) else ():
            yield from (alias.asname,) if alias.asname else alias.name.split(".")


def _set(function: Function) -> Iterator[tuple[ast.AST, frozenset[str]]]:
    """Yield each target of an assignment with the names of what it is set to."""
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=targets, value=value):
                yield from ((target, frozenset(identifiers(value))) for target in targets)
            case (
                ast.AnnAssign(target=target, value=ast.expr() as value)
                | ast.AugAssign(target=target, value=value)
                | ast.NamedExpr(target=target, value=value)
                | ast.For(target=target, iter=value)
                | ast.AsyncFor(target=target, iter=value)
                | ast.comprehension(target=target, iter=value)
            ):
                yield target, frozenset(identifiers(value))
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                names = frozenset(identifiers(ast.Module(body, [])))
                for item in (item for item in items if item.optional_vars):
                    yield item.optional_vars, names | frozenset(identifiers(item.context_expr))  # type: ignore[misc]
            case _:
                pass


def _bound(target: ast.AST) -> Iterator[str]:
    return (node.id for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
