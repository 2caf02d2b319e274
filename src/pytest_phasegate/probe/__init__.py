"""The recorder injected into replayed runs: what pytest's hooks say, as JSON lines, as it happens.

The standard library and pytest only, Python 3.8 and pytest 7 or later. A copy of this package stands alone in a
directory on ``PYTHONPATH`` and is loaded by ``-p``. Its settings are a JSON file that ``PHASEGATE_PROBE`` names:
``out`` (file to append to), ``root`` (the scratch tree), ``roots`` (directories that come first on ``sys.path``),
``packages`` (what the project's own modules are imported by; of a namespace, what lies in it),
``hidden`` (directories that must not be imported from),
``argv`` (the words the run was started with, to tell them from ``addopts``), ``only`` (the cases to run, if not all),
``backwards`` (whether the last of them runs first),
``traced`` (files of the tree whose lines are watched), ``replaced`` (the tests of which is told what stands in the
place of the project's code while they run), ``unhooked`` (plugins in the tree of which no hook runs that decides how
tests end),
``memory`` (a limit in bytes) and ``version`` (of phasegate).
The records are described in ``docs/reference/probe.md``.

PYTEST_DONT_REWRITE: nothing here asserts, and what was imported before pytest's configuration would be warned of.
"""

import contextlib
import copy
import dis
import functools
import inspect
import json
import operator
import os
import platform
import re
import subprocess
import sys
import threading
from importlib import _bootstrap_external
from importlib.machinery import BuiltinImporter, FrozenImporter, PathFinder, SourceFileLoader
from types import FunctionType, MethodType, ModuleType, SimpleNamespace

import pytest

VERSION = 1
_RAN = (0, 1)
"""pytest's exit codes of a run in which every test came to its end."""
_EXIT = os._exit
_LONGEST = 400
_ARGUMENTS_BEFORE_ENV = 10
"""Of ``subprocess.Popen``: whoever gives more without their names gives an environment, too."""


class _Out:
    """Appends lines to one file, from this process only, whatever a test does to descriptors or ``os``."""

    def __init__(self, path):
        self._path = path
        self._pid = os.getpid()
        self._open, self._write, self._fstat, self._getpid = os.open, os.write, os.fstat, os.getpid
        self._encode = json.JSONEncoder().encode
        self._flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
        self._descriptor = self._open(path, self._flags, 0o600)
        self._file = self._identity()

    def line(self, record):
        """Write one record, unless a forked child of the tests asks for it."""
        if self._getpid() != self._pid:
            return
        if self._identity() != self._file:
            self._descriptor = self._open(self._path, self._flags, 0o600)
        self._write(self._descriptor, (self._encode(record) + "\n").encode("ascii"))

    def _identity(self):
        try:
            status = self._fstat(self._descriptor)
        except OSError:
            return None
        return (status.st_dev, status.st_ino)


class _TreeFirst:
    """Finds the project's own packages in the scratch tree, or nowhere: not where an installation points to."""

    def __init__(self, roots, packages):
        self.roots = roots
        self._packages = frozenset(packages)

    def find_spec(self, name, path=None, target=None):
        """Return the scratch tree's module; refuse one of the project's names that is not in the tree."""
        if name not in self._packages:
            return None
        around = name.split(".")[:-1]
        roots = self.roots if path is None else [os.path.join(root, *around) for root in self.roots]
        spec = PathFinder.find_spec(name, roots, target)
        if spec is None:
            raise ModuleNotFoundError("No module named %r" % name, name=name)
        return spec if spec.loader is not None else None


class _Guarded:
    """Another finder (an editable installation's, say) that may not lead into the hidden directories."""

    def __init__(self, finder, hides):
        self._finder = finder
        self._hides = hides

    def __getattr__(self, name):
        return getattr(self._finder, name)

    def find_spec(self, name, path=None, target=None):
        """Return what the finder finds, unless it is hidden."""
        find = getattr(self._finder, "find_spec", None)
        spec = find(name, path, target) if find else None
        places = [] if spec is None else [spec.origin, *(spec.submodule_search_locations or ())]
        return None if any(map(self._hides, places)) else spec


