"""What a child run may inherit: a list of what may stay, because secrets have no list."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from hashlib import sha256

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


def inspection_environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which an interpreter is asked who it is: the user's home, nothing that bends it."""
    bending = ("PYTHON", "GIT_", "PYTEST_", "COVERAGE_")
    kept = {name: value for name, value in inherited.items() if not name.startswith(bending) and name != "VIRTUAL_ENV"}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1"}
