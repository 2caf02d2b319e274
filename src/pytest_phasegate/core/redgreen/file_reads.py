"""What a file of Python reads as it runs: modules, by imports and by texts that name them, and other files.

A test that reads files of which its text does not tell the names may read the code as well.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pytest_phasegate.core.project.syntax import DEFINITIONS, FUNCTIONS, Unreadable, last_name, parse
from pytest_phasegate.core.redgreen.change.runtime import Running
from pytest_phasegate.core.redgreen.change.strength import bound, modules_in, set_in

IMPORTERS = frozenset({
    "import_module", "__import__", "importorskip", "run_module", "run_path", "find_spec", "spec_from_file_location",
    "load_module", "resolve_name", "SourceFileLoader", "import_path",
})  # fmt: skip
"""The functions of Python and pytest that import what they are told."""
DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+")
_IMPORT_IN_TEXT = re.compile(r"(?:\bimport|(?<![\w-])-m)[ \t]+([\w.]+)")
_TAKEN_IN_TEXT = re.compile(r"\bfrom[ \t]+([\w.]+)(?:[ \t]+import\b[ \t]*(\([^)]*|(?:\\\n|[^\n;])*)|\Z)")
_FILE = re.compile(r"([\w-]+)\.py\b")
READING = frozenset({"open", "open_text", "open_binary", "read_text", "read_bytes"})
"""The functions and methods of Python that read the file they are told, or that they stand on."""
_OWN = frozenset({"tmp_path", "tmp_path_factory", "tmpdir", "tmpdir_factory", "TemporaryDirectory", "mkdtemp"})
"""What a test writes itself lies below."""
_KEYED = frozenset({"getLogger", *(name for name in dir(str) if not hasattr(list, name))})
"""The methods of texts and the name of a logger: they take a text for what it is, and import nothing for it."""
_ANYWHERE = frozenset({*dir(builtins), "self", "cls", "__file__", "__path__", "__name__"})


@dataclass(slots=True)
class Wants:
    """What a file may import: dotted names (from the top with a leading ``/``), packages of which anything, all."""

    names: set[str] = field(default_factory=set)
    below: set[str] = field(default_factory=set)
    anything: bool = False

    def add(self, *dotted: str) -> None:
        """Add names and the packages around them, which are imported first."""
        for parts in (name.split(".") for name in dotted):
            self.names.update(".".join(parts[: end + 1]) for end in range(len(parts)))


class Loadable(NamedTuple):
    """What a text may name: top packages and modules of a project, and by its name what each script of it runs."""

    names: Collection[str]
    scripts: Mapping[str, str]


def read_imports(path: str, text: bytes, wants: Wants, known: Loadable) -> None:
    """Add what one text of a file may import to what is known of it."""
    module = parse(path, text)
    if isinstance(module, Unreadable):
        wants.anything = True
    else:
        _Reader(path, wants, known).read(module)


class _Reader:
    """Reads one text of one file."""

    def __init__(self, path: str, wants: Wants, known: Loadable) -> None:
        self.wants, self.known = wants, known
        parts = parts_of(path)
        self.package = parts if path.endswith("__init__.py") else parts[:-1]
        self.bound: dict[str, str] = {}

    def read(self, module: ast.Module) -> None:
        nodes = list(_running(module))
        idle = {id(text) for node in nodes for text in _idle(node)}
        for node in nodes:
            match node:
                case ast.Import() | ast.ImportFrom():
                    self._import(node)
                case ast.Constant(value=str(text)):
                    self._text(text, told=id(node) not in idle)
                case ast.Call() if last_name(node.func) in IMPORTERS:
                    self._by_name(node)
                case _:
                    pass
        for node in nodes:
            if isinstance(node, ast.Attribute):
                self._attribute(node)
        self._offered(value for target, value in set_in(module) if last_name(target) == "__all__")

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        """A statement that imports names the modules, and binds one name of each."""
        base = self._base(node.module or "", node.level) if isinstance(node, ast.ImportFrom) else None
        for alias in node.names:
            name = alias.name if base is None else _joined(base, alias.name)
            bound = alias.asname or (alias.name.partition(".")[0] if base is None else alias.name)
            self.wants.add(name)
            self.bound[bound] = bound if base is None and not alias.asname else name

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

    def _offered(self, values: Iterable[ast.AST]) -> None:
        """What a package offers may be modules of it, which a star imports."""
        texts = (item.value for value in values for item in ast.walk(value) if isinstance(item, ast.Constant))
        self.wants.add(*(_joined(self._base("", 1), text) for text in texts if isinstance(text, str)))

    def _text(self, text: str, *, told: bool) -> None:
        """What a text names; where it is told to somebody, a package that it is may be an application."""
        self.wants.add(*DOTTED.findall(text))
        for name in _IMPORT_IN_TEXT.findall(text):
            self.wants.add(name, f"{name}.__main__")
        for package, names in _TAKEN_IN_TEXT.findall(text):
            self._taken(package, names)
        if told and (text in self.known.names or DOTTED.fullmatch(text)):
            self._root(text)
        elif text in self.known.names:
            self.wants.add(text)
        for name in _FILE.findall(text):
            self.wants.names.add(f"{name}.py")
        if "*.py" in text:
            self.wants.anything = True
        for word in {*text.split(), text}.intersection(self.known.scripts):
            self._root(self.known.scripts[word])

    def _taken(self, package: str, names: str) -> None:
        """What a text takes from a package: some names, all, or what is put into the text."""
        self.wants.add(package, *(f"{package}.{name}" for name in re.findall(r"\w+", names)))
        if not names or re.search(r"[%{*]", names):
            self.wants.below.add(package.rstrip("."))

    def _root(self, name: str) -> None:
        """A package that is named may be an application, of which a framework imports what it likes."""
        self.wants.add(name)
        self.wants.below.add(name)


def _idle(node: ast.AST) -> Iterator[ast.expr]:
    """Yield what of a node is a text for its own sake: keys, what is compared, parts of paths, metadata."""
    match node:
        case ast.Subscript(slice=key):
            yield key
        case ast.Compare():
            for one in (node.left, *node.comparators):
                yield from one.elts if isinstance(one, (ast.List, ast.Tuple, ast.Set)) else (one,)
        case ast.Dict(keys=keys):
            yield from (key for key in keys if key is not None)
        case ast.BinOp(op=ast.Div()):
            yield from (node.left, node.right)
        case ast.Attribute(value=text):
            yield text
        case ast.Call(args=args) if last_name(node.func) in _KEYED:
            yield from args
        case ast.Assign() if all(re.fullmatch(r"__\w+__", last_name(target)) for target in node.targets):
            yield node.value
        case _:
            pass


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


def parts_of(path: str) -> list[str]:
    """Return the parts of the name by which a module is imported from the top."""
    parts = path.removesuffix(".py").split("/")
    return parts[:-1] if parts[-1] == "__init__" else parts


def _joined(base: str, name: str) -> str:
    return f"{base}{name}" if base in {"", "/"} else f"{base}.{name}"


def uses(module: ast.Module, names: Collection[str], fixtures: Collection[str] = ()) -> bool:
    """Whether code uses some names of other modules, or asks for fixtures: no variable, comment or docstring of it."""
    for node in ast.walk(module):
        match node:
            case ast.Attribute(attr=name) | ast.ImportFrom(module=str(name)) if name in names:
                return True
            case ast.alias(name=name) if not {name, name.partition(".")[0]}.isdisjoint(names):
                return True
            case ast.arg(arg=name) | ast.Constant(value=str(name)) if name in fixtures:
                return True
            case _:
                pass
    return False


def reads_computed_paths(module: ast.Module) -> bool:
    """Whether a file is opened by a name that no literal of the text tells, elsewhere than where a test writes."""
    calls = (node for node in ast.walk(module) if isinstance(node, ast.Call) and last_name(node) in READING)
    places = [leaves for call in calls for part in _place(call) if (leaves := frozenset(_leaves(part)))]
    names = _Names.of(module) if places else None
    return names is not None and not all(map(names.tell, set(places)))


def _place(call: ast.Call) -> Iterator[ast.expr]:
    """Yield what says where a file lies, unless it is written."""
    mode = [*call.args[:2], *(item.value for item in call.keywords if item.arg == "mode")]
    if any(isinstance(one, ast.Constant) and one.value in _WRITES for one in mode):
        return
    if isinstance(call.func, ast.Attribute):
        yield call.func.value
    yield from call.args[:1]
    yield from (item.value for item in call.keywords if item.arg in {"file", "path", "name", "resource"})


_WRITES = frozenset({"w", "wb", "a", "ab", "x", "xb", "wt", "w+"})


class _Names(NamedTuple):
    """What the names of a text are set to, and those of modules and imports."""

    values: Mapping[str, list[ast.AST]]
    imported: frozenset[str]

    @classmethod
    def of(cls, module: ast.Module) -> _Names:
        values: dict[str, list[ast.AST]] = {}
        for name, value in _values(module):
            values.setdefault(name, []).append(value)
        imports = (alias for node in ast.walk(module) if isinstance(node, ast.ImportFrom) for alias in node.names)
        imported = {*modules_in(module), *(alias.asname or alias.name for alias in imports)}
        return cls(values, frozenset(imported))

    def tell(self, place: frozenset[str]) -> bool:
        """Whether a place is put together, by these names, from what stands in the text."""
        found: set[str] = set()
        waiting = list(place)
        while waiting:
            name = waiting.pop()
            if name in _OWN:
                return True
            if name not in found:
                found.add(name)
                waiting.extend(leaf for value in self.values.get(name, ()) for leaf in _leaves(value))
        return found - _ANYWHERE <= self.values.keys() | self.imported


def _values(module: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Yield the names that are set somewhere with what they are set to: variables, attributes, results, parameters."""
    for target, value in set_in(module):
        for name in (*bound(target), *(item.attr for item in ast.walk(target) if isinstance(item, ast.Attribute))):
            yield name, value
    for node in ast.walk(module):
        if isinstance(node, FUNCTIONS):
            for inner in ast.walk(node):
                if isinstance(inner, (ast.Return, ast.Yield)) and inner.value is not None:
                    yield node.name, inner.value
        elif isinstance(node, ast.Call) and last_name(node) == "parametrize" and len(node.args) > 1:
            for item in ast.walk(node.args[0]):
                if isinstance(item, ast.Constant) and isinstance(item.value, str):
                    yield from ((name.strip(), node.args[1]) for name in item.value.split(","))


def _leaves(value: ast.AST) -> Iterator[str]:
    """Yield the names that a value is put together from; of an object of the test itself its attribute."""
    for node in ast.walk(value):
        match node:
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name):
                yield name
            case ast.Name(id=name, ctx=ast.Load()):
                yield name
            case ast.Attribute(attr=name) if name in _OWN:
                yield name
            case _:
                pass
