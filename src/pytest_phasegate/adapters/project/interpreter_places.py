"""Where a project's interpreter is looked for, in their order."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from re import match
from typing import NamedTuple

from pytest_phasegate.adapters.project.worktree import environment_at, seen_from

_LOCK_FILES = (
    ("uv.lock", "uv", ("uv", "run", "--frozen", "--no-sync", "python")),
    ("poetry.lock", "poetry", ("poetry", "run", "python")),
    ("pdm.lock", "pdm", ("pdm", "run", "python")),
    ("hatch.toml", "hatch", ("hatch", "run", "python")),
)


class Search(NamedTuple):
    """Where to look: the project's root, the main work tree's, and what was said about the interpreter."""

    root: Path
    main_root: Path
    environ: Mapping[str, str]
    given: str | None = None
    configured: tuple[str, ...] = ()
    distribution: str = ""  # the project's own name: our own environment is the project's if it holds that


def found_places(search: Search) -> Iterator[Place]:
    """Yield every place that is looked at, the first one first."""
    return (place for look in _PLACES for place in look(search))


class Place(NamedTuple):
    """Where an interpreter was looked for: what is said of it if it is taken, or why there is none."""

    source: str
    argv: tuple[str, ...] | None = None


def said_place(search: Search) -> Place | None:
    """Return the interpreter that somebody named: on the command line, in the environment, or in the configuration."""
    if search.given:
        return Place("--python", _words(search.given, Path.cwd()))
    if search.environ.get("PHASEGATE_PYTHON"):
        return Place("PHASEGATE_PYTHON", _words(search.environ["PHASEGATE_PYTHON"], search.root))
    if search.configured:
        program, *rest = search.configured
        return Place("configuration", (_located(program, search.root), *rest))
    return None


def _words(text: str, base: Path) -> tuple[str, ...]:
    """Read a program, or a whole command; a path with blanks that exists is a program."""
    if os.path.exists(base / text):  # noqa: PTH110 - as above
        return (_located(text, base),)
    first, *rest = shlex.split(text) or [text]
    return (_located(first, base), *rest)


def _located(program: str, base: Path) -> str:
    """Make a relative path absolute; a bare name is looked up on PATH by the system."""
    return str(base / program) if os.sep in program else program


def _active_inside(search: Search) -> Iterator[Place]:
    """Yield the environment that is active, if it lies in the project."""
    named = search.environ.get("VIRTUAL_ENV", "")
    if named and any(seen_from(root, named) for root in (search.root, search.main_root)):
        yield _in_directory("VIRTUAL_ENV, which is of this project", Path(named))


def _active(search: Search) -> Iterator[Place]:
    named = search.environ.get("VIRTUAL_ENV")
    if not named:
        yield Place("VIRTUAL_ENV (not set)")
    elif _same(named, sys.prefix):
        yield Place("VIRTUAL_ENV (it is phasegate's own environment)")
    elif _other_project_around(search, named) is None:
        yield _in_directory("VIRTUAL_ENV, as the project has no .venv", Path(named))


def _active_of_another(search: Search) -> Iterator[Place]:
    """Yield the environment that is active, if it lies in another project: most likely nobody meant it for this one."""
    named = search.environ.get("VIRTUAL_ENV")
    if named and not _same(named, sys.prefix) and (around := _other_project_around(search, named)):
        yield _in_directory(f"VIRTUAL_ENV, which lies in {around}", Path(named))


def _other_project_around(search: Search, environment: str) -> Path | None:
    around = (one for one in Path(environment).parents if (one / ".git").exists() or (one / "pyproject.toml").exists())
    found = next(around, None)
    return None if found is None or seen_from(found, search.root) else found


def _beside(search: Search) -> Iterator[Place]:
    for root in dict.fromkeys((search.root, search.main_root)):
        for name in (".venv", "venv"):
            yield _in_directory(str(root / name), environment_at(root / name) or root / name)


def _conda(search: Search) -> Iterator[Place]:
    named = search.environ.get("CONDA_PREFIX")
    if named:
        yield _in_directory("CONDA_PREFIX", Path(named))
    else:
        yield Place("CONDA_PREFIX (not set)")


def _locked(search: Search) -> Iterator[Place]:
    for file, program, argv in _LOCK_FILES:
        if not (search.root / file).exists():
            yield Place(f"{program} (no {file})")
        elif shutil.which(program) is None:
            yield Place(f"{program} ({file} is there, the program is not)")
        elif program == "uv" and not _uv_environment(search):
            yield Place(f"uv ({file} is there, the environment is not: uv sync)")
        else:
            yield Place(program, argv)


def _uv_environment(search: Search) -> bool:
    """Whether uv has an environment for the project: without one, ``uv run`` would make an empty one in it."""
    named = search.environ.get("UV_PROJECT_ENVIRONMENT")
    if named:
        return (search.root / named).is_dir()
    return any((directory / ".venv").is_dir() for directory in (search.root, *search.root.parents))


def _of_a_runner(search: Search) -> Iterator[Place]:
    """Yield the environments of tox and nox that hold pytest: those named for tests first, the newest Python.

    One that a linter or a type checker has to itself may hold pytest too.
    """

    def rank(site: Path) -> tuple[bool, list[int], str]:
        name = site.parents[2].name
        numbers = [-int(number) for number in site.parent.name.removeprefix("python").split(".") if number.isdecimal()]
        return match(r"py|.*test", name) is None, numbers, name

    for root, tool in ((root, tool) for root in dict.fromkeys((search.root, search.main_root)) for tool in _RUNNERS):
        sites = [found.parent for found in (root / tool).glob("*/lib/python3*/site-packages/pytest")]
        for environment in dict.fromkeys(site.parents[2] for site in sorted(sites, key=rank)):
            yield _in_directory(str(environment), environment)
        if not sites:
            yield Place(f"{tool} (it has no environment with pytest)")


_RUNNERS = (".tox", ".nox")


def _active_behind_a_hook_runner(search: Search) -> Iterator[Place]:
    """An active environment is on PATH; where a tool put ours before it, VIRTUAL_ENV no longer tells of it."""
    if not _kept_by_a_tool():
        return
    for entry in search.environ.get("PATH", "").split(os.pathsep):
        directory = Path(entry).parent
        if entry and (directory / "pyvenv.cfg").exists() and not _same(str(directory), sys.prefix):
            yield _in_directory("the environment active on PATH", directory)
    yield Place("PATH (no environment is active on it)")


def _our_own(search: Search) -> Iterator[Place]:
    """Our own interpreter is the project's if the project is installed beside us (a CI job's one environment)."""
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        distribution(search.distribution or "-")
    except (PackageNotFoundError, ValueError):
        yield _for_want_of_another(search)
    else:
        yield Place("the interpreter that runs phasegate", (sys.executable,))


_KEPT_BY_A_TOOL = (".install_state_v2", ".install_state_v1", ".prek-hook.json", "pipx_metadata.json", "uv-receipt.toml")
"""Files by which pre-commit, prek, pipx and ``uv tool`` mark an environment of their making."""


def _kept_by_a_tool() -> bool:
    return any((Path(sys.prefix) / mark).exists() for mark in _KEPT_BY_A_TOOL)


def _for_want_of_another(search: Search) -> Place:
    """Take our own interpreter for the project's, unless something says that the project has another one.

    Where a tool keeps ours for us alone the project's dependencies are missing. (Without them *before* does not run
    either, so no red could come of it.)
    """
    if _kept_by_a_tool():
        return Place(f"{sys.executable} (a tool keeps it for phasegate alone)")
    if any((search.root / file).exists() for file, _, _ in _LOCK_FILES):
        return Place(f"{sys.executable} (runs phasegate; the project is not installed there)")
    return Place("the interpreter that runs phasegate, for want of another", (sys.executable,))


_PLACES: tuple[Callable[[Search], Iterator[Place]], ...] = (
    _active_inside,
    _beside,
    _active,
    _conda,
    _locked,
    _active_behind_a_hook_runner,
    _of_a_runner,
    _active_of_another,
    _our_own,
)


def _in_directory(source: str, directory: Path) -> Place:
    programs = (directory / "bin" / "python", directory / "Scripts" / "python.exe", directory / "python.exe")
    program = next((program for program in programs if os.path.exists(program)), None)  # noqa: PTH110 - as above
    return Place(source, (str(program),)) if program else Place(f"{source} (no Python in {directory})")


def _same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)
