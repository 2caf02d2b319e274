"""Code that says the same in other words: those of a later Python, as ruff writes them, and other local names."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Collection, Iterator
from string import Formatter
from types import CodeType

from pytest_phasegate.core.project.syntax import DEFINITIONS, DOES, FUNCTIONS, Function, is_silent


def modern(node: ast.AST, bound: Collection[str]) -> ast.AST:
    """Return an expression as a later Python would have it, or as it stands.

    Args:
        node: The expression.
        bound: The names that the module binds itself: they are no builtins in it.
    """
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="split"), args=[], keywords=[]):
            return ast.List(elts=[ast.Constant(value=word) for word in text.split()], ctx=ast.Load())
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format")):
            return _as_f_string(node, text)
        case ast.BinOp(left=ast.Constant(value=str(text)) as left, op=ast.Mod(), right=ast.Tuple(elts=values)):
            form = _PERCENT.sub(lambda sign: _FIELDS.get(sign[0], "{!}"), text)
            call = ast.Call(left, values, [])
            shown = _as_f_string(call, form)
            return node if shown is call else shown
        case ast.Call(func=ast.Name(id=name)) if name not in bound:
            return _as_display(node) or node
        case ast.Name(id=name) if name not in bound and isinstance(known := getattr(builtins, name, None), type):
            return ast.Name(known.__name__)
        case _:
            return _in_order(node)


def _in_order(node: ast.AST) -> ast.AST:
    """Return what a module exports as it would be sorted."""
    match node:
        case ast.Assign(targets=[ast.Name("__all__")], value=ast.List(elts=items) | ast.Tuple(elts=items)) if all(
            isinstance(item, ast.Constant) for item in items
        ):
            return ast.Assign(node.targets, ast.List(sorted(items, key=ast.dump)))
        case _:
            return node


def without_local_names(function: Function) -> Function:
    """Return a function with its compiled body for its text, which tells a local variable by its number alone.

    One that may ask for its variables by their names stays as it is.
    """
    if any(isinstance(node, ast.Name) and node.id in _BY_NAME for node in ast.walk(function)):
        return function
    body = [item for item in function.body if not is_silent(item)] or [ast.Pass()]
    bare = type(function)(**{**dict(ast.iter_fields(function)), "body": body, "decorator_list": []})
    try:
        module = compile(ast.fix_missing_locations(ast.Module([bare], [])), "", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return function
    codes = [one for one in module.co_consts if isinstance(one, CodeType) and one.co_name == function.name]
    written = ast.Return(ast.Constant(_written(codes[0]))) if len(codes) == 1 else None
    return type(function)(function.name, function.args, [written], function.decorator_list) if written else function


_BY_NAME = frozenset({"locals", "vars", "dir", "eval", "exec"})
"""What Python offers to ask for a variable by its name."""


def _written(code: CodeType) -> str:
    """Write what a function does: its instructions, and what they speak of."""
    consts = [_written(one) if isinstance(one, CodeType) else (type(one), one) for one in code.co_consts]
    asked = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    caught = getattr(code, "co_exceptiontable", b"")
    return repr((code.co_name, code.co_flags, code.co_argcount, asked, code.co_code, caught, code.co_names, consts))


_FIELDS = {"%s": "{}", "%r": "{!r}", "%%": "%", "{": "{{", "}": "}}"}
_PERCENT = re.compile(r"%.|[{}]", re.DOTALL)


def _as_display(call: ast.Call) -> ast.expr | None:
    """Return the set or dictionary that a call makes of a list, or of a comprehension; a default goes unsaid."""
    match call:
        case ast.Call(ast.Name("set"), [ast.List(elts=[_, *_] as items) | ast.Tuple(elts=[_, *_] as items)], []):
            return ast.Set(items)
        case ast.Call(
            ast.Name("set"), [ast.ListComp(item, generators=loops) | ast.GeneratorExp(item, generators=loops)], []
        ):
            return ast.SetComp(item, loops)
        case ast.Call(
            ast.Name("dict"),
            [
                ast.ListComp(elt=ast.Tuple(elts=[key, item]), generators=loops)
                | ast.GeneratorExp(elt=ast.Tuple(elts=[key, item]), generators=loops)
            ],
            [],
        ):
            return ast.DictComp(key, item, loops)
        case ast.Call(ast.Name("zip"), values, [ast.keyword("strict", ast.Constant(value=False))]):
            return ast.Call(call.func, values, [])
        case ast.Call(ast.Name("open"), [file, ast.Constant(value="r" | "rt")], words):
            return ast.Call(call.func, [file], words)
        case _:
            return None


def plain_supers(tree: ast.Module) -> Iterator[ast.Call]:
    """Yield the calls ``super(A, self)`` in methods of ``A``, which need no arguments there."""
    for node in ast.walk(tree):
        methods = (item for item in node.body if isinstance(item, FUNCTIONS)) if isinstance(node, ast.ClassDef) else ()
        for method in methods:
            first = next((item.arg for item in (*method.args.posonlyargs, *method.args.args)), "")
            for call in _own(method):
                match call:
                    case ast.Call(func=ast.Name("super"), args=[ast.Name(owner), ast.Name(own)]) if isinstance(
                        node, ast.ClassDef
                    ) and (owner, own) == (node.name, first):
                        yield call


def _own(method: ast.AST) -> Iterator[ast.AST]:
    """Yield what stands in a function, and in no other one of it."""
    waiting = list(ast.iter_child_nodes(method))
    while waiting:
        node = waiting.pop()
        if not isinstance(node, (*DEFINITIONS, ast.Lambda, ast.GeneratorExp, ast.ListComp, ast.SetComp, ast.DictComp)):
            yield node
            waiting.extend(ast.iter_child_nodes(node))


def _as_f_string(call: ast.Call, text: str) -> ast.expr:
    """Return the f-string that ``text.format(...)`` is, or the call where it may be none.

    An f-string makes each value once for every place, and after it has shown the one before.
    """
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        return call
    given = {str(place): value for place, value in enumerate(call.args)}
    given.update((keyword.arg or "**", keyword.value) for keyword in call.keywords)
    names = [name for _, name, _, _ in parts if name is not None]
    if not any(names):
        names = [str(place) for place in range(len(names))]
    does = any(isinstance(node, DOES) for value in given.values() for node in ast.walk(value))
    if given.keys() != {*names} or (does and len(names) > 1) or any("{" in (spec or "") for _, _, spec, _ in parts):
        return call
    shown, values = iter(names), list[ast.expr]()
    for said, name, spec, conversion in parts:
        values += [ast.Constant(said)] if said else []
        if name is not None:
            form = ast.JoinedStr([ast.Constant(spec)]) if spec else None
            values.append(ast.FormattedValue(given[next(shown)], ord(conversion) if conversion else -1, form))
    return ast.JoinedStr(values)
