"""What one run is given: a directory of its own, its settings, its words and its environment."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_phasegate.__about__ import __version__
from pytest_phasegate.adapters.child.environment import GIT_IDENTITY, child_environment
from pytest_phasegate.app.ports.runner import RunOrder

if TYPE_CHECKING:
    from pytest_phasegate.adapters.project.interpreter import Interpreter


PROBE = "phasegate_probe"
_OFF = ("cacheprovider", "phasegate", "pytest_phasegate", "pytest_phasegate.plugin", "randomly")
"""Plugins that have no place in a run: what a project's options or a conftest name us by is blocked, too."""


@dataclass(frozen=True, slots=True)
class Step:
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


@dataclass(frozen=True, slots=True)
class Outfit:
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
        """Write what the probe is told; each run has a place of its own for bytecode."""
        settings = {
            "out": str(step.records),
            "bytecode": tempfile.mkdtemp(prefix="bytecode", dir=step.directory),
            "root": order.tree,
            "roots": _roots(order),
            "packages": sorted(order.packages),
            "hidden": list(self.hidden),
            "argv": self.arguments(order),
            "only": list(order.only),
            "backwards": order.backwards,
            "traced": list(order.traced),
            "replaced": order.replaced,
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
