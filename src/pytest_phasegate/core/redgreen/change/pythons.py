"""Code that not every Python runs: what stands below a condition on its version or its platform."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from pytest_phasegate.core.project.syntax import dump, is_silent

_COMPARED: MappingProxyType[type, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
        ast.Eq: operator.eq, ast.NotEq: operator.ne,
    }
)  # fmt: skip


class Branch(NamedTuple):
    """One way at a condition on Python, with what stands there; its module's constants may be a part of it."""

    condition: ast.expr
    constants: Mapping[str, ast.expr]
    otherwise: bool
    text: str

    def runs_on(self, python: str) -> bool:
        """Whether a Python may go this way, told by its version and its platform (``3.12.1 on linux``)."""
        version, _, platform = python.partition(" on ")
        facts: dict[str, Any] = {
            "version_info": tuple(map(int, re.findall(r"\d+", version)[:3])),
            "platform": platform,
            "os.name": "nt" if platform == "win32" else "posix",
        }
        facts |= {name: _value(node, facts) for name, node in self.constants.items()}
        holds = _value(self.condition, facts)
        return holds is None or bool(holds) is not self.otherwise


def new_branches(before: ast.Module, after: ast.Module) -> tuple[Branch, ...]:
    """Return what only some Pythons run of a module, and what stood nowhere in it before."""
    branches = tuple(_branches(after))
    stood = dump(before) if branches else ""
    return tuple(branch for branch in branches if branch.text not in stood)


def _branches(tree: ast.Module) -> Iterator[Branch]:
    constants = {
        name.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(name := node.targets[0], ast.Name) and _asks(node.value)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and _asks(node.test, constants):
            for block in (node.body, node.orelse):
                if not all(map(is_silent, block)):
                    yield Branch(node.test, constants, block is node.orelse, dump(block))


def _asks(condition: ast.expr, constants: Collection[str] = ()) -> bool:
    return any((name := _name(node)) in _FACTS or name in constants for node in ast.walk(condition))


_FACTS = ("version_info", "platform", "os.name")


def _name(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            return f"{owner}.{name}".removeprefix("_").removeprefix("sys.")
        case _:
            return ""


def _value(node: ast.expr, facts: Mapping[str, Any]) -> Any:  # noqa: PLR0911 - one answer for each kind of expression
    """Return what an expression is there; ``None`` where more than the interpreter decides it."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Tuple(elts=parts):
            return tuple(_value(part, facts) for part in parts)
        case ast.Name() | ast.Attribute():
            return facts.get(_name(node))
        case ast.UnaryOp(op=ast.Not(), operand=part) if (value := _value(part, facts)) is not None:
            return not value
        case ast.BoolOp(op=word, values=parts):
            return _joined([_value(part, facts) for part in parts], decisive=isinstance(word, ast.Or))
        case ast.Compare(left=left, ops=[sign], comparators=[right]) if type(sign) in _COMPARED:
            return _applied(_COMPARED[type(sign)], _value(left, facts), _value(right, facts))
        case ast.Slice(lower=None, upper=ast.Constant(value=upper), step=None):
            return slice(upper)
        case ast.Subscript(value=whole, slice=part):
            return _applied(operator.getitem, _value(whole, facts), _value(part, facts))
        case ast.Call(func=ast.Attribute(value=whole, attr="startswith"), args=[part], keywords=[]):
            return _applied(str.startswith, _value(whole, facts), _value(part, facts))
        case _:
            return None


def _joined(values: list[Any], *, decisive: bool) -> bool | None:
    if any(value is not None and bool(value) is decisive for value in values):
        return decisive
    return None if None in values else not decisive


def _applied(function: Callable[[Any, Any], Any], one: Any, other: Any) -> Any:
    try:
        return None if one is None or other is None else function(one, other)
    except (TypeError, IndexError):
        return None
