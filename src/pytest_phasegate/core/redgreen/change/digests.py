"""The tests of one file with their digests alone: what a run records, in a third of the time of a full reading."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.evidence.runs import TestVersion
from pytest_phasegate.core.project.paths import Layout
from pytest_phasegate.core.project.syntax import FUNCTIONS, Function, Unreadable, digest, dump, last_name, parse
from pytest_phasegate.core.redgreen.change.definitions import Entry, entries_of, shell


def test_versions(path: str, source: bytes, layout: Layout) -> tuple[TestVersion, ...]:
    """Return every test function of a file at its content, in the order of the text; of an unreadable file, none.

    The digests are those of ``read_tests``; ``helpers`` is one digest of everything else in the file.
    """
    tree = parse(path, source)
    if isinstance(tree, Unreadable):
        return ()
    try:
        return _versions(path, tree, layout)
    except RecursionError:
        return ()


def _versions(path: str, tree: ast.Module, layout: Layout) -> tuple[TestVersion, ...]:
    groups: dict[str, list[Entry]] = {}
    for entry in entries_of(tree):
        groups.setdefault(entry.name, []).append(entry)
    tests = {name: group for name, group in groups.items() if is_test(group[-1], layout)}
    helpers = _helpers(group for name, group in groups.items() if name not in tests)
    return tuple(TestVersion(TestId(f"{path}::{name}"), digest_of(group), helpers) for name, group in tests.items())


def _helpers(groups: Iterable[list[Entry]]) -> str:
    """Digest definitions by name, so that their order and that of the imports does not count."""
    written = (
        f"{entry.name} {dump(shell(entry.node))} {' '.join(entry.conditions)}" for group in groups for entry in group
    )
    return digest(*sorted(written))


def is_test(entry: Entry, layout: Layout) -> bool:
    """Whether a definition is a test: a method by any class, which a subclass elsewhere may bring; never a fixture."""
    if not isinstance(entry.node, FUNCTIONS):
        return False
    named = layout.is_test_function(entry.last) or (bool(entry.classes) and entry.last.startswith("test"))
    return named and not _is_fixture(entry.node)


def _is_fixture(node: ast.AST) -> bool:
    return isinstance(node, FUNCTIONS) and any(last_name(mark) == "fixture" for mark in node.decorator_list)


def digest_of(group: list[Entry]) -> str:
    """Return the digest of a test: of all definitions of its name, the conditions around them included."""
    functions = functions_of(group)
    conditions = [text for entry in group for text in entry.conditions]
    return digest(*map(core_of, functions), *(dump(function.decorator_list) for function in functions), *conditions)


def functions_of(group: list[Entry]) -> list[Function]:
    """Return the functions among the definitions of one name."""
    return [entry.node for entry in group if isinstance(entry.node, FUNCTIONS)]


def core_of(function: Function) -> str:
    """Write what a test does: without its name, decorators, and the annotations of its signature."""
    kind = "async " if isinstance(function, ast.AsyncFunctionDef) else ""
    return kind + dump(function.args, _bare) + dump(function.body)


def annotations_of(function: Function) -> str:
    """Write the annotations of a signature; nothing where there are none."""
    arguments = (item for item in ast.walk(function.args) if isinstance(item, ast.arg))
    said = [*((item.arg, item.annotation) for item in arguments), ("", function.returns)]
    return "".join(f"{name}: {dump(node)}," for name, node in said if node is not None)


def _bare(node: ast.AST) -> ast.AST:
    return ast.arg(arg=node.arg) if isinstance(node, ast.arg) else node


test_versions.__test__ = False  # type: ignore[attr-defined]
