"""Find the project's interpreter, which is not ours: a hook's environment holds none of the user's dependencies."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from re import match
from typing import Any

from pytest_phasegate.adapters.child.step import inspection_environment
from pytest_phasegate.adapters.project.config import pyproject
from pytest_phasegate.adapters.project.environment_owner import Owner, owner_of
from pytest_phasegate.core.project.pytest_options import table_in
from pytest_phasegate.errors import EvidenceError

_LOCK_FILES = (
    ("uv.lock", "uv", ("uv", "run", "--frozen", "--no-sync", "python")),
    ("poetry.lock", "poetry", ("poetry", "run", "python")),
    ("pdm.lock", "pdm", ("pdm", "run", "python")),
    ("hatch.toml", "hatch", ("hatch", "run", "python")),
)
_QUESTION = """
import email, importlib.metadata as m, json, platform, site, sys
found = {}
for d in m.distributions():
    text = d.read_text("METADATA") or d.read_text("PKG-INFO") or d.read_text("") or ""
    head = email.message_from_string(text.partition("\\n\\n")[0])  # a long description takes its time to be read
    name = head["Name"]
    if name and name not in found:
        found[name] = head["Version"] or ""
print(json.dumps({"executable": sys.executable, "version": platform.python_version(), "platform": platform.platform(),
 "implementation": platform.python_implementation(), "prefix": sys.prefix, "distributions": found,
 "sites": site.getsitepackages(),
 "user_base": site.getuserbase() if site.ENABLE_USER_SITE else ""}))
"""
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Interpreter:
    """One Python and what is installed in it, by distribution name.

    ``source`` says how it was found, and why it is the one; ``others`` are those that were there and not taken.
    """

    argv: tuple[str, ...]
    executable: str
    version: str
    prefix: str
    source: str
    identity: str
    distributions: Mapping[str, str]
    user_base: str = ""
    sites: tuple[str, ...] = ()  # directories that hold installed packages
    others: tuple[str, ...] = ()

    def has(self, distribution: str) -> bool:
        """Whether a distribution is installed, however its name is spelled."""
        wanted = normalized(distribution)
        return any(normalized(name) == wanted for name in self.distributions)


@dataclass(frozen=True, slots=True)
class Search:
    """Where to look: the project's root, the main work tree's, and what was said about the interpreter."""

    root: Path
    main_root: Path
    environ: Mapping[str, str]
    given: str | None = None
    configured: tuple[str, ...] = ()
    distribution: str = ""  # the project's own name: an environment that holds it is the project's


def project_name(root: Path) -> str:
    """Return the distribution name that a project gives itself, or nothing."""
    document = pyproject(root)
    name = table_in(document, "project").get("name") or table_in(document, "tool", "poetry").get("name")
    return name if isinstance(name, str) else ""


def normalized(name: str) -> str:
    """Return a distribution's name as PEP 503 compares it."""
    return name.lower().replace("_", "-").replace(".", "-")


def find_interpreter(search: Search) -> Interpreter:
    """Return the project's interpreter: what was said, else the first place that has one.

    Raises:
        EvidenceError: None was found (every place that was tried is named), or the one that was said does not run.
    """
    said = _said(search)
    if said is not None:
        return replace(_inspected_words(said.argv or (), said.source, search.root), others=_others(search, None))
    tried: list[str] = []
    for place in _found_places(search):
        if place.argv is not None:
            found = inspect_interpreter(place.argv, place.source, search.root)
            return replace(found, others=_others(search, place))
        tried.append(place.source)
    raise EvidenceError(
        f"no Python of the project was found; tried: {'; '.join(tried)}",
        hint="name it with --python, PHASEGATE_PYTHON or `python` under [tool.phasegate]",
        code="PG930",
    )


def _found_places(search: Search) -> Iterator[_Place]:
    return (place for look in _PLACES for place in look(search))


def _others(search: Search, taken: _Place | None) -> tuple[str, ...]:
    """Return the places that hold an interpreter too, ours aside; nothing is started for that."""
    there = (place for look in _PLACES if look is not _our_own for place in look(search) if place.argv is not None)
    programs = {} if taken is None else {taken.argv: ""}
    for place in there:
        programs.setdefault(place.argv, place.seen or place.source)
    return tuple(filter(None, programs.values()))


def _inspected_words(argv: tuple[str, ...], source: str, root: Path) -> Interpreter:
    """Ask the interpreter that somebody named; words that only run a program (``uv run``) mean the python they run."""
    try:
        return inspect_interpreter(argv, source, root)
    except EvidenceError:
        if len(argv) == 1:
            raise
        try:
            return inspect_interpreter((*argv, "python"), source, root)
        except EvidenceError:
            pass
        raise


