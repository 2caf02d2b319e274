"""A process that has imported what every run imports, and forks for each: a run costs a tenth that way.

A run has its own process, directory, environment and streams; only the imports and the start of Python are shared.
``python warm.py`` reads one order a line on stdin, as JSON, and answers each with one line on stdout.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
import traceback
from typing import IO, TYPE_CHECKING, Any, NoReturn, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from support.project import Project, Run


class Warm:
    """The process, from the side that gives the orders."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate("")

    def pytest(self, project: Project, *arguments: str, env: Mapping[str, str] | None = None) -> Run:
        """Do what ``python -m pytest`` does in a project."""
        from support.project import without_foreign_plugins

        spare = (*without_foreign_plugins(*arguments), "-p", "no:cacheprovider")
        return self._run(project, "pytest", *spare, *arguments, env=env)

    def phasegate(self, project: Project, *arguments: str, env: Mapping[str, str] | None = None) -> Run:
        """Do what ``python -m pytest_phasegate`` does in a project."""
        return self._run(project, "phasegate", *arguments, env=env)

    def _run(self, project: Project, *words: str, env: Mapping[str, str] | None) -> Run:
        from support.project import Run, clean_environment

        environment = clean_environment(project.home, {**project.environment, **(env or {})})
        order = {"words": words, "directory": str(project.root), "environment": environment}
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return Run(*json.loads(self._process.stdout.readline()))


def serve() -> None:
    """Carry out orders until stdin ends."""
    _import_all()
    for line in sys.stdin:
        print(json.dumps(_forked(json.loads(line))), flush=True)


def _import_all() -> None:
    """Import pytest and us; what wants a module that is not installed is imported by none of the runs."""
    sys.path[:] = [place for place in sys.path if place != os.path.dirname(__file__)]  # noqa: PTH120 - the tests' own
    for name in ("_pytest", "pytest_phasegate"):
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not module.name.endswith("__main__"):
                with contextlib.suppress(ImportError):
                    importlib.import_module(module.name)


def _forked(order: Mapping[str, Any]) -> tuple[int, str, str]:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if not child:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            _end_with(order)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        return code, _text(out), _text(err)


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode("utf-8", "surrogateescape")


def _end_with(order: Mapping[str, Any]) -> NoReturn:
    """Carry out an order in the child, and end it with the code that the program leaves with."""
    try:
        os.chdir(order["directory"])
        os.environ.clear()
        os.environ.update(order["environment"])
        code = _left_with(*order["words"])
    except BaseException:  # noqa: BLE001 - the child must not go on as a second parent
        traceback.print_exc()
        code = 70
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _left_with(program: str, *arguments: str) -> int:
    if program == "pytest":
        import pytest

        sys.path[:0] = [os.getcwd(), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]  # noqa: PTH109 - as Python does for `-m pytest`
        return int(pytest.main([*arguments]))
    from pytest_phasegate.cli import main

    return main(arguments)


def warm_project(root: Path, home: Path, warm: Warm) -> Project:
    """Return a project whose runs of pytest are a warm process's."""
    from support.project import Project

    class WarmProject(Project):
        def pytest(self, *arguments: str, env: Mapping[str, str] | None = None) -> Run:
            return warm.pytest(self, *arguments, env=env)

    return WarmProject(root, home)


if __name__ == "__main__":
    serve()
