"""The part of a module that looks as if it ran: its tree without annotations and what serves them alone.

What is set aside here is not acquitted: it asks for no red test, and the tests that reach it are run. A name serves
typing only where the module imports it from there; a project may call a function of its own ``cast``.
"""

from __future__ import annotations

import ast
import builtins
import sys
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pytest_phasegate.core.project.syntax import DEFINITIONS, FUNCTIONS, Function, dump, is_silent, last_name, walk
from pytest_phasegate.core.redgreen.change.equivalents import modern, plain_supers, without_local_names

_TYPING = ("typing", "typing_extensions")
_TYPING_ONLY = ("final", "override", "no_type_check")
_VARIABLES = ("TypeVar", "ParamSpec", "TypeVarTuple")
_FIELDS = ("NamedTuple", "TypedDict")
_CHECKING = "TYPE_CHECKING"
_TYPE_ALIAS = getattr(ast, "TypeAlias", ())


def is_typing_import(statement: ast.AST) -> bool:
    """Whether an import brings only what annotations need."""
    if isinstance(statement, ast.ImportFrom):
        return not statement.level and statement.module in {*_TYPING, "__future__", "collections.abc"}
    return isinstance(statement, ast.Import) and all(alias.name in _TYPING for alias in statement.names)


def is_standard(module: str) -> bool:
    """Whether an absolute import of this module is one of the standard library."""
    return module.partition(".")[0] in sys.stdlib_module_names


