"""Find the project's interpreter, which is not ours: a hook's environment holds none of the user's dependencies.

And ask an interpreter who it is, and what is installed in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from pytest_phasegate.adapters.project.config import pyproject
from pytest_phasegate.adapters.project.interpreter_places import Search, found_places, said_place
from pytest_phasegate.core.project.pytest_options import table_in
from pytest_phasegate.core.project.source_roots import normalized
from pytest_phasegate.errors import EvidenceError

_QUESTION = """
import json, os, site, sys
found = {}
for place in (directory or "." for directory in sys.path):
    for entry in sorted(os.listdir(place)) if os.access(place, os.R_OK) and os.path.isdir(place) else []:
        stem, kind = os.path.splitext(entry)
        tells = [os.path.join(place, entry, *file.split("/")) for file in ("METADATA", "PKG-INFO", "EGG-INFO/PKG-INFO")]
        tells = [file for file in (*tells, os.path.join(place, entry)) if os.path.isfile(file)]
        if kind in (".dist-info", ".egg-info", ".egg") and tells:
            name, _, rest = stem.partition("-")
            version = rest.partition("-")[0]
            if not rest:  # of a work tree
                with open(tells[0], encoding="utf-8", errors="replace") as lines:
                    version = next((line[8:].strip() for line in lines if line.startswith("Version:")), "")
            found.setdefault(name.lower().replace("_", "-").replace(".", "-"), version)
print(json.dumps({"executable": sys.executable, "version": sys.version.split()[0], "platform": os.uname()[::2],
 "implementation": sys.implementation.name, "prefix": sys.prefix, "distributions": found,
 "sites": site.getsitepackages(),
 "user_base": site.getuserbase() if site.ENABLE_USER_SITE else ""}))
"""
"""What is installed is read off the names of directories: ``importlib.metadata`` takes five times as long to import."""
_SECONDS = 60
_ASKING = Lock()  # a check asks in several threads at once, and each would start the interpreter


class Interpreter(NamedTuple):
    """One Python and the version of what is installed in it, by normalized distribution name.

    ``source`` says how it was found, and why it is the one.
    """

    argv: tuple[str, ...]
    executable: str
    version: str
    source: str
    identity: str
    distributions: Mapping[str, str]
    user_base: str = ""
    sites: tuple[str, ...] = ()  # directories that hold installed packages

    @property
    def installs(self) -> str:
        """The command that brings packages to it: uv's where it has no pip, for uv makes such environments."""
        python = shlex.quote(self.executable)
        return f"{python} -m pip install" if self.has("pip") else f"uv pip install --python {python}"

    def has(self, distribution: str) -> bool:
        """Whether a distribution is installed, however its name is spelled."""
        return normalized(distribution) in self.distributions


def project_name(root: Path) -> str:
    """Return the distribution name that a project gives itself, or nothing."""
    document = pyproject(root)
    name = table_in(document, "project").get("name") or table_in(document, "tool", "poetry").get("name")
    return name if isinstance(name, str) else ""


def find_interpreter(search: Search) -> Interpreter:
    """Return the project's interpreter: what was said, else the first place that has one.

    Raises:
        EvidenceError: None was found (every place that was tried is named), or the one that was said does not run.
    """
    said = said_place(search)
    if said is not None:
        return _inspected_words(said.argv or (), said.source, search.root)
    tried: list[str] = []
    for place in found_places(search):
        if place.argv is not None:
            return inspect_interpreter(place.argv, place.source, search.root)
        tried.append(place.source)
    raise EvidenceError(
        f"no Python of the project was found; tried: {'; '.join(tried)}",
        hint="name it with --python, PHASEGATE_PYTHON or `python` under [tool.phasegate]",
        code="PG930",
    )


def _inspected_words(argv: tuple[str, ...], source: str, root: Path) -> Interpreter:
    """Ask the interpreter that somebody named; words that only run a program (``uv run``) mean the python they run."""
    try:
        return inspect_interpreter(argv, source, root)
    except EvidenceError:
        if len(argv) == 1:
            raise
        with suppress(EvidenceError):
            return inspect_interpreter((*argv, "python"), source, root)
        raise


def inspect_interpreter(argv: Sequence[str], source: str, root: Path) -> Interpreter:
    """Ask an interpreter who it is and what is installed in it.

    Raises:
        EvidenceError: It does not run, or is no Python that answers.
    """
    environment = tuple(sorted(_inspection_environment(os.environ).items()))
    try:
        with _ASKING:
            facts = _asked(tuple(argv), root, environment)
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
        source=source,
        identity=digest,
        distributions=facts["distributions"],
        user_base=facts["user_base"],
        sites=tuple(facts["sites"]),
    )


def _inspection_environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which an interpreter is asked who it is: the user's home, nothing that bends it."""
    bending = ("PYTHON", "GIT_", "PYTEST_", "COVERAGE_")
    kept = {name: value for name, value in inherited.items() if not name.startswith(bending) and name != "VIRTUAL_ENV"}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1"}


@lru_cache(maxsize=4)
def _asked(argv: tuple[str, ...], root: Path, environment: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Ask once: one check replays for a dozen reasons."""
    done = subprocess.run(
        [*argv, "-c", _QUESTION], cwd=root, env=dict(environment), capture_output=True, timeout=_SECONDS, check=False
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
