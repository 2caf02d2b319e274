"""The definitions of a module: functions, classes, constants and imports, with the names each of them uses."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pytest_phasegate.core.project.syntax import DEFINITIONS, FUNCTIONS, Function, dump, is_silent, last_name
from pytest_phasegate.core.redgreen.change.strength import bound

MODULE = "<module>"
"""The name of what stands loose in a module."""


class Entry(NamedTuple):
    """One definition: its qualified name (``Class::method``), its node, the classes and conditions around it."""

    name: str
    node: ast.AST
    classes: tuple[ast.ClassDef, ...] = ()
    conditions: tuple[str, ...] = ()

    @property
    def last(self) -> str:
        """The name without its classes."""
        return self.name.rpartition("::")[2]


class _Place(NamedTuple):
    """What stands around a definition."""

    classes: tuple[ast.ClassDef, ...] = ()
    conditions: tuple[str, ...] = ()

    def under(self, *conditions: str) -> _Place:
        return self._replace(conditions=(*self.conditions, *conditions))

    def holds(self, name: str, node: ast.AST) -> Entry:
        return Entry("::".join([*(outer.name for outer in self.classes), name]), node, *self)


def _in_block(statements: Iterable[ast.stmt], place: _Place) -> Iterator[Entry]:
    """Yield the definitions of a block, also those that hang on a condition."""
    for node in statements:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield place.holds(node.name, node)
            case ast.ClassDef():
                yield place.holds(node.name, node)
                yield from _in_block(node.body, place._replace(classes=(*place.classes, node)))
            case ast.If():
                yield from _in_branches(node, place)
            case ast.Try() | ast.TryStar():
                yield from _in_attempt(node, place)
            case ast.Import() | ast.ImportFrom():
                for alias, name in zip(node.names, bound_names(node), strict=True):
                    yield place.holds(name, _alone(node, alias))
            case ast.With() | ast.AsyncWith() | ast.For() | ast.AsyncFor() | ast.While():
                yield place.holds(MODULE, ast.Module(body=[node], type_ignores=[]))
                yield from _in_block([item for item in node.body if isinstance(item, DEFINITIONS)], place)
            case _ if not is_silent(node):
                yield from (place.holds(name, node) for name in bound_names(node) or (MODULE,))
            case _:
                pass


def _in_branches(node: ast.If, place: _Place) -> Iterator[Entry]:
    """A constant condition decides now; any other is a condition of what it holds."""
    test = node.test.value if isinstance(node.test, ast.Constant) else None
    text = dump(node.test)
    if test is None or test:
        yield from _in_block(node.body, place if test else place.under(f"if {text}"))
    if test is None or not test:
        yield from _in_block(node.orelse, place if test is not None else place.under(f"unless {text}"))


def _in_attempt(node: ast.Try | ast.TryStar, place: _Place) -> Iterator[Entry]:
    """What may be caught, or is followed by something in any case, is a condition of what is tried."""
    caught = [dump(handler.type or []) for handler in node.handlers]
    tried = [*(f"except {one}" for one in caught), *(["finally"] if node.finalbody else [])]
    yield from _in_block(node.body, place.under(*tried))
    for handler, one in zip(node.handlers, caught, strict=True):
        yield from _in_block(handler.body, place.under(f"caught {one}"))
    yield from _in_block(node.orelse, place.under(*(f"unless {one}" for one in caught)))
    yield from _in_block(node.finalbody, place)


def _alone(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> ast.stmt:
    """Return an import of one name: what stands beside it in the statement is no part of its definition."""
    if isinstance(node, ast.Import):
        return ast.copy_location(ast.Import([alias]), node)
    return ast.copy_location(ast.ImportFrom(node.module, [alias], node.level), node)


def entries_of(tree: ast.Module) -> tuple[Entry, ...]:
    """Return every definition at module and class level, in the order of the text."""
    return tuple(_in_block(tree.body, _Place()))


def by_name(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """Return the definitions of each name, in the order of the text."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.name, []).append(entry)
    return groups


def nodes_by_name(tree: ast.Module) -> dict[str, list[ast.AST]]:
    """Return what defines each name of a module, in the order of the text."""
    return {name: [entry.node for entry in group] for name, group in by_name(entries_of(tree)).items()}


def unannotated(node: ast.AST) -> ast.AST:
    """Return a parameter without its annotation, anything else as it is."""
    return ast.arg(arg=node.arg) if isinstance(node, ast.arg) else node


def bound_names(node: ast.stmt) -> tuple[str, ...]:
    """Return the names that a simple statement binds."""
    match node:
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return tuple(alias.asname or alias.name.partition(".")[0] for alias in aliases)
        case ast.Assign(targets=targets):
            return tuple(dict.fromkeys(name for target in targets for name in bound(target)))
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
            return tuple(bound(target))
        case _:
            return ()


def shell(node: ast.AST) -> Sequence[ast.AST]:
    """Return a class without its body; anything else as it is."""
    return [*node.bases, *node.keywords, *node.decorator_list] if isinstance(node, ast.ClassDef) else [node]


