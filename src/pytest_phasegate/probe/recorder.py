"""What pytest's hooks say, written line by line as it happens."""

import contextlib
import copy
import json
import os
import platform
import sys
import threading

import pytest

from .addopts import Addopts
from .bytecode import Compiled
from .cases import case_id, written
from .exceptions import Facts, text_of
from .imports import Imports
from .replaced import Originals

VERSION = 1

_RAN = (0, 1)
"""pytest's exit codes of a run in which every test came to its end."""

_EXIT = os._exit

_MOST_CASES = 20
"""How many cases of one function are watched: what stands in the place of code does so for all of them."""


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


class Recorder:
    """The plugin: its hooks in the order they fire."""

    def __init__(self, settings):
        self._out = _Out(settings["out"])
        self._imports = Imports(settings)
        self._facts = Facts(self._imports)
        self._addopts = Addopts(settings.get("argv", []))
        self._tracer = _Tracer(self._imports.root, settings.get("traced", ()))
        self._watched = dict.fromkeys(settings.get("replaced", ()), _MOST_CASES)
        self._originals = Originals(self._imports) if self._watched else None
        self._only = frozenset(settings.get("only", ()))
        self._backwards = bool(settings.get("backwards"))
        self._compiled = Compiled(settings["compiled"], self._imports.root)
        self._raised = {}
        self._cases = {}
        self._collected = 0

    def start(self):
        """Say who runs, and make the scratch tree the one that is imported."""
        self._imports.install()
        self._compiled.install()
        if not self._imports.owned("_pytest"):
            self._compiled.install_rewritten(sys.modules["_pytest.assertion.rewrite"])
        if self._originals is not None:
            sys.meta_path.insert(0, self._originals)
        self._tracer.start()
        self._record("start", version=VERSION, pid=os.getpid(), python=f"{platform.python_version()} on {sys.platform}",
                     pytest=pytest.__version__, executable=sys.executable, root=self._imports.root)  # fmt: skip

    @pytest.hookimpl(hookwrapper=True)
    def pytest_load_initial_conftests(self, early_config, parser, args):
        """Clean the options; a conftest that cannot be imported ends the run before there is a session."""
        if self._originals is not None:  # before pytest, which rewrites the modules of plugins
            others = [finder for finder in sys.meta_path if finder is not self._originals]
            sys.meta_path[:] = [self._originals, *others]
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
        """Declare phasegate's own markers: its plugin is off here, and the tests of its users may bear them.

        Nobody reads what pytest writes of a failure, and the lines of code in it take longer than most tests do.
        """
        config.option.tbstyle = "native"
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

    def pytest_itemcollected(self, item):
        """Learn of which function an item is a case: reports have nothing but its id."""
        self._cases[item.nodeid] = case_id(item)

    def pytest_deselected(self, items):
        """Record what a filter took out."""
        self._record("deselected", ids=[self._case(item.nodeid) for item in items])

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
            case = self._case(item.nodeid)
            self._record("item", id=case, path=self._path_of(item), definition=self._definition(item),
                         strict=is_strict_xfail(item), generated=case != item.nodeid)  # fmt: skip
        if self._originals is not None:
            self._originals.lend(session.items)
        self._compiled.keeps = False
        self._collected = len(session.items)
        self._record("collected", count=self._collected)

    def pytest_runtest_logstart(self, nodeid):
        """Record which test is about to run: the last one without an end is the one that hung or crashed."""
        self._record("running", id=self._case(nodeid))

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
            self._record("replaced", id=self._case(item.nodeid), places=places)

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
        self._record("report", id=self._case(report.nodeid), when=report.when, outcome=report.outcome,
                     seconds=report.duration, xfail=hasattr(report, "wasxfail"),
                     subtest=type(report).__name__.lower().startswith("subtest"), line=line,
                     raised=facts if failed or hasattr(report, "wasxfail") else None)  # fmt: skip

    def pytest_internalerror(self, excinfo):
        """Record why pytest itself gave up."""
        self._abort("internal", excinfo.value)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session, exitstatus):
        """Record that the run ended by itself, how, and from where the project was imported."""
        stopped = session.shouldstop or session.shouldfail
        self._record("finish", collected=self._collected, exitstatus=int(exitstatus), stopped=text_of(stopped))
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
        cause = self._facts.wrapped(exception) if wrapped else exception
        self._record("abort", stage=stage, raised=self._facts.of_exception(cause))

    def _record(self, kind, **fields):
        self._out.line(dict(fields, record=kind))

    def _path_of(self, node):
        path = getattr(node, "path", None)
        return self._imports.relative(str(path)) if path is not None else ""

    def _case(self, node_id):
        return self._cases.get(node_id, node_id)

    def _own_id(self, item):
        """Return the id relative to the tree, which may lie above pytest's root directory."""
        path, colons, rest = self._case(item.nodeid).partition("::")
        return (self._path_of(item) or path) + colons + rest

    def _definition(self, item):
        """Return where the test's function is defined: its file, qualified name and first line."""
        function = written(item)
        code = getattr(function, "__code__", None)
        if code is None:
            return None
        return {"path": self._imports.relative(code.co_filename), "line": code.co_firstlineno,
                "qualname": text_of(getattr(function, "__qualname__", ""))}  # fmt: skip


def _line_in(item, excinfo):
    """Return the line of an item's own function on which something was raised, or 0."""
    code = getattr(written(item), "__code__", None)
    line, trace = 0, excinfo.value.__traceback__
    while trace is not None:
        line = trace.tb_lineno if trace.tb_frame.f_code is code else line
        trace = trace.tb_next
    return line


def is_strict_xfail(item):
    """Whether an item bears an ``xfail`` mark under which passing is a failure; one that is not run shows nothing."""
    mark = item.get_closest_marker("xfail")
    if mark is None or not mark.kwargs.get("run", True):
        return False
    default = item.config.getini("xfail_strict")
    if default is None:
        default = item.config.getini("strict")
    return bool(mark.kwargs.get("strict", default))
