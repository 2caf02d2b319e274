"""The names and signatures a change adds and removes: what may make a red structural, or be replaced in a test."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from pytest_phasegate.core.project.syntax import DEFINITIONS, FUNCTIONS, Function, dump, is_silent, last_name
from pytest_phasegate.core.redgreen.change.definitions import MODULE, Entry, bound_names, entries_of, unannotated
from pytest_phasegate.core.redgreen.change.removal import reduced


class Names(NamedTuple):
    """Modules (dotted), names (functions, classes, attributes, constants), parameters, and the callables concerned.

    Names are bare: ``LRU`` for ``app.cache.LRU``. ``callables`` holds each function whose signature differs, for
    ``__init__`` its class too.
    """

    modules: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset()
    callables: frozenset[str] = frozenset()

    @property
    def all(self) -> frozenset[str]:
        """Every bare name, the last part of each module too."""
        last = {module.rpartition(".")[2] for module in self.modules}
        return (self.names | self.parameters | last) - _EVERYWHERE


NOTHING = Names()
_MADE = "()"
"""Ends the name of a class in the signatures where its constructor is made of its fields."""
_CONSTRUCTORS = ("__init__", "__new__")
_MAKERS = frozenset({"namedtuple", "NamedTuple", "make_dataclass", "make_class"})
_EVERYWHERE = frozenset({"self", "cls", "args", "kwargs", "__init__", "<module>"})


@dataclass(frozen=True, slots=True)
class Interface:
    """What one version of a production file offers.

    ``places`` says how often each name is bound, by the class it is bound in: one that a class had may be new to
    another, and one that a condition kept away may come by its other branch.
    """

    places: Counter[tuple[str, str]] = field(default_factory=Counter)
    signatures: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        """Every name, wherever it is bound."""
        return frozenset(name for _, name in self.places)


def interface_of(tree: ast.Module) -> Interface:
    """Read the interface of a module: definitions, attributes set on ``self``, signatures."""
    places: Counter[tuple[str, str]] = Counter()
    signatures: dict[str, str] = {}
    parameters: dict[str, frozenset[str]] = {}
    for entry in entries_of(tree):
        owner = entry.name.rpartition("::")[0]
        places.update((owner, name) for name in _bound_by(entry))
        if isinstance(entry.node, FUNCTIONS):
            places.update((owner, name) for name in _attributes(entry.node))
            signatures[entry.name] = f"{signatures.get(entry.name, '')}({dump(entry.node.args, unannotated)})"
            parameters[entry.name] = parameters.get(entry.name, frozenset()).union(_parameters(entry.node))
        elif (fields := _built_from(entry.node)) is not None:
            signatures[entry.name + _MADE] = fields
    return Interface(places, signatures, parameters)


def _bound_by(entry: Entry) -> Iterator[str]:
    """Yield the name of a definition, and of a block that is no definition those that it binds."""
    yield entry.last
    if entry.last == MODULE:
        yield from _bound_within(entry.node)


def _bound_within(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, DEFINITIONS):
            yield child.name
        elif isinstance(child, ast.stmt):
            yield from bound_names(child)
            yield from _bound_within(child)
        elif not isinstance(child, ast.expr):
            yield from _bound_within(child)


def _built_from(node: ast.AST) -> str | None:
    """Return what a decorator or a base makes a constructor of, whose parameters nobody wrote down."""
    match node:
        case ast.ClassDef() if node.decorator_list or node.bases:
            return ", ".join(_field(item) for item in node.body if isinstance(item, (ast.Assign, ast.AnnAssign)))
        case ast.Assign(value=ast.Call() as call) if last_name(call.func) in _MAKERS:
            return dump(call)
        case _:
            return None


def _field(statement: ast.Assign | ast.AnnAssign) -> str:
    optional = "=" if statement.value is not None else ""
    return " ".join(bound_names(statement)) + optional


def _parameters(function: Function) -> Iterator[str]:
    return (node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg))


def parameters_gained(before: Function, after: Function) -> frozenset[str] | None:
    """Return the parameters that a function got; ``None`` where more of it differs than that it calls or sets more."""
    gained = frozenset(_parameters(after)).difference(_parameters(before))
    stood = [dump(node) for node in before.body if not is_silent(node)]
    fresh = [node for node in after.body if dump(node) not in stood and not is_silent(node)]
    heads = [dump([*side.decorator_list, reduced(side.args, gained)], unannotated) for side in (before, after)]
    kept = [dump(node) for node in after.body if node not in fresh and not is_silent(node)]
    only = kept == stood and heads[0] == heads[1] and all(isinstance(node, _SETS_OR_CALLS) for node in fresh)
    return gained if only and type(before) is type(after) else None


_SETS_OR_CALLS = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr)


def _attributes(function: Function) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr


def added(before: Interface, after: Interface) -> Names:
    """Return what a missing name or a signature that does not fit may be for want of: all that the change brings."""
    fresh = (name for _, name in after.places - before.places)
    return removed(after, before)._replace(names=frozenset(fresh) - {MODULE})


def removed(before: Interface, after: Interface) -> Names:
    """Return what nothing in the file bears any more, and what was taken by another signature."""
    changed = [name for name, text in before.signatures.items() if after.signatures.get(name, text) != text]
    gone = [before.parameters[name] - after.parameters.get(name, frozenset()) for name in before.parameters]
    return Names(
        names=before.names - after.names,
        parameters=frozenset().union(*gone),
        callables=frozenset(part for name in changed for part in _callable(name)),
    )


def _callable(name: str) -> tuple[str, ...]:
    if name.endswith(_MADE):
        return (name.removesuffix(_MADE).rpartition("::")[2], *_CONSTRUCTORS)
    parts = name.split("::")
    return (parts[-2], parts[-1]) if parts[-1] == "__init__" and len(parts) > 1 else (parts[-1],)


def united(parts: Iterable[Names]) -> Names:
    """Return all names of several files together."""
    return Names(*(frozenset().union(*found) for found in zip(*parts, strict=True)))


def may_replace(text: bytes, brought: Names) -> bool:
    """Whether a text gives a name that a change brings to something else, or changes in place what bears it.

    Or it patches something, and has that name in quotes.
    """
    names = b"|".join(re.escape(name.rpartition(".")[2].encode()) for name in (*brought.names, *brought.modules))
    if not names:
        return False
    quoted = re.search(_PATCHES, text) and re.search(rb"[\"'.:](?:%b)[\"']" % names, text)
    return bool(quoted or any(re.search(form % {b"name": b"(?:%b)" % names}, text) for form in _REPLACING))


_PATCHES = rb"setattr|patch|sys\.modules|__dict__|vars\("
_REPLACING = (
    rb"\.%(name)b(?:\.__\w+__)?[ \t]*=(?!=)",
    rb"(?m)^%(name)b\b[^=\n]*=(?!=)(?![^\n]*\.%(name)b\()",
    rb"(?<![\w.])%(name)b[ \t]*:?=[ \t]*(?:lambda|\w*(?:[Ff]ake|[Mm]ock|[Ss]tub))",
    rb"(?:def|class)[ \t]+%(name)b\b",
    rb"(?s)import[^\n]*\b%(name)b\b.*import[^\n]*\b%(name)b\b",
    rb"\b%(name)b(?:\[[^\]\n]*\][ \t]*=(?!=)|\.(?:clear|update|pop|setdefault|append|extend|insert|remove)\()",
    rb"name=[\"']%(name)b[\"']",
)
"""How a test gives a name to something of its own, or alters what bears it: the last is a fixture."""
