"""The warm process: it has imported pytest and forks for each run, which then needs neither a start nor that import.

One file, the standard library, pytest and the probe only, Python 3.8 and pytest 7 or later. A copy stands beside the
probe's and is started as ``python -m phasegate_warm ORDERS REPLIES`` (two descriptors): in the environment and the
directory of the runs, while no file of the project lies there. Orders and replies are JSON, one a line:

=========================================== ===========================================================
``{"ready": 1}``                            reply: pytest is imported
``{"settings", "console", "searched"}``     order: run pytest as the probe's settings say; what is printed goes to
                                            ``console``, modules are searched in the directories ``searched``
``{"refused": WHY}``                        reply: a fork could be told from a process that was started anew
``{"pid": NUMBER}``                         reply: the run has begun
``{"ended": CODE}``                         reply: its exit code (negative: the signal); the next order reaps it
=========================================== ===========================================================

When the orders end, so does this process, and with it a run that goes on.
"""

import builtins
import contextlib
import importlib
import importlib.util
import json
import os
import re
import select
import signal
import site
import sys
import types
from importlib.machinery import all_suffixes

VERSION = 1
_IMPORTED_BY_PTH = re.compile(r"(?:import\w*|from)[\s('\"]+(\w+)")
_STANDARD_STREAMS = {0, 1, 2}
_OFF = {"cacheprovider", "stepwise"}  # plugins that ``-p no:cacheprovider`` keeps from being imported


class _Names:
    """A finder that finds nothing and remembers every top-level name that is looked for."""

    def __init__(self):
        self.asked = set()

    def find_spec(self, name, path=None, target=None):
        """Remember the name."""
        del target
        if path is None:
            self.asked.add(name)


def _preload():
    """Import what each run imports before anything of a project; return all top-level names that were looked for."""
    names = _Names()
    sys.meta_path.insert(0, names)
    importlib.import_module("pytest")
    for plugin in importlib.import_module("_pytest.config").default_plugins:
        if plugin not in _OFF:
            importlib.import_module("_pytest." + plugin)
    importlib.import_module("phasegate_probe")
    sys.meta_path.remove(names)
    loaded = {name.partition(".")[0] for name in sys.modules}
    return (names.asked | loaded | _named_by_site()) - {"__main__"}


