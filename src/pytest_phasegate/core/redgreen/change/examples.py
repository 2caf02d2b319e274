"""Examples that pytest may run as tests, where they stand: in a document, or in the docstrings of a module."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterator

from pytest_phasegate.core.project.syntax import DEFINITIONS, Unreadable, parse

PROMPT = ">>>"
_Described = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def examples(path: str, text: bytes) -> tuple[str, ...]:
    """Return the texts that hold examples: the docstrings of a module, or a whole document."""
    if PROMPT.encode() not in text:
        return ()
    tree = parse(path, text) if path.endswith(".py") else None
    if tree is None or isinstance(tree, Unreadable):
        return (text.decode(errors="replace"),)
    return tuple(said for _, node in described(tree) if (said := _said(node)))


def examples_of(text: str, item: str, module: str) -> str | None:
    """Return the docstring whose examples an item of pytest runs: ``app.cache.Cache.size``, in ``app.cache``."""
    tree = parse("", text.encode())
    nodes = [] if isinstance(tree, Unreadable) else described(tree)
    name = module.rpartition(".")[2]
    found = {place: said for place, node in nodes if f".{item}".endswith(f".{name}{place}") and (said := _said(node))}
    return found[max(found, key=len)] if found else None


def with_examples_of(shown: str, code: str) -> str | None:
    """Return code with the docstrings of another version, where those hold examples; ``None`` if one has no syntax."""
    source, tree = parse("", shown.encode()), parse("", code.encode())
    if isinstance(source, Unreadable) or isinstance(tree, Unreadable):
        return None
    wanted = {place: said for place, node in described(source) if (said := _said(node))}
    for place, node in described(tree):
        kept = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
        if place in wanted:
            node.body = [ast.Expr(ast.Constant(wanted[place])), *kept]
        elif _said(node):
            node.body = kept or [ast.Pass()]
    return ast.unparse(ast.fix_missing_locations(tree))


def asks_as_much(before: str, after: str) -> bool:
    """Whether examples ask all that they asked, each in the same words, whatever they expect."""
    return not _asked(before) - _asked(after)


def _asked(text: str) -> Counter[str]:
    return Counter(line.strip() for line in text.splitlines() if line.lstrip().startswith((PROMPT, "... ")))


def _said(node: _Described) -> str | None:
    said = ast.get_docstring(node)
    return said if said and PROMPT in said else None


def described(tree: ast.Module) -> Iterator[tuple[str, _Described]]:
    """Yield what may have a docstring, with its name below the module's: ``.Cache.size``."""
    waiting: list[tuple[str, ast.AST]] = [("", tree)]
    while waiting:
        place, node = waiting.pop()
        if isinstance(node, (ast.Module, *DEFINITIONS)):
            yield place, node
        inside: Collection[ast.stmt] = [one for one in ast.iter_child_nodes(node) if isinstance(one, ast.stmt)]
        waiting.extend((f"{place}.{one.name}" if isinstance(one, DEFINITIONS) else place, one) for one in inside)
