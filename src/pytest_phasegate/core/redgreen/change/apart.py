"""One test as several, each of which makes one claim alone: a run then tells which of its claims hold."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import NamedTuple

from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.project.paths import Layout
from pytest_phasegate.core.project.syntax import FUNCTIONS, Function, Unreadable, dump, last_name, parse
from pytest_phasegate.core.redgreen.change.assertions import Part, claims_in, displayed, equality, parts_of
from pytest_phasegate.core.redgreen.change.strength import EXPECTING

Wanted = Mapping[TestId, Sequence[str]]
"""Claims by the test that makes them, as ``Claim.text`` has them."""


class Apart(NamedTuple):
    """A text of tests that make one claim each, and by their ids whose claim which of them makes."""

    text: str
    claims: Mapping[TestId, tuple[TestId, str]]


def apart(path: str, text: str, wanted: Wanted, layout: Layout) -> Apart:
    """Return a test file in which some tests stand once for each of some claims, and no other test stands.

    All other claims of such a test are made, and what comes of them is nothing. A claim that cannot be told apart is
    left out; of a file that cannot be parsed, all are.
    """
    tree = parse(path, text.encode())
    if isinstance(tree, Unreadable):
        return Apart("", {})
    parting = _Parting(path, wanted, layout)
    body = list(parting.block(tree.body, ""))
    return Apart(ast.unparse(ast.fix_missing_locations(ast.Module(body, []))), parting.claims)


class _Parting:
    def __init__(self, path: str, wanted: Wanted, layout: Layout) -> None:
        self._path, self._wanted, self._layout = path, wanted, layout
        self.claims: dict[TestId, tuple[TestId, str]] = {}

    def block(self, statements: Sequence[ast.stmt], prefix: str) -> Iterator[ast.stmt]:
        for node in statements:
            if isinstance(node, ast.ClassDef):
                body = list(self.block(node.body, f"{prefix}{node.name}::")) or [ast.Pass()]
                yield type(node)(**{**dict(ast.iter_fields(node)), "body": body})
            elif isinstance(node, FUNCTIONS) and self._layout.is_test_function(node.name):
                yield from self._alone(node, prefix)
            else:
                yield node

    def _alone(self, function: Function, prefix: str) -> Iterator[ast.stmt]:
        test = TestId(f"{self._path}::{prefix}{function.name}")
        for number, text in enumerate(self._wanted.get(test, ())):
            named = (f"{function.name}_{number}", f"alone_{number}_{function.name}")
            name = next(filter(self._layout.is_test_function, named), named[0])
            only = _Only(text)
            left = only.visit(deepcopy(displayed(function)))
            if only.found:
                left.name = name
                self.claims[TestId(f"{self._path}::{prefix}{name}")] = test, text
                yield left


class _Only(ast.NodeTransformer):
    """Leaves one claim of a function; what the others come to is nothing."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.found = False

    def visit_Assert(self, node: ast.Assert) -> ast.stmt:
        return self._part(node, parts_of(node.test))

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        condition = equality(node.value) if isinstance(node.value, ast.Call) else None
        if condition is not None:
            return self._part(node, parts_of(condition))
        texts = [claim.text for claim in claims_in(node)]
        self.found = self.found or self._text in texts
        return _anyway(node) if texts and self._text not in texts else node

    def _part(self, node: ast.stmt, parts: Iterable[Part]) -> ast.stmt:
        alone = [part.alone for part in parts if dump(part.condition) == self._text]
        self.found = self.found or bool(alone)
        return ast.Assert(alone[0], None) if alone else _anyway(node)

    def visit_With(self, node: ast.With) -> ast.stmt:
        expecting = [dump(item.context_expr) for item in node.items if last_name(item.context_expr) in EXPECTING]
        if self._text in expecting:
            self.found = True
            return node
        self.generic_visit(node)
        return _anyway(node) if expecting else node


def _anyway(node: ast.stmt) -> ast.stmt:
    return ast.Try([node], [ast.ExceptHandler(ast.Name("BaseException", ast.Load()), None, [ast.Pass()])], [], [])
