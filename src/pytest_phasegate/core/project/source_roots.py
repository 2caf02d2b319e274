"""The production code of a tree: its projects, what each says of itself, and the roots of its code."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from posixpath import basename, dirname
from typing import NamedTuple

from pytest_phasegate.core.project.paths import TEST_NAMES, inside, is_test_name, upwards
from pytest_phasegate.core.project.pytest_options import (
    Document,
    clean_path,
    declared_roots,
    is_left_out,
    pytest_options,
    table_in,
    words,
)
from pytest_phasegate.core.project.syntax import last_name

PROJECT_FILES = ("pyproject.toml", "setup.py", "setup.cfg", "phasegate.toml")
ASIDE = frozenset({
    "docs", "doc", "examples", "example", "samples", "benchmarks", "benchmark", "bench", "scripts", "tools", "ci",
    "build", "dist", "node_modules", "venv", "site-packages", "notebooks", "requirements", "third_party", "vendor",
})  # fmt: skip
"""Directories beside ``pyproject.toml`` that hold neither production code nor tests."""
TOOL_MODULES = frozenset({
    "setup.py", "conftest.py", "noxfile.py", "tasks.py", "fabfile.py", "dodo.py", "versioneer.py", "manage.py",
    "toxfile.py", "hatch_build.py", "ez_setup.py", "duties.py", "runtests.py",
})  # fmt: skip
"""Modules beside ``pyproject.toml`` that serve tools and are not shipped."""
FOR_TESTS = "test"
"""How a directory beside the code begins that holds what tests need: ``testing``, ``testdata``."""
_STANDARD = sys.stdlib_module_names - TEST_NAMES
_NAME_PARTS = re.compile(r"[-_.]")


class Tree(NamedTuple):
    """A tree's files, and its directories with the Python modules anywhere below each."""

    paths: frozenset[str]
    modules: Mapping[str, tuple[str, ...]]
    namespaces: frozenset[str] = frozenset()

    @classmethod
    def of(cls, paths: Iterable[str]) -> Tree:
        """Index a list of paths."""
        files = frozenset(paths)
        own: dict[str, list[str]] = {"": []}
        for path in sorted(files):
            directory = dirname(path)
            if directory not in own:
                own |= {place: [] for place in upwards(directory) if place not in own}
            if path.endswith(".py"):
                own[directory].append(path)
        below: dict[str, list[str]] = {directory: [] for directory in own}
        for directory, modules in own.items():
            for place in upwards(directory) if modules else ():
                below[place] += modules
        return cls(files, {directory: tuple(sorted(modules)) for directory, modules in below.items()})

    def children(self, directory: str) -> Iterator[str]:
        """Yield the directories directly in one."""
        return (child for child in self.modules if child and dirname(child) == directory)

    def is_package(self, directory: str) -> bool:
        """Whether a directory is a package: it says so itself, or is the namespace of what the project is called."""
        return f"{directory}/__init__.py" in self.paths or directory in self.namespaces

    def has_modules(self, directory: str) -> bool:
        """Whether Python modules lie anywhere below a directory."""
        return bool(self.modules.get(directory))


def projects_of(tree: Tree) -> tuple[str, ...]:
    """Return the directories that are a project of their own; the top always is.

    A ``setup.py`` in a package is a module of it, unless the package that it builds lies below.
    """
    named = (path for path in tree.paths if path.endswith(PROJECT_FILES) and basename(path) in PROJECT_FILES)
    found = {dirname(path) for path in named if basename(path) != "setup.py" or not _is_mere_package(tree, path)}
    return tuple(sorted({"", *(directory for directory in found if not is_aside(directory))}))


def _is_mere_package(tree: Tree, setup: str) -> bool:
    directory = dirname(setup)
    below = (f"{directory}/src", f"{directory}/{basename(directory)}")
    return tree.is_package(directory) and not any(map(tree.has_modules, below))


def is_aside(directory: str) -> bool:
    """Whether a directory holds neither production code nor tests of a project's own, by the names of its parts."""
    parts = directory.split("/")
    return any(part in ASIDE or part in TEST_NAMES or part.startswith(".") for part in parts if part)


def named_source(tree: Tree, source: Iterable[str]) -> Iterator[str]:
    """Yield the roots that the user names; the top itself means what lies directly in it."""
    for root in map(clean_path, source):
        if root in {"", "."}:
            yield from _namespace_packages(tree)
            yield from _beside(tree, "")
        else:
            yield root


