"""Find the layout of a project from its list of paths and its configuration texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from posixpath import basename, dirname

from pytest_phasegate.core.project.paths import PYTHON_FILES, TEST_NAMES, Layout, inside
from pytest_phasegate.core.project.pytest_options import (
    CONFIGURATION_FILES,
    Document,
    PytestOptions,
    clean_path,
    declared_version_files,
    document,
    pytest_options,
)
from pytest_phasegate.core.project.source_roots import (
    FOR_TESTS,
    Tree,
    declarations,
    found_source,
    import_root,
    in_project,
    is_aside,
    named_source,
    namespaces_of,
    projects_of,
)

_CONFIGURES = ("pyproject.toml", "setup.cfg", "setup.py", *CONFIGURATION_FILES)


def configuration_paths(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the files whose texts ``find_layout`` wants, among all paths of a tree."""
    found = (path for path in paths if path.endswith(_CONFIGURES) and basename(path) in _CONFIGURES)
    return tuple(sorted(path for path in found if not is_aside(dirname(path))))


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
    tree = Tree.of(paths)
    configuration = {path: document(path, text) for path, text in (texts or {}).items()}
    projects = projects_of(tree)
    tree = tree._replace(namespaces=frozenset(namespaces_of(tree, projects, configuration)))
    options = {project: pytest_options(project, configuration) for project in projects}
    named = tuple(dict.fromkeys(named_source(tree, source)))
    found = tuple(found_source(tree, projects, configuration))
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


def _version_files(projects: Sequence[str], documents: Mapping[str, Document]) -> Iterator[str]:
    """Yield the files that the builds of the projects write the version to."""
    for project in projects:
        declared = declared_version_files(declarations(project, documents)[0])
        yield from (in_project(project, path) for path in declared)


def _beside_named(tree: Tree, found: Iterable[str], named: Sequence[str]) -> Iterator[str]:
    """Yield where the code of other projects is imported from: packages of one repository import each other."""
    for root in found:
        if named and not any(inside(root, one) or inside(one, root) for one in named):
            yield import_root(tree, root)


def _kits(tree: Tree, layout: Layout) -> Iterator[str]:
    """Yield where helpers of tests are imported from that are built by themselves, in a namespace of the code."""

    def namespaces(root: str) -> set[str]:
        return {basename(one) for one in tree.children(root) if f"{one}/__init__.py" not in tree.paths}

    own = {name for root in layout.source for name in namespaces(root) if tree.has_modules(in_project(root, name))}
    for src in (one for one in tree.modules if basename(one) == "src" and not TEST_NAMES.isdisjoint(one.split("/"))):
        if f"{dirname(src)}/pyproject.toml" in tree.paths and namespaces(src) & own:
            yield src


def _layout(tree: Tree, roots: tuple[str, ...], options: Mapping[str, PytestOptions]) -> Layout:
    said = options.values()
    base = Layout()
    is_django = any(basename(path) == "manage.py" and path.count("/") <= 1 for path in tree.paths)
    collected = (*PYTHON_FILES, "tests.py") if is_django else PYTHON_FILES  # as `manage.py test` has it
    return Layout(
        source=roots,
        import_roots=tuple(dict.fromkeys(import_root(tree, root) for root in roots)),
        testpaths=tuple(_testpaths(tree, options)),
        python_files=_union(option.python_files or collected for option in said),
        python_classes=_union(option.python_classes or base.python_classes for option in said),
        python_functions=_union(option.python_functions or base.python_functions for option in said),
        xfail_strict=any(option.xfail_strict for option in said),
    )


def _testpaths(tree: Tree, options: Mapping[str, PytestOptions]) -> Iterator[str]:
    """Yield where pytest looks: of a project that names nothing, all of it (so, of the top, everywhere)."""
    named = {project: option.testpaths for project, option in options.items()}
    if not named[""]:
        return
    for project, patterns in named.items():
        for pattern in patterns or (".",):
            wanted = in_project(project, clean_path(pattern))
            yield from (place for place in (*tree.modules, *tree.paths) if place and fnmatchcase(place, wanted))
            yield wanted


def _run_roots(
    tree: Tree, layout: Layout, projects: Sequence[str], options: Mapping[str, PytestOptions]
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
        ruled = any(options[one].configured or in_project(one, "conftest.py") in tree.paths for one in above)
        if not project or (not claimed and (options[project].configured or not ruled or project in twins)):
            yield project


def _namesakes(tree: Tree, layout: Layout, projects: Sequence[str]) -> frozenset[str]:
    """Return the projects with tests that pytest imports by a name by which it imports another project's, too."""
    homes: dict[str, set[str]] = {}
    for path in filter(layout.is_collected, tree.modules[""]):
        top = path
        while f"{dirname(top)}/__init__.py" in tree.paths:
            top = dirname(top)
        homes.setdefault(basename(top), set()).add(max((one for one in projects if inside(path, one)), key=len))
    return frozenset(home for found in homes.values() if len(found) > 1 for home in found)


def _points_into(tree: Tree, above: str, testpaths: Iterable[str], project: str) -> bool:
    wanted = [in_project(above, clean_path(pattern)) for pattern in testpaths]
    places = [place for place in tree.modules if any(fnmatchcase(place, one) for one in wanted)]
    return any(inside(place, project) or inside(project, place) for place in (*places, *wanted))


def _test_roots(tree: Tree, layout: Layout, projects: Sequence[str]) -> tuple[str, ...]:
    """Return the directories whose every file is test side.

    Outside the source roots: those named ``tests`` or ``test``, those pytest is pointed at, and those at the top of a
    project that hold a conftest or a collected module, or are named after tests. Inside: ``tests`` always, ``test`` if
    it holds a test (``django/test`` is production), any other only if pytest is pointed at it and all its modules are
    tests.
    """
    candidates = (directory for directory in tree.modules if directory and directory not in projects)
    return tuple(directory for directory in candidates if _is_test_root(tree, layout, directory, projects))


def _is_test_root(tree: Tree, layout: Layout, directory: str, projects: Sequence[str]) -> bool:
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
    at_top = dirname(directory) in projects and not is_aside(directory)
    return name in TEST_NAMES or pointed_at or (at_top and (name.startswith(FOR_TESTS) or _holds_test(layout, below)))


def _holds_test(layout: Layout, modules: Iterable[str]) -> bool:
    return any(_is_test_module(layout, module) for module in modules)


def _is_test_module(layout: Layout, path: str) -> bool:
    return basename(path) == "conftest.py" or layout.is_collected(path)


def _union(tuples: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for items in tuples for item in items))