def _named_by_site():
    """Return the names that the start of Python may have looked for in vain."""
    names = {"sitecustomize", "usercustomize"}
    users = [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    for directory in [*site.getsitepackages(), *users]:
        for entry in os.listdir(directory) if os.path.isdir(directory) else ():
            if entry.endswith(".pth"):
                with open(os.path.join(directory, entry), encoding="utf-8", errors="replace") as stream:
                    names.update(*(_IMPORTED_BY_PTH.findall(line) for line in stream if line.startswith("import")))
    return names


def _importable(directory):
    """Return the top-level names that a directory could provide; of its directories all, whatever they hold."""
    try:
        entries = list(os.scandir(directory))
    except FileNotFoundError:
        return set()
    ends = tuple(all_suffixes())
    return {entry.name.partition(".")[0] for entry in entries if entry.is_dir() or entry.name.endswith(ends)}


class _Wake:
    """Tells by a descriptor that a child has ended."""

    def __init__(self):
        self.reader, self._writer = os.pipe()
        for descriptor in (self.reader, self._writer):
            os.set_blocking(descriptor, False)
        self._before = signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)

    @property
    def descriptors(self):
        return {self.reader, self._writer}

    def clear(self):
        """Forget what was told."""
        with contextlib.suppress(BlockingIOError):
            os.read(self.reader, 512)

    def undo(self):
        """Leave signals as they were at the start."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, self._before)


class _Warm:
    """Answers orders until they end."""

    def __init__(self, orders, replies, asked):
        self._orders = orders
        self._replies = replies
        self._asked = asked
        self._wake = _Wake()
        self._unread = b""
        self._run = 0
        self._own = _STANDARD_STREAMS | self._wake.descriptors | {orders, replies}

    def serve(self):
        """Return the settings of a run, in the child that is to carry it out; the warm process itself never returns."""
        self._say(ready=VERSION)
        while True:
            order = self._next_order()
            with open(order["settings"], encoding="utf-8") as stream:
                settings = json.load(stream)
            refusal = self._refusal(order, settings)
            if refusal:
                self._say(refused=refusal)
                continue
            self._run = os.fork()
            if self._run == 0:
                self._begin(order, settings)
                return settings
            self._say(pid=self._run)
            self._say(ended=self._end())

    def _say(self, **reply):
        try:
            os.write(self._replies, (json.dumps(reply) + "\n").encode("ascii"))
        except BrokenPipeError:
            self._leave()

    def _next_order(self):
        """Wait for an order; reap the run before it only then, so that its id was its own until now."""
        while b"\n" not in self._unread:
            self._read()
        self._reap()
        line, _, self._unread = self._unread.partition(b"\n")
        return json.loads(line.decode("ascii"))

    def _reap(self):
        if self._run:
            os.waitpid(self._run, 0)
            self._run = 0

    def _read(self):
        data = os.read(self._orders, 65536)
        if not data:
            self._leave()
        self._unread += data

    def _leave(self):
        """End, and with us the run and its group, if it has come as far as to lead one."""
        for kill in (os.killpg, os.kill) if self._run else ():
            with contextlib.suppress(ProcessLookupError):
                kill(self._run, signal.SIGKILL)
        self._reap()
        os._exit(0)

    def _refusal(self, order, settings):
        """Say why a fork could be told from a process that was started anew, if it could."""
        if len(os.listdir("/proc/self/task")) > 1:
            return "a thread runs"
        if self._others_open():
            return "a file is open"
        provided = set(settings["packages"]).union(*map(_importable, order["searched"]))
        imported = sorted(provided & self._asked)
        if imported:
            return "imported already: " + ", ".join(imported)
        return self._of_project(settings)

    def _others_open(self):
        """Whether descriptors are open that are not ours; the one that lists them is closed when it is looked at."""
        for name in os.listdir("/proc/self/fd"):
            if int(name) not in self._own:
                try:
                    os.fstat(int(name))
                except OSError:
                    continue
                return True
        return False

    @staticmethod
    def _of_project(settings):
        imports = sys.modules["phasegate_probe"].Imports(settings)
        return "of the project: " + ", ".join(imports.modules()) if imports.modules() else ""

    def _begin(self, order, settings):
        """Make this child what a new process would be: its session, streams, directory and view of the tree."""
        os.setsid()
        self._wake.undo()
        console = os.open(order["console"], os.O_WRONLY)
        os.dup2(console, 1)
        os.dup2(console, 2)
        for descriptor in (self._own | {console}) - _STANDARD_STREAMS:
            os.close(descriptor)
        os.chdir(settings["root"])
        for directory in order["searched"]:
            sys.path_importer_cache.pop(directory, None)
        importlib.invalidate_caches()

    def _end(self):
        """Wait for the end of the run and return how it ended; it is not reaped yet."""
        while True:
            self._wake.clear()
            ended = os.waitid(os.P_PID, self._run, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is not None:
                return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
            if self._orders in select.select([self._orders, self._wake.reader], [], [])[0]:
                self._read()


def _main_module(spec, argv):
    """Return the ``__main__`` that ``python -m pytest`` has, in the place of ours."""
    main = types.ModuleType("__main__")
    vars(main).update({name: {} for name in ("__annotations__",) if name in globals()})
    vars(main).update(__builtins__=builtins, __file__=spec.origin, __cached__=spec.cached, __loader__=spec.loader,
                      __package__=spec.parent, __spec__=spec)  # fmt: skip
    sys.modules["__main__"] = main
    sys.argv[:] = [spec.origin, *argv]
    if hasattr(sys, "orig_argv"):
        sys.orig_argv[1:] = ["-m", "pytest", *argv]
    return vars(main)


if __name__ == "__main__":
    _ASKED = _preload()
    _SPEC = importlib.util.find_spec("pytest.__main__")
    _CODE = _SPEC.loader.get_code(_SPEC.name)
    # Only the child of a fork comes back, to this frame, as deep in the stack as a new process is but for one.
    exec(_CODE, _main_module(_SPEC, _Warm(*map(int, sys.argv[1:]), _ASKED).serve()["argv"]))  # noqa: S102 - as -m does
