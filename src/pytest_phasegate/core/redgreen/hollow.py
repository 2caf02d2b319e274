"""The code of a change with its names, and nothing in them: what is green with that asks nothing of the change.

A test that is red for want of a name is green as soon as there is one, whatever stands behind it. So may be one that
puts something of its own there, in plain sight or not. Only a run with hollow code tells such a test from others.

So it is with what helpers do to tests that do not name it: a conftest that sets a value of the code for every test, or
a helper that does so when it is imported, may be all that makes a wrong value right. What a test names belongs to it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

from pytest_phasegate.core.project.syntax import FUNCTIONS, Function, Unreadable, dump, is_silent, last_name, parse
from pytest_phasegate.core.redgreen.change.definitions import (
    MODULE,
    bound_names,
    entries_of,
    implicit,
    nodes_by_name,
    shell,
)

FAILS, ENDS = 86, 0
"""How a process ends that comes to hollow code: as no test expects it, or as if all were well.

In a test such code fails by an assertion, or does nothing: what is green with both swallows what it asserts.
"""


def _body(code: int, known: Function | None = None) -> list[ast.stmt]:
    """Return what fails, or does nothing: of a process that a test starts, only its exit code tells.

    What is imported may call a function that was known: until a test runs, it does what it did before.
    """
    ends = f"import os, sys\n'pytest' in sys.modules or os._exit({code})"
    does = "raise AssertionError('hollow')" if code == FAILS else "return"
    imports, *fails = ast.parse(f"{ends}\n{does}").body
    if known is None:
        return [imports, *fails]
    tested = ast.parse("'PYTEST_CURRENT_TEST' in os.environ", mode="eval").body
    return [imports, ast.If(tested, fails, []), *known.body]


_DESCRIPTORS = frozenset({"property", "staticmethod", "classmethod", "setter", "getter", "deleter"})


def hollow(before: str, after: str, code: int = FAILS) -> str | None:
    """Return the text of a file in which what a change brings or alters is named, and does nothing.

    Functions fail, values are those of before or nothing, and no loose statement that comes runs. An import stays if
    code of the file uses it.

    Args:
        before: The text before the change.
        after: The text after it.
        code: How a process without pytest ends where it comes to one of the functions.

    Returns:
        The text of before where nothing of it can be emptied; ``None`` where one of the texts cannot be parsed.
    """
    one, other = parse("", before.encode()), parse("", after.encode())
    if isinstance(one, Unreadable) or isinstance(other, Unreadable):
        return None
    used = {node.id for node in ast.walk(other) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    emptied = _Emptying(nodes_by_name(one), nodes_by_name(other), used, code)
    body = emptied.block(other.body, "")
    return ast.unparse(ast.fix_missing_locations(ast.Module(body, []))) if emptied.touched else before


Known = Mapping[str, list[ast.AST]]


class _Emptying:
    """Empties the statements of a module that differ from those before, by the names that they define."""

    def __init__(self, before: Known, after: Known, used: Collection[str], code: int) -> None:
        self._before, self._after, self._used, self._code = before, after, used, code
        self._loose = {dump(node) for name, nodes in before.items() if name.endswith(MODULE) for node in nodes}
        self.touched = False

    def block(self, statements: Iterable[ast.stmt], prefix: str) -> list[ast.stmt]:
        return [kept for statement in statements for kept in self._statement(statement, prefix)] or [ast.Pass()]

    def _statement(self, node: ast.stmt, prefix: str) -> Iterator[ast.stmt]:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from self._function(node, prefix) if self._differs(prefix + node.name) else [node]
            case ast.ClassDef():
                yield self._class(node, prefix)
            case ast.If() | ast.Try() | ast.TryStar():
                yield self._branches(node, prefix)
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign() if names := bound_names(node):
                yield from self._assignment(node, [prefix + name for name in names])
            case ast.Import() | ast.ImportFrom():
                yield from self._import(node, prefix)
            case _ if is_silent(node):
                yield node
            case _:
                yield from self._other(node)

    def _differs(self, name: str) -> bool:
        texts = [[dump(list(shell(node))) for node in side.get(name, ())] for side in (self._before, self._after)]
        return texts[0] != texts[1]

    def _function(self, node: Function, prefix: str) -> Iterator[ast.stmt]:
        """A function fails; a new one that is handed to a decorator is not: that may be all it is asked for."""
        self.touched = True
        known = [one for one in self._before.get(prefix + node.name, ()) if isinstance(one, FUNCTIONS)]
        same = any(dump(one.decorator_list) == dump(node.decorator_list) for one in known)
        marks = known[0].decorator_list if known and not same else node.decorator_list
        if not known and any(last_name(mark) not in _DESCRIPTORS for mark in marks):
            yield ast.Assign([ast.Name(node.name, ast.Store())], ast.Constant(None))
        else:
            yield _with(node, decorator_list=marks, body=_body(self._code, known[0] if len(known) == 1 else None))

    def _class(self, node: ast.ClassDef, prefix: str) -> ast.stmt:
        name = prefix + node.name
        known = next((one for one in self._before.get(name, ()) if isinstance(one, ast.ClassDef)), None)
        body = self.block(node.body, f"{name}::")
        if not self._differs(name):
            return _with(node, body=body)
        self.touched = True
        bases, keywords, marks = (known.bases, known.keywords, known.decorator_list) if known else ([], [], [])
        return _with(node, bases=bases, keywords=keywords, decorator_list=marks, body=body)

    def _branches(self, node: ast.If | ast.Try | ast.TryStar, prefix: str) -> ast.stmt:
        """Empty what hangs on a condition; the condition stays."""
        filled = {name: self.block(part, prefix) for name in _BLOCKS if (part := getattr(node, name, None))}
        handlers = [_with(one, body=self.block(one.body, prefix)) for one in getattr(node, "handlers", ())]
        return _with(node, **filled, **({"handlers": handlers} if handlers else {}))

    def _import(self, node: ast.Import | ast.ImportFrom, prefix: str) -> Iterator[ast.stmt]:
        """An import that comes and that nothing here uses is for others, or for what it does."""
        for alias, name in zip(node.names, bound_names(node), strict=True):
            ours = isinstance(node, ast.ImportFrom) and node.module == "__future__"
            if ours or name in self._used or not self._differs(prefix + name):
                yield _with(node, names=[alias])
                continue
            self.touched = True
            if name != "*":
                yield ast.Assign([ast.Name(name, ast.Store())], ast.Constant(None))

    def _assignment(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign, names: list[str]) -> Iterator[ast.stmt]:
        """What names stood for before, they stand for again; a new one stands for nothing, a table for an empty one."""
        if not any(map(self._differs, names)):
            yield node
            return
        self.touched = True
        known = [one for name in names for one in self._before.get(name, ()) if isinstance(one, ast.stmt)]
        if known and isinstance(known[0], type(node)):
            yield known[0]
        elif not (known or isinstance(node, ast.AugAssign) or _is_field(node, names[0])) and node.value is not None:
            yield _with(node, value=_empty(node.value))

    def _other(self, node: ast.stmt) -> Iterator[ast.stmt]:
        """A loose statement that stood before stays; one that comes does not run."""
        if dump(node) in self._loose or dump(ast.Module([node], [])) in self._loose:
            yield node
        else:
            self.touched = True


_BLOCKS = ("body", "orelse", "finalbody")
Node = TypeVar("Node", bound=ast.AST)


def _with(node: Node, **fields: object) -> Node:
    """Return a copy of a node with some fields of its own."""
    return type(node)(**{**dict(ast.iter_fields(node)), **fields})


def _is_field(node: ast.stmt, name: str) -> bool:
    return isinstance(node, ast.AnnAssign) and "::" in name


def _empty(value: ast.expr) -> ast.expr:
    match value:
        case ast.Dict():
            return ast.Dict([], [])
        case ast.List() | ast.ListComp():
            return ast.List([], ast.Load())
        case ast.Tuple():
            return ast.Tuple([], ast.Load())
        case ast.Set() | ast.SetComp() | ast.DictComp():
            return ast.Call(ast.Name("dict" if isinstance(value, ast.DictComp) else "set", ast.Load()), [], [])
        case _:
            return ast.Constant(None)


def absent(texts: Iterable[str], *, asked: bool) -> str:
    """Return the text of a module that has whatever is imported from it, and nothing behind the names.

    It can be imported, and what is in it called, compared and derived from, until a test runs. Then, too, each name is
    there, and is a class: a test that asks no more than that asks nothing.

    Args:
        texts: Files of code. What they define is true, and a double may have its members, whatever else fails.
        asked: Whether all of it fails from then on; else it does nothing.
    """
    return _ABSENT.format(asked, sorted({name for text in texts for name in _DEFINES.findall(text)}))


_DEFINES = re.compile(r"^\s*(?:async +)?(?:def|class) +(\w+)", re.MULTILINE)


_ABSENT = """\
import os, sys

_DEFINED = {1}

def _asked(answer):
    if {0} and ('PYTEST_CURRENT_TEST' in os.environ or 'pytest' not in sys.modules):
        raise AssertionError('absent')
    return answer

def __getattr__(name):
    if name.startswith('__'):
        raise AttributeError(name)
    return type.__new__(_Absent, name, (), dict(__module__=__name__))

class _Absent(type):
    def __new__(kind, name, bases, members, **_):
        others = tuple(base for base in bases if not isinstance(base, kind))
        return type(others[0] if others else object)(name, others, members)

    __init__ = lambda self, *_, **__: None
    __getattr__ = lambda self, name: __getattr__(name)
    __call__ = __getitem__ = __enter__ = __or__ = __ror__ = lambda self, *_, **__: _asked(self)
    __exit__ = __contains__ = __eq__ = __instancecheck__ = __subclasscheck__ = lambda self, *_: _asked(False)
    __hash__ = type.__hash__
    __bool__ = lambda self: self.__name__ in _DEFINED or _asked(True)
    __dir__ = lambda self: _DEFINED
    __iter__ = lambda self: _asked(iter(()))

_asked(None)
"""


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