def _resolver():
    """Return what resolves the links of many paths as they are now: of each directory only once."""
    directories = {}

    def resolved(path):
        directory, name = os.path.split(path)
        if directory not in directories:
            directories[directory] = os.path.realpath(directory)
        place = os.path.join(directories[directory], name)
        return os.path.realpath(place) if name in {"", ".", ".."} or os.path.islink(place) else place

    return resolved


class Imports:
    """Makes the scratch tree the one that is imported, and tells afterwards whether it was."""

    def __init__(self, settings):
        self.root = os.path.realpath(settings["root"])
        self.roots = [os.path.realpath(root) for root in settings.get("roots", ())]
        self._packages = settings.get("packages", ())
        self._hidden = [os.path.realpath(path) + os.sep for path in settings.get("hidden", ())]
        self._kept = [os.path.realpath(path) + os.sep for path in {sys.prefix, sys.base_prefix, sys.exec_prefix}]

    def install(self):
        """Put the scratch roots first, close every other way to the project, forget what was imported from there."""
        sys.path[:] = self.roots + [entry for entry in sys.path if not self._leads_away(entry)]
        own = {BuiltinImporter, FrozenImporter, PathFinder}
        sys.meta_path[:] = [finder if self._harmless(finder, own) else _Guarded(finder, self.hides)
                            for finder in sys.meta_path]  # fmt: skip
        sys.meta_path.insert(0, _TreeFirst(self.roots, self._packages))
        for name, file in self._files():
            if self.owned(name) and not self.inside(file):
                del sys.modules[name]

    def modules(self):
        """Return the files of every imported module that is the project's, by name."""
        resolved = _resolver()
        files = [(name, file, resolved(file)) for name, file in self._files()]
        return {name: real for name, file, real in files
                if self.owned(name) or (os.path.isabs(file) and self._hidden_there(real))}  # fmt: skip

    def inside(self, path):
        """Whether a file is of the scratch tree."""
        return (os.path.realpath(path) + os.sep).startswith(self.root + os.sep)

    def relative(self, path):
        """Return the path of a file inside the scratch tree, with ``/``, or nothing."""
        return os.path.relpath(os.path.realpath(path), self.root).replace(os.sep, "/") if self.inside(path) else ""

    def hides(self, path):
        """Whether a file is of the user's checkout (and not of an environment that lies in it)."""
        return isinstance(path, str) and os.path.isabs(path) and self._hidden_there(os.path.realpath(path))

    def _hidden_there(self, place):
        real = place + os.sep
        return (
            any(map(real.startswith, self._hidden))
            and not real.startswith(self.root + os.sep)
            and not any(map(real.startswith, self._kept))
        )

    def _leads_away(self, entry):
        return self.hides(entry) or os.path.realpath(entry) in self.roots

    @staticmethod
    def _harmless(finder, own):
        return finder in own or type(finder).__module__.startswith("_pytest.")

    def owned(self, name):
        """Whether a name is one of the project's modules."""
        while name and name not in self._packages:
            name = name.rpartition(".")[0]
        return bool(name)

    @staticmethod
    def _files():
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if isinstance(file, str):
                yield name, file


