"""Find the repository a directory belongs to, as the git that started us sees it."""

from __future__ import annotations

import os
import os.path
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from pytest_phasegate.adapters.git import command
from pytest_phasegate.adapters.git.command import damaged, run
from pytest_phasegate.adapters.project.worktree import environment_at, seen_from

_QUESTIONS = ("--show-object-format", "--absolute-git-dir", "--git-common-dir", "--show-toplevel")
_HEAD = ("--revs-only", "HEAD^{commit}")  # asked last, since git stops reading there before the first commit


class Place(NamedTuple):
    """Where a repository lies; all paths absolute. ``index_file`` is the one git gave us, or its own.

    ``head`` is the commit of HEAD at this moment, ``None`` before the first one.
    """

    root: str
    git_dir: str
    common_dir: str
    index_file: str
    object_format: str
    head: str | None


def is_object_id(word: str) -> bool:
    """Return whether a word is the full id of an object, of either format."""
    return len(word) in {40, 64} and all(letter in "0123456789abcdef" for letter in word)


def discover(start: str, environ: Mapping[str, str], working_directory: str) -> Place:
    """Return the repository of a directory.

    The variables git gave us (``GIT_DIR``, ``GIT_WORK_TREE``, ``GIT_INDEX_FILE``) mean the repository of the
    process's working directory. They are believed if that work tree holds ``start``; when it does not (a test
    suite that runs inside another repository's hook), ``start`` is looked up as if they were not there.

    Raises:
        RepositoryError: No repository, one without a work tree, or one that git does not trust.
    """
    start = os.path.join(working_directory, start)
    if any(environ.get(name) for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS")):
        given = _look(working_directory, command.for_discovery(environ), working_directory, environ)
        if seen_from(given.root, start) is not None:
            return given
    return _look(start, command.for_child(environ, {}), working_directory, environ)


def _look(where: str, child: Mapping[str, str], working_directory: str, environ: Mapping[str, str]) -> Place:
    (object_format, git_dir, common_dir, root), head = _ask(where, child)
    common = os.path.realpath(os.path.join(where, common_dir))
    return Place(root, git_dir, common, _index(root, git_dir, working_directory, environ), object_format, head)


def environments(top: str, tracked: Iterable[str]) -> tuple[str, ...]:
    """Return the virtual environments at a repository's top, or what names one: ignored or not, nobody's content.

    A directory of which git tracks a file is none, whatever else lies in it.
    """
    held = {path.partition("/")[0] for path in tracked}
    with os.scandir(top) as entries:
        found = (one.name for one in entries if environment_at(Path(one.path)))
        return tuple(sorted(name for name in found if name not in held))


def without_environments(top: str, tracked: Iterable[str]) -> tuple[str, ...]:
    """Return the pathspecs that leave these out.

    Where one is a plain path, or begins like one, ``git add`` fails if git ignores it: so each character is quoted.
    """
    quoted = ("".join(f"\\{one}" for one in name) for name in environments(top, tracked))
    return tuple(f":(top,exclude,glob){name}{below}" for name in quoted for below in ("", "/**"))


def _index(root: str, git_dir: str, working_directory: str, environ: Mapping[str, str]) -> str:
    """Return the index to read: the inherited one belongs to the repository of the working directory alone."""
    given = environ.get("GIT_INDEX_FILE")
    if given and seen_from(root, working_directory) is not None:
        return os.path.join(working_directory, given)
    return os.path.join(git_dir, "index")


def _ask(where: str, child: Mapping[str, str]) -> tuple[list[str], str | None]:
    """Return the answers to the questions and the commit of HEAD, of one child where no path holds a line break."""
    argv = ["git", "-C", where, "rev-parse"]
    answer = run([*argv, *_QUESTIONS, *_HEAD], child)
    lines = os.fsdecode(answer.checked("rev-parse")).split("\n")[:-1]
    head = lines.pop() if is_object_id(lines[-1]) else None
    if len(lines) == len(_QUESTIONS):
        return lines, head
    return [_one(argv, question, child) for question in _QUESTIONS], head


def _one(argv: list[str], question: str, child: Mapping[str, str]) -> str:
    """Ask for one path alone: the way to read a path that holds a line break."""
    answer = run([*argv, question], child)
    if answer.exit_code or not answer.out.endswith(b"\n"):
        raise damaged(f"`git rev-parse {question}` gave no path")
    return os.fsdecode(answer.out[:-1])
