"""What one run is given: a directory of its own, its settings, its words, and its environment.

That is a list of what may stay, because secrets have no list.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from pytest_phasegate.__about__ import __version__
from pytest_phasegate.adapters.project.interpreter import Interpreter
from pytest_phasegate.app.ports.evidence import RunOrder

MARK = "_PHASEGATE_STEP"
"""Names the step in every process it starts, so that those that outlive it can be found.

``PHASEGATE_*`` are settings: one of that name, inherited by a test that runs phasegate, would be a misspelled one.
"""
GIT_IDENTITY = "[user]\n\tname = phasegate replay\n\temail = replay@phasegate.invalid\n"
"""What the home of a child run tells git: tests that commit rely on the user's name, which stays outside."""

_MAY_STAY = (
    "PATH", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH",
    "SYSTEMROOT", "CONDA_PREFIX", "DJANGO_SETTINGS_MODULE",
)  # fmt: skip


def child_environment(
    inherited: Mapping[str, str],
    *,
    step: str,
    mark: str,
    first_on_path: Sequence[str] = (),
    variables: Sequence[str] = (),
) -> dict[str, str]:
    """Return the environment of a child run: no tokens, no ``PYTEST_*``, ``COVERAGE_*``, ``GIT_*`` or ``VIRTUAL_ENV``.

    Args:
        inherited: Our own environment.
        step: The step's directory; home and temporary files live below it.
        mark: A value no other process carries.
        first_on_path: Directories of programs the tests must find first.
        variables: Names or globs of what else the project says its tests need. What is named outright replaces what
            the run has of its own: the user's home, say.
    """
    kept = {name: inherited[name] for name in _MAY_STAY if name in inherited}
    path = os.pathsep.join([*first_on_path, kept.get("PATH", os.defpath)])
    own = {
        "HOME": f"{step}/home",
        "TMPDIR": f"{step}/tmp",  # noqa: S108 - inside the private scratch
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
    }
    outright = {name: inherited[name] for name in variables if name in inherited}
    return {**_named(inherited, variables), **kept, **own, **outright, MARK: mark, "PATH": path}


def seen_by_the_suite(inherited: Mapping[str, str]) -> tuple[str, ...]:
    """Return, outright, the names that an ordinary run of the tests sees, but for what measures or configures us."""
    return tuple(sorted(name for name in inherited if not name.startswith(("COV", "PHASEGATE_", "_PHASEGATE"))))


def said_of_tests(inherited: Mapping[str, str], variables: Sequence[str]) -> str:
    """Return what of the environment decides how tests end: a result that was kept under another is another."""
    named = sorted(_named(inherited, variables).items())
    digest = sha256(repr(named).encode("utf-8", "backslashreplace")).hexdigest() if named else ""
    return f"{inherited.get('DJANGO_SETTINGS_MODULE', '')} {digest}".strip()


def _named(inherited: Mapping[str, str], variables: Sequence[str]) -> dict[str, str]:
    """Return what a project names, but for what would bend the run itself: a glob may match that, too."""
    named = (name for name in inherited if any(fnmatchcase(name, each) for each in variables))
    return {name: inherited[name] for name in named if name in variables or not name.startswith(_BENDS_THE_RUN)}


_BENDS_THE_RUN = ("PYTEST_", "PYTHON", "COV", "GIT_", "VIRTUAL_ENV", "PHASEGATE_", "_PHASEGATE")


PROBE = "phasegate_probe"
_OFF = ("cacheprovider", "phasegate", "pytest_phasegate", "pytest_phasegate.plugin", "randomly")
"""Plugins that have no place in a run: what a project's options or a conftest name us by is blocked, too."""


class Step(NamedTuple):
    """The directory of one run, which exists and is empty before :meth:`make`."""

    directory: Path

    @property
    def records(self) -> Path:
        """The file that the probe appends to."""
        return self.directory / "records.jsonl"

    @property
    def console(self) -> Path:
        """The file that takes standard output and error."""
        return self.directory / "console"

    @property
    def settings(self) -> Path:
        """The settings of the probe: a file, because they may be longer than an environment."""
        return self.directory / "probe.json"

    def make(self) -> None:
        """Make a home, a place for temporary files, and empty records."""
        for name in ("home", "tmp"):
            (self.directory / name).mkdir(mode=0o700)
        (self.directory / "home" / ".gitconfig").write_text(GIT_IDENTITY, encoding="ascii")
        self.records.touch()


class Outfit(NamedTuple):
    """What all runs of one child have in common.

    Args:
        interpreter: The project's interpreter.
        modules: Directory that holds the probe and the program of the warm process.
        hidden: Work trees the tests must not import the project from.
        memory: Limit of a process's data in bytes, or 0 for none.
        variables: Names or globs of the environment's variables that the project's tests need.
    """

    interpreter: Interpreter
    modules: Path
    hidden: tuple[str, ...]
    memory: int
    variables: tuple[str, ...] = ()

    @staticmethod
    def searched(order: RunOrder) -> list[str]:
        """Return where modules are searched first: in the tree, and in what stands in for an installation."""
        return [order.tree, *_roots(order), *order.extra_path]

    @staticmethod
    def arguments(order: RunOrder) -> list[str]:
        """Return the words for pytest: the order of tests is the files' own, and nothing is written into the tree."""
        off = [word for plugin in _OFF for word in ("-p", f"no:{plugin}")]
        files = [path.removeprefix(f"{order.directory}/") for path in order.files]
        return ["-p", PROBE, *off, "--continue-on-collection-errors", *order.options, "--", *files]

    def write_settings(self, step: Step, order: RunOrder) -> None:
        """Write what the probe is told."""
        settings = {
            "out": str(step.records),
            "compiled": str(self.modules.parent / "compiled"),
            "root": order.tree,
            "roots": _roots(order),
            "packages": sorted(order.packages),
            "hidden": list(self.hidden),
            "argv": self.arguments(order),
            "only": list(order.only),
            "backwards": order.backwards,
            "traced": list(order.traced),
            "replaced": list(order.replaced),
            "unhooked": list(order.unhooked),
            "memory": self.memory,
            "version": __version__,
        }
        step.settings.write_text(json.dumps(settings), encoding="ascii")

    def environment(self, step: Step, order: RunOrder, mark: str) -> dict[str, str]:
        """Return the whole environment of a run; nothing but the step, the mark and the order make it differ."""
        beside = str(Path(self.interpreter.executable).parent)
        environment = child_environment(
            os.environ,
            step=str(step.directory),
            mark=mark,
            first_on_path=(*order.programs, beside),
            variables=self.variables,
        )
        named = [environment["PYTHONPATH"]] if environment.get("PYTHONPATH") else []
        path = os.pathsep.join([*_roots(order), *order.extra_path, str(self.modules), *named])
        user = {"PYTHONUSERBASE": self.interpreter.user_base} if self.interpreter.user_base else {}
        return {**environment, **user, "PYTHONPATH": path, "PHASEGATE_PROBE": str(step.settings)}


def _roots(order: RunOrder) -> list[str]:
    return [str(Path(order.tree, root)) for root in order.import_roots]
