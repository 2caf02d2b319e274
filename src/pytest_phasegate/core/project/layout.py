"""Find the layout of a project from its list of paths and its configuration texts."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from posixpath import basename, dirname
from typing import NamedTuple

from pytest_phasegate.core.project.distribution import read_distribution
from pytest_phasegate.core.project.paths import PYTHON_FILES, TOP_MODULES, Layout, inside
from pytest_phasegate.core.project.pytest_options import (
    CONFIGURATION_FILES,
    Document,
    PytestOptions,
    clean_path,
    declared_roots,
    declared_version_files,
    document,
    pytest_options,
    table_in,
    words,
)

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
TEST_NAMES = frozenset({"tests", "test"})
_CONFIGURES = ("pyproject.toml", "setup.cfg", *CONFIGURATION_FILES)


def configuration_paths(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the files whose texts ``find_layout`` wants, among all paths of a tree."""
    found = (path for path in paths if path.endswith(_CONFIGURES) and basename(path) in _CONFIGURES)
    return tuple(sorted(path for path in found if not _is_aside(dirname(path))))


def find_layout(
    paths: Iterable[str],
    texts: Mapping[str, str] | None = None,
    *,
    source: Sequence[str] = (),
    tests: Sequence[str] = (),
) -> Layout:
    """Find where production code and tests live.

    Args:
        paths: Every path of the tree.
        texts: Configuration files by path, as ``configuration_paths`` names them; one that is missing or cannot
            be parsed configures nothing.
        source: The user's production roots; given, they take the place of what would be found. The top itself means
            the packages and modules directly in it.
        tests: The user's test directories or globs; they extend what is found.
    """
    tree = _Tree.of(paths)
    configuration = {path: document(path, text) for path, text in (texts or {}).items()}
    projects = _projects(tree)
    tree = tree._replace(namespaces=frozenset(_namespaces(tree, projects, configuration)))
    options = {project: pytest_options(project, configuration) for project in projects}
    named = tuple(dict.fromkeys(_named_source(tree, source)))
    found = tuple(_found_source(tree, projects, configuration))
    layout = _layout(tree, named or found, options)
    return layout._replace(
        import_roots=tuple(
            dict.fromkeys([*layout.import_roots, *_beside_named(tree, found, named), *_kits(tree, layout)])
        ),
        test_roots=_test_roots(tree, layout, projects),
        test_globs=tuple(clean_path(glob) for glob in tests),
        version_files=tuple(_version_files(projects, configuration)),
        run_roots=tuple(_run_roots(tree, layout, projects, options)),
    )


class _Tree(NamedTuple):
    """A tree's files, and its directories with the Python modules anywhere below each."""

    paths: frozenset[str]
    modules: Mapping[str, tuple[str, ...]]
    namespaces: frozenset[str] = frozenset()

    @classmethod
    def of(cls, paths: Iterable[str]) -> _Tree:
        """Index a list of paths."""
        files = frozenset(paths)
        own: dict[str, list[str]] = {"": []}
        for path in sorted(files):
            directory = dirname(path)
            if directory not in own:
                own |= {place: [] for place in _upwards(directory) if place not in own}
            if path.endswith(".py"):
                own[directory].append(path)
        below: dict[str, list[str]] = {directory: [] for directory in own}
        for directory, modules in own.items():
            for place in _upwards(directory) if modules else ():
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


def _projects(tree: _Tree) -> tuple[str, ...]:
    """Return the directories that are a project of their own; the top always is.

    A ``setup.py`` in a package is a module of it, unless the package that it builds lies below.
    """
    named = (path for path in tree.paths if path.endswith(PROJECT_FILES) and basename(path) in PROJECT_FILES)
    found = {dirname(path) for path in named if basename(path) != "setup.py" or not _is_mere_package(tree, path)}
    return tuple(sorted({"", *(directory for directory in found if not _is_aside(directory))}))


def _is_mere_package(tree: _Tree, setup: str) -> bool:
    directory = dirname(setup)
    below = (f"{directory}/src", f"{directory}/{basename(directory)}")
    return tree.is_package(directory) and not any(map(tree.has_modules, below))


def _is_aside(directory: str) -> bool:
    parts = directory.split("/")
    return any(part in ASIDE or part in TEST_NAMES or part.startswith(".") for part in parts if part)


def _version_files(projects: Sequence[str], documents: Mapping[str, Document]) -> Iterator[str]:
    """Yield the files that the builds of the projects write the version to."""
    for project in projects:
        declared = declared_version_files(_declarations(project, documents)[0])
        yield from (_in(project, path) for path in declared)


def _named_source(tree: _Tree, source: Iterable[str]) -> Iterator[str]:
    for root in map(clean_path, source):
        if root in {"", "."}:
            yield from _namespace_packages(tree)
            yield from _beside(tree, "")
        else:
            yield root