@dataclass(slots=True)
class Running:
    """Writes a module as it runs, annotations set aside.

    That a class with a decorator or with a base from elsewhere annotates a name at all is kept, since that may make
    a field of it; with what it annotates is not.
    """

    tree: ast.Module
    _imported: dict[str, str] = field(default_factory=dict)
    _bound: set[str] = field(default_factory=set)
    _fields: set[int] = field(default_factory=set)
    _supers: frozenset[int] = frozenset()
    _variables: frozenset[str] = frozenset()
    _known: bool = False

    def dump(self, nodes: Sequence[ast.AST]) -> str:
        """Write some statements of the module as they run."""
        return dump(nodes, self.rewrite)

    def compiled(self, node: ast.AST) -> ast.AST | None:
        """Return a node as it runs, a function as it is compiled: then its local variables have no names."""
        kept = self.rewrite(node)
        return without_local_names(kept) if isinstance(kept, FUNCTIONS) else kept

    def names(self, nodes: Sequence[ast.AST]) -> frozenset[str]:
        """Return the names that these statements use when they run, with those ``__all__`` exports."""
        found = {node.id for node in walk(nodes, self.rewrite) if isinstance(node, ast.Name)}
        return frozenset(found | _exported(self.tree))

    def _look(self) -> None:
        """Find what the module imports and never binds otherwise, and the annotations that may make fields."""
        self._known = True
        found, otherwise = _bindings(self.tree)
        self._imported = {name: source for name, source in found.items() if name not in otherwise}
        self._bound = otherwise.union(found)
        set_to = (item for item in ast.walk(self.tree) if isinstance(item, ast.Assign))
        made = (item for item in set_to if self._typing(item.value) in _VARIABLES)
        self._variables = frozenset(last_name(item.targets[0]) for item in made)
        self._supers = frozenset(map(id, plain_supers(self.tree))) if "super" not in self._bound else frozenset()
        classes = {node.name: node for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef)}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ClassDef) and self._makes_fields(node, classes, ()):
                self._fields.update(id(item) for item in _within(node) if isinstance(item, ast.AnnAssign))

    def rewrite(self, node: ast.AST) -> ast.AST | None:
        """Return a node as it runs, or ``None`` where nothing of it does."""
        if not self._known:
            self._look()
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return self._function(node)
            case ast.arg(arg=name):
                return ast.arg(arg=name)
            case ast.AnnAssign() if id(node) in self._fields:
                return ast.AnnAssign(node.target, ast.Constant(value=...), node.value, node.simple)
            case ast.AnnAssign():
                return self._assignment(node)
            case ast.Call():
                return self._call(node)
            case _:
                return None if self._serves_typing(node) else self._without_typing(node)

    def _call(self, node: ast.Call) -> ast.AST | None:
        """Return what a call comes to where its text says that."""
        match node:
            case ast.Call(args=[_, value]) if self._typing(node.func) == "cast":
                return self.rewrite(value)
            case _ if id(node) in self._supers:
                return ast.Call(node.func, [], [])
            case _:
                return modern(node, self._bound)

    def _function(self, node: Function) -> ast.AST | None:
        if any(self._typing(mark) == "overload" for mark in node.decorator_list):
            return None
        return type(node)(node.name, node.args, node.body, self._effective(node.decorator_list), None)

    def _serves_typing(self, node: ast.AST) -> bool:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=False)):
                return name == _CHECKING
            case ast.Assign(value=ast.Call() as call):
                return self._typing(call) in _VARIABLES
            case ast.Import() | ast.ImportFrom():
                return is_typing_import(node)
            case ast.If(orelse=[]):
                return self.for_checkers(node.test)
            case _:
                return isinstance(node, _TYPE_ALIAS)

    def _without_typing(self, node: ast.AST) -> ast.AST | None:
        match node:
            case ast.If(orelse=rest) if self.for_checkers(node.test):
                return self.rewrite(rest[0]) if len(rest) == 1 else ast.If(ast.Constant(value=False), [], rest)
            case ast.ClassDef():
                return self._class(node)
            case ast.Name() | ast.Attribute() if (origin := _builtin(self._typing(node))) is not None:
                return ast.Name(id=origin)
            case ast.Subscript(slice=one) if self._typing(node) == "Optional":
                return _union([one, ast.Constant(value=None)])
            case ast.Subscript(slice=ast.Tuple(elts=several)) if self._typing(node) == "Union":
                return _union(several)
            case _:
                return modern(node, self._bound)

    def _class(self, node: ast.ClassDef) -> ast.AST | None:
        """Return a class as it runs; a protocol without marks that holds nothing but what it asks for does not."""
        kept = (base for base in node.bases if self._typing(base) != "Generic" and not self._is_object(base))
        bases = [self._without_parameters(base) for base in kept]
        marks = self._effective(node.decorator_list)
        stands_for = not marks and "Protocol" in map(self._typing, bases)
        body = [item for item in node.body if not (stands_for and _asks_only(item))]
        alone = stands_for and not node.keywords and all(self._typing(base) == "Protocol" for base in bases)
        if alone and all(is_silent(item) or self.rewrite(item) is None for item in body):
            return None
        return ast.ClassDef(node.name, bases, node.keywords, body, marks)

    def _without_parameters(self, base: ast.expr) -> ast.expr:
        """Return a base without type parameters of the module; any other type it may be made of."""
        if not isinstance(base, ast.Subscript):
            return base
        given = {node.id for node in ast.walk(base.slice) if isinstance(node, ast.Name)}
        return base.value if given and given <= self._variables else base

    def _is_object(self, base: ast.expr) -> bool:
        return isinstance(base, ast.Name) and base.id == "object" and base.id not in self._bound

    def _typing(self, node: ast.AST) -> str:
        """Return what a name is in the module ``typing``, where it comes from there; of what is called, the callee."""
        source = self._source(node)
        module, _, name = source.rpartition(".")
        return name if module in _TYPING else ""

    def _source(self, node: ast.AST) -> str:
        """Return where a name or an attribute of a module was imported from, dotted; empty where it was not."""
        while isinstance(node, (ast.Call, ast.Subscript)):
            node = node.func if isinstance(node, ast.Call) else node.value
        if isinstance(node, ast.Attribute):
            outer = self._source(node.value)
            return f"{outer}.{node.attr}" if outer else ""
        return self._imported.get(node.id, "") if isinstance(node, ast.Name) else ""

    def for_checkers(self, test: ast.expr) -> bool:
        """Whether a condition is ``TYPE_CHECKING``, which is false whenever the module runs."""
        if not self._known:
            self._look()
        if self._typing(test) == _CHECKING:
            return True
        return isinstance(test, ast.Name) and test.id == _CHECKING and _is_always_false(self.tree)

    def _effective(self, decorators: list[ast.expr]) -> list[ast.expr]:
        return [mark for mark in decorators if self._typing(mark) not in _TYPING_ONLY]

    def _assignment(self, node: ast.AnnAssign) -> ast.AST | None:
        """A bare ``x: int`` does nothing; an alias serves annotations."""
        if node.value is None or self._typing(node.annotation) == "TypeAlias":
            return None
        return ast.Assign(targets=[node.target], value=node.value)

    def _makes_fields(self, node: ast.ClassDef, classes: Mapping[str, ast.ClassDef], seen: tuple[str, ...]) -> bool:
        """Whether the annotations of a class body may make fields: by a decorator, a keyword, a base from elsewhere."""
        if node.keywords or any(not self._is_plain(mark) for mark in node.decorator_list):
            return True
        return any(not self._is_plain_base(base, classes, (*seen, node.name)) for base in node.bases)

    def _is_plain_base(self, base: ast.expr, classes: Mapping[str, ast.ClassDef], seen: tuple[str, ...]) -> bool:
        name = last_name(base)
        known = classes.get(name)
        if known is not None:
            return name not in seen and not self._makes_fields(known, classes, seen)
        is_builtin = isinstance(base, ast.Name) and hasattr(builtins, name) and name not in self._bound
        return is_builtin or self._is_plain(base)

    def _is_plain(self, node: ast.expr) -> bool:
        """Whether a decorator or a base is of the standard library, and no maker of fields there."""
        source = self._source(node)
        makes = source.startswith("dataclasses.") or self._typing(node) in _FIELDS
        return bool(source) and is_standard(source) and not makes