class Facts:
    """Turns an exception into facts: what is missing, from where, and where it was raised."""

    _NAMED = (
        ("AttributeError", re.compile(r"has no attribute '([^']+)'")),
        ("NameError", re.compile(r"name '([^']+)' is not defined")),
        ("ImportError", re.compile(r"cannot import name '([^']+)'")),
        ("TypeError", re.compile(r"unexpected keyword argument '([^']+)'")),
        ("TypeError", re.compile(r"missing \d+ required (?:positional|keyword-only) arguments?: '([^']+)'")),
    )
    _CALLED = re.compile(r"^([\w.<>]+)\(\) (?:got an unexpected|got some positional|got multiple values|missing|takes)")
    _BUILT = re.compile(r"^(?:Can't instantiate abstract class|Protocols cannot be instantiated) ?(\w*)")

    def __init__(self, imports):
        self._imports = imports

    def of(self, excinfo):
        """Return the record of what was raised; a collector's wrapping is taken off."""
        exception = excinfo.value
        if type(exception).__name__ in {"CollectError", "ConftestImportFailure"}:
            exception = self._wrapped(exception)
        return self.of_exception(exception)

    def of_exception(self, exception):
        """Return the record of an exception with its traceback."""
        types = [cls.__name__ for cls in type(exception).__mro__ if cls not in {object, BaseException}]
        message = self._message(exception)
        record = {"types": types, "message": message[:_LONGEST], "chain": self._chain(exception)}
        record.update(self._missing(exception, types, message))
        record.update(self._place(exception))
        return record

    @staticmethod
    def _wrapped(exception):
        """Return the cause a collector or conftest failure wraps (pytest 7 keeps a conftest's as a tuple)."""
        if exception.__cause__ is not None:
            return exception.__cause__
        cause = getattr(exception, "cause", None)
        excinfo = getattr(exception, "excinfo", None)
        inner = excinfo[1] if isinstance(excinfo, tuple) else cause
        return inner if isinstance(inner, BaseException) else exception

    @staticmethod
    def _message(exception):
        """Return the message without running code of the exception's own class."""
        arguments = BaseException.args.__get__(exception)
        return arguments[0] if arguments and isinstance(arguments[0], str) else ""

    @staticmethod
    def _chain(exception):
        names, seen = [], set()
        while exception is not None and id(exception) not in seen and len(names) < 10:  # noqa: PLR2004 - a chain that long says nothing more
            seen.add(id(exception))
            names.append(type(exception).__name__)
            suppressed = exception.__suppress_context__
            exception = exception.__cause__ or (None if suppressed else exception.__context__)
        return names

    def _missing(self, exception, types, message):
        said = next((found.group(1) for kind, pattern in self._NAMED if kind in types
                     for found in [pattern.search(message)] if found), "")  # fmt: skip
        if "FixtureLookupError" in types:
            return {"missing": _text(getattr(exception, "argname", "")), "module": "", "function": ""}
        if "ModuleNotFoundError" in types:
            return {"missing": _text(exception.name), "module": "", "function": ""}
        if "ImportError" in types:
            return {"missing": said, "module": _text(exception.name), "function": ""}
        if "AttributeError" in types:
            return {"missing": said or _text(getattr(exception, "name", "")), "module": "", "function": ""}
        called = (self._CALLED.search(message) or self._BUILT.search(message)) if "TypeError" in types else None
        return {"missing": said, "module": "", "function": called.group(1) if called else ""}

    def _place(self, exception):
        """Return the deepest frame inside the scratch tree, and whether deeper ones were elsewhere."""
        place = {"path": "", "line": 0, "outside": True}
        if isinstance(exception, SyntaxError) and isinstance(exception.filename, str):
            path = self._imports.relative(exception.filename)
            if path:
                return {"path": path, "line": exception.lineno or 0, "outside": False}
        trace = exception.__traceback__
        while trace is not None:
            path = self._imports.relative(trace.tb_frame.f_code.co_filename)
            here = {"path": path, "line": trace.tb_lineno, "outside": False}
            place = here if path else dict(place, outside=True)
            trace = trace.tb_next
        return place


class _Tracer:
    """Sees which lines of some files run, from the first import on, in every thread."""

    def __init__(self, root, paths):
        self._lines = {os.path.join(root, path): (path, set()) for path in paths}
        self._files = {}
        self._calls = self._call

    def start(self):
        """Begin to see."""
        if self._lines:
            threading.settrace(self._calls)
            sys.settrace(self._calls)

    def record(self):
        """Return the lines seen by path, and whether the tests left the tracer in place."""
        if not self._lines:
            return None
        lines = {path: sorted(seen) for path, seen in self._lines.values()}
        return {"lines": lines, "complete": sys.gettrace() is self._calls}

    def _call(self, frame, _event, _argument):
        name = frame.f_code.co_filename
        if name not in self._files:
            self._files[name] = self._lines.get(os.path.realpath(name))
        entry = self._files[name]
        if entry is None:
            return None
        seen = entry[1]
        seen.add(frame.f_lineno)

        def line(inner, _what, _argument):
            seen.add(inner.f_lineno)
            return line

        return line


