"""``phasegate hook NAME``: what git and pre-commit call; ``NAME`` is a module of ``hooks``, or shares one.

This command does without ``argparse``: importing it would cost a hook as much as its git calls, and the
words after the name are git's, not ours to read. At the top of a repository that configures nothing, as in a monorepo,
the hook runs in each project below that it is about, in a process of its own, with all that git gave to this one.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_phasegate.adapters.git.hooks import amends, commit_words, leave_note
from pytest_phasegate.app.ports.repository import INDEX, Repository
from pytest_phasegate.errors import PhasegateError
from pytest_phasegate.reports.escaping import say
from pytest_phasegate.wiring import projects
from pytest_phasegate.wiring.projects import Project

if TYPE_CHECKING:
    import argparse


HOOKS: dict[str, str] = {
    "guide": "the guides of a commit have no errors, and finished phases are not edited",
    "protected": "generated files change only with their source",
    "agent": "answers a coding agent that is about to edit a file",
    "scope": "a commit touches what its phase declares, and waits for the guide's approval",
    "red-green": "production code comes with a test that was red before it and is green with it",
    "commit-msg": "what the message says of a commit, and red before green where its type decides",
    "pre-push": "every commit that a push brings was red before it was green",
    "post-commit": "say when a commit went past the hooks",
}
"""Each hook's name and its summary; the module is ``hooks/NAME.py`` (``-`` becomes ``_``), unless it is shared."""

_SHARED = {"guide": "pre-commit", "protected": "pre-commit", "scope": "pre-commit"}
"""Hooks that are a function of that name in the module of several."""

GIT_HOOKS = dict.fromkeys(("pre-commit", "pre-merge-commit"), ("guide", "protected", "scope", "red-green"))
"""The git hooks that run several of ours, the quickest first."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments, for ``--help`` and completion."""
    parser.add_argument("name", metavar="NAME", choices=(*HOOKS, *GIT_HOOKS), help=", ".join((*HOOKS, *GIT_HOOKS)))
    parser.add_argument("words", metavar="WORD", nargs="*", help="what git gives the hook")


def run(options: argparse.Namespace) -> int:
    """Run the hook as parsed by ``argparse``."""
    return dispatch([options.name, *options.words])


def dispatch(words: Sequence[str]) -> int:
    """Run one hook, or all of ours that a git hook stands for.

    Args:
        words: Global options, the hook's name, and the words git gave.

    Returns:
        The hook's exit code; of several hooks the first one that refuses, after all have spoken.

    Raises:
        PhasegateError: No hook has this name.
    """
    name, arguments = _name_and_arguments(list(words))
    places = _projects_concerned(name)
    if places:
        return _run_below(places, name, arguments)
    here = cache(lambda: Project.around(Path.cwd()))
    codes = [_run(hook, arguments, here) for hook in GIT_HOOKS.get(name, (name,))]
    return next((code for code in codes if code), 0)


def _name_and_arguments(words: list[str]) -> tuple[str, list[str]]:
    """Take the name; ``--config`` before it becomes the variable that every reader of settings knows."""
    while words and words[0].startswith("-"):
        option, _, value = words.pop(0).partition("=")
        if option == "--config":
            os.environ["PHASEGATE_CONFIG"] = value or (words.pop(0) if words else "")
        elif option not in {"-q", "-v", "--quiet", "--verbose"}:
            raise PhasegateError(f"a hook takes no option {option!r}", hint="phasegate hook NAME")
    if not words:
        raise PhasegateError("which hook?", hint=f"the hooks are: {', '.join((*HOOKS, *GIT_HOOKS))}")
    return words[0], words[1:]


def _run(name: str, arguments: list[str], here: Callable[[], Project]) -> int:
    if name not in HOOKS:
        raise PhasegateError(f"unknown hook {name!r}", hint=f"the hooks are: {', '.join((*HOOKS, *GIT_HOOKS))}")
    module = importlib.import_module(f"pytest_phasegate.hooks.{_SHARED.get(name, name).replace('-', '_')}")
    code = int(getattr(module, name if name in _SHARED else "main")(arguments, here))
    sys.stdout.flush()
    if name == "red-green" and code == 0:
        leave_note()
    return code


def say_where(place: Path | str) -> None:
    """Say that the paths and commands of the answer are those of another directory than the present one."""
    say(f"phasegate: in {os.path.relpath(place)}, where its commands are to be run")


_OF_THE_TOP = ("agent", "post-commit")  # these start anywhere, or have nothing to judge
_TOLD = "pre-push"  # the hook that git tells something on standard input, which only one process can read
_PATHS = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY")


def _projects_concerned(hook: str) -> tuple[str, ...]:
    """Return the directories below the top whose projects a hook is about; none where the top says what holds.

    A commit concerns the projects it touches; a push, and a commit that touches nothing, all of them.

    Raises:
        RepositoryError: git cannot answer.
    """
    repository = None if hook in _OF_THE_TOP else projects.unconfigured_top()
    if repository is None:
        return ()
    found = projects.configured_below(repository)
    return found if not found or hook == _TOLD else _touched(repository, found)


def _touched(repository: Repository, places: tuple[str, ...]) -> tuple[str, ...]:
    paths = [change.path for change in repository.changes(_base(repository), INDEX)]
    return tuple(place for place in places if not paths or any(path.startswith(f"{place}/") for path in paths))


def _base(repository: Repository) -> str:
    """Return what the commit will be compared with: HEAD, or its parent where HEAD is replaced."""
    head = repository.opened_at
    if head is None or not amends(commit_words()):
        return head or repository.empty_tree()
    parents = repository.commit(head).parents
    return parents[0] if parents else repository.empty_tree()


def _run_below(places: Sequence[str], name: str, words: Sequence[str]) -> int:
    """Run a hook with what git gave it in each of these projects, and say of which one it was that refuses.

    Returns:
        The first exit code that refuses, after all have spoken; else 0.
    """
    import subprocess  # a hook at a project's own top does without

    told = sys.stdin.buffer.read() if name == _TOLD and not sys.stdin.isatty() else None
    absolute = [os.path.abspath(word) if os.path.isfile(word) else word for word in words]  # noqa: PTH100, PTH113 - the same
    argv, codes = [sys.executable, "-P", "-m", "pytest_phasegate", "hook", name, *absolute], []
    for place in places:
        codes.append(subprocess.run(argv, cwd=place, check=False, env=_environment(), input=told).returncode)
        if codes[-1]:
            say_where(place)
    return next(filter(None, codes), 0)


def _environment() -> dict[str, str]:
    """Return what git said in this process, for one that starts in another directory."""
    said = {name: os.path.abspath(os.environ[name]) for name in _PATHS if os.environ.get(name)}  # noqa: PTH100 - the same
    if "GIT_DIR" in said:
        said["GIT_WORK_TREE"] = os.path.abspath(os.environ.get("GIT_WORK_TREE", "."))  # noqa: PTH100 - the same
    return {**os.environ, **said}
