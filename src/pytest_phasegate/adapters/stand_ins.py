"""What an installation of the tree would have added: its console scripts, and metadata if nothing is installed."""

from __future__ import annotations

import re
import shutil
import tomllib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pytest_phasegate.adapters.interpreter import Interpreter

_TARGET = re.compile(r"^([\w.]+)\s*(?::\s*([\w.]+))?\s*(?:\[.*\])?$")
_PROGRAM_NAME = re.compile(r"^[\w.+-]+$")


class StandIns:
    """Writes stand-ins below one directory, anew for each tree.

    Args:
        directory: Where; it is removed and made again.
        interpreter: The one that runs the scripts; a distribution that it holds needs no metadata.
    """

    def __init__(self, directory: Path, interpreter: Interpreter) -> None:
        self._directory = directory
        self._interpreter = interpreter
        self.extra_path = (str(directory / "metadata"),)
        self.programs = (str(directory / "bin"),)

    def make(self, tree: Path) -> None:
        """Write the stand-ins for the project in a tree, as its ``pyproject.toml`` declares them."""
        shutil.rmtree(self._directory, ignore_errors=True)
        project = _project(tree / "pyproject.toml")
        name = project.get("name")
        if isinstance(name, str):
            self._scripts(project)
            self._metadata(name, project)

    def _scripts(self, project: Mapping[str, Any]) -> None:
        directory = self._directory / "bin"
        directory.mkdir(parents=True)
        for name, module, function in _entries(project.get("scripts")):
            program = directory / name
            program.write_text(_script(self._interpreter.executable, module, function), encoding="utf-8")
            program.chmod(0o755)

    def _metadata(self, name: str, project: Mapping[str, Any]) -> None:
        if self._interpreter.has(name):
            return
        version = project.get("version") if isinstance(project.get("version"), str) else "0"
        directory = self._directory / "metadata" / f"{name.replace('-', '_')}-{version}.dist-info"
        directory.mkdir(parents=True)
        (directory / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8"
        )
        (directory / "entry_points.txt").write_text("".join(_entry_points(project)), encoding="utf-8")


def _project(path: Path) -> Mapping[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("project")
    except (OSError, ValueError):
        return {}
    return table if isinstance(table, dict) else {}


def _entries(table: object) -> Iterator[tuple[str, str, str]]:
    """Yield name, module and function of each script that can be one."""
    for name, target in table.items() if isinstance(table, dict) else ():
        found = _TARGET.match(target) if isinstance(target, str) else None
        if found and found.group(2) and _PROGRAM_NAME.match(name):
            yield name, found.group(1), found.group(2)


def _script(executable: str, module: str, function: str) -> str:
    """Write a script as pip does; an interpreter's path with blanks goes through the shell."""
    first = (
        f"#!{executable}\n" if " " not in executable else f"#!/bin/sh\n'''exec' \"{executable}\" \"$0\" \"$@\"\n' '''\n"
    )
    head, _, rest = function.partition(".")
    call = f"{head}.{rest}" if rest else head
    return f"{first}import sys\nfrom {module} import {head}\nsys.exit({call}())\n"


def _entry_points(project: Mapping[str, Any]) -> Iterator[str]:
    groups = project.get("entry-points")
    named = {"console_scripts": project.get("scripts"), **(groups if isinstance(groups, dict) else {})}
    for group, table in named.items():
        if isinstance(table, dict):
            yield f"[{group}]\n"
            yield from (f"{name} = {target}\n" for name, target in table.items())