def _beside_named(tree: _Tree, found: Iterable[str], named: Sequence[str]) -> Iterator[str]:
    """Yield where the code of other projects is imported from: packages of one repository import each other."""
    for root in found:
        if named and not any(inside(root, one) or inside(one, root) for one in named):
            yield _import_root(tree, root)


def _kits(tree: _Tree, layout: Layout) -> Iterator[str]:
    """Yield where helpers of tests are imported from that are built by themselves, in a namespace of the code."""

    def namespaces(root: str) -> set[str]:
        return {basename(one) for one in tree.children(root) if f"{one}/__init__.py" not in tree.paths}

    own = {name for root in layout.source for name in namespaces(root) if tree.has_modules(_in(root, name))}
    for src in (one for one in tree.modules if basename(one) == "src" and not TEST_NAMES.isdisjoint(one.split("/"))):
        if f"{dirname(src)}/pyproject.toml" in tree.paths and namespaces(src) & own:
            yield src


def _found_source(tree: _Tree, projects: Sequence[str], documents: Mapping[str, Document]) -> Iterator[str]:
    told = {project: _configured_source(project, documents) for project in projects}
    found = [root for project in projects if not told[project] for root in _project_source(tree, project, documents)]
    if not found and not all(told[project] for project in projects[1:] or projects):
        found = list(_namespace_packages(tree))
    yield from dict.fromkeys([*found, *(root for project in projects for root in told[project])])


def _configured_source(project: str, documents: Mapping[str, Document]) -> list[str]:
    """Return the roots that a project below the top names itself, for us."""
    table = table_in(documents, _in(project, "pyproject.toml"), "tool", "phasegate") if project else {}
    return [_in(project, clean_path(root)) for root in words(table.get("source"))]


def _project_source(tree: _Tree, project: str, documents: Mapping[str, Document]) -> list[str]:
    """Return one project's roots: what its build declares and the src layout, else what lies beside pyproject."""
    declared = declared_roots(*_declarations(project, documents))
    named = [_in(project, root) for root in declared]
    known = [root for root in named if root in tree.paths or tree.has_modules(root)]
    src = _in(project, "src")
    if tree.has_modules(src):
        return [src, *(root for root in known if not inside(root, src))]
    return [*known, *_beside(tree, project)]


def _declarations(project: str, documents: Mapping[str, Document]) -> tuple[Document, Document]:
    """Return what ``pyproject.toml`` and ``setup.cfg`` of a project say."""
    return documents.get(_in(project, "pyproject.toml"), {}), documents.get(_in(project, "setup.cfg"), {})


def _beside(tree: _Tree, project: str) -> Iterator[str]:
    """Yield the packages and modules beside ``pyproject.toml``."""
    for child in tree.children(project):
        if tree.is_package(child) and not _is_aside(basename(child)):
            yield child
    for module in tree.modules[project]:
        if dirname(module) == project and basename(module) not in TOOL_MODULES and not is_test_name(module):
            yield module


def _namespaces(tree: _Tree, projects: Sequence[str], documents: Mapping[str, Document]) -> Iterator[str]:
    """Yield the directories without an ``__init__.py`` that are the namespace of what a project is called after."""
    for project in projects:
        found = read_distribution(*_declarations(project, documents))
        parts = _NAME_PARTS.split(found.name.lower())[:2] if found else []
        place = _in(project, "/".join(parts))
        if parts[1:] and parts[0] != "src" and (tree.has_modules(place) or f"{place}.py" in tree.paths):
            yield _in(project, parts[0])


_STANDARD = sys.stdlib_module_names - TEST_NAMES
_NAME_PARTS = re.compile(r"[-_.]")


def _namespace_packages(tree: _Tree) -> Iterator[str]:
    """Yield the directories with modules, for a project whose packages have no ``__init__.py``."""
    for child in tree.children(""):
        if tree.has_modules(child) and not _is_aside(child) and not all(map(is_test_name, tree.modules[child])):
            yield child


def _layout(tree: _Tree, roots: tuple[str, ...], options: Mapping[str, PytestOptions]) -> Layout:
    said = options.values()
    base = Layout()
    return Layout(
        source=roots,
        import_roots=tuple(dict.fromkeys(_import_root(tree, root) for root in roots)),
        testpaths=tuple(_testpaths(tree, options)),
        python_files=_union(option.python_files or PYTHON_FILES for option in said),
        python_classes=_union(option.python_classes or base.python_classes for option in said),
        python_functions=_union(option.python_functions or base.python_functions for option in said),
        xfail_strict=any(option.xfail_strict for option in said),
    )


def _import_root(tree: _Tree, root: str) -> str:
    """Return the directory to put on ``sys.path`` for a source root.

    One in which something is called as a standard module is no such directory: it would take that one's place.
    """
    inside_it = (path[len(root) + 1 :].partition("/")[0].removesuffix(".py") for path in tree.modules.get(root, ()))
    if root.endswith(".py") or tree.is_package(root) or not _STANDARD.isdisjoint(inside_it):
        return dirname(root)
    return root


