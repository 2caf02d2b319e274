"""What helpers do to tests that do not name it, taken away: what is green by it alone shows nothing of the code.

A fixture that a test names belongs to it; so does what the test does itself. A conftest that sets a value of the code
for every test, or a helper that does so when it is imported, may be all that makes a wrong value right.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import NamedTuple

from pytest_phasegate.core.evidence.outcomes import Moment
from pytest_phasegate.core.evidence.probe_records import ProbedCase, Replaced
from pytest_phasegate.core.project.syntax import FUNCTIONS, Unreadable, dump, is_silent, parse
from pytest_phasegate.core.redgreen.change.definitions import entries_of, implicit


class Left(NamedTuple):
    """A helper without what it does unasked, and whether that altered something in place."""

    text: str
    fills: bool


def without_unasked(before: str, after: str) -> Left | None:
    """Return what is left of a helper without what came into it and runs though no test names it.

    Returns:
        ``None`` where there is no such thing, or one of the texts cannot be parsed.
    """
    one, other = parse("", before.encode()), parse("", after.encode())
    if isinstance(one, Unreadable) or isinstance(other, Unreadable):
        return None
    known = {dump(node) for node in one.body}
    stood = {node.name: node for node in one.body if isinstance(node, FUNCTIONS)}
    gone = [node for node in other.body if dump(node) not in known and not _waits(node)]
    left = (stood.get(getattr(node, "name", "")) if node in gone else node for node in other.body)
    text = ast.unparse(ast.Module([node for node in left if node is not None], []))
    return Left(text, any(_fills(inner) for node in gone for inner in ast.walk(node))) if gone else None


def _waits(node: ast.stmt) -> bool:
    """Whether a statement only defines: no hook of pytest, no fixture that is used by itself."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            alone = ast.Module([node], [])
            return not node.name.startswith("pytest_") and not any(map(implicit, entries_of(alone)))
        case ast.Assign(targets=targets, value=value):
            return all(isinstance(target, ast.Name) for target in targets) and not _does(value)
        case ast.AnnAssign(target=ast.Name(), value=value):
            return value is None or not _does(value)
        case _:
            return is_silent(node) or isinstance(node, (ast.ClassDef, ast.Import, ast.ImportFrom))


def _does(value: ast.expr) -> bool:
    return any(isinstance(node, ast.Call) for node in ast.walk(value))


def swaps_a_value(replaced: Iterable[Replaced]) -> bool:
    """Whether what stood in the place of something is a value: no function, no class, no double of one, no path."""
    return any(one.path and "/" not in one.maker and not one.maker.endswith(_NO_VALUES) for one in replaced)


_NO_VALUES = (".py", "Mock", "Path", "function", "method", "function_or_method", "type", "module", "partial")


def _fills(node: ast.AST) -> bool:
    match node:
        case ast.Subscript(ctx=ast.Store() | ast.Del()):
            return True
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in _FILLING
        case _:
            return False


_FILLING = frozenset({
    "clear", "update", "pop", "popitem", "setdefault", "append", "extend", "insert", "remove", "add", "discard",
    "setitem", "delitem", "__setitem__",
})  # fmt: skip


def falls(cases: Iterable[ProbedCase]) -> bool:
    """Whether a test fails by what it asserts, not for want of something, nor of a world that was kept from it."""
    return any(
        case.moment is Moment.CALL and case.raised is not None and case.raised.name in {"AssertionError", "Failed"}
        for case in cases
        if not case.outcome.green
    )