_NOTHING = object()
_MOST_CASES = 20
"""How many cases of one function are watched: what stands in the place of code does so for all of them."""
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
                plain = self._kind is not None or _is_dunder(name)
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
        self._made = {operator.attrgetter(name): [] for name in ("__code__", "__defaults__", "__kwdefaults__")}
        self._watching = False
        self._lent = {}
        self._module = None
        self._known = set()
        self._strange = set()
        self.found = set()

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
                (key, value) for key, value in values if self._imports.owned(_text(value.__module__))
            ]

    def _look_into_functions(self):
        """Find functions that stand where they stood, and were made to do something else."""
        for part, kept in self._made.items():
            if not all(map(operator.is_, map(part, self._functions), kept)):
                for function, value in zip(self._functions, kept):  # noqa: B905 - Python 3.8
                    if part(function) is not value:
                        place = self._path_of(_text(function.__module__)), function.__qualname__
                        self.found.add((*place, self._maker(function)))

    def _look_for_strangers(self):
        """Find modules under the project's names that were imported from where none of them lies."""
        fresh = sys.modules.keys() - self._known
        self._known |= fresh
        for name in filter(self._imports.owned, fresh):
            file = _text(getattr(sys.modules[name], "__file__", None))
            stem = os.path.splitext(file)[0]
            ends = [
                os.path.join(root, *name.split("."), *end)
                for root in self._imports.roots
                for end in ((), ("__init__",))
            ]
            if file.endswith(".py") and self._imports.inside(file) and os.path.realpath(stem) not in ends:
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
        for part, kept in self._made.items():
            kept.extend(map(part, functions))

    def _is_written(self, kind):
        return self._imports.owned(_text(vars(kind).get("__module__")))

    def _is_own(self, key, before, value):
        place = _file_of(value)
        if issubclass(type(value), ModuleType):
            return sys.modules.get(vars(value).get("__name__")) is value
        if place == _MADE or _text(type(value).__module__).endswith("mock"):
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
        return self._imports.relative(_text(getattr(self._modules.get(name), "__file__", None)))

    def _maker(self, value):
        """Return where what stands there was written; of a value of another's kind, that kind."""
        place = _file_of(value)
        kind = type(value)
        return (self._imports.relative(place) if place else "") or kind.__module__ + "." + kind.__qualname__


def _is_class(value):
    return issubclass(type(value), type)


def _is_dunder(name):
    return name.startswith("__") and name.endswith("__")


def _places(space, key, before):
    """Yield by which names code is known: where it stood, and where it was defined."""
    yield space.module, space.prefix + key
    if type(before) is FunctionType or _is_class(before):
        yield _text(before.__module__), _text(before.__qualname__)


def _file_of(value):
    """Return the file in which a function, a class, or the class of an object was written."""
    value = getattr(value, "__func__", value) if type(value) in (staticmethod, classmethod, MethodType) else value
    value = value.fget if type(value) is property else value
    if type(value) is FunctionType:
        return value.__code__.co_filename
    if issubclass(type(value), ModuleType):
        return _text(vars(value).get("__file__"))
    name = vars(value if _is_class(value) else type(value)).get("__module__")
    return _text(getattr(sys.modules.get(_text(name)), "__file__", None))


def _stores(code, *kinds):
    for step in dis.get_instructions(code):
        if step.opname in kinds:
            yield step.argval
    for constant in code.co_consts:
        if type(constant) is type(code):
            yield from _stores(constant, "STORE_ATTR", "STORE_GLOBAL")


class _Addopts:
    """Takes out of the project's ``addopts`` what would narrow, judge, spread or break the run."""

    _ALONE = frozenset({
        "-x", "--exitfirst", "--lf", "--last-failed", "--ff", "--failed-first", "--nf", "--new-first", "--sw",
        "--stepwise",
        "--sw-skip", "--stepwise-skip", "--sw-reset", "--no-cov-on-fail", "--strict-config", "--pdb", "--trace", "--co",
        "--collect-only", "--looponfail", "-f",
    })  # fmt: skip
    _VALUED = frozenset({
        "-n", "--numprocesses", "--dist", "--tx", "--maxprocesses", "--maxfail", "--junitxml", "--junit-xml", "--html",
        "--cov", "--cov-report", "--cov-fail-under", "--cov-config", "--cov-context", "--cov-precision", "--report-log",
        "--splits", "--group",
    })  # fmt: skip

    def __init__(self, argv):
        self._argv = argv
        self.taken = []

    def clean(self, words):
        """Return the words without the options that are known to disturb a replay."""
        kept, rest = [], self._of_project(words)
        while rest:
            word = rest.pop(0)
            name = word.partition("=")[0]
            short = word[:2] == "-n" and word[2:].isalnum()
            if word in self._ALONE or name in self._VALUED or name.startswith("--cov-") or short:
                valued = name in self._VALUED and "=" not in word
                self.taken.append(" ".join([word] + ([rest.pop(0)] if valued and _is_value(rest) else [])))
            else:
                kept.append(word)
        return kept + self._argv

    def without(self, words, unknown):
        """Return the words without the options that no plugin of this environment knows, and their values."""
        kept, rest = [], self._of_project(words)
        while rest:
            word = rest.pop(0)
            if word not in unknown or not word.startswith("-"):
                kept.append(word)
                continue
            follows = "=" not in word and _is_value(rest) and not os.path.exists(rest[0])
            self.taken.append(" ".join([word] + ([rest.pop(0)] if follows else [])))
        return kept + self._argv

    def _of_project(self, words):
        own = len(self._argv)
        if words[len(words) - own :] != self._argv:
            raise pytest.UsageError("phasegate: the project changes the arguments it was started with")
        return words[: len(words) - own]


