"""Projects below the top of a repository that configures nothing, as in a monorepo: commands and hooks run in each.

Each answers in a process of its own that starts in its directory; a hook with all that git gave to this one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pytest_phasegate.adapters.git.caller import amends, commit_words
from pytest_phasegate.app.ports.repository import INDEX, Repository
from pytest_phasegate.errors import PhasegateError
from pytest_phasegate.reports.escaping import say
from pytest_phasegate.wiring import projects
from pytest_phasegate.wiring.projects import Project

ANYWHERE = frozenset({"demo", "init", "explain", "verify", "combine", "ledger", "hook", "completion"})
"""These commands ask for no project, or for the whole repository."""
_OF_EACH = frozenset({"status", "next", "lint", "doctor", "map"})
"""These commands speak of every project in turn; the others are about one."""
_WRITTEN = frozenset({"--output-file", "--report"})
"""These options name a file that need not be there yet."""


def projects_meant(command: str, words: Sequence[str]) -> tuple[Path, ...]:
    """Return the directories of the projects below the top that a command is about; none where it can speak here.

    Those of the files that are named; else those whose guide is named, as in ``check slug:1``; else those with guides.

    Raises:
        PhasegateError: It is about one project, and nothing says which.
    """
    if any(word in {"-h", "--help"} or word.partition("=")[0] == "--config" for word in words):
        return ()
    top = projects.unconfigured_top()
    if top is None:
        return ()
    places = [Path(top.root, place) for place in projects.configured_below(top)]
    files = [Path(word).resolve() for word in words if Path(word).is_file()]
    named = [place for place in places if any(file.is_relative_to(place.resolve()) for file in files)]
    meant = named or _by_guides(places, words) or places[:1]
    written = any(word.partition("=")[0] in _WRITTEN for word in words)  # one file cannot hold the answers of several
    if len(meant) > 1 and (written or command not in _OF_EACH):
        listed = [place.relative_to(top.root).as_posix() for place in meant]
        raise PhasegateError(
            f"which project? There are guides in {', '.join(listed)}", hint=f"cd {listed[0]} && phasegate {command}"
        )
    return tuple(meant)


def _by_guides(places: Sequence[Path], words: Sequence[str]) -> list[Path]:
    from pytest_phasegate.wiring import readers  # a hook does without

    slugs = {
        place: {guide.slug for guide in readers.guides(Project(place, projects.settings(place)))} for place in places
    }
    said = {word.partition(":")[0] for word in words if ":" in word}
    return [place for place in places if said & slugs[place]] or [place for place in places if slugs[place]]


def run_below(places: Sequence[Path], command: str, words: Sequence[str]) -> int:
    """Run a command with its words in each of these directories; return the first exit code that is not 0."""
    codes = []
    for place in places:
        say_where(place)
        there = [_seen_from(place, word, before) for before, word in zip(["", *words], words, strict=False)]
        codes.append(_run(place, command, there))
    return next(filter(None, codes), 0)


def _seen_from(place: Path, word: str, before: str) -> str:
    """Return a word as it reads in another directory: what is a file, or is to be one, stays the same file."""
    option, equals, value = word.partition("=") if word.startswith("--") else (before, "", word)
    head = f"{option}=" if equals else ""
    if option == "--report":
        form, colon, value = value.partition(":")
        head += form + colon
    return head + os.path.relpath(value, place) if value and (option in _WRITTEN or Path(value).is_file()) else word


def say_where(place: Path | str) -> None:
    """Say that the paths and commands of the answer are those of another directory than the present one."""
    say(f"phasegate: in {os.path.relpath(place)}, where its commands are to be run")


def _run(place: Path | str, command: str, words: Sequence[str], **given: Any) -> int:
    import subprocess  # a hook that has nothing to ask does without

    argv = [sys.executable, "-P", "-m", "pytest_phasegate", command, *words]
    return subprocess.run(argv, cwd=place, check=False, **given).returncode


_OF_THE_TOP = ("agent", "post-commit")  # these start anywhere, or have nothing to judge
_TOLD = "pre-push"  # the hook that git tells something on standard input, which only one process can read
_PATHS = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY")


def projects_concerned(hook: str) -> tuple[str, ...]:
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


def run_hook_below(places: Sequence[str], name: str, words: Sequence[str]) -> int:
    """Run a hook with what git gave it in each of these projects, and say of which one it was that refuses.

    Returns:
        The first exit code that refuses, after all have spoken; else 0.
    """
    told = sys.stdin.buffer.read() if name == _TOLD and not sys.stdin.isatty() else None
    absolute = [os.path.abspath(word) if os.path.isfile(word) else word for word in words]  # noqa: PTH100, PTH113 - the same
    codes = []
    for place in places:
        codes.append(_run(place, "hook", [name, *absolute], env=_environment(), input=told))
        if codes[-1]:
            say_where(place)
    return next(filter(None, codes), 0)


def _environment() -> dict[str, str]:
    """Return what git said in this process, for one that starts in another directory."""
    said = {name: os.path.abspath(os.environ[name]) for name in _PATHS if os.environ.get(name)}  # noqa: PTH100 - the same
    if "GIT_DIR" in said:
        said["GIT_WORK_TREE"] = os.path.abspath(os.environ.get("GIT_WORK_TREE", "."))  # noqa: PTH100 - the same
    return {**os.environ, **said}
