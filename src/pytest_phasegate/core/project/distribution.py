"""What a project says of itself as a distribution, whichever builder it says it to."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import NamedTuple

from pytest_phasegate.core.project.pytest_options import Document, table_in
from pytest_phasegate.core.project.syntax import last_name

EntryPoints = dict[str, dict[str, str]]
"""Groups of entry points (``console_scripts``, ``pytest11``), each with its names and targets."""


class Distribution(NamedTuple):
    """A distribution's name, its version (``0`` where it is computed), and its entry points."""

    name: str
    version: str
    entry_points: EntryPoints


def normalized(name: str) -> str:
    """Return the name of a distribution, or a text with such names in it, as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name.lower())


def read_distribution(pyproject: Document, setup_cfg: Document, setup_py: str = "") -> Distribution | None:
    """Return what ``pyproject.toml``, ``setup.cfg`` or the text of ``setup.py`` declares, the first with a name."""
    named = _declared(table_in(pyproject, "project"), "entry-points")
    named = named or _declared(table_in(pyproject, "tool", "poetry"), "plugins") or _flit(pyproject)
    return named or _setup_cfg(setup_cfg) or _setup_py(setup_py)


def _of(name: object, version: object, entry_points: EntryPoints) -> Distribution | None:
    if not isinstance(name, str) or not name:
        return None
    literal = isinstance(version, str) and version[:1].isdecimal()
    return Distribution(name, str(version) if literal else "0", entry_points)


def _declared(table: Document, further: str) -> Distribution | None:
    """Return what a table declares: a name, a version, scripts, and ``further`` groups of entry points."""
    groups = {"console_scripts": table.get("scripts"), **table_in(table.get(further))}
    return _of(table.get("name"), table.get("version"), _tables(groups))


def _flit(document: Document) -> Distribution | None:
    table = table_in(document, "tool", "flit")
    metadata = table_in(table.get("metadata"))
    groups = {"console_scripts": table.get("scripts"), **table_in(table.get("entrypoints"))}
    return _of(metadata.get("dist-name") or metadata.get("module"), None, _tables(groups))


def _setup_cfg(document: Document) -> Distribution | None:
    table = table_in(document, "metadata")
    groups = table_in(document, "options.entry_points")
    listed = {group: _lines(str(entries or "").splitlines()) for group, entries in groups.items()}
    return _of(table.get("name"), table.get("version"), listed)


def _setup_py(text: str) -> Distribution | None:
    """Read the words of ``setup(...)`` that can be read without running it."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return None
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and last_name(node) == "setup")
    given = {word.arg: word.value for call in calls for word in call.keywords}
    points = given.get("entry_points")
    keys = zip(points.keys, points.values, strict=True) if isinstance(points, ast.Dict) else ()
    groups = {str(_literal(key, tree)): _literal(value, tree) for key, value in keys if key is not None}
    listed = {group: _lines(entries) for group, entries in groups.items() if isinstance(entries, (str, list))}
    return _of(_literal(given.get("name"), tree), _literal(given.get("version"), tree), listed)


def _literal(node: ast.expr | None, tree: ast.Module) -> object:
    """Return the value of a literal, or of a name that the module gives one; else nothing."""
    if isinstance(node, ast.Name):
        given = [item.value for item in tree.body if isinstance(item, ast.Assign) and _binds(item, node.id)]
        node = given[-1] if given else None
    try:
        return ast.literal_eval(node) if node is not None else None
    except (ValueError, TypeError):
        return None


def _binds(statement: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in statement.targets)


def _lines(entries: str | list[str]) -> dict[str, str]:
    """Read ``name = target`` entries."""
    listed = entries.splitlines() if isinstance(entries, str) else entries
    split = (str(entry).partition("=") for entry in listed)
    return {name.strip(): target.strip() for name, equals, target in split if equals}


def _tables(groups: Mapping[str, object]) -> EntryPoints:
    return {
        group: {name: target for name, target in table_in(table).items() if isinstance(target, str)}
        for group, table in groups.items()
    }