def _is_value(rest):
    return bool(rest) and not rest[0].startswith("-")


def _compile_anew(directory, tree):
    """Let no bytecode that lies beside a source stand for it, but for what is installed.

    A ``.pyc`` of the same size and second is taken for the source's. What is installed has its own, and to compile all
    of it anew may take longer than the tests. The programs that tests start find none in the tree, which was swept and
    is written to by nobody; what they import from elsewhere would only be compiled anew in each of them, and a test
    may ask where its bytecode went.
    """
    sys.pycache_prefix = directory
    place = _bootstrap_external.cache_from_source
    installed = tuple({os.path.join(os.path.realpath(prefix), "") for prefix in (sys.prefix, sys.base_prefix)})

    def place_of(path, *arguments, **words):
        whole = os.path.realpath(path)
        if whole.startswith(os.path.join(tree, "")) or not whole.startswith(installed):
            return place(path, *arguments, **words)
        kept, sys.pycache_prefix = sys.pycache_prefix, None
        try:
            return place(path, *arguments, **words)
        finally:
            sys.pycache_prefix = kept

    _bootstrap_external.cache_from_source = place_of


def _lead_programs(path):
    """Let the programs that tests start find the tree as well, also in an environment that the test makes for them.

    There the project would else be the installed one: the user's checkout, on both sides of the change.
    """
    begin = subprocess.Popen.__init__

    @functools.wraps(begin)
    def led(self, *arguments, **words):
        given = os.environ if words.get("env") is None else words["env"]
        said = given.get("PYTHONPATH", "")
        if len(arguments) <= _ARGUMENTS_BEFORE_ENV and path not in said:
            words["env"] = dict(given, PYTHONPATH=os.pathsep.join(filter(None, [said, path])))
        begin(self, *arguments, **words)

    subprocess.Popen.__init__ = led


