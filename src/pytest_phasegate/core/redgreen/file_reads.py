"""Whether a test reads files of which its text does not tell the names: then it may read the code as well."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pytest_phasegate.core.project.syntax import FUNCTIONS, last_name
from pytest_phasegate.core.redgreen.change.strength import bound, modules_in, set_in

READING = frozenset({"open", "open_text", "open_binary", "read_text", "read_bytes"})
"""The functions and methods of Python that read the file they are told, or that they stand on."""
_OWN = frozenset({"tmp_path", "tmp_path_factory", "tmpdir", "tmpdir_factory", "TemporaryDirectory", "mkdtemp"})
"""What a test writes itself lies below."""
_ANYWHERE = frozenset({*dir(builtins), "self", "cls", "__file__", "__path__", "__name__"})


def reads_computed_paths(module: ast.Module) -> bool:
    """Whether a file is opened by a name that no literal of the text tells, elsewhere than where a test writes."""
    places = [leaves for call in _reading(module) for part in _place(call) if (leaves := frozenset(_leaves(part)))]
    names = _Names.of(module) if places else None
    return names is not None and not all(map(names.tell, set(places)))


def _reading(module: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(module) if isinstance(node, ast.Call) and last_name(node) in READING)


def _place(call: ast.Call) -> Iterator[ast.expr]:
    """Yield what says where a file lies, unless it is written."""
    mode = [*call.args[:2], *(item.value for item in call.keywords if item.arg == "mode")]
    if any(isinstance(one, ast.Constant) and one.value in _WRITES for one in mode):
        return
    if isinstance(call.func, ast.Attribute):
        yield call.func.value
    yield from call.args[:1]
    yield from (item.value for item in call.keywords if item.arg in {"file", "path", "name", "resource"})


_WRITES = frozenset({"w", "wb", "a", "ab", "x", "xb", "wt", "w+"})


class _Names(NamedTuple):
    """What the names of a text are set to, and those of modules and imports."""

    values: Mapping[str, list[ast.AST]]
    imported: frozenset[str]

    @classmethod
    def of(cls, module: ast.Module) -> _Names:
        values: dict[str, list[ast.AST]] = {}
        for name, value in _values(module):
            values.setdefault(name, []).append(value)
        imports = (alias for node in ast.walk(module) if isinstance(node, ast.ImportFrom) for alias in node.names)
        imported = {*modules_in(module), *(alias.asname or alias.name for alias in imports)}
        return cls(values, frozenset(imported))

    def tell(self, place: frozenset[str]) -> bool:
        """Whether a place is put together, by these names, from what stands in the text."""
        found: set[str] = set()
        waiting = list(place)
        while waiting:
            name = waiting.pop()
            if name in _OWN:
                return True
            if name not in found:
                found.add(name)
                waiting.extend(leaf for value in self.values.get(name, ()) for leaf in _leaves(value))
        return found - _ANYWHERE <= self.values.keys() | self.imported


def _values(module: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Yield the names that are set somewhere with what they are set to: variables, attributes, results, parameters."""
    for target, value in set_in(module):
        for name in (*bound(target), *(item.attr for item in ast.walk(target) if isinstance(item, ast.Attribute))):
            yield name, value
    for node in ast.walk(module):
        if isinstance(node, FUNCTIONS):
            for inner in ast.walk(node):
                if isinstance(inner, (ast.Return, ast.Yield)) and inner.value is not None:
                    yield node.name, inner.value
        elif isinstance(node, ast.Call) and last_name(node) == "parametrize" and len(node.args) > 1:
            for item in ast.walk(node.args[0]):
                if isinstance(item, ast.Constant) and isinstance(item.value, str):
                    yield from ((name.strip(), node.args[1]) for name in item.value.split(","))


def _leaves(value: ast.AST) -> Iterator[str]:
    """Yield the names that a value is put together from; of an object of the test itself its attribute."""
    for node in ast.walk(value):
        match node:
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name):
                yield name
            case ast.Name(id=name, ctx=ast.Load()):
                yield name
            case ast.Attribute(attr=name) if name in _OWN:
                yield name
            case _:
                pass