def _bindings(tree: ast.Module) -> tuple[dict[str, str], set[str]]:
    """Return where each name comes from that an absolute import binds, and the names that are bound otherwise."""
    found: dict[str, str] = {}
    otherwise: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                found.update((alias.asname or alias.name.partition(".")[0], _of(alias)) for alias in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                found.update((alias.asname or alias.name, f"{module}.{alias.name}") for alias in names)
            case ast.ImportFrom(names=names):
                otherwise.update(alias.asname or alias.name for alias in names)
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                otherwise.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                otherwise.add(name)
            case _:
                pass
    return found, otherwise


def _of(alias: ast.alias) -> str:
    return alias.name if alias.asname else alias.name.partition(".")[0]


def _asks_only(item: ast.stmt) -> bool:
    """Whether a method of a protocol does nothing itself: whoever checks types reads what it asks for."""
    if not isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)) or item.decorator_list:
        return False
    constants = (one.value for one in item.body if isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
    said = [one.value for one in constants if one.value is ... or isinstance(one.value, str)]
    return len(said) + sum(isinstance(one, ast.Pass) for one in item.body) == len(item.body)


def _builtin(name: str) -> str | None:
    """Return the builtin that a name of ``typing`` stands for, as that module says itself: ``list`` for ``List``."""
    if not name:
        return None

    origin = getattr(getattr(typing, name, None), "__origin__", None)
    return origin.__name__ if isinstance(origin, type) and origin.__module__ == "builtins" else None


def _is_always_false(tree: ast.Module) -> bool:
    """Whether a module says ``TYPE_CHECKING = False`` itself, and nothing else of it."""
    stores = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id == _CHECKING and isinstance(node.ctx, ast.Store)
    ]
    said = [item for item in tree.body if isinstance(item, ast.Assign) and last_name(item.targets[0]) == _CHECKING]
    return len(stores) == len(said) == 1 and isinstance(said[0].value, ast.Constant) and said[0].value.value is False


def _union(types: list[ast.expr]) -> ast.AST:
    """Write a union as ``|`` would, which is the same type."""
    whole = types[0]
    for one in types[1:]:
        whole = ast.BinOp(left=whole, op=ast.BitOr(), right=one)
    return whole


def _within(node: ast.ClassDef) -> Iterable[ast.AST]:
    """Yield the statements of a class body, those under a condition too, but not those of its methods."""
    waiting: list[ast.AST] = [*node.body]
    while waiting:
        item = waiting.pop()
        if not isinstance(item, DEFINITIONS):
            yield item
            waiting.extend(ast.iter_child_nodes(item))


def _exported(tree: ast.Module) -> set[str]:
    lists = (item.value for item in tree.body if isinstance(item, (ast.Assign, ast.AugAssign)) and _is_all(item))
    return {str(node.value) for value in lists for node in ast.walk(value) if isinstance(node, ast.Constant)}


def _is_all(item: ast.Assign | ast.AugAssign) -> bool:
    targets = item.targets if isinstance(item, ast.Assign) else [item.target]
    return any(last_name(target) == "__all__" for target in targets)
