"""The command that installs a project with what its tests need, as far as its files say."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_SYNCHRONIZED_BY = {"uv.lock": "uv sync", "poetry.lock": "poetry install", "pdm.lock": "pdm install"}
_ASKING_FOR_TESTS = ("test", "dev")
"""What the name of an extra or a group holds that brings what tests need, the likeliest first."""


def install_command(root: Path, python: str) -> str:
    """Return the command: the lock file's, else pip's with the extra, the group or the file that tests need."""
    locked = next((command for file, command in _SYNCHRONIZED_BY.items() if (root / file).exists()), "")
    return locked or f"{shlex.quote(python)} -m pip install {_words_for_pip(root)}"


def _words_for_pip(root: Path) -> str:
    declared = _declared(root)
    extra = _for_tests(_table(_table(declared, "project"), "optional-dependencies"))
    if extra:
        return f"-e '.[{extra}]'"
    whole = "-e . " if "project" in declared or (root / "setup.py").exists() else ""
    group = _for_tests(_table(declared, "dependency-groups"))
    if group:
        return f"{whole}--group {shlex.quote(group)}"
    files = {path.relative_to(root).as_posix(): 0 for path in sorted(root.glob("*requirements*.txt"))}
    files |= {path.relative_to(root).as_posix(): 0 for path in sorted(root.glob("requirements/*.txt"))}
    file = _for_tests(files) or next((name for name in files if name == "requirements.txt"), "")
    return f"{whole}-r {shlex.quote(file)}" if file else whole.strip() or "what it names"


def _for_tests(named: Mapping[str, Any]) -> str:
    return next((name for part in _ASKING_FOR_TESTS for name in named if part in name), "")


def _declared(root: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _table(table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = table.get(key)
    return found if isinstance(found, dict) else {}
