"""Which test files can reach a module, by the texts of a tree: rather one too many than one too few.

A name may mean every file whose path ends like it, whatever stands on ``sys.path``. A text that looks like the name
of a module, a script or a file of Python is an import. What imports by a computed name may import anything.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pytest_phasegate.core.project.syntax import DEFINITIONS, Unreadable, identifiers, last_name, parse
from pytest_phasegate.core.redgreen.change.runtime import Running
from pytest_phasegate.core.redgreen.file_reads import READING, reads_computed_paths

Reach = Callable[[Iterable[str]], "Reaching"]
_NOBODY = "no test file is known to reach it"


_IMPORTERS = frozenset({
    "import_module", "__import__", "importorskip", "run_module", "run_path", "find_spec", "spec_from_file_location",
    "load_module", "resolve_name", "SourceFileLoader", "import_path",
})  # fmt: skip
"""The functions of Python and pytest that import what they are told."""
_ENTRIES = frozenset({"entry_points", "iter_entry_points", "stevedore"})
"""Words of code that loads what the configuration of some package names."""
_PROCESSES = frozenset({"subprocess", "pexpect", "popen", "Popen", "system", "pytester", "testdir", "xprocess"})
"""Words of a test that starts another process, which may import anything."""
_LISTING = frozenset(
    {"walk", "listdir", "scandir", "iterdir", "glob", "rglob", "iglob", "iter_modules", "walk_packages"}
)
"""Words of a test that looks at whatever lies in a directory, the code as well."""
_SOURCES = re.compile(rb"(?<![\w-])\.py\b(?!\w)")
"""How a test speaks of files of Python whose names it makes up."""
_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+")
_IMPORT_IN_TEXT = re.compile(r"\b(?:from|import|-m)[ \t]+([\w.]+)")
_FILE = re.compile(r"([\w-]+)\.py\b")
_SCRIPT = re.compile(r"""([\w.-]+)["']?[ \t]*=[ \t]*["']?([\w.]+):[\w.]+""")
_PYTEST_SECTION = re.compile(
    r"^\[(?:tool\.pytest[\w.]*|tool:pytest|pytest)\][^\n]*\n(.*?)(?=^\[|\Z)", re.MULTILINE | re.DOTALL
)
_DOCTEST = re.compile(r"doctest(?!_(?:optionflags|encoding)\b)")
_TEXT_OF_TESTS = re.compile(rb"^[ \t]*>>> |^- case:|^test_name:", re.MULTILINE)
"""How a doctest, and a file of the plugins pytest-mypy-plugins and tavern, begins a test."""
_PYTEST_PLUGINS = re.compile(r"pytest11(.*?)(?=^\[|\Z)", re.MULTILINE | re.DOTALL)
_COLLECTING = frozenset({"pytest_collect_file", "doctestmodules", "doctestglob"})
"""Names by which a project lets pytest collect more than modules of tests."""
_PLUGIN = re.compile(r"-p[ \t\"',]*([\w.]+)")


@dataclass(slots=True)
class _Wants:
    """What a file may import: dotted names (from the top with a leading ``/``), packages of which anything, all."""

    names: set[str] = field(default_factory=set)
    below: set[str] = field(default_factory=set)
    anything: bool = False

    def add(self, *dotted: str) -> None:
        """Add names and the packages around them, which are imported first."""
        for parts in (name.split(".") for name in dotted):
            self.names.update(".".join(parts[: end + 1]) for end in range(len(parts)))


class Tree(NamedTuple):
    """The Python files of both sides of a change, each with its distinct texts, and what configures the project.

    ``tests`` are the modules that pytest collects; ``helpers`` all files of the test side; ``documents`` texts
    whose names pytest or a plugin collects, whatever the configuration.
    """

    texts: Mapping[str, tuple[bytes, ...]]
    tests: Collection[str]
    helpers: Collection[str]
    configuration: Collection[str] = ()
    documents: Collection[bytes] = ()


def reaching(tree: Tree, changed: Collection[str], data: Collection[str] = ()) -> Reaching:
    """Return the test files that can import one of some files, directly or through others, or read data of tests.

    They may also read ``data``, of which others tell which modules do.
    """
    known = len(tree.tests)
    why = _why_all(tree)
    if why:
        return Reaching(known=known, whole=why)
    graph = _Graph(tree)
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
        return Reaching(known=known, whole=_NOBODY)
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
    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.packages = {path.rpartition("/")[0] for path in tree.texts if path.endswith("__init__.py")}
        self.roots = _top_names(tree.texts, self.packages)
        homes = {path.rpartition("/")[0].rpartition("/")[2] for path in tree.texts}
        modules = {_parts(path)[-1] for path in tree.texts if path != "__init__.py"}
        self.loadable = self.roots & (homes | modules)
        entries = [match for text in tree.configuration for match in _SCRIPT.findall(text)]
        self.scripts = {name: module for name, module in entries if module.partition(".")[0] in self.roots}
        self.script_words = frozenset(word for name in self.scripts for word in re.findall(r"\w+", name))
        self.entries = {
            *self.scripts.values(),
            *(name for text in tree.configuration for name in _DOTTED.findall(text)),
        }
        self.everywhere = self._loaded_by_pytest()
        self.words = {path: _words(texts) for path, texts in tree.texts.items()}
        self._wants: dict[str, _Wants] = {}

    def importers(self, changed: Collection[str]) -> set[str]:
        """Return the files that can import one of some files, these among them."""
        found = {*changed, *filter(self._may_import_anything, self.tree.texts)}
        fresh = found
        while fresh:
            names = {name for path in fresh for name in _names_of(path, self.packages)}
            below = {name for path in fresh for name in _packages_of(path)}
            last = {word for path in fresh for word in _parts(path)}
            waiting = (path for path in self.tree.texts if path not in found)
            fresh = {path for path in waiting if self._imports(path, names, below, last)}
            found |= fresh
        return found

    def readers(self, data: str) -> set[str]:
        """Return the files of the test side that may read data: they name it, or a directory that holds no test file.

        Data may also bear the name of the test file that it belongs to.
        """
        *above, name = data.split("/")
        homes = {path.rpartition("/")[0] for path in self.tree.tests}
        inner = [part for depth, part in enumerate(above) if "/".join(above[: depth + 1]) not in homes]
        bearing = {path for path in self.tree.helpers if _parts(path)[-1] in {name.partition(".")[0], *inner}}
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
        if words.isdisjoint(_ENTRIES) and words.isdisjoint({*last, *_IMPORTERS, *self.script_words}):
            return False
        wants = self._wanted(path)
        return wants.anything or not (names.isdisjoint(wants.names) and below.isdisjoint(wants.below))

    def _may_import_anything(self, path: str) -> bool:
        words = self.words[path]
        if path in self.tree.helpers and not words.isdisjoint(_PROCESSES | _LISTING):
            return True
        if path in self.tree.helpers and (any(map(_SOURCES.search, self.tree.texts[path])) or self._computes(path)):
            return True
        starts_python = "executable" in words and not words.isdisjoint(_PROCESSES)
        looks_so = not words.isdisjoint(_IMPORTERS) or any(b"*.py" in text for text in self.tree.texts[path])
        return starts_python or (looks_so and self._wanted(path).anything)

    def _computes(self, path: str) -> bool:
        """Whether a file opens others whose names it does not tell."""
        if self.words[path].isdisjoint(READING):
            return False
        modules = (parse(path, text) for text in self.tree.texts[path])
        return any(isinstance(module, Unreadable) or reads_computed_paths(module) for module in modules)

    def _implied(self, path: str) -> Iterator[str]:
        """Yield what is imported with a file: the packages around it, and for tests the conftests and plugins."""
        above = _parts(path)[:-1] if not path.endswith("__init__.py") else _parts(path)
        places = [".".join(above[:depth]) for depth in range(len(above) + 1)]
        yield from (f"/{place}" for place in places)
        if path in self.tree.helpers:
            yield from (f"/{place}.conftest".replace("/.", "/") for place in places)
            yield from self.everywhere

    def _loaded_by_pytest(self) -> set[str]:
        """Return the modules that the configuration lets pytest load before any test."""
        loaded = _Wants()
        for text in self.tree.configuration:
            sections = _PYTEST_SECTION.findall(text)
            named = [name for section in sections for name in (*_DOTTED.findall(section), *_PLUGIN.findall(section))]
            named += [name for plugins in _PYTEST_PLUGINS.findall(text) for name in re.findall(r"\w[\w.]*", plugins)]
            loaded.add(*named)
        return loaded.names

    def _wanted(self, path: str) -> _Wants:
        if path not in self._wants:
            wants = _Wants()
            if not self.words[path].isdisjoint(_ENTRIES):
                wants.add(*self.entries)
            for text in self.tree.texts[path]:
                module = parse(path, text)
                if isinstance(module, Unreadable):
                    wants.anything = True
                else:
                    _Reader(self, path, wants).read(module)
            self._wants[path] = wants
        return self._wants[path]


class _Reader:
    """Reads one text of one file."""

    def __init__(self, graph: _Graph, path: str, wants: _Wants) -> None:
        self.graph, self.wants = graph, wants
        parts = _parts(path)
        self.package = parts if path.endswith("__init__.py") else parts[:-1]
        self.bound: dict[str, str] = {}

    def read(self, module: ast.Module) -> None:
        nodes = list(_running(module))
        for node in nodes:
            match node:
                case ast.Import(names=names):
                    for alias in names:
                        self.wants.add(alias.name)
                        self.bound[alias.asname or alias.name.partition(".")[0]] = (
                            alias.name if alias.asname else alias.name.partition(".")[0]
                        )
                case ast.ImportFrom(names=names):
                    base = self._base(node.module or "", node.level)
                    for alias in names:
                        self.wants.add(_joined(base, alias.name))
                        self.bound[alias.asname or alias.name] = _joined(base, alias.name)
                case ast.Constant(value=str(text)):
                    self._text(text)
                case ast.Call() if last_name(node.func) in _IMPORTERS:
                    self._by_name(node)
                case _:
                    pass
        for node in nodes:
            if isinstance(node, ast.Attribute):
                self._attribute(node)

    def _base(self, module: str, level: int) -> str:
        if not level:
            return module
        above = self.package[: len(self.package) - level + 1]
        return "/" + ".".join([*above, *([module] if module else [])])

    def _attribute(self, node: ast.Attribute) -> None:
        """An attribute of a package may be a module that somebody else has imported."""
        names: list[str] = []
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute):
            names.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name) and inner.id in self.bound:
            self.wants.add(".".join([self.bound[inner.id], *reversed(names)]))

    def _by_name(self, call: ast.Call) -> None:
        """A call that imports: by a literal, which counts as any text does, below a literal package, or anything."""
        match call.args[0] if call.args else None:
            case ast.Constant(value=str(name)) if name.startswith(".") and self._is_of_this_package(call):
                self.wants.add(self._base(name.lstrip("."), len(name) - len(name.lstrip("."))))
            case ast.Constant(value=str(name)) if not name.startswith("."):
                self.wants.add(name)
            case ast.JoinedStr(values=[ast.Constant(value=str(head)), *_]) if "." in head:
                inner = head.lstrip(".")
                level = len(head) - len(inner)
                self.wants.anything |= bool(level) and not self._is_of_this_package(call)
                self.wants.below.add(self._base(inner.rpartition(".")[0], level))
            case _:
                self.wants.anything = True

    @staticmethod
    def _is_of_this_package(call: ast.Call) -> bool:
        """Whether a relative name is meant from the module that names it."""
        anchors = [*call.args[1:], *(item.value for item in call.keywords if item.arg == "package")]
        return len(anchors) == 1 and isinstance(anchors[0], ast.Name) and anchors[0].id in {"__name__", "__package__"}

    def _text(self, text: str) -> None:
        self.wants.add(*_DOTTED.findall(text))
        for name in _IMPORT_IN_TEXT.findall(text):
            self._root(name)
        if text in self.graph.loadable or _DOTTED.fullmatch(text):
            self._root(text)
        for name in _FILE.findall(text):
            self.wants.names.add(f"{name}.py")
        if "*.py" in text:
            self.wants.anything = True
        for word in {*text.split(), text}.intersection(self.graph.scripts):
            self._root(self.graph.scripts[word])

    def _root(self, name: str) -> None:
        """A package that is named may be an application, of which a framework imports what it likes."""
        self.wants.add(name)
        self.wants.below.add(name)


