"""``phasegate hook NAME``: what git and pre-commit call; ``NAME`` is a module of ``hooks`` with a ``main``.

This command does without ``argparse``: importing it would cost a hook as much as its git calls, and the
words after the name are git's, not ours to read.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_phasegate.adapters.git.caller import leave_note
from pytest_phasegate.cli import monorepo
from pytest_phasegate.errors import PhasegateError
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
"""Each hook's name and its summary; the module is ``hooks/NAME.py`` (``-`` becomes ``_``)."""

GIT_HOOKS: dict[str, tuple[str, ...]] = {
    "pre-commit": ("guide", "protected", "scope", "red-green"),
    "pre-merge-commit": ("guide", "protected", "scope", "red-green"),
}
"""The git hooks that run several of ours, the quickest first."""


_JUDGES_THE_COMMIT = "red-green"


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
    places = monorepo.projects_concerned(name)
    if places:
        return monorepo.run_hook_below(places, name, arguments)
    here = cache(lambda: Project.around(Path.cwd()))
    codes = [_run(hook, arguments, here) for hook in GIT_HOOKS.get(name, (name,)) if hook in HOOKS or hook == name]
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
    module = importlib.import_module(f"pytest_phasegate.hooks.{name.replace('-', '_')}")
    code = int(module.main(arguments, here))
    sys.stdout.flush()
    if name == _JUDGES_THE_COMMIT and code == 0:
        leave_note()
    return code
