"""A process that has imported what every run imports, and forks for each: a run costs a tenth that way.

A run has its own process, directory, environment and streams, and sees the arguments, ``__main__`` and parent of
``python -m MODULE``; only the imports and the start of Python are shared. What is a claim about those starts Python
itself (``Project.run(sys.executable, ...)``).

``python warm.py serve SOCKET`` forks for every order that comes by the socket, until its stdin ends;
``python warm.py ask SOCKET MODULE ARGUMENT...`` gives an order and leaves with the code of the run: that is how a hook
of git is written.
"""

from __future__ import annotations

import os
import socket
import sys
from functools import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn

_HARMLESS = {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE"}


@cache
def place() -> str:
    """Return where the process of this session listens; it is started for the first who asks."""
    import atexit
    import shutil
    import subprocess
    import tempfile

    directory = tempfile.mkdtemp(prefix="warm-")
    listening = os.path.join(directory, "socket")  # noqa: PTH118 - as light as the rest
    words = [sys.executable, __file__, "serve", listening]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    atexit.register(shutil.rmtree, directory)
    atexit.register(process.communicate)
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    return listening


def command(*words: str) -> str:
    """Return the line of a shell script that runs ``python -m`` with these words and those of the script."""
    import shlex

    return f'exec {shlex.join([sys.executable, "-IS", __file__, "ask", place(), *words])} "$@"'


_PYTHON = """\
#!{python} -IS
import os, sys
words = sys.argv[1:]
if words[:2] == ["-u", "-c"] and "exec(eval(sys.stdin.readline()))" in words[2]:  # a worker of xdist
    words = words[1:]
elif words[:2] not in (["-m", "pytest"], ["-m", "pytest_phasegate"]):
    os.execv({python!r}, [{itself!r}, *words])
sys.path.append({beside!r})
import warm
sys.exit(warm.main("ask", {place!r}, *words[words[0] == "-m":]))
"""


@cache
def programs() -> str:
    """Return a directory for PATH whose ``phasegate``, ``pytest`` and ``python`` fork from the process of this session.

    It is that of a virtual environment, with the packages of ours: what is started with its ``python`` by whoever
    finds it there is forked too.
    """
    environment = _environment(place())
    directory = os.path.join(environment, "bin")  # noqa: PTH118
    os.makedirs(directory)  # noqa: PTH103
    for shared in ("pyvenv.cfg", "lib"):
        os.symlink(os.path.join(sys.prefix, shared), os.path.join(environment, shared))  # noqa: PTH118, PTH211
    python, beside = os.path.join(directory, "python"), os.path.dirname(__file__)  # noqa: PTH118, PTH120
    texts = {
        "phasegate": f"#!/bin/sh\n{command('pytest_phasegate')}\n",
        "pytest": f"#!/bin/sh\n{command('pytest')}\n",
        "python": _PYTHON.format(python=sys.executable, itself=python, beside=beside, place=place()),
    }
    for name, text in texts.items():
        with open(os.path.join(directory, name), "w", encoding="utf-8") as script:  # noqa: PTH118, PTH123
            script.write(text)
        os.chmod(script.name, 0o755)  # noqa: PTH101
    return directory


def _environment(place: str) -> str:
    return os.path.join(os.path.dirname(place), "environment")  # noqa: PTH118, PTH120


def needs_a_start(environment: Mapping[str, str]) -> bool:
    """Whether a variable asks something of the start of Python, or leads it to what it runs then."""
    places = environment.get("PYTHONPATH", "").split(os.pathsep)
    if any(os.path.exists(os.path.join(place, "sitecustomize.py")) for place in places):  # noqa: PTH110, PTH118
        return True
    return any(name.startswith(("PYTHON", "COVERAGE_")) and name not in _HARMLESS for name in environment)


def ask(
    place: str, streams: Sequence[int], directory: str, words: Sequence[str], environment: Mapping[str, str]
) -> int:
    """Have a module run, as ``python -m`` does, on three open streams, and return the code it leaves with."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(300)
        connection.connect(place)
        lines = (directory, str(len(words)), *words, *(f"{name}={value}" for name, value in environment.items()))
        socket.send_fds(connection, [b"\n"], streams)
        connection.sendall(os.fsencode("\0".join(lines)))
        connection.shutdown(socket.SHUT_WR)
        return int(connection.makefile().read() or 70)


def serve(place: str) -> None:
    """Carry out orders, several at once, until stdin ends."""
    import select

    _import_all()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(place)
        listener.listen(64)
        print("ready", flush=True)
        while listener.fileno() in select.select([0, listener.fileno()], [], [])[0]:
            connection, _ = listener.accept()
            if not os.fork():
                listener.close()
                _carry_out(connection, _environment(place))
            connection.close()
            _reap()


def _import_all() -> None:
    """Import pytest and us; what wants a module that is not installed is imported by none of the runs."""
    import contextlib
    import gc
    import importlib
    import inspect
    import pkgutil

    del sys.path[0]  # the tests' own
    for name in ("_pytest", "pytest_phasegate"):
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not module.name.endswith("__main__"):
                with contextlib.suppress(ImportError):
                    importlib.import_module(module.name)
    package.__doc__ = f"{package.__doc__} PYTEST_DONT_REWRITE"  # or pytest warns that it came too late for that
    for name in ("encodings.utf_8_sig", "faulthandler", "pdb"):  # what pytest imports only when it begins
        importlib.import_module(name)
    inspect.stack()  # which file is which module: a measurement asks when it begins, and remembers
    gc.collect()
    gc.freeze()


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _carry_out(connection: socket.socket, prefix: str) -> NoReturn:
    """Run what is ordered in a child of its own, and tell its end: it may leave in any way."""
    import struct

    _, streams, _, _ = socket.recv_fds(connection, 1, 3)
    directory, number, *rest = os.fsdecode(connection.makefile("rb").read()).split("\0")
    words, environment = rest[: int(number)], dict(one.split("=", 1) for one in rest[int(number) :])
    asker = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
    run = os.fork()
    if not run:
        connection.close()
        os.getppid = lambda: asker  # a hook looks for the commit above it
        for own, stream in enumerate(streams):
            os.dup2(stream, own)
            os.close(stream)
        _reopen()
        if environment.get("PATH", "").startswith(f"{prefix}/bin:"):
            sys.executable, sys.prefix, sys.exec_prefix = f"{prefix}/bin/python", prefix, prefix
        _be(directory, words, environment)
    connection.sendall(str(os.waitstatus_to_exitcode(os.waitpid(run, 0)[1])).encode())
    os._exit(0)


def _reopen() -> None:
    """Make the streams of Python anew: what it knows of the old ones is not true of these."""
    for name, mode, number in (("stdin", "r", 0), ("stdout", "w", 1), ("stderr", "w", 2)):
        old = getattr(sys, name)
        buffering = 1 if number == 2 or os.isatty(number) else -1
        new = open(number, mode, buffering, encoding=old.encoding, errors=old.errors, closefd=False)  # noqa: SIM115
        setattr(sys, name, new)
        setattr(sys, f"__{name}__", new)


def _be(directory: str, words: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    """Be what ``python -m MODULE ARGUMENT...`` or ``python -c CODE`` is, to the end."""
    import atexit
    import importlib
    import random
    import runpy
    import threading
    import traceback

    leave = os._exit  # what is run may put its own in this place
    os.setpgid(0, 0)
    code = 70
    try:
        os.chdir(directory)
        os.environ.clear()
        os.environ.update(environment)
        random.seed()
        sys.dont_write_bytecode = bool(environment.get("PYTHONDONTWRITEBYTECODE"))
        sys.path[:0] = [os.getcwd(), *filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))]  # noqa: PTH109
        importlib.invalidate_caches()
        if words[0] == "-c":
            sys.argv[:] = words[:1]
            sys.modules["__main__"] = type(sys)("__main__")
            exec(words[1], vars(sys.modules["__main__"]))
        else:
            sys.orig_argv[:] = [sys.executable, "-m", *words]
            sys.argv[1:] = words[1:]
            runpy.run_module(words[0], run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 0 if left.code is None else 1
    except BaseException:  # noqa: BLE001 - the child must not go on as a second parent
        traceback.print_exc()
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    leave(code & 0xFF)


def main(action: str, place: str, *words: str) -> int:
    if action == "serve":
        serve(place)
        return 0
    if needs_a_start(os.environ):
        os.execv(sys.executable, [sys.executable, "-u" if words[0] == "-c" else "-m", *words])
    return ask(place, (0, 1, 2), os.getcwd(), words, os.environ)  # noqa: PTH109


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
