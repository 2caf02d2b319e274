"""What decides how tests end beside the files of the repository: environment, interpreter, packages, options.

Two runs with one digest differ in nothing of this kind that can be seen. Where they do differ nothing is wrong: then
neither explains the other, and a replay has to tell.
"""

from __future__ import annotations

import os
import sys
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_COUNTED_BY_TOOLS = frozenset({"_", "PWD", "OLDPWD", "SHLVL", "COLUMNS", "LINES", "PYTEST_VERSION"})
"""What shell, terminal and pytest keep for themselves in variables."""
_NO_TESTS_CONCERN = ("PHASEGATE_", "COV_CORE_")
"""How variables begin that are ours, or that pytest-cov sets in a run that measures."""
_INSTALLED = (".dist-info", ".egg-info", ".pth", ".egg-link")
_CHOOSE_OR_SHOW = {
    "-v", "-q", "-r", "-k", "-m", "-x", "-l", "--verbose", "--quiet", "--verbosity", "--exitfirst", "--maxfail",
    "--showlocals", "--tb", "--color", "--lf", "--last-failed", "--ff", "--failed-first", "--nf", "--new-first", "--sw",
    "--stepwise", "--deselect", "--ignore", "--ignore-glob", "--durations", "--durations-min", "--no-header",
    "--no-summary", "--show-capture", "--code-highlight", "--junitxml", "--junit-xml", "--cov", "--cov-report",
    "--cov-config", "--cov-append", "--cov-branch", "--cov-context", "--cov-fail-under", "--no-cov", "--phase",
    "--no-phasegate-cov", "--continue-on-collection-errors",
}  # fmt: skip
"""Options that choose tests or say how they are shown. Any other may be what a test hangs on."""


def surroundings(arguments: Sequence[str], place: str, environ: Mapping[str, str]) -> str:
    """Return one digest of all this.

    Args:
        arguments: The words behind ``pytest``.
        place: The directory in which it was started, seen from the repository's top.
        environ: The variables it was started with.
    """
    interpreter = (sys.version, os.path.realpath(sys.executable), repr(sys.flags), repr(sys.warnoptions))
    parts = (*_variables(environ), "", *_telling(arguments), "", place, *interpreter, *_installed())
    return sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def _variables(environ: Mapping[str, str]) -> Iterator[str]:
    for name, value in sorted(environ.items()):
        if name not in _COUNTED_BY_TOOLS and not name.startswith(_NO_TESTS_CONCERN):
            yield f"{name}={value}"


def _telling(arguments: Sequence[str]) -> Iterator[str]:
    """Yield the options that may decide how tests end, each with a word behind it that may be its value."""
    for word, following in zip(
        arguments, (*arguments[1:], "-"), strict=False
    ):  # without words there is nothing to pair
        if word.startswith("-") and not _chooses_or_shows(word):
            yield word if following.startswith("-") else f"{word} {following}"


def _chooses_or_shows(word: str) -> bool:
    name = word.partition("=")[0] if word.startswith("--") else word[:2]
    return name in _CHOOSE_OR_SHOW or name.startswith("--phasegate")


def _installed() -> list[str]:
    """Return what is installed, by name with version and by when, in every directory that modules come from."""
    return sorted(found for directory in dict.fromkeys(sys.path) for found in _distributions(directory or "."))


def _distributions(directory: str) -> Iterator[str]:
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                if entry.name.endswith(_INSTALLED):
                    yield f"{entry.name} {entry.stat(follow_symlinks=False).st_mtime_ns}"
    except OSError:
        return
