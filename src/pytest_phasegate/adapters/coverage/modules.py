"""The project's modules that this process has loaded, and what their texts say of imports."""

from __future__ import annotations

import os
import sys
import tokenize
from collections.abc import Iterable, Mapping
from pathlib import Path

from pytest_phasegate.core.coverage.credit import ModuleText, read_module

_FOREIGN = ("site-packages", "dist-packages", ".venv", "venv", ".tox", ".nox")


def loaded_modules(root: Path) -> dict[str, str]:
    """Return the loaded modules whose file lies under the root, by dotted name, with the file's relative path."""
    top = os.path.realpath(root) + os.sep
    found: dict[str, str] = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name != "__main__" and isinstance(file, str) and file.endswith(".py"):
            path = os.path.realpath(file)
            if path.startswith(top):
                found[name] = path.removeprefix(top).replace(os.sep, "/")
    return {name: path for name, path in found.items() if not any(part in _FOREIGN for part in path.split("/"))}


def loaded_elsewhere(root: Path, sources: Iterable[str]) -> dict[str, str]:
    """Return the files below the source roots in whose place a module of that name was loaded from another file.

    The other file, an installed copy mostly, is named relative to the root where it lies below it.
    """
    top = os.path.realpath(root) + os.sep
    found: dict[str, str] = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if not isinstance(file, str) or not file.endswith(".py"):
            continue
        tail = name.replace(".", "/") + ("/__init__.py" if os.path.basename(file) == "__init__.py" else ".py")  # noqa: PTH119 - asked of a thousand files
        for source in sources:
            path = tail if source in {"", "."} else f"{source}/{tail}"
            if os.path.isfile(top + path) and os.path.realpath(top + path) != os.path.realpath(file):  # noqa: PTH113 - as above
                found[path] = os.path.realpath(file).removeprefix(top).replace(os.sep, "/")
    return found


def read_modules(root: Path, modules: Mapping[str, str]) -> dict[str, ModuleText]:
    """Return what the text of each file says of imports; one that cannot be read says nothing."""
    return {path: _read(root / path, name) for name, path in modules.items()}


def _read(file: Path, name: str) -> ModuleText:
    try:
        with tokenize.open(file) as source:
            return read_module(source.read(), name, package=file.name == "__init__.py")
    except (OSError, SyntaxError, UnicodeDecodeError):
        return ModuleText()