def _running(module: ast.Module) -> Iterator[ast.AST]:
    """Yield every node that may run: without docstrings, and without what only checkers of types read."""
    running = Running(module)
    waiting: list[ast.AST] = [module]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and last_name(node.test) == "TYPE_CHECKING" and running.for_checkers(node.test):
            waiting.extend(node.orelse)
            continue
        yield node
        children = list(ast.iter_child_nodes(node))
        if isinstance(node, (ast.Module, *DEFINITIONS)) and ast.get_docstring(node, clean=False) is not None:
            children.remove(node.body[0])
        waiting.extend(children)


def _parts(path: str) -> list[str]:
    parts = path.removesuffix(".py").split("/")
    return parts[:-1] if parts[-1] == "__init__" else parts


def _names_of(path: str, packages: set[str]) -> Iterator[str]:
    """Yield every name by which a file may be imported: from any directory above it.

    A module in a package that bears a name of the standard library is not imported by that name alone.
    """
    parts = _parts(path)
    yield "/" + ".".join(parts)
    yield path.rpartition("/")[2]
    for start in range(len(parts)):
        inside = "/".join(parts[:start]) in packages
        if not (inside and parts[start] in sys.stdlib_module_names):
            yield ".".join(parts[start:])


def _packages_of(path: str) -> Iterator[str]:
    """Yield every name of a package that a file lies in, and its own."""
    parts = _parts(path)
    for end in range(1, len(parts) + 1):
        yield "/" + ".".join(parts[:end])
        yield from (".".join(parts[start:end]) for start in range(end))


