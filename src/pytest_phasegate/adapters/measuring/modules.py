"""The project's modules that this process has loaded, and what their texts say of imports."""

from __future__ import annotations

import os
import sys
import tokenize
from typing import TYPE_CHECKING

from pytest_phasegate.core.imports import ModuleText, read_module

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

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


def read_modules(root: Path, modules: Mapping[str, str]) -> dict[str, ModuleText]:
    """Return what the text of each file says; one that cannot be read says nothing."""
    return {path: _read(root / path, name) for name, path in modules.items()}


def _read(file: Path, name: str) -> ModuleText:
    try:
        with tokenize.open(file) as source:
            return read_module(source.read(), name, package=file.name == "__init__.py")
    except (OSError, SyntaxError, UnicodeDecodeError):
        return ModuleText()
