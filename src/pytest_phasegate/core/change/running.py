"""The part of a module that runs: its tree without annotations and what serves them alone."""

from __future__ import annotations

import ast

from pytest_phasegate.core.change.syntax import DEFINITIONS, FUNCTIONS, Function, dotted, dump, last_name, walk
from pytest_phasegate.core.facts import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_TYPING = frozenset({"__future__", "typing", "typing_extensions", "collections.abc", "_typeshed"})
_READERS = frozenset({
    "register", "validate_call", "validate_arguments", "get", "post", "put", "delete", "patch", "head", "options",
    "route", "api_route", "websocket", "command", "callback", "tool", "task", "flow", "field", "query", "mutation",
    "subscription", "resolver", "inject", "provides", "provider", "beartype", "typechecked", "step", "given",
})  # fmt: skip
"""Last names of decorators that read the annotations of what they decorate (routes, commands, injection)."""
_INERT_BASES = frozenset({
    "object", "ABC", "Generic", "Protocol", "Exception", "BaseException", "ValueError", "TypeError", "KeyError",
    "IndexError", "LookupError", "AttributeError", "RuntimeError", "OSError", "ImportError", "NotImplementedError",
    "Warning", "UserWarning", "DeprecationWarning", "dict", "list", "set", "str", "int", "float", "tuple", "type",
    "Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "Thread", "UserDict", "UserList",
})  # fmt: skip
_INERT_DECORATORS = frozenset(
    {"final", "runtime_checkable", "total_ordering", "override", "no_type_check", "deprecated"}
)
_FIELD_BASES = frozenset({
    "NamedTuple", "TypedDict", "BaseModel", "BaseSettings", "RootModel", "Struct", "SQLModel", "DeclarativeBase",
    "Base", "Document", "Schema", "Model",
})  # fmt: skip
"""Bases whose subclasses read the types of their annotations, not only that there are some."""
_BUILTIN = {"Dict": "dict", "List": "list", "Tuple": "tuple", "Set": "set", "FrozenSet": "frozenset", "Type": "type"}
_TYPING_ONLY = frozenset({"final", "override", "no_type_check"})
_VARIABLES = frozenset({"TypeVar", "ParamSpec", "TypeVarTuple"})
_CASTS = frozenset({"cast", "typing.cast", "t.cast", "tp.cast", "te.cast"})
_TYPE_ALIAS = getattr(ast, "TypeAlias", ())


def is_typing_import(statement: ast.stmt) -> bool:
    """Whether an import brings only what annotations need."""
    if isinstance(statement, ast.ImportFrom):
        return statement.module in _TYPING
    return isinstance(statement, ast.Import) and all(alias.name in _TYPING for alias in statement.names)


