"""What a change does to a production module, by its text: the same, inert by its looks, or behaviour.

Only *the same* is exempt. What looks inert asks for no red test, but the tests that reach it are run: a name may be the
project's own, and code may read what looks like metadata.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum

from pytest_phasegate.core.project.syntax import DEFINITIONS, DOES, dump
from pytest_phasegate.core.redgreen.change.definitions import bound_names, entries_of
from pytest_phasegate.core.redgreen.change.digests import differing
from pytest_phasegate.core.redgreen.change.examples import described
from pytest_phasegate.core.redgreen.change.removal import removes_only
from pytest_phasegate.core.redgreen.change.runtime import Running, is_standard, is_typing_import


class Effect(StrEnum):
    """The gravest thing that a change does to a production file, the gravest first.

    ``REMOVAL`` is code that only goes, whatever inert comes with it; ``RESTORED`` content that a revert brings back;
    ``DATA`` a file beside the modules of a package, which any of them may read;
    ``IMPORTS`` those at the top that come, go or change their order; ``METADATA`` literals such as ``__version__``;
    ``ANNOTATIONS`` covers what serves types alone, and the same text written otherwise;
    ``DOCSTRINGS`` are those that something may read.
    """

    BEHAVIOUR = "behaviour"
    REMOVAL = "removal"
    RESTORED = "restored"
    DATA = "data"
    IMPORTS = "imports"
    METADATA = "metadata"
    ANNOTATIONS = "annotations"
    DOCSTRINGS = "docstrings"
    COSMETIC = "cosmetic"

    @property
    def is_inert(self) -> bool:
        """Whether it only looks as if it changed nothing: then a run has to say so."""
        return self not in {Effect.BEHAVIOUR, Effect.REMOVAL, Effect.COSMETIC}


def effect_of(
    before: tuple[ast.Module, bytes],
    after: tuple[ast.Module, bytes],
    *,
    is_package: bool,
    reads_docstrings: Callable[[], bool] = lambda: False,
) -> Effect:
    """Compare two versions of one module; one that does not exist on a side is an empty module.

    Args:
        before: The tree, and the source that it was parsed from.
        after: The same of the other version.
        is_package: Whether the file is an ``__init__.py``, whose imports are its interface.
        reads_docstrings: Whether anything of the project mentions docstrings; asked where nothing else differs.
    """
    old, new = differing(before, after)
    if dump(old) != dump(new):
        versions = (_Version(before[0], old, is_package=is_package), _Version(after[0], new, is_package=is_package))
        return _effect(*versions, is_package=is_package)
    one, other = list(_docstrings(before[0])), list(_docstrings(after[0]))
    if [said for said in one if said[2]] != [said for said in other if said[2]]:
        return Effect.DOCSTRINGS
    return Effect.DOCSTRINGS if one != other and reads_docstrings() else Effect.COSMETIC


class _Version:
    """One version of a module: all of it, and the statements whose text differs from those of the other.

    What binds names for annotations alone is left out of both: an alias of types, and an ``if`` or ``try`` that chooses
    between imports; but what a package imports is its interface.
    """

    def __init__(self, tree: ast.Module, differing: list[ast.stmt], *, is_package: bool) -> None:
        self.running = Running(tree)
        aside = _for_annotations(tree, self.running, is_package=is_package)
        self.tree = ast.Module([item for item in tree.body if item not in aside], []) if aside else tree
        self.differing = [item for item in differing if item not in aside]
        self.body = [item for item in self.differing if not isinstance(item, _IMPORTS) and not is_metadata(item)]

    @property
    def imports(self) -> list[tuple[str, str]]:
        return list(_imports(item for item in self.tree.body if not is_typing_import(item)))

    def runs(self) -> str:
        return self.running.dump(self.body)

    def compiled(self) -> str:
        return dump(self.body, self.running.compiled)

    def metadata(self) -> str:
        return dump(statement for statement in self.differing if is_metadata(statement))


def _effect(before: _Version, after: _Version, *, is_package: bool) -> Effect:
    """Compare what differs by its text; what a class inherits and what uses an import, the whole modules tell."""
    if _imports_matter(before, after, is_package=is_package):
        return Effect.BEHAVIOUR
    if before.runs() != after.runs() and before.compiled() != after.compiled():
        goes = removes_only((before.tree, before.running.rewrite), (after.tree, after.running.rewrite), _left_out)
        return Effect.REMOVAL if goes else Effect.BEHAVIOUR
    if is_package and not {*before.imports} <= {*after.imports}:
        return Effect.REMOVAL
    if before.metadata() != after.metadata():
        return Effect.METADATA
    only_imports = before.imports != after.imports or dump(before.body) == dump(after.body)
    return Effect.IMPORTS if only_imports else Effect.ANNOTATIONS


_IMPORTS = (ast.Import, ast.ImportFrom)


def _for_annotations(tree: ast.Module, running: Running, *, is_package: bool) -> tuple[ast.stmt, ...]:
    """Return the statements at the top that bind names which nothing but annotations uses."""
    asked = (item for item in tree.body if isinstance(item, (ast.If, ast.Try)) and not is_package)
    choices: dict[ast.stmt, set[str]] = {item: names for item in asked if (names := _bound_by_choice(item, running))}
    bound = choices | {item: {*bound_names(item)} for item in tree.body if _is_alias(item)}
    if not bound:
        return ()
    used = running.names([item for item in tree.body if item not in bound and not isinstance(item, _IMPORTS)])
    loads = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return tuple(item for item, names in bound.items() if names <= loads - used)


def _is_alias(item: ast.stmt) -> bool:
    """Whether a name is given a type that is made of others: ``list[int]``, ``A | None``."""
    match item:
        case ast.Assign(targets=[ast.Name()], value=ast.Subscript() | ast.BinOp() as value):
            return all(isinstance(node, _OF_TYPES) for node in ast.walk(value) if isinstance(node, ast.expr))
        case _:
            return False


_OF_TYPES = (ast.Name, ast.Attribute, ast.Subscript, ast.BinOp, ast.Tuple, ast.List, ast.Constant)


def _bound_by_choice(choice: ast.If | ast.Try, running: Running) -> set[str]:
    """Return the names that imports below a condition bind, or none where anything else happens there.

    None either where the condition is that of type checkers, which never holds.
    """
    if isinstance(choice, ast.If) and running.for_checkers(choice.test):
        return set()
    imported, otherwise = set[str](), set[str]()
    waiting: list[ast.AST] = [choice]
    while waiting:
        match waiting.pop():
            case ast.Import() | ast.ImportFrom() as found:
                imported.update(bound_names(found))
            case ast.Assign(targets=[ast.Name()], value=ast.Constant() | ast.Name() | ast.Attribute()) as found:
                otherwise.update(bound_names(found))
            case ast.If() as found if not any(isinstance(node, DOES) for node in ast.walk(found.test)):
                waiting.extend([*found.body, *found.orelse])
            case ast.Try() as found:
                waiting.extend([*found.body, *found.handlers, *found.orelse, *found.finalbody])
            case ast.ExceptHandler() as found:
                waiting.extend(found.body)
            case ast.Pass():
                pass
            case _:
                return set()
    return imported if otherwise <= imported and "*" not in imported else set()


def _left_out(node: ast.AST) -> bool:
    """Whether a statement is an import or metadata, and stands below no condition."""
    return isinstance(node, ast.stmt) and not node.col_offset and (isinstance(node, _IMPORTS) or is_metadata(node))


def is_metadata(statement: ast.stmt) -> bool:
    """Whether a statement gives a name of the distribution's description a literal: a text, or some in a row.

    Those are names such as ``__author__`` (a number, too), and ``version``; whatever is computed may steer something.
    """
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)):
        return False
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return all(isinstance(item, ast.Name) and _describes(item.id, statement.value) for item in targets)


def _describes(name: str, value: ast.expr | None) -> bool:
    dunder = name.startswith("__") and name.endswith("__") and name != "__all__"
    if not dunder and name.lower() not in {"version", "version_info"}:
        return False
    if isinstance(value, (ast.Tuple, ast.List, ast.Set) if dunder else ast.Tuple):
        return bool(value.elts) and all(isinstance(item, ast.Constant) for item in value.elts)
    return isinstance(value, ast.Constant) and type(value.value) in ({str, int} if dunder else {str})


def _imports_matter(before: _Version, after: _Version, *, is_package: bool) -> bool:
    """Whether an import that comes is behaviour: one that brings what code uses, or what a module offered otherwise.

    A package offers all that it imports. It does not offer a private name that only its annotations use.
    One that stood below a condition does not come, nor does one of the same name that the standard library offers now.
    """
    known = {*before.imports, *_imports(item.node for item in entries_of(before.tree) if not item.classes)}
    come = [item for item in after.imports if item not in known]
    if not come:
        return False
    was = {_name_of(source): bound for source, bound in known}
    moved = [item for item in come if _from_standard_library(item[0]) and was.get(_name_of(item[0])) == item[1]]
    used = after.running.names([item for item in after.tree.body if not isinstance(item, _IMPORTS)])
    loads = {node.id for node in ast.walk(after.tree) if isinstance(node, ast.Name)} if is_package else set()
    own = (bound.startswith("_") and (bound in loads or bound.endswith("__")) for _, bound in come)
    offered = is_package and not all(own)
    used |= {"*", *_offered(before, after)}
    return any(item not in moved and (offered or item[1] in used) for item in come)


def _offered(before: _Version, after: _Version) -> Iterator[str]:
    """Yield the names by which others find what a module defines, metadata aside, or imports and uses for nothing."""
    defined = (one for one in entries_of(before.tree) if not isinstance(one.node, _IMPORTS))
    yield from (one.name for one in defined if not (isinstance(one.node, ast.stmt) and is_metadata(one.node)))
    loads = {node.id for node in ast.walk(after.tree) if isinstance(node, ast.Name)}
    unused = ((source, bound) for source, bound in before.imports if bound not in loads)
    yield from (bound for source, bound in unused if source.partition(".")[0].strip() != bound)


def _imports(statements: Iterable[ast.AST]) -> Iterator[tuple[str, str]]:
    """Yield each import among some statements with the name it binds."""
    for statement in statements:
        if isinstance(statement, ast.ImportFrom):
            source = f"{'.' * statement.level}{statement.module or ''}"
            yield from ((f"{source} {alias.name}", alias.asname or alias.name) for alias in statement.names)
        elif isinstance(statement, ast.Import):
            for alias in statement.names:
                yield f"{alias.name} ", alias.asname or alias.name.partition(".")[0]


def _name_of(source: str) -> str:
    """Return the last name of what is imported: ``Mapping`` of ``collections Mapping``."""
    return source.replace(" ", ".").rstrip(".").rpartition(".")[2]


def _from_standard_library(source: str) -> bool:
    return not source.startswith(".") and is_standard(source.replace(" ", "."))


def _docstrings(tree: ast.Module) -> Iterator[tuple[str, str, bool]]:
    """Yield every docstring with the name of what it describes, and whether a decorator or a base may read it."""
    for name, node in described(tree):
        said = ast.get_docstring(node, clean=False)
        if said is not None:
            yield name, said, _is_handed_on(node)


def _is_handed_on(node: ast.AST) -> bool:
    """Whether somebody else gets what is defined as it is made, and so may read what it says."""
    if isinstance(node, ast.ClassDef):
        return bool(node.decorator_list or node.bases or node.keywords)
    return isinstance(node, DEFINITIONS) and bool(node.decorator_list)
