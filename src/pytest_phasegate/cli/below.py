"""Hooks of a repository whose top configures nothing, as in a monorepo: git starts them there, the projects lie below.

Each project is judged by a process of its own that starts in its directory, with all that git gave to this one.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_phasegate.app.ports.repository import Repository

_OF_THE_TOP = ("agent", "post-commit")
"""These start anywhere, or have nothing to judge."""
_TOLD = "pre-push"
"""The hook that git tells something on standard input, which only one process can read."""
_PATHS = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY")


def projects_concerned(hook: str) -> tuple[str, ...]:
    """Return the directories below the top whose projects a hook is about; none where the top says what holds.

    A commit concerns the projects it touches; a push, and a commit that touches nothing, all of them.

    Raises:
        RepositoryError: git cannot answer.
    """
    from pytest_phasegate.adapters.project.config import configures, root_of

    here = root_of(os.getcwd())  # noqa: PTH109 - a hook starts without pathlib
    if hook in _OF_THE_TOP or os.environ.get("PHASEGATE_CONFIG") or configures(here):
        return ()
    if not os.path.exists(os.path.join(here, ".git")):  # noqa: PTH110, PTH118 - the same
        return ()
    from pytest_phasegate.wiring import projects

    repository = projects.repository(here)
    found = projects.configured_below(repository)
    return found if not found or hook == _TOLD else _touched(repository, found)


def _touched(repository: Repository, places: tuple[str, ...]) -> tuple[str, ...]:
    from pytest_phasegate.app.ports.trees import INDEX

    paths = [change.path for change in repository.changes(_base(repository), INDEX)]
    return tuple(place for place in places if not paths or any(path.startswith(f"{place}/") for path in paths))


def _base(repository: Repository) -> str:
    """Return what the commit will be compared with: HEAD, or its parent where HEAD is replaced."""
    from pytest_phasegate.adapters.git.caller import amends, commit_words

    head = repository.opened_at
    if head is None or not amends(commit_words()):
        return head or repository.empty_tree()
    parents = repository.commit(head).parents
    return parents[0] if parents else repository.empty_tree()


def run_below(places: Sequence[str], words: Sequence[str]) -> int:
    """Run a hook in each of these projects, and say of which one it was that refuses.

    Args:
        places: The projects' directories, from the top.
        words: The hook's name and what git gave it.

    Returns:
        The first exit code that refuses, after all have spoken; else 0.
    """
    told = sys.stdin.buffer.read() if words[0] == _TOLD and not sys.stdin.isatty() else None
    absolute = [os.path.abspath(word) if os.path.isfile(word) else word for word in words]  # noqa: PTH100, PTH113 - the same
    codes = [_run(place, absolute, told) for place in places]
    return next((code for code in codes if code), 0)


def _run(place: str, words: Sequence[str], told: bytes | None) -> int:
    import subprocess

    from pytest_phasegate.reports.escaping import escaped

    argv = [sys.executable, "-P", "-m", "pytest_phasegate", "hook", *words]
    code = subprocess.run(argv, cwd=place, env=_environment(), input=told, check=False).returncode
    if code:
        print(f"phasegate: in {escaped(place)}, where its commands are to be run", file=sys.stderr)
    return code


def _environment() -> dict[str, str]:
    """Return what git said in this process, for one that starts in another directory."""
    said = {name: os.path.abspath(os.environ[name]) for name in _PATHS if os.environ.get(name)}  # noqa: PTH100 - the same
    if "GIT_DIR" in said:
        said["GIT_WORK_TREE"] = os.path.abspath(os.environ.get("GIT_WORK_TREE", "."))  # noqa: PTH100 - the same
    return {**os.environ, **said}