@dataclass(slots=True)
class Running:
    """Writes a module as it runs.

    Annotations are set aside, except where something reads them at run time: in the body of a class with a decorator
    or with a base that makes fields of them (a named tuple, a typed dictionary, a model), and on functions whose
    decorator is known to look at them. Of a class with an unknown base only counts what is annotated, not with what.
    """

    tree: ast.Module
    _kept: set[int] = field(default_factory=set)
    _fields: set[int] = field(default_factory=set)

    def dump(self, nodes: Sequence[ast.AST]) -> str:
        """Write some statements of the module as they run."""
        self._look_at(nodes)
        return dump(nodes, self.rewrite)

    def names(self, nodes: Sequence[ast.AST]) -> frozenset[str]:
        """Return the names that these statements use when they run, with those ``__all__`` exports."""
        self._look_at(nodes)
        found = {node.id for node in walk(nodes, self.rewrite) if isinstance(node, ast.Name)}
        return frozenset(found | _exported(self.tree))

    def _look_at(self, nodes: Sequence[ast.AST]) -> None:
        """Find the annotations among these nodes that are behaviour; a base may stand anywhere in the module."""
        inside = [item for node in nodes for item in ast.walk(node)]
        found = [item for item in (*self.tree.body, *inside) if isinstance(item, ast.ClassDef)]
        classes = {node.name: node for node in found}
        for node in inside:
            if isinstance(node, ast.ClassDef) and _has_fields(node, classes, ()):
                kept = self._kept if _reads_types(node) else self._fields
                kept.update(id(item) for item in _within(node) if isinstance(item, ast.AnnAssign))
            elif isinstance(node, FUNCTIONS) and any(last_name(mark) in _READERS for mark in node.decorator_list):
                self._kept.update(id(item) for item in (node, *ast.walk(node.args)))

    def rewrite(self, node: ast.AST) -> ast.AST | None:
        """Return a node as it runs, or ``None`` where nothing of it does."""
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return self._function(node)
            case ast.arg(arg=name) if id(node) not in self._kept:
                return ast.arg(arg=name)
            case ast.AnnAssign() if id(node) in self._fields:
                return ast.AnnAssign(node.target, ast.Constant(value=...), node.value, node.simple)
            case ast.AnnAssign() if id(node) not in self._kept:
                return _assignment(node)
            case ast.Call(func=function, args=[_, value]) if dotted(function) in _CASTS:
                return self.rewrite(value)
            case _:
                return None if _serves_typing(node) else _without_typing(node)

    def _function(self, node: Function) -> ast.AST | None:
        if any(last_name(mark) == "overload" for mark in node.decorator_list):
            return None
        returns = node.returns if id(node) in self._kept else None
        return type(node)(node.name, node.args, node.body, _effective(node.decorator_list), returns)


def _serves_typing(node: ast.AST) -> bool:
    match node:
        case ast.Assign(value=ast.Call() as call):
            return last_name(call) in _VARIABLES
        case ast.Import() | ast.ImportFrom():
            return is_typing_import(node)
        case ast.If(orelse=[]):
            return last_name(node.test) == "TYPE_CHECKING"
        case _:
            return isinstance(node, _TYPE_ALIAS)


def _without_typing(node: ast.AST) -> ast.AST:
    match node:
        case ast.If() if last_name(node.test) == "TYPE_CHECKING":
            return ast.If(test=ast.Constant(value=False), body=[], orelse=node.orelse)
        case ast.ClassDef():
            bases = [base for base in node.bases if last_name(base) != "Generic"]
            return ast.ClassDef(node.name, bases, node.keywords, node.body, _effective(node.decorator_list))
        case ast.Name(id=name) if name in _BUILTIN:
            return ast.Name(id=_BUILTIN[name])
        case ast.Subscript(value=ast.Name(id="Optional"), slice=one):
            return _union([one, ast.Constant(value=None)])
        case ast.Subscript(value=ast.Name(id="Union"), slice=ast.Tuple(elts=several)):
            return _union(several)
        case _:
            return node


def _effective(decorators: list[ast.expr]) -> list[ast.expr]:
    return [mark for mark in decorators if last_name(mark) not in _TYPING_ONLY]


def _assignment(node: ast.AnnAssign) -> ast.AST | None:
    """A bare ``x: int`` does nothing; an alias serves annotations."""
    if node.value is None or last_name(node.annotation) == "TypeAlias":
        return None
    return ast.Assign(targets=[node.target], value=node.value)


def _has_fields(node: ast.ClassDef, classes: dict[str, ast.ClassDef], seen: tuple[str, ...]) -> bool:
    """Whether the annotations of a class body may make fields; a base from elsewhere may be anything."""
    if node.keywords or any(last_name(mark) not in _INERT_DECORATORS for mark in node.decorator_list):
        return True
    return any(not _is_inert(base, classes, (*seen, node.name)) for base in node.bases)


def _is_inert(base: ast.expr, classes: dict[str, ast.ClassDef], seen: tuple[str, ...]) -> bool:
    name = last_name(base)
    known = classes.get(name)
    if known is not None and name not in seen:
        return not _has_fields(known, classes, seen)
    return name in _INERT_BASES


def _reads_types(node: ast.ClassDef) -> bool:
    decorated = any(last_name(mark) not in _INERT_DECORATORS for mark in node.decorator_list)
    return decorated or any(last_name(base) in _FIELD_BASES for base in node.bases)


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
