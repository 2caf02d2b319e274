"""What stands in the place of the project's code while a test runs."""

import contextlib
import dis
import functools
import glob
import inspect
import operator
import os
import sys
from importlib.machinery import SourceFileLoader
from types import FunctionType, MethodType, ModuleType

import pytest

from .exceptions import text_of

_NOTHING = object()

_PARTS = {part: operator.attrgetter(part) for part in ("__code__", "__defaults__", "__kwdefaults__")}
"""What a function does, apart from its name."""

_MADE = "<string>"
"""The file of functions that are written by others, as ``unittest.mock`` does."""


class _Space:
    """One namespace of the project (a module's, a class's, an object's) with what its own code put there."""

    def __init__(self, module, prefix, now, kind=None):
        self.module, self.prefix, self._now, self._kind = module, prefix, now, kind
        self._items = dict(now)
        self.functions = [value for value in self._items.values() if type(value) is FunctionType]

    def differing(self):
        """Yield what has another value than it had, by name, with what stood there; of an object, what is called."""
        now = self._now
        if len(now) != len(self._items) or not all(map(operator.is_, self._items.values(), now.values())):
            for name, value in list(now.items()):
                before = self._items.get(name, _NOTHING)
                plain = self._kind is not None or (name.startswith("__") and name.endswith("__"))
                if before is not value and not (plain and not callable(value)):
                    yield name, self._inherited(name) if before is _NOTHING else before, value

    def accept(self, name, value):
        """Take what stands there for the project's own."""
        self._items.pop(name, None)
        self._items[name] = value
        self._items = {name: self._items[name] for name in self._now if name in self._items}

    def _inherited(self, name):
        bases = self._kind.__mro__ if self._kind is not None else ()
        return next((vars(base)[name] for base in bases if name in vars(base)), _NOTHING)


