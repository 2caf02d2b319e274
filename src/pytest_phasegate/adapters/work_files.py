"""What a run stands on: the files of a project as they lie on the disk, and what surrounds them."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path

from pytest_phasegate.adapters.git.command import Git
from pytest_phasegate.adapters.git.discovery import environments
from pytest_phasegate.adapters.project.config import common_directory, git_directory, repository_top
from pytest_phasegate.adapters.project.worktree import files_below, is_aside, prefix_of, text_there
from pytest_phasegate.app.ports.repository import Stamp


class WorkFiles:
    """The files below the repository's top (without git, below the root); see ``app.ports.WorkTree``."""

    def __init__(self, root: Path) -> None:
        top = repository_top(root)
        self._git_directory = git_directory(top) if top else None
        self._top = top or root
        self.top = str(self._top)
        self.place = prefix_of(root, self.top)
        self.object_format = _object_format(common_directory(self._top) if top else None)

    def paths(self) -> tuple[str, ...]:
        """Return the files git tracks or would add; without git, all files that no tool made."""
        return self._listed() if self._git_directory else tuple(files_below(self._top, "", is_aside))

    def ignored(self) -> tuple[str, ...]:
        """Return the files that git ignores; a directory that it ignores whole, no cache, ends in ``/``."""
        if not self._git_directory:
            return ()
        git = Git(str(self._git_directory), self.top)
        listing = git.read("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory")
        found = os.fsdecode(listing).split("\0")[:-1]
        caches = tuple(path for path in found if self._is_cache(path))
        return tuple(path for path in found if not path.startswith(caches))

    def _is_cache(self, path: str) -> bool:
        return path.endswith("__pycache__/") or (path.endswith("/") and (self._top / path / "CACHEDIR.TAG").exists())

    def stamps(self, paths: Iterable[str]) -> Mapping[str, Stamp]:
        """Return what tells two states of a file apart without reading it; what is no file is left out."""
        found = ((path, _stamp(f"{self.top}/{path}")) for path in paths)
        return {path: stamp for path, stamp in found if stamp}

    def read(self, path: str) -> bytes:
        """Return a file's content as git would store it, conversions aside: of a symbolic link, where it points."""
        full = self._top / path
        return os.fsencode(os.readlink(full)) if full.is_symlink() else full.read_bytes()  # noqa: PTH115 - a path would be tidied

    def _listed(self) -> tuple[str, ...]:
        git = Git(str(self._git_directory), self.top)
        listing = git.read("ls-files", "-t", "-z", "--cached", "--others", "--exclude-standard")
        marked = [entry.split(" ", 1) for entry in os.fsdecode(listing).split("\0")[:-1]]
        tracked = (path for mark, path in marked if mark != "?")
        aside = tuple(f"{name}/" for name in environments(self.top, tracked))
        return tuple(dict.fromkeys(path for _, path in marked if not f"{path}/".startswith(aside)))


def _object_format(common: Path | None) -> str:
    """Read from a repository's own configuration how it names contents: git asks nowhere else, and takes longer."""
    text = text_there(Path(common, "config")) if common else ""
    return "sha256" if re.search(r"^\s*objectformat\s*=\s*\"?sha256\b", text, re.IGNORECASE | re.MULTILINE) else "sha1"


def _stamp(path: str) -> Stamp | None:
    try:
        found = os.lstat(path)
    except OSError:
        return None
    if stat.S_IFMT(found.st_mode) not in {stat.S_IFREG, stat.S_IFLNK}:
        return None
    return (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)


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
    "--no-phasegate-cov", "--continue-on-collection-errors", "-n", "--numprocesses", "--maxprocesses", "--dist",
}  # fmt: skip
"""Options that choose tests, spread them or say how they are shown. Any other may be what a test hangs on."""


def surroundings(arguments: Sequence[str], place: str, environ: Mapping[str, str]) -> str:
    """Return one digest of what decides how tests end beside files: environment, interpreter, packages, options.

    Two runs with one digest differ in nothing of this kind that can be seen. Where they do differ nothing is wrong:
    then neither explains the other, and a replay has to tell.

    Args:
        arguments: The words behind ``pytest``.
        place: The directory in which it was started, seen from the repository's top.
        environ: The variables it was started with.
    """
    interpreter = (sys.version, os.path.realpath(sys.executable), repr(sys.flags), repr(sys.warnoptions))
    # what is installed, by name with version and by when, in every directory that modules come from
    installed = sorted(found for directory in dict.fromkeys(sys.path) for found in _distributions(directory or "."))
    parts = (*_variables(environ), "", *_telling(arguments), "", place, *interpreter, *installed)
    return sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def _variables(environ: Mapping[str, str]) -> Iterator[str]:
    for name, value in sorted(environ.items()):
        if name not in _COUNTED_BY_TOOLS and not name.startswith(_NO_TESTS_CONCERN):
            yield f"{name}={value}"


def _telling(arguments: Sequence[str]) -> Iterator[str]:
    """Yield the options that may decide how tests end, each with a word behind it that may be its value."""
    for word, following in zip_longest(arguments, arguments[1:], fillvalue="-"):
        if word.startswith("-") and not _chooses_or_shows(word):
            yield word if following.startswith("-") else f"{word} {following}"


def _chooses_or_shows(word: str) -> bool:
    name = word.partition("=")[0] if word.startswith("--") else word[:2]
    return name in _CHOOSE_OR_SHOW or name.startswith("--phasegate")


def _distributions(directory: str) -> Iterator[str]:
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                if entry.name.endswith(_INSTALLED):
                    yield f"{entry.name} {entry.stat(follow_symlinks=False).st_mtime_ns}"
    except OSError:
        return