def _testpaths(tree: _Tree, options: Mapping[str, PytestOptions]) -> Iterator[str]:
    """Yield where pytest looks: of a project that names nothing, all of it (so, of the top, everywhere)."""
    named = {project: option.testpaths for project, option in options.items()}
    if not named[""]:
        return
    for project, patterns in named.items():
        for pattern in patterns or (".",):
            wanted = _in(project, clean_path(pattern))
            yield from (place for place in (*tree.modules, *tree.paths) if place and fnmatchcase(place, wanted))
            yield wanted


def _run_roots(
    tree: _Tree, layout: Layout, projects: Sequence[str], options: Mapping[str, PytestOptions]
) -> Iterator[str]:
    """Yield the top, and the projects that pytest is started in: as in a monorepo, they may not run in one process.

    One that configures pytest itself; or any, where nothing above it does and no conftest above it is meant for all, or
    where one process could not import its tests beside another's. One that the ``testpaths`` of a project above reach
    into is run from there.
    """
    by_path = any("importlib" in word for one in options.values() for word in one.addopts)
    twins = frozenset() if by_path else _namesakes(tree, layout, projects)
    for project in projects:
        above = [one for one in projects if one != project and inside(project, one)]
        claimed = any(_points_into(tree, one, options[one].testpaths, project) for one in above)
        ruled = any(options[one].configured or _in(one, "conftest.py") in tree.paths for one in above)
        if not project or (not claimed and (options[project].configured or not ruled or project in twins)):
            yield project


def _namesakes(tree: _Tree, layout: Layout, projects: Sequence[str]) -> frozenset[str]:
    """Return the projects with tests that pytest imports by a name by which it imports another project's, too."""
    homes: dict[str, set[str]] = {}
    for path in filter(layout.is_collected, tree.modules[""]):
        top = path
        while f"{dirname(top)}/__init__.py" in tree.paths:
            top = dirname(top)
        homes.setdefault(basename(top), set()).add(max((one for one in projects if inside(path, one)), key=len))
    return frozenset(home for found in homes.values() if len(found) > 1 for home in found)


def _points_into(tree: _Tree, above: str, testpaths: Iterable[str], project: str) -> bool:
    wanted = [_in(above, clean_path(pattern)) for pattern in testpaths]
    places = [place for place in tree.modules if any(fnmatchcase(place, one) for one in wanted)]
    return any(inside(place, project) or inside(project, place) for place in (*places, *wanted))


def _test_roots(tree: _Tree, layout: Layout, projects: Sequence[str]) -> tuple[str, ...]:
    """Return the directories whose every file is test side.

    Outside the source roots: those named ``tests`` or ``test``, those pytest is pointed at, and those at the top of a
    project that hold a conftest or a collected module. Inside: ``tests`` always, ``test`` if it holds a test
    (``django/test`` is production), any other only if pytest is pointed at it and all its modules are tests.
    """
    candidates = (directory for directory in tree.modules if directory and directory not in projects)
    return tuple(directory for directory in candidates if _is_test_root(tree, layout, directory, projects))


def _is_test_root(tree: _Tree, layout: Layout, directory: str, projects: Sequence[str]) -> bool:
    name, below = basename(directory), tree.modules[directory]
    pointed_at = directory in layout.testpaths
    if any(inside(root, directory) for root in layout.source):
        return False
    if any(inside(directory, root) for root in layout.source):
        only_tests = (
            pointed_at
            and _holds_test(layout, below)
            and all(_is_test_module(layout, module) or basename(module) == "__init__.py" for module in below)
        )
        return name == "tests" or (name == "test" and _holds_test(layout, below)) or only_tests
    at_top = dirname(directory) in projects and not _is_aside(directory)
    return name in TEST_NAMES or pointed_at or (at_top and _holds_test(layout, below))


def _holds_test(layout: Layout, modules: Iterable[str]) -> bool:
    return any(_is_test_module(layout, module) for module in modules)


def _is_test_module(layout: Layout, path: str) -> bool:
    return basename(path) == "conftest.py" or layout.is_collected(path)


def is_test_name(path: str) -> bool:
    """Whether a file is named as tests are, whatever the project says of itself."""
    known = path in TOP_MODULES or basename(path) == "conftest.py"
    return known or any(fnmatchcase(basename(path), pattern) for pattern in PYTHON_FILES)


def _union(tuples: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for items in tuples for item in items))


def _upwards(directory: str) -> Iterator[str]:
    """Yield the directories a directory lies in, the top first and itself last."""
    yield ""
    parts = directory.split("/") if directory else []
    for number in range(len(parts)):
        yield "/".join(parts[: number + 1])


def _in(directory: str, path: str) -> str:
    joined = f"{directory}/{path}" if directory else path
    return joined.removesuffix("/.") if joined != "." else ""