def _joined(base: str, name: str) -> str:
    return f"{base}{name}" if base in {"", "/"} else f"{base}.{name}"


def _words(texts: Iterable[bytes]) -> frozenset[str]:
    return frozenset(word for text in texts for word in re.findall(r"\w+", text.decode("utf-8", "replace")))


def _top_names(paths: Iterable[str], packages: set[str]) -> frozenset[str]:
    """Return the names of packages and modules that lie in no package themselves."""
    found = set()
    for path in paths:
        parts = path.removesuffix(".py").split("/")
        for depth, part in enumerate(parts):
            if "/".join(parts[:depth]) not in packages:
                found.add(part)
    return frozenset(found)


class Reaching(NamedTuple):
    """The test files that can reach some files of production code.

    ``known`` is the number of all test files; ``whole`` says why all of them are run, and is empty where only
    ``files`` are. ``alike`` counts files that look like tests and that pytest, as it is configured, does not collect.
    """

    files: tuple[str, ...] = ()
    known: int = 0
    whole: str = ""
    alike: int = 0

    @property
    def by_none(self) -> bool:
        """Whether the texts name no way to them, so that all are run only for what texts do not tell."""
        return self.whole == _NOBODY


def looks_like_tests(path: str, texts: Iterable[bytes]) -> bool:
    """Whether a file bears a name that pytest collects by itself, and defines a test."""
    name = path.rpartition("/")[2]
    named = name.endswith("_test.py") or (name.startswith("test_") and name.endswith(".py"))
    return named and any(re.search(rb"^[ \t]*(?:async )?def test", text, re.MULTILINE) for text in texts)


def everything(_: Iterable[str]) -> Reaching:
    """Say of any change that the whole suite may reach it."""
    return Reaching(whole="nobody knows what it reaches")