class Originals:
    """What the modules of the project hold when their own code has run, and what tests put in the place of it.

    A module below it is its own, and what nobody else has made, under a name that its code stores.
    """

    def __init__(self, imports):
        self._imports = imports
        self._modules = {}
        self._spaces = {}
        self._stored = {}
        self._functions = []
        self._written = {}
        self._exchanged = {}
        self._made = {part: [] for part in _PARTS}
        self._watching = False
        self._lent = {}
        self._module = None
        self._known = set()
        self._strange = set()
        self.found = set()
        sys.addaudithook(self._note_exchange)

    def find_spec(self, name, path=None, target=None):
        """Return what the finders behind this one find, and let a module of the project be kept when it has run."""
        if not self._imports.owned(name):
            return None
        behind = sys.meta_path[sys.meta_path.index(self) + 1 :]
        asked = (finder.find_spec(name, path, target) for finder in behind if hasattr(finder, "find_spec"))
        spec = next(filter(None, asked), None)
        execute = getattr(spec.loader, "exec_module", None) if spec is not None else None
        if execute is not None and self._imports.inside(spec.origin or os.sep) and not hasattr(execute, "keeps"):
            with contextlib.suppress(AttributeError):  # a loader that is compiled
                spec.loader.exec_module = self._keeping(execute)
        return spec

    def _keeping(self, execute):
        def exec_module(module):
            execute(module)
            if self._imports.owned(module.__name__):
                self._keep(module.__name__, module)

        exec_module.keeps = True
        return exec_module

    def look(self):
        """Find what stands in the place of the project's code now."""
        self._look_for_strangers()
        self._look_into_functions()
        for key, value in self._lent.get(id(self._module), ()):
            now = vars(self._module).get(key, value)
            if now is not value:
                self.found.add((self._path_of(value.__module__), value.__qualname__, self._maker(now)))
        for name, module in self._modules.items():
            now = sys.modules.get(name, module)
            if now is not module:
                self.found.add((self._path_of(name), "", self._maker(now)))
            for space in self._spaces[name]:
                for key, before, value in list(space.differing()):
                    if self._is_own(key, before, value):
                        space.accept(key, value)
                    else:
                        named = _places(space, key, before)
                        self.found.update((self._path_of(one), place, self._maker(value)) for one, place in named)

    def lend(self, items):
        """Keep what the modules of tests have of the project, now that they were imported."""
        for module in {id(item.module): item.module for item in items if hasattr(item, "module")}.values():
            values = [
                (key, value) for key, value in vars(module).items() if type(value) is FunctionType or _is_class(value)
            ]
            self._lent[id(module)] = [
                (key, value) for key, value in values if self._imports.owned(text_of(value.__module__))
            ]

    def _look_into_functions(self):
        """Find functions that stand where they stood, and were made to do something else."""
        for part, kept in self._made.items():
            if not all(map(operator.is_, map(_PARTS[part], self._functions), kept)):
                for function, value in zip(self._functions, kept):  # noqa: B905 - Python 3.8
                    if _PARTS[part](function) is not self._exchanged.get((id(function), part), value):
                        place = self._path_of(text_of(function.__module__)), function.__qualname__
                        self.found.add((*place, self._maker(function)))

    def _note_exchange(self, event, arguments):
        """Note, as the interpreter tells of it, that the file which wrote a function exchanges what is in it."""
        if event == "object.__setattr__" and type(arguments[0]) is FunctionType and arguments[1] in _PARTS:
            function, part, value = arguments
            if self._written.get(id(function)) == inspect.currentframe().f_back.f_code.co_filename:
                self._exchanged[id(function), part] = value

    def _look_for_strangers(self):
        """Find modules under the project's names that come from elsewhere than where its own code of that name lies."""
        fresh = sys.modules.keys() - self._known
        self._known |= fresh
        for name in filter(self._imports.owned, fresh):
            file = text_of(getattr(sys.modules[name], "__file__", None))
            stem = os.path.splitext(file)[0]
            ends = [
                os.path.join(root, *name.split("."), *end)
                for root in self._imports.roots
                for end in ((), ("__init__",))
            ]
            elsewhere = file.endswith(".py") and self._imports.inside(file) and os.path.realpath(stem) not in ends
            if elsewhere and any(glob.glob(glob.escape(end) + ".*") for end in ends):
                self._strange.add((name.rpartition(".")[2], "", self._imports.relative(file)))
        self.found |= self._strange

    def watch(self, item):
        """Look also before ``unittest.mock``, ``monkeypatch`` or the tear-down of a class puts back what was there."""
        self._watching, self.found = True, set()
        mock = getattr(sys.modules.get("unittest.mock"), "_patch", None)
        for kind, name in ((pytest.MonkeyPatch, "undo"), *([(mock, "__exit__")] if mock else [])):
            if not hasattr(vars(kind)[name], "looks"):
                setattr(kind, name, self._looking(vars(kind)[name]))
        self._module = getattr(item, "module", None)
        test = getattr(item, "instance", None)
        case = getattr(sys.modules.get("unittest"), "TestCase", None)
        if case is not None and isinstance(test, case):
            test.tearDown = self._looking(test.tearDown)
        self.look()

    def watched(self):
        """Look once more, and return what was found since the test began."""
        self.look()
        self._watching = False
        return sorted(self.found)

    def _looking(self, undo):
        @functools.wraps(undo)
        def undone(*arguments):
            if self._watching:
                self.look()
            return undo(*arguments)

        undone.looks = True
        return undone

    def _keep(self, name, module):
        self._modules[name] = sys.modules.get(name, module)
        spaces = [_Space(name, "", vars(module))]
        for key, value in list(vars(module).items()):
            kind = type(value)
            if _is_class(value):
                if vars(value).get("__module__") == name:
                    spaces.append(_Space(name, key + ".", vars(value)))
            elif kind.__dictoffset__ and not issubclass(kind, (FunctionType, ModuleType)) and self._is_written(kind):
                spaces.append(_Space(name, key + ".", object.__getattribute__(value, "__dict__"), kind))
        self._spaces[name] = spaces
        functions = [function for space in spaces for function in space.functions]
        self._functions += functions
        self._written.update((id(function), _file_of(function)) for function in functions)
        for part, kept in self._made.items():
            kept.extend(map(_PARTS[part], functions))

    def _is_written(self, kind):
        return self._imports.owned(text_of(vars(kind).get("__module__")))

    def _is_own(self, key, before, value):
        place = _file_of(value)
        if issubclass(type(value), ModuleType):
            return sys.modules.get(vars(value).get("__name__")) is value
        if place == _MADE or text_of(type(value).__module__).endswith("mock"):
            return False
        written = place in self._files()
        if self._imports.inside(place or os.sep) and not written:
            return False
        return (written and before is _NOTHING) or any(key in self._stores(name) for name in self._modules)

    def _files(self):
        return {getattr(sys.modules.get(name), "__file__", None) for name in self._modules}

    def _stores(self, name):
        """Return the names that a module stores in an object, or its functions in the module."""
        if name not in self._stored:
            spec = getattr(self._modules[name], "__spec__", None)
            known = spec is not None and type(spec.loader) is SourceFileLoader
            code = spec.loader.get_code(name) if known else None
            self._stored[name] = set(_stores(code, "STORE_ATTR")) if code is not None else set()
        return self._stored[name]

    def _path_of(self, name):
        return self._imports.relative(text_of(getattr(self._modules.get(name), "__file__", None)))

    def _maker(self, value):
        """Return where what stands there was written; of a value of another's kind, that kind."""
        place = _file_of(value)
        kind = type(value)
        return (self._imports.relative(place) if place else "") or kind.__module__ + "." + kind.__qualname__


def _is_class(value):
    return issubclass(type(value), type)


def _places(space, key, before):
    """Yield by which names code is known: where it stood, and where it was defined."""
    yield space.module, space.prefix + key
    if type(before) is FunctionType or _is_class(before):
        yield text_of(before.__module__), text_of(before.__qualname__)


def _file_of(value):
    """Return the file in which a function, a class, or the class of an object was written."""
    value = getattr(value, "__func__", value) if type(value) in (staticmethod, classmethod, MethodType) else value
    value = value.fget if type(value) is property else value
    if type(value) is FunctionType:
        return value.__code__.co_filename
    if issubclass(type(value), ModuleType):
        return text_of(vars(value).get("__file__"))
    name = vars(value if _is_class(value) else type(value)).get("__module__")
    return text_of(getattr(sys.modules.get(text_of(name)), "__file__", None))


def _stores(code, *kinds):
    for step in dis.get_instructions(code):
        if step.opname in kinds:
            yield step.argval
    for constant in code.co_consts:
        if type(constant) is type(code):
            yield from _stores(constant, "STORE_ATTR", "STORE_GLOBAL")
