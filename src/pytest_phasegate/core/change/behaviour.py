"""What a change does to a production module: its behaviour, or only what never runs."""

from __future__ import annotations

import ast
from enum import StrEnum

from pytest_phasegate.core.change.running import Running, is_typing_import
from pytest_phasegate.core.change.scope import bound_names
from pytest_phasegate.core.change.syntax import dump
from pytest_phasegate.core.change.text import differing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class Effect(StrEnum):
    """The gravest thing that a change does to a production file.

    ``ANNOTATIONS`` covers type annotations and what serves them alone (typing imports, ``TypeVar``, overloads) and
    imports that nothing uses; ``METADATA`` covers ``__version__`` and its kin.
    """

    BEHAVIOUR = "behaviour"
    METADATA = "metadata"
    ANNOTATIONS = "annotations"
    COSMETIC = "cosmetic"


def effect_of(before: tuple[ast.Module, bytes], after: tuple[ast.Module, bytes], *, is_package: bool) -> Effect:
    """Compare two versions of one module; one that does not exist on a side is an empty module.

    Args:
        before: The tree, and the source that it was parsed from.
        after: The same of the other version.
        is_package: Whether the file is an ``__init__.py``, whose imports are its interface.
    """
    old, new = differing(before, after)
    return _effect(ast.Module(old, []), ast.Module(new, []), (before[0], after[0]), is_package=is_package)


def _effect(before: ast.Module, after: ast.Module, whole: tuple[ast.Module, ast.Module], *, is_package: bool) -> Effect:
    """Compare what differs by its text; what a class inherits and what uses an import, the whole modules tell."""
    if dump(before) == dump(after):
        return Effect.COSMETIC
    codes = (Running(tree).dump(_body(part)) for tree, part in zip(whole, (before, after), strict=True))
    if next(codes) != next(codes) or _imports_differ(*whole, is_package=is_package):
        return Effect.BEHAVIOUR
    return Effect.METADATA if _metadata(before) != _metadata(after) else Effect.ANNOTATIONS


METADATA = frozenset({
    "__version__", "__version_info__", "version", "version_info", "VERSION", "__author__", "__authors__", "__email__",
    "__license__", "__copyright__", "__date__", "__title__", "__description__", "__summary__", "__url__", "__uri__",
    "__maintainer__", "__status__", "__credits__", "__build__", "__docformat__", "__author_email__",
    "__maintainer_email__", "__contact__", "__homepage__", "__keywords__", "__classifiers__",
})  # fmt: skip
"""Names of constants at module level that describe the distribution and steer nothing."""
_IMPORTS = (ast.Import, ast.ImportFrom)


def _metadata(tree: ast.Module) -> str:
    return dump(statement for statement in tree.body if _is_metadata(statement))


def _is_metadata(statement: ast.stmt) -> bool:
    """Whether a statement gives literal metadata; whatever is computed may steer something."""
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)):
        return False
    value = statement.value
    items = value.elts if isinstance(value, ast.Tuple) else [value]
    return set(bound_names(statement)) <= METADATA and all(isinstance(item, ast.Constant) for item in items)


def _body(tree: ast.Module) -> list[ast.stmt]:
    return [statement for statement in tree.body if not isinstance(statement, _IMPORTS) and not _is_metadata(statement)]


def _imports_differ(before: ast.Module, after: ast.Module, *, is_package: bool) -> bool:
    """Whether the imports at the top differ in what matters; their order is style.

    One that only annotations use runs for nobody, and one that goes and that nothing used was a leftover. A new one
    that nothing uses may register something or be there for others to import.
    """
    old, new = dict(_imports(before)), dict(_imports(after))
    gone, come = old.keys() - new.keys(), new.keys() - old.keys()
    if is_package or not (gone or come):
        return bool(gone or come)
    running = Running(before).names(_body(before)), Running(after).names(_body(after))
    lost = any(old[key] in running[0] or old[key] == "*" for key in gone)
    mentioned = {node.id for node in ast.walk(after) if isinstance(node, ast.Name)} | _quoted(after)
    return lost or any(new[key] in running[1] or new[key] not in mentioned for key in come)


def _imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield each import at the top of a module with the name it binds; those of typing and metadata are left out."""
    for statement in tree.body:
        if isinstance(statement, _IMPORTS) and not is_typing_import(statement):
            source = (
                dump(ast.ImportFrom(module=statement.module, names=[], level=statement.level))
                if isinstance(statement, ast.ImportFrom)
                else "import"
            )
            for alias in statement.names:
                bound = alias.asname or (alias.name.partition(".")[0] if source == "import" else alias.name)
                if not (bound in METADATA and bound.startswith("__")):
                    yield f"{source} {alias.name} as {bound}", bound


def _quoted(tree: ast.Module) -> set[str]:
    """Return the names in quoted annotations."""
    found: set[str] = set()
    for node in ast.walk(tree):
        for field in ("annotation", "returns"):
            inner = getattr(node, field, None)
            if isinstance(inner, ast.expr):
                texts = (item.value for item in ast.walk(inner) if isinstance(item, ast.Constant))
                found.update(word for text in texts for word in _words(str(text)))
    return found


def _words(text: str) -> list[str]:
    return "".join(sign if sign.isidentifier() or sign.isdigit() else " " for sign in text).split()
