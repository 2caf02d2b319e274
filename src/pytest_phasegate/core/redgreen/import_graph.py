"""Which test files can reach a module, by the texts of a tree: rather one too many than one too few.

A name may mean every file whose path ends like it, whatever stands on ``sys.path``. A text that looks like the name
of a module, a script or a file of Python is an import. What imports by a computed name may import anything that its
project can load.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from pytest_phasegate.core.project.paths import has_test_name
from pytest_phasegate.core.project.syntax import Unreadable, identifiers, parse
from pytest_phasegate.core.redgreen.file_reads import (
    DOTTED,
    IMPORTERS,
    READING,
    Loadable,
    Wants,
    parts_of,
    read_imports,
    reads_computed_paths,
    uses,
)
from pytest_phasegate.core.redgreen.module_names import Members, installed_names, names_of, packages_of, top_names

Reach = Callable[[Iterable[str]], "Reaching"]
BY_NOBODY = "no test file is known to reach it"
"""Why all are run where the texts name no way to a file."""


_ENTRIES = frozenset({"entry_points", "iter_entry_points", "stevedore"})
"""Words of code that loads what the configuration of some package names."""
_PROCESSES = frozenset(
    {"subprocess", "pexpect", "popen", "Popen", "system", "create_subprocess_exec", "create_subprocess_shell"}
)
"""Names by which a test starts another process, which may import anything."""
_STARTING = frozenset({"pytester", "testdir", "xprocess"})
"""The fixtures that do."""
_LISTING = frozenset(
    {"walk", "listdir", "scandir", "iterdir", "glob", "rglob", "iglob", "iter_modules", "walk_packages"}
)
"""Names by which a test looks at whatever lies in a directory, the code as well."""
_SOURCES = re.compile(rb"(?<![\w-])\.py\b(?!\w)")
"""How a test speaks of files of Python whose names it makes up."""
_SCRIPT = re.compile(r"""([\w.-]+)["']?[ \t]*=[ \t]*["']?([\w.]+):[\w.]+""")
_PYTEST_SECTION = re.compile(
    r"^\[(?:tool\.pytest[\w.]*|tool:pytest|pytest)\][^\n]*\n(.*?)(?=^\[|\Z)", re.MULTILINE | re.DOTALL
)
_MARKERS = re.compile(r"^markers[ \t]*=[ \t]*(?:\[.*?\][ \t]*$|[^\n]*(?:\n[ \t]+[^\n]*)*)", re.MULTILINE | re.DOTALL)
"""What a configuration tells people of marks."""
_DOCTEST = re.compile(r"doctest(?!_(?:optionflags|encoding)\b)")
_TEXT_OF_TESTS = re.compile(rb"^[ \t]*>>> |^- case:|^test_name:", re.MULTILINE)
"""How a doctest, and a file of the plugins pytest-mypy-plugins and tavern, begins a test."""
_PYTEST_PLUGINS = re.compile(r"pytest11(.*?)(?=^\[|\Z)", re.MULTILINE | re.DOTALL)
_COLLECTING = frozenset({"pytest_collect_file", "doctestmodules", "doctestglob"})
"""Names by which a project lets pytest collect more than modules of tests."""
_PLUGIN = re.compile(r"-p[ \t\"',]*([\w.]+)")


class Tree(NamedTuple):
    """The Python files of both sides of a change, each with its distinct texts, and what configures the project.

    ``tests`` are the modules that pytest collects; ``helpers`` all files of the test side; ``documents`` texts
    whose names pytest or a plugin collects, whatever the configuration; ``members`` what configures each project of
    the repository, by its directory, and ``roots`` the directories that installed code is imported from.
    """

    texts: Mapping[str, tuple[bytes, ...]]
    tests: Collection[str]
    helpers: Collection[str]
    configuration: Collection[str] = ()
    documents: Collection[bytes] = ()
    members: Mapping[str, Collection[str]] = MappingProxyType({})
    roots: Collection[str] = ()


def reaching(tree: Tree, changed: Collection[str], data: Collection[str] = ()) -> Reaching:
    """Return the test files that can import one of some files, directly or through others, or read data of tests.

    They may also read ``data``, of which others tell which modules do.
    """
    known = len(tree.tests)
    why = _why_all(tree)
    if why:
        return Reaching(known=known, whole=why)
    graph = _Graph(tree, changed)
    read = {path: graph.readers(path) for path in changed if not path.endswith(".py")}
    unread = next((path for path, files in read.items() if not files), "")
    if unread:
        return Reaching(known=known, whole=f"{unread} may concern any test")
    readers = {
        *(one for files in read.values() for one in files),
        *(one for path in data for one in graph.naming(path)),
    }
    found = graph.importers({*changed, *readers} - read.keys())
    files = tuple(sorted(found.intersection(tree.tests)))
    if len(files) == known and known:
        return Reaching(files, known, "every test file can reach it")
    if known and not files:
        return Reaching(known=known, whole=BY_NOBODY)
    return Reaching(files, known)


def _why_all(tree: Tree) -> str:
    if any(_DOCTEST.search(section) for text in tree.configuration for section in _PYTEST_SECTION.findall(text)):
        return "examples in docstrings are tests"
    if any(map(_TEXT_OF_TESTS.search, tree.documents)):
        return "examples in texts are tests"
    if any(_collects(path, text, path in tree.helpers) for path, texts in tree.texts.items() for text in texts):
        return "tests are collected from files of another kind"
    return ""


def _collects(path: str, text: bytes, is_helper: bool) -> bool:
    """Whether a text defines or binds one of these, or on the side of the tests has it as a literal of its own."""
    if not any(name.encode() in text for name in _COLLECTING):
        return False
    module = parse(path, text)
    if isinstance(module, Unreadable):
        return True
    nodes = list(ast.walk(module))
    bound = (node.asname for node in nodes if isinstance(node, ast.alias) and node.asname)
    named = (node.value for node in nodes if is_helper and isinstance(node, ast.Constant) and type(node.value) is str)
    return not _COLLECTING.isdisjoint({*identifiers(module), *bound, *named})


class _Graph:
    def __init__(self, tree: Tree, changed: Collection[str]) -> None:
        self.tree = tree
        self.members = Members(tree.members)
        self.homes = {path: self.members.home(path) for path in tree.texts}
        concerned = {self.members.home(path) for path in changed}
        self.seeing = {home for home in self.homes.values() if any(self.members.sees(home, one) for one in concerned)}
        of_tests = all(path in tree.helpers or not path.endswith(".py") for path in changed)
        self.told_all = frozenset(tree.texts).difference(tree.helpers) if of_tests else frozenset[str]()
        self.packages = {path.rpartition("/")[0] for path in tree.texts if path.endswith("__init__.py")}
        roots = top_names(tree.texts, self.packages)
        homes = {path.rpartition("/")[0].rpartition("/")[2] for path in tree.texts}
        modules = {parts_of(path)[-1] for path in tree.texts if path != "__init__.py"}
        entries = [match for text in tree.configuration for match in _SCRIPT.findall(text)]
        scripts = {name: module for name, module in entries if module.partition(".")[0] in roots}
        self.loadable = Loadable(roots & (homes | modules), scripts)
        seen = top_names((path for path in tree.texts if self.homes[path] in self.seeing), self.packages)
        theirs = {name: module for name, module in scripts.items() if module.partition(".")[0] not in seen}
        self.loadable_elsewhere = self.loadable._replace(scripts=theirs)
        self.script_words = frozenset(word for name in scripts for word in re.findall(r"\w+", name))
        self.entries = {
            *scripts.values(),
            *(name for text in tree.configuration for name in DOTTED.findall(text)),
        }
        self.everywhere = self._loaded_by_pytest()
        texts = {path: b"\n".join(texts).decode("utf-8", "replace") for path, texts in tree.texts.items()}
        self.words = {path: frozenset(re.findall(r"\w+", text)) for path, text in texts.items()}
        self._wants: dict[str, Wants] = {}

    def importers(self, changed: Collection[str]) -> set[str]:
        """Return the files that can import one of some files, these among them."""
        found = {*changed, *filter(self._may_import_anything, self.tree.texts)}
        fresh = found
        while fresh:
            last = {word for path in fresh for word in parts_of(path)}
            offered = {home: self._offered(fresh, home) for home in {*self.homes.values()}}
            waiting = (path for path in self.tree.texts if path not in found)
            fresh = {path for path in waiting if self._imports(path, *offered[self.homes[path]], last)}
            found |= fresh
        return found

    def _offered(self, fresh: Collection[str], home: str | None) -> tuple[set[str], set[str]]:
        """Return by which names a project's files may import some files, and the packages these lie in.

        Another project's that it does not speak of only by those of the repository, and of what is installed. That a
        package is named as an application loads none of the files in it that pytest collects.
        """
        names, below = set[str](), set[str]()
        for path in fresh:
            application = path not in self.tree.tests
            if self.members.sees(home, self.homes.get(path)):
                names.update(names_of(path, self.packages))
                below.update(packages_of(path) if application else ())
            else:
                installed = installed_names(path, {self.homes[path] or "", *self.tree.roots})
                names.update(("/" + ".".join(parts_of(path)), *installed))
                below.update(installed if application else ())
        return names, below

    def readers(self, data: str) -> set[str]:
        """Return the files of the test side that may read data: they name it, or a directory that holds no test file.

        Data may also bear the name of the test file that it belongs to.
        """
        *above, name = data.split("/")
        homes = {path.rpartition("/")[0] for path in self.tree.tests}
        inner = [part for depth, part in enumerate(above) if "/".join(above[: depth + 1]) not in homes]
        bearing = {path for path in self.tree.helpers if parts_of(path)[-1] in {name.partition(".")[0], *inner}}
        return bearing.union(*map(self.naming, (name, *inner)))

    def naming(self, path: str) -> set[str]:
        """Return the files of the test side that speak of the last part of a path, with its suffix or without."""
        name = path.rpartition("/")[2]
        named = [frozenset(re.findall(r"\w+", part)) for part in (name, name.partition(".")[0])]
        return {one for one in self.tree.helpers if any(parts and parts <= self.words[one] for parts in named)}

    def _imports(self, path: str, names: set[str], below: set[str], last: set[str]) -> bool:
        if not names.isdisjoint(self._implied(path)):
            return True
        words = self.words[path]
        if words.isdisjoint(_ENTRIES) and words.isdisjoint({*last, *IMPORTERS, *self.script_words}):
            return False
        wants = self._wanted(path)
        anything = wants.anything and self.homes[path] in self.seeing and path not in self.told_all
        return anything or not (names.isdisjoint(wants.names) and below.isdisjoint(wants.below))

    def _may_import_anything(self, path: str) -> bool:
        if path in self.tree.helpers and (
            self._does(path, _LISTING, lambda module: uses(module, _LISTING))
            or any(map(_SOURCES.search, self.tree.texts[path]))
            or self._does(path, READING, reads_computed_paths)
        ):
            return True
        if self.homes[path] not in self.seeing or path in self.told_all:
            return False
        if path in self.tree.helpers and self._does(path, _PROCESSES | _STARTING, _starts):
            return True
        starts_python = self._does(path, {"executable"}, _starts_python)
        looks_so = not self.words[path].isdisjoint(IMPORTERS) or any(b"*.py" in text for text in self.tree.texts[path])
        return starts_python or (looks_so and self._wanted(path).anything)

    def _does(self, path: str, words: Collection[str], asked: Callable[[ast.Module], bool]) -> bool:
        """Whether a file that holds some words does what they stand for, or cannot be read."""
        if self.words[path].isdisjoint(words):
            return False
        modules = (parse(path, text) for text in self.tree.texts[path])
        return any(isinstance(module, Unreadable) or asked(module) for module in modules)

    def _implied(self, path: str) -> Iterator[str]:
        """Yield what is imported with a file: the packages around it, and for tests the conftests and plugins."""
        above = parts_of(path)[:-1] if not path.endswith("__init__.py") else parts_of(path)
        places = [".".join(above[:depth]) for depth in range(len(above) + 1)]
        yield from (f"/{place}" for place in places)
        if path in self.tree.helpers:
            yield from (f"/{place}.conftest".replace("/.", "/") for place in places)
            yield from self.everywhere

    def _loaded_by_pytest(self) -> set[str]:
        """Return the modules that the configuration lets pytest load before any test."""
        loaded = Wants()
        for text in self.tree.configuration:
            sections = [_MARKERS.sub("", section) for section in _PYTEST_SECTION.findall(text)]
            named = [name for section in sections for name in (*DOTTED.findall(section), *_PLUGIN.findall(section))]
            named += [name for plugins in _PYTEST_PLUGINS.findall(text) for name in re.findall(r"\w[\w.]*", plugins)]
            loaded.add(*named)
        return loaded.names

    def _wanted(self, path: str) -> Wants:
        if path not in self._wants:
            wants, known = Wants(), self.loadable if self.homes[path] in self.seeing else self.loadable_elsewhere
            if not self.words[path].isdisjoint(_ENTRIES):
                wants.add(*self.entries)
            for text in self.tree.texts[path]:
                read_imports(path, text, wants, known)
            self._wants[path] = wants
        return self._wants[path]


def _starts(module: ast.Module) -> bool:
    return uses(module, _PROCESSES, _STARTING)


def _starts_python(module: ast.Module) -> bool:
    return uses(module, {"executable"}) and uses(module, _PROCESSES)


class Reaching(NamedTuple):
    """The test files that can reach some files of production code.

    ``known`` is the number of all test files; ``whole`` says why all of them are run, and is empty where only
    ``files`` are. ``alike`` counts files that look like tests and that pytest, as it is configured, does not collect.
    """

    files: tuple[str, ...] = ()
    known: int = 0
    whole: str = ""
    alike: int = 0


def looks_like_tests(path: str, texts: Iterable[bytes]) -> bool:
    """Whether a file bears a name that pytest collects by itself, and defines a test."""
    return has_test_name(path) and any(re.search(rb"^[ \t]*(?:async )?def test", text, re.MULTILINE) for text in texts)


def everything(_: Iterable[str]) -> Reaching:
    """Say of any change that the whole suite may reach it."""
    return Reaching(whole="nobody knows what it reaches")