def found_source(tree: Tree, projects: Sequence[str], documents: Mapping[str, Document]) -> Iterator[str]:
    """Yield the roots of all projects: what each names for us, else what it builds or has beside it."""
    told = {project: _configured_source(project, documents) for project in projects}
    found = [root for project in projects if not told[project] for root in _project_source(tree, project, documents)]
    if not found and not all(told[project] for project in projects[1:] or projects):
        found = list(_namespace_packages(tree))
    yield from dict.fromkeys([*found, *(root for project in projects for root in told[project])])


def _configured_source(project: str, documents: Mapping[str, Document]) -> list[str]:
    """Return the roots that a project below the top names itself, for us."""
    table = table_in(documents, in_project(project, "pyproject.toml"), "tool", "phasegate") if project else {}
    return [in_project(project, clean_path(root)) for root in words(table.get("source"))]


def _project_source(tree: Tree, project: str, documents: Mapping[str, Document]) -> list[str]:
    """Return one project's roots: what its build declares and the src layout, else what lies beside pyproject."""
    declared = declared_roots(*declarations(project, documents))
    named = [in_project(project, root) for root in declared]
    known = [root for root in named if root in tree.paths or tree.has_modules(root)]
    src = in_project(project, "src")
    if tree.has_modules(src):
        return [src, *(root for root in known if not inside(root, src))]
    beside = _beside(tree, project)
    return [*known, *(root for root in beside if not _is_for_tests(root, project, documents))]


def _is_for_tests(root: str, project: str, documents: Mapping[str, Document]) -> bool:
    """Whether a package is named after tests, or pytest is pointed into it, and the build does not ship it."""
    name, testpaths = basename(root), pytest_options(project, documents).testpaths
    pointed_into = any(inside(in_project(project, clean_path(path)), root) for path in testpaths)
    return (name.startswith(FOR_TESTS) or pointed_into) and is_left_out(name, *declarations(project, documents))


def declarations(project: str, documents: Mapping[str, Document]) -> tuple[Document, Document]:
    """Return what ``pyproject.toml``, and ``setup.cfg`` or ``setup.py``, of a project say."""
    names = ("pyproject.toml", "setup.cfg", "setup.py")
    pyproject, cfg, setup = (documents.get(in_project(project, name), {}) for name in names)
    return pyproject, {**setup, **cfg}


def _beside(tree: Tree, project: str) -> Iterator[str]:
    """Yield the packages and modules beside ``pyproject.toml``."""
    for child in tree.children(project):
        if tree.is_package(child) and not is_aside(basename(child)):
            yield child
    for module in tree.modules[project]:
        if dirname(module) == project and basename(module) not in TOOL_MODULES and not is_test_name(module):
            yield module


def namespaces_of(tree: Tree, projects: Sequence[str], documents: Mapping[str, Document]) -> Iterator[str]:
    """Yield the directories without an ``__init__.py`` that are the namespace of what a project is called after."""
    for project in projects:
        found = read_distribution(*declarations(project, documents))
        parts = _NAME_PARTS.split(found.name.lower())[:2] if found else []
        place = in_project(project, "/".join(parts))
        if parts[1:] and parts[0] != "src" and (tree.has_modules(place) or f"{place}.py" in tree.paths):
            yield in_project(project, parts[0])


def _namespace_packages(tree: Tree) -> Iterator[str]:
    """Yield the directories with modules, for a project whose packages have no ``__init__.py``."""
    for child in tree.children(""):
        if tree.has_modules(child) and not is_aside(child) and not all(map(is_test_name, tree.modules[child])):
            yield child


def import_root(tree: Tree, root: str) -> str:
    """Return the directory to put on ``sys.path`` for a source root.

    One in which something is called as a standard module is no such directory: it would take that one's place.
    """
    inside_it = (path[len(root) + 1 :].partition("/")[0].removesuffix(".py") for path in tree.modules.get(root, ()))
    if root.endswith(".py") or tree.is_package(root) or not _STANDARD.isdisjoint(inside_it):
        return dirname(root)
    return root


def in_project(directory: str, path: str) -> str:
    """Return a path of a project as the tree knows it."""
    joined = f"{directory}/{path}" if directory else path
    return joined.removesuffix("/.") if joined != "." else ""


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