def uses(entry: Entry) -> frozenset[str]:
    """Return every name through which a definition may reach another one of its file.

    Names, attributes, parameters (fixtures) and the strings of decorators (``usefixtures("db")``): rather one too
    many, since what is reached only tells which tests a changed helper concerns.
    """
    found: set[str] = set()
    for part in shell(entry.node):
        for node in ast.walk(part):
            found.update(_names(node))
    decorators = entry.node.decorator_list if isinstance(entry.node, DEFINITIONS) else []
    found.update(_strings(decorators))
    return frozenset(found)


def waits_to_be_named(node: ast.AST) -> bool:
    """Whether a definition of a conftest does nothing to a test that does not name it.

    A function is one, if it is no hook of pytest; so is a fixture that neither is used by itself nor has another name,
    and an import of pytest or the standard library.
    """
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return not node.name.startswith("pytest_") and all(map(_is_plain_fixture, node.decorator_list))
        case ast.ImportFrom(module=str() as module, level=0):
            return _is_harmless(module)
        case ast.Import(names=aliases):
            return all(_is_harmless(alias.name) for alias in aliases)
        case _:
            return False


def speaks_below(before: ast.Module, after: ast.Module) -> bool:
    """Whether what differs of a conftest speaks to the tests below it alone: it has no hook, only functions differ."""
    sides = [
        {(*entry[:1], dump(entry.node), entry.conditions): entry for entry in entries_of(tree)}
        for tree in (before, after)
    ]
    named = [entry for side in sides for entry in side.values() if not isinstance(entry.node, ast.Import)]
    differing = [side[key].node for side in sides for key in side if not all(key in other for other in sides)]
    hooks = any(entry.last == "*" or entry.last.startswith("pytest_") for entry in named)
    return not hooks and all(isinstance(node, (*FUNCTIONS, ast.Import, ast.ImportFrom)) for node in differing)


def _is_plain_fixture(decorator: ast.expr) -> bool:
    keywords = {keyword.arg for keyword in decorator.keywords} if isinstance(decorator, ast.Call) else set()
    named = decorator.func if isinstance(decorator, ast.Call) else decorator
    plain = not isinstance(decorator, ast.Call) or not decorator.args
    return plain and last_name(named) == "fixture" and keywords <= {"scope", "params", "ids"}


def _is_harmless(module: str) -> bool:
    return module == "pytest" or module.partition(".")[0] in sys.stdlib_module_names


def _names(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
            yield name
        case ast.Call(args=[ast.Constant(value=str() as name)]):
            yield name
        case _:
            return


def _strings(decorators: Iterable[ast.expr]) -> Iterator[str]:
    for decorator in decorators:
        for node in ast.walk(decorator):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


_SETUP = frozenset({
    "pytestmark", "setup_module", "teardown_module", "setup_function", "teardown_function", "setup_class",
    "teardown_class", "setup_method", "teardown_method", "setUp", "tearDown", "setUpClass", "tearDownClass",
    "asyncSetUp", "asyncTearDown", "setUpModule", "tearDownModule", "pytest_generate_tests", MODULE,
})  # fmt: skip


def implicit(entry: Entry) -> bool:
    """Whether a definition works on tests that do not name it: set-up, autouse fixtures, loose statements."""
    return entry.last in _SETUP or (isinstance(entry.node, FUNCTIONS) and _is_autouse(entry.node))


def _is_autouse(function: Function) -> bool:
    keywords = (item for mark in function.decorator_list if isinstance(mark, ast.Call) for item in mark.keywords)
    return any(item.arg == "autouse" for item in keywords)


@dataclass(slots=True)
class Reach:
    """Which definitions of a file can be reached from which names; every definition is read once."""

    entries: Sequence[Entry]
    _uses: dict[int, frozenset[str]] = field(default_factory=dict)
    _by_last: dict[str, list[Entry]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Index the definitions by their last name and by the classes that hold them."""
        for entry in self.entries:
            for name in (entry.last, *(outer.name for outer in entry.classes)):
                self._by_last.setdefault(name, []).append(entry)

    def support_of(self, test: Entry) -> frozenset[str]:
        """Return the qualified names that a test can reach, with its classes, set-up and autouse fixtures."""
        start = set(uses(test))
        for outer in test.classes:
            start.update(uses(Entry(outer.name, outer)))
        around = {"::".join(outer.name for outer in test.classes[:depth]) for depth in range(len(test.classes) + 1)}
        applied = [entry for entry in self.entries if implicit(entry) and entry.name.rpartition("::")[0] in around]
        own = [entry for entry in self.entries if entry.name in around]
        return self._reached(start, [*applied, *own])

    def _reached(self, names: set[str], entries: Sequence[Entry]) -> frozenset[str]:
        found = {entry.name for entry in entries}
        waiting = sorted(names.union(*(self._uses_of(entry) for entry in entries)))
        seen = set(waiting)
        while waiting:
            for entry in self._by_last.get(waiting.pop(), ()):
                if entry.name not in found:
                    found.add(entry.name)
                    fresh = self._uses_of(entry) - seen
                    seen |= fresh
                    waiting.extend(fresh)
        return frozenset(found)

    def _uses_of(self, entry: Entry) -> frozenset[str]:
        if id(entry) not in self._uses:
            self._uses[id(entry)] = uses(entry)
        return self._uses[id(entry)]