def _limit_memory(limit):
    """Let what grows without end raise ``MemoryError``, here and in every child, where the system can."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))


class _Recorder:
    """The plugin: its hooks in the order they fire."""

    def __init__(self, settings):
        self._out = _Out(settings["out"])
        self._imports = Imports(settings)
        self._facts = Facts(self._imports)
        self._addopts = _Addopts(settings.get("argv", []))
        self._tracer = _Tracer(self._imports.root, settings.get("traced", ()))
        self._watched = dict.fromkeys(settings.get("replaced", ()), _MOST_CASES)
        self._originals = Originals(self._imports) if self._watched else None
        self._only = frozenset(settings.get("only", ()))
        self._backwards = bool(settings.get("backwards"))
        self._bytecode = settings["bytecode"]
        self._raised = {}
        self._collected = 0

    def start(self):
        """Say who runs, and make the scratch tree the one that is imported."""
        self._imports.install()
        if self._originals is not None:
            sys.meta_path.insert(0, self._originals)
        self._tracer.start()
        self._record("start", version=VERSION, pid=os.getpid(), python=platform.python_version(),
                     pytest=pytest.__version__, executable=sys.executable, root=self._imports.root)  # fmt: skip

    @pytest.hookimpl(hookwrapper=True)
    def pytest_load_initial_conftests(self, early_config, parser, args):
        """Clean the options; a conftest that cannot be imported ends the run before there is a session."""
        if self._originals is not None:  # before pytest, which rewrites the modules of plugins
            others = [finder for finder in sys.meta_path if finder is not self._originals]
            sys.meta_path[:] = [self._originals, *others]
        _compile_anew(self._bytecode, self._imports.root)
        args[:] = self._addopts.clean(args)
        cut = early_config.known_args_namespace.confcutdir  # pytest sets it after it has read the options
        early_config.known_args_namespace = parser.parse_known_args(args, namespace=copy.copy(early_config.option))
        early_config.known_args_namespace.confcutdir = cut
        outcome = yield
        if outcome.excinfo is not None:
            self._abort("conftest", outcome.excinfo[1])
            return
        _, unknown = parser.parse_known_and_unknown_args(args, namespace=copy.copy(early_config.option))
        args[:] = self._addopts.without(args, unknown)
        self._record("neutralised", options=self._addopts.taken)

    def pytest_configure(self, config):
        """Declare phasegate's own markers: its plugin is off here, and the tests of its users may bear them."""
        for name in ("phase", "characterization", "requirement"):
            config.addinivalue_line("markers", name + ": phasegate's own")

    @pytest.hookimpl(hookwrapper=True)
    def pytest_make_collect_report(self, collector):
        """Record a file that could not be collected, or that skipped itself, with the exception's facts."""
        outcome = yield
        report = outcome.get_result()
        call = report.__dict__.get("call")
        if report.outcome == "passed":
            return
        excinfo = getattr(call, "excinfo", None)
        facts = self._facts.of(excinfo) if report.failed and excinfo is not None else None
        self._record("collect", id=report.nodeid, path=self._path_of(collector), outcome=report.outcome, raised=facts)

    def pytest_deselected(self, items):
        """Record what a filter took out."""
        self._record("deselected", ids=[item.nodeid for item in items])

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items):
        """Keep the cases that were asked for, if any were; what others filtered stays out."""
        if self._only:
            items[:] = [item for item in items if self._own_id(item) in self._only]
        if self._backwards:
            items.reverse()

    def pytest_collection_finish(self, session):
        """Record every test that is to run, with the place its function is really defined."""
        for item in session.items:
            self._record("item", id=item.nodeid, path=self._path_of(item), definition=self._definition(item),
                         strict=is_strict_xfail(item))  # fmt: skip
        if self._originals is not None:
            self._originals.lend(session.items)
        self._collected = len(session.items)
        self._record("collected", count=self._collected)

    def pytest_runtest_logstart(self, nodeid):
        """Record which test is about to run: the last one without an end is the one that hung or crashed."""
        self._record("running", id=nodeid)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self, item):
        """Record what stands in the place of the project's code while the test runs."""
        name = self._own_id(item).partition("[")[0]
        if self._watched.get(name, 0) < 1:
            yield
            return
        self._watched[name] -= 1
        self._originals.watch(item)
        yield
        places = self._originals.watched()
        if places:
            self._record("replaced", id=item.nodeid, places=places)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item, call):
        """Keep the exception's facts for the report made of it."""
        yield
        facts = self._facts.of(call.excinfo) if call.excinfo is not None else None
        self._raised[item.nodeid, call.when] = facts, _line_in(item, call.excinfo) if facts else 0

    def pytest_runtest_logreport(self, report):
        """Record one report: of each phase, subtest and attempt."""
        facts, line = self._raised.get((report.nodeid, report.when), (None, 0))
        failed = report.outcome == "failed"
        self._record("report", id=report.nodeid, when=report.when, outcome=report.outcome, seconds=report.duration,
                     xfail=hasattr(report, "wasxfail"), subtest=type(report).__name__.lower().startswith("subtest"),
                     line=line, raised=facts if failed or hasattr(report, "wasxfail") else None)  # fmt: skip

    def pytest_internalerror(self, excinfo):
        """Record why pytest itself gave up."""
        self._abort("internal", excinfo.value)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session, exitstatus):
        """Record that the run ended by itself, how, and from where the project was imported."""
        stopped = session.shouldstop or session.shouldfail
        self._record("finish", collected=self._collected, exitstatus=int(exitstatus), stopped=_text(stopped))
        self._record("modules", modules=self._imports.modules())
        seen = self._tracer.record()
        if seen is not None:
            self._record("lines", **seen)
        if exitstatus in _RAN:
            self._leave(int(exitstatus))

    @staticmethod
    def _leave(exitstatus):
        """End here: nobody reads the summary, for which plugins import what no test did, nor waits for a thread."""
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        _EXIT(exitstatus)

    def _abort(self, stage, exception):
        wrapped = type(exception).__name__ == "ConftestImportFailure"
        cause = self._facts._wrapped(exception) if wrapped else exception  # noqa: SLF001 - one module, one secret
        self._record("abort", stage=stage, raised=self._facts.of_exception(cause))

    def _record(self, kind, **fields):
        self._out.line(dict(fields, record=kind))

    def _path_of(self, node):
        path = getattr(node, "path", None)
        return self._imports.relative(str(path)) if path is not None else ""

    def _own_id(self, item):
        """Return the id relative to the tree, which may lie above pytest's root directory."""
        path, colons, rest = item.nodeid.partition("::")
        return (self._path_of(item) or path) + colons + rest

    def _definition(self, item):
        """Return where the test's function is defined: its file, qualified name and first line."""
        function = _innermost(getattr(item, "obj", None))
        code = getattr(function, "__code__", None)
        if code is None:
            return None
        return {"path": self._imports.relative(code.co_filename), "line": code.co_firstlineno,
                "qualname": _text(getattr(function, "__qualname__", ""))}  # fmt: skip