def fingerprint(search: Search) -> str:
    """Return a digest of the interpreter that would be found and of what is installed there, without starting it.

    An installation adds, removes or renames entries of a site directory, which changes its time. Empty where that
    does not tell all: the interpreter is only known to another program, or is not of a virtual environment of its own.
    """
    argv = _argv(search)
    return "" if argv is None else _fingerprint(argv)


def _fingerprint(argv: Sequence[str]) -> str:
    program = Path(argv[0])
    if len(argv) != 1 or not program.is_absolute() or not os.path.exists(program):  # noqa: PTH110 - where others may not look, nothing is there
        return ""
    prefix = program.parent.parent
    if not _is_closed(prefix / "pyvenv.cfg"):
        return ""
    sites = sorted([*prefix.glob("lib/python3*/site-packages"), *prefix.glob("Lib/site-packages")])
    watched = [program, program.resolve(), prefix / "pyvenv.cfg", *sites]
    facts = [(str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in watched if path.exists()]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest() if sites else ""


def _is_closed(configuration: Path) -> bool:
    """Whether an environment sees no packages but its own."""
    try:
        lines = configuration.read_text(encoding="utf-8").lower().splitlines()
    except (OSError, ValueError):
        return False
    settings = {key.strip(): value.strip() for key, _, value in (line.partition("=") for line in lines)}
    return settings.get("include-system-site-packages") != "true"


def _argv(search: Search) -> tuple[str, ...] | None:
    said = _said(search)
    if said is not None:
        return said.argv
    return next((place.argv for place in _found_places(search) if place.argv is not None), None)


def inspect_interpreter(argv: Sequence[str], source: str, root: Path) -> Interpreter:
    """Ask an interpreter who it is and what is installed in it.

    Raises:
        EvidenceError: It does not run, or is no Python that answers.
    """
    environment = tuple(sorted(inspection_environment(os.environ).items()))
    seen = _fingerprint(argv)
    try:
        facts = (_asked if seen else _asked.__wrapped__)(tuple(argv), root, environment, seen)
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        raise EvidenceError(
            f"the interpreter {shlex.join(argv)} ({source}) does not answer: {_trouble(error)}",
            hint=f"try `{shlex.join(argv)} -c pass`; name another with --python",
            code="PG931",
        ) from error
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
    return Interpreter(
        argv=(facts["executable"],) if facts["executable"] else tuple(argv),
        executable=facts["executable"],
        version=facts["version"],
        prefix=facts["prefix"],
        source=source,
        identity=digest,
        distributions=facts["distributions"],
        user_base=facts["user_base"],
        sites=tuple(facts["sites"]),
    )


@lru_cache(maxsize=4)
def _asked(argv: tuple[str, ...], root: Path, environment: tuple[tuple[str, str], ...], seen: str) -> dict[str, Any]:
    """Ask once as long as what is seen of an interpreter stays the same: one check replays for a dozen reasons."""
    del seen
    done = subprocess.run(
        [*argv, "-c", _QUESTION],
        cwd=root,
        env=dict(environment),
        capture_output=True,
        timeout=_SECONDS,
        check=False,
    )
    try:
        facts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise ValueError(f"no Python ({said[0]})" if said else "no Python") from None
    return facts


def _trouble(error: Exception) -> str:
    if isinstance(error, subprocess.TimeoutExpired):
        return f"nothing came within {_SECONDS} s"
    return (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an interpreter was looked for: what is said of it if it is taken, or why there is none.

    ``seen`` is what is said of it if another one is taken, where that is something else.
    """

    source: str
    argv: tuple[str, ...] | None = None
    seen: str = ""


def _said(search: Search) -> _Place | None:
    if search.given:
        return _Place("--python", _words(search.given, Path.cwd()))
    if search.environ.get("PHASEGATE_PYTHON"):
        return _Place("PHASEGATE_PYTHON", _words(search.environ["PHASEGATE_PYTHON"], search.root))
    if search.configured:
        program, *rest = search.configured
        return _Place("configuration", (_located(program, search.root), *rest))
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


def _active_of_this_project(search: Search) -> Iterator[_Place]:
    yield from _active(search, Owner.THIS, "VIRTUAL_ENV, which is of this project")


def _active_of_nobody(search: Search) -> Iterator[_Place]:
    named = search.environ.get("VIRTUAL_ENV")
    if not named:
        yield _Place("VIRTUAL_ENV (not set)")
    elif _same(named, sys.prefix):
        yield _Place("VIRTUAL_ENV (it is phasegate's own environment)")
    else:
        yield from _active(search, Owner.NOBODY, "VIRTUAL_ENV, as the project has no .venv")


def _active_of_another(search: Search) -> Iterator[_Place]:
    if not _same(search.environ.get("VIRTUAL_ENV", ""), sys.prefix):
        why = "VIRTUAL_ENV, which is of another project, for want of one of this"
        yield from _active(search, Owner.ANOTHER, why)


def _active(search: Search, wanted: Owner, why: str) -> Iterator[_Place]:
    """Yield the environment that is active, if it is whose it should be."""
    named = search.environ.get("VIRTUAL_ENV")
    if not named:
        return
    roots = (search.root, search.main_root)
    if owner_of(Path(named), roots, is_package=bool(search.distribution)) is wanted:
        yield _in_directory(why, Path(named), seen=f"VIRTUAL_ENV ({named})")


def _beside(search: Search) -> Iterator[_Place]:
    for root in dict.fromkeys((search.root, search.main_root)):
        for name in (".venv", "venv"):
            yield _in_directory(str(root / name), root / name)


def _conda(search: Search) -> Iterator[_Place]:
    named = search.environ.get("CONDA_PREFIX")
    if named:
        yield _in_directory("CONDA_PREFIX", Path(named), seen=f"CONDA_PREFIX ({named})")
    else:
        yield _Place("CONDA_PREFIX (not set)")


def _locked(search: Search) -> Iterator[_Place]:
    for file, program, argv in _LOCK_FILES:
        if not (search.root / file).exists():
            yield _Place(f"{program} (no {file})")
        elif shutil.which(program) is None:
            yield _Place(f"{program} ({file} is there, the program is not)")
        elif program == "uv" and not _uv_environment(search):
            yield _Place(f"uv ({file} is there, the environment is not: uv sync)")
        else:
            yield _Place(program, argv)


def _uv_environment(search: Search) -> bool:
    """Whether uv has an environment for the project: without one, ``uv run`` would make an empty one in it."""
    named = search.environ.get("UV_PROJECT_ENVIRONMENT")
    if named:
        return (search.root / named).is_dir()
    return any((directory / ".venv").is_dir() for directory in (search.root, *search.root.parents))


def _of_a_runner(search: Search) -> Iterator[_Place]:
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
            yield _Place(f"{tool} (it has no environment with pytest)")


_RUNNERS = (".tox", ".nox")


def _active_behind_a_hook_runner(search: Search) -> Iterator[_Place]:
    """An active environment is on PATH; where a tool put ours before it, VIRTUAL_ENV no longer tells of it."""
    if not _kept_by_a_tool():
        return
    for entry in search.environ.get("PATH", "").split(os.pathsep):
        directory = Path(entry).parent
        if entry and (directory / "pyvenv.cfg").exists() and not _same(str(directory), sys.prefix):
            seen = f"the environment active on PATH ({directory})"
            yield _in_directory("the environment active on PATH", directory, seen=seen)
    yield _Place("PATH (no environment is active on it)")


def _our_own(search: Search) -> Iterator[_Place]:
    """Our own interpreter is the project's if the project is installed beside us (a CI job's one environment)."""
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        distribution(search.distribution or "-")
    except (PackageNotFoundError, ValueError):
        yield _for_want_of_another(search)
    else:
        yield _Place("the interpreter that runs phasegate", (sys.executable,))


_KEPT_BY_A_TOOL = (".install_state_v2", ".install_state_v1", ".prek-hook.json", "pipx_metadata.json", "uv-receipt.toml")
"""Files by which pre-commit, prek, pipx and ``uv tool`` mark an environment of their making."""


def _kept_by_a_tool() -> bool:
    return any((Path(sys.prefix) / mark).exists() for mark in _KEPT_BY_A_TOOL)


def _for_want_of_another(search: Search) -> _Place:
    """Take our own interpreter for the project's, unless something says that the project has another one.

    Where a tool keeps ours for us alone the project's dependencies are missing. (Without them *before* does not run
    either, so no red could come of it.)
    """
    if _kept_by_a_tool():
        return _Place(f"{sys.executable} (a tool keeps it for phasegate alone)")
    if any((search.root / file).exists() for file, _, _ in _LOCK_FILES):
        return _Place(f"{sys.executable} (runs phasegate; the project is not installed there)")
    return _Place("the interpreter that runs phasegate, for want of another", (sys.executable,))


_PLACES: tuple[Callable[[Search], Iterator[_Place]], ...] = (
    _active_of_this_project,
    _beside,
    _active_of_nobody,
    _conda,
    _locked,
    _active_behind_a_hook_runner,
    _of_a_runner,
    _active_of_another,
    _our_own,
)


def _in_directory(source: str, directory: Path, *, seen: str = "") -> _Place:
    programs = (directory / "bin" / "python", directory / "Scripts" / "python.exe", directory / "python.exe")
    program = next((program for program in programs if os.path.exists(program)), None)  # noqa: PTH110 - as above
    return _Place(source, (str(program),), seen) if program else _Place(f"{source} (no Python in {directory})")


def _same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)
