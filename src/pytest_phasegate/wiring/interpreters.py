"""Which Python a project's tests, commands and replays run in."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_phasegate.adapters.ledger.location import common_directory
from pytest_phasegate.errors import EvidenceError
from pytest_phasegate.wiring.projects import Project

if TYPE_CHECKING:
    from pytest_phasegate.adapters.project.interpreter import Interpreter
    from pytest_phasegate.adapters.project.interpreter_places import Search


NO_INTERPRETER = "PG930"  # the project has no interpreter of its own


def interpreter(project: Project, python: str | None = None) -> Interpreter:
    """Return the project's interpreter.

    Raises:
        EvidenceError: There is none, or the one that was said does not answer.
    """
    from pytest_phasegate.adapters.project.interpreter import find_interpreter

    return find_interpreter(search(project, python))


def search(project: Project, python: str | None = None) -> Search:
    """Return where the interpreter of a project is looked for: the same places, whoever asks."""
    from pytest_phasegate.adapters.project.interpreter import project_name
    from pytest_phasegate.adapters.project.interpreter_places import Search

    root = project.root
    common = common_directory(root)
    main_root = common.resolve().parent if common else root
    return Search(root, main_root, os.environ, python, project.settings.python, project_name(root))


def interpreter_of_tests(project: Project, python: str | None) -> tuple[str, ...]:
    """Return the interpreter of the project's own test run: the project's, which needs this plugin for that.

    Ours, which has it for certain, where the project has none, or where ours is of the project as well.

    Raises:
        EvidenceError: The one that was said does not answer, or the one that was found does not hold the plugin.
    """
    found = _found_or_said(project, python)
    if found is None:
        return (sys.executable,)
    if _is_said(project, python) or found.has("pytest-phasegate"):
        return found.argv
    if is_of_project(project.root):
        return (sys.executable,)
    raise EvidenceError(
        f"{found.executable} ({found.source}) has no pytest-phasegate",
        hint=f"{found.installs} pytest-phasegate; or name another interpreter with --python",
        code="PG932",
    )


def interpreter_of_programs(project: Project, python: str | None) -> tuple[str, ...]:
    """Return the project's interpreter for what needs no plugin: commands and replays; ours where it has none.

    Raises:
        EvidenceError: The one that was said does not answer.
    """
    found = _found_or_said(project, python)
    return found.argv if found else (sys.executable,)


def _found_or_said(project: Project, python: str | None) -> Interpreter | None:
    try:
        return interpreter(project, python)
    except EvidenceError:
        if _is_said(project, python):
            raise
        return None


def _is_said(project: Project, python: str | None) -> bool:
    return bool(python or project.settings.python or os.environ.get("PHASEGATE_PYTHON"))


def is_of_project(root: Path) -> bool:
    """Whether the environment that runs phasegate lies in the project, or has it installed from there.

    One that holds a release of it is not meant: what phasegate stands on may be the project.
    """
    from importlib.metadata import PackageNotFoundError, distribution
    from urllib.parse import unquote, urlsplit

    from pytest_phasegate.adapters.project.interpreter import project_name

    top = root.resolve()
    if Path(sys.prefix).resolve().is_relative_to(top):
        return True
    try:
        found = distribution(project_name(root) or "-")
        url = urlsplit(json.loads(found.read_text("direct_url.json") or "{}").get("url", ""))
    except (PackageNotFoundError, ValueError):
        return False
    source = Path(unquote(url.path)) if url.scheme == "file" else Path(str(found.locate_file("")))
    return source.resolve().is_relative_to(top)