def _line_in(item, excinfo):
    """Return the line of an item's own function on which something was raised, or 0."""
    code = getattr(_innermost(getattr(item, "obj", None)), "__code__", None)
    line, trace = 0, excinfo.value.__traceback__
    while trace is not None:
        line = trace.tb_lineno if trace.tb_frame.f_code is code else line
        trace = trace.tb_next
    return line


def _innermost(function):
    """Return the function under methods, partials and decorators."""
    function = getattr(function, "func", function)
    function = getattr(function, "__func__", function)
    try:
        return inspect.unwrap(function)
    except ValueError:
        return function


def is_strict_xfail(item):
    """Whether an item bears an ``xfail`` mark under which passing is a failure; one that is not run shows nothing."""
    mark = item.get_closest_marker("xfail")
    if mark is None or not mark.kwargs.get("run", True):
        return False
    default = item.config.getini("xfail_strict")
    if default is None:
        default = item.config.getini("strict")
    return bool(mark.kwargs.get("strict", default))


def _text(value):
    return value if isinstance(value, str) else ""


def _stand_in(pluginmanager, version):
    """Let a project that requires our plugin run without it: nothing else of ``required_plugins`` is answered for."""
    installed = pluginmanager.list_plugin_distinfo
    ours = SimpleNamespace(project_name="pytest-phasegate", version=version)

    def listed():
        return [*installed(), (None, ours)]

    pluginmanager.list_plugin_distinfo = listed


_ENDING = ("pytest_collection_", "pytest_item", "pytest_runtest_", "pytest_pyfunc_", "pytest_fixture_")
"""How the hooks begin that may decide how a test ends, once it was found."""


def _unhook(pluginmanager, files):
    """Let no hook of these files run that may decide how a test ends; their fixtures stay."""
    options_of = pluginmanager.parse_hookimpl_opts

    def options(plugin, name):
        file = _text(getattr(plugin, "__file__", None))
        if name.startswith(_ENDING) and file and os.path.realpath(file) in files:
            return None
        return options_of(plugin, name)

    pluginmanager.parse_hookimpl_opts = options


def pytest_addoption(parser, pluginmanager):
    """Start recording, before any conftest or installed plugin of the project is imported."""
    del parser
    with open(os.environ.pop("PHASEGATE_PROBE"), encoding="utf-8") as stream:
        settings = json.load(stream)
    if settings.get("memory"):
        _limit_memory(settings["memory"])
    _lead_programs(os.environ["PYTHONPATH"])
    _stand_in(pluginmanager, settings.get("version", "0"))
    if settings.get("unhooked"):
        root = os.path.realpath(settings["root"])
        _unhook(pluginmanager, {os.path.realpath(os.path.join(root, path)) for path in settings["unhooked"]})
    recorder = _Recorder(settings)
    recorder.start()
    pluginmanager.register(recorder, "phasegate-recorder")
