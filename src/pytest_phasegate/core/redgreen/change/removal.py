"""Whether production code only went."""

from __future__ import annotations

import ast
from collections.abc import Callable, Container, Iterable, Iterator, Mapping

from pytest_phasegate.core.project.syntax import FUNCTIONS, dump, is_silent
from pytest_phasegate.core.redgreen.change.definitions import entries_of, shell

Rewrite = Callable[[ast.AST], ast.AST | None]
Version = tuple[ast.Module, Rewrite]


def removes_only(before: Version, after: Version, left_out: Callable[[ast.AST], bool]) -> bool:
    """Whether *after* is *before* with something left out.

    Each definition of *after* must have stood in *before*, and its lines, nesting included, must be a subsequence
    of what they were; the order of the definitions themselves does not matter. Of a table, an assigned literal
    with many entries, each entry is a line, and of a condition each operand of ``and`` or ``or``. A parameter may go,
    and with it the argument of its name in calls.

    Args:
        before: The module, and how its nodes are written.
        after: The same of the other version.
        left_out: Which statements somebody else compares.
    """
    old, new = _Lines(before, left_out).definitions(), _Lines(after, left_out).definitions()
    gone = _parameters_gone(before[0], after[0])
    without = _Lines((before[0], _Without(gone, before[1])), left_out).definitions() if gone else old
    return all(name in old and _is_within(lines, old[name], without[name]) for name, lines in new.items())


def _is_within(lines: Iterable[str], of: Iterable[str], without: Iterable[str]) -> bool:
    rest = zip(of, without, strict=True)
    return all(any(line in either for either in rest) for line in lines)


_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


class _Lines:
    """Writes a module as its definitions, each a list of lines."""

    def __init__(self, version: Version, left_out: Callable[[ast.AST], bool]) -> None:
        self.tree, self.rewrite = version
        self.left_out = left_out

    def definitions(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for entry in entries_of(self.tree):
            if self.left_out(entry.node):
                continue
            node = entry.node
            is_class = isinstance(node, ast.ClassDef)
            lines = [self._dump(shell(self.rewrite(node) or node))] if is_class else list(self._lines([node]))
            if lines:
                found.setdefault(entry.name, []).extend([*entry.conditions, *lines])
        return found

    def _lines(self, nodes: Iterable[ast.AST]) -> Iterator[str]:
        """Yield the statements of a block, compound ones by their head and then what they hold."""
        for original in nodes:
            node = self.rewrite(original)
            if node is None or is_silent(node):
                continue
            if isinstance(node, (ast.Assign, ast.AnnAssign)):
                yield from self._entries(node.value, self._head(node, {"value"}))
                continue
            blocks = {name: value for name in _BLOCKS if isinstance(value := getattr(node, name, None), list)}
            test = getattr(node, "test", None)
            yield self._head(node, blocks if test is None else {*blocks, "test"})
            yield from self._operands(test, type(node).__name__)
            for name, block in blocks.items():
                if block:
                    yield f"{name}("
                    yield from self._lines(block)
                    yield ")"

    def _operands(self, test: ast.expr | None, place: str) -> Iterator[str]:
        """Yield what a condition joins by ``and`` or ``or``, each for itself and as joined: of several, one may go."""
        if isinstance(test, ast.BoolOp):
            joined = f"{place} {type(test.op).__name__}"
            yield joined
            for value in test.values:
                yield from self._operands(value, place)
                yield f"{joined} {self._dump(value)}"
        elif test is not None:
            yield f"{place} {self._dump(test)}"

    def _head(self, node: ast.AST, without: Container[str]) -> str:
        parts = (self._part(value) for name, value in ast.iter_fields(node) if name not in without)
        return type(node).__name__ + "".join(parts)

    def _entries(self, value: ast.expr | None, place: str) -> Iterator[str]:
        """Yield a value, a table entry by entry, each with its place; also one in a call (``frozenset({...})``)."""
        match value:
            case ast.Dict(keys=keys, values=values):
                yield f"{place}Dict"
                for key, item in zip(keys, values, strict=True):
                    yield from self._entries(item, f"{place}{self._part(key)}:")
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                yield f"{place}{type(value).__name__}"
                yield from (f"{place}- {self._dump(item)}" for item in items)
            case ast.Call(
                func=function, args=[ast.Dict() | ast.List() | ast.Tuple() | ast.Set() as table], keywords=[]
            ):
                yield from self._entries(table, f"{place}{self._dump(function)} ")
            case _:
                yield f"{place}{self._part(value)}"

    def _part(self, value: object) -> str:
        if isinstance(value, list):
            return "".join(map(self._part, value))
        return self._dump(value) if isinstance(value, ast.AST) else f"{value!r},"

    def _dump(self, node: ast.AST | Iterable[ast.AST]) -> str:
        return dump(node, self.rewrite)


def _parameters_gone(before: ast.Module, after: ast.Module) -> dict[str, frozenset[str]]:
    """Return the parameters that each function which still stands has lost, where it got no other."""
    old, new = _parameters(before), _parameters(after)
    lost = {name: names - new[name] for name, names in old.items() if name in new and new[name] < names}
    return {name: frozenset(names) for name, names in lost.items()}


def _parameters(tree: ast.Module) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for entry in entries_of(tree):
        if isinstance(entry.node, FUNCTIONS):
            names = (node.arg for node in ast.walk(entry.node.args) if isinstance(node, ast.arg))
            found.setdefault(entry.name, set()).update(names)
    return found


class _Without:
    """Writes a module without the parameters that go, and without the arguments of their names."""

    def __init__(self, gone: Mapping[str, frozenset[str]], rewrite: Rewrite) -> None:
        self.by_function = {name.rpartition("::")[2]: names for name, names in gone.items()}
        self.names = frozenset[str]().union(*gone.values())
        self.rewrite = rewrite

    def __call__(self, node: ast.AST) -> ast.AST | None:
        kept = self.rewrite(node)
        if isinstance(kept, FUNCTIONS) and kept.name in self.by_function:
            arguments = reduced(kept.args, self.by_function[kept.name])
            return type(kept)(kept.name, arguments, kept.body, kept.decorator_list, kept.returns)
        if isinstance(kept, ast.Call):
            return ast.Call(kept.func, kept.args, [item for item in kept.keywords if item.arg not in self.names])
        return kept


def reduced(signature: ast.arguments, gone: frozenset[str]) -> ast.arguments:
    """Return a signature without some parameters, the defaults of the others beside them."""
    positional = [*signature.posonlyargs, *signature.args]
    filled = [None] * (len(positional) - len(signature.defaults)) + list(signature.defaults)
    defaults = [item for arg, item in zip(positional, filled, strict=True) if item is not None and arg.arg not in gone]
    named = [pair for pair in zip(signature.kwonlyargs, signature.kw_defaults, strict=True) if pair[0].arg not in gone]
    return ast.arguments(
        posonlyargs=[arg for arg in signature.posonlyargs if arg.arg not in gone],
        args=[arg for arg in signature.args if arg.arg not in gone],
        vararg=_unless(signature.vararg, gone),
        kwonlyargs=[arg for arg, _ in named],
        kw_defaults=[default for _, default in named],
        kwarg=_unless(signature.kwarg, gone),
        defaults=defaults,
    )


def _unless(argument: ast.arg | None, gone: frozenset[str]) -> ast.arg | None:
    return None if argument is None or argument.arg in gone else argument
