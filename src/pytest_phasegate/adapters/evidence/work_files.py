"""The files of a project as they lie on the disk, for a run to remember what it stood on."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_phasegate.adapters.git.running import Git
from pytest_phasegate.adapters.ledger.location import git_directory, repository_top, shared_directory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pytest_phasegate.app.ports.repository import Stamp

_PRUNED = frozenset({"__pycache__", "node_modules", "site-packages"})


class WorkFiles:
    """The files below the repository's top (without git, below the root); see ``app.ports.WorkTree``."""

    def __init__(self, root: Path) -> None:
        top = repository_top(os.fspath(root))
        self._git_directory = git_directory(top) if top else None
        self._top = Path(top) if top else root
        self.top = str(self._top)
        place = os.path.relpath(os.path.realpath(root), os.path.realpath(self.top)).replace(os.sep, "/")
        self.place = "" if place == "." else f"{place}/"
        self.object_format = _object_format(shared_directory(self.top) if top else None)

    def paths(self) -> tuple[str, ...]:
        """Return the files git tracks or would add; without git, all files that no tool made."""
        return self._listed() if self._git_directory else tuple(self._walked())

    def stamps(self, paths: Iterable[str]) -> Mapping[str, Stamp]:
        """Return what tells two states of a file apart without reading it; what is no file is left out."""
        found = ((path, _stamp(f"{self.top}/{path}")) for path in paths)
        return {path: stamp for path, stamp in found if stamp}

    def read(self, path: str) -> bytes:
        """Return a file's content as git would store it, conversions aside: of a symbolic link, where it points."""
        full = f"{self.top}/{path}"
        return os.fsencode(os.readlink(full)) if os.path.islink(full) else Path(full).read_bytes()  # noqa: PTH114, PTH115 - half the time of pathlib

    def _listed(self) -> tuple[str, ...]:
        git = Git(str(self._git_directory), self.top)
        listing = git.read("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
        return tuple(os.fsdecode(listing).split("\0")[:-1])

    def _walked(self) -> Iterator[str]:
        for directory, below, names in os.walk(self._top):
            below[:] = [name for name in below if not _made_by_tools(directory, name)]
            inner = os.path.relpath(directory, self._top).replace(os.sep, "/")
            yield from (name if inner == "." else f"{inner}/{name}" for name in names)


def _object_format(common: str | None) -> str:
    """Read from a repository's own configuration how it names contents: git asks nowhere else, and takes longer."""
    try:
        text = Path(common, "config").read_text(encoding="utf-8", errors="replace") if common else ""
    except OSError:
        return "sha1"
    return "sha256" if re.search(r"^\s*objectformat\s*=\s*\"?sha256\b", text, re.IGNORECASE | re.MULTILINE) else "sha1"


def _stamp(path: str) -> Stamp | None:
    try:
        found = os.lstat(path)
    except OSError:
        return None
    kind = stat.S_IFMT(found.st_mode)
    if kind not in {stat.S_IFREG, stat.S_IFLNK}:
        return None
    return (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)


def _made_by_tools(directory: str, name: str) -> bool:
    return name.startswith(".") or name in _PRUNED or os.path.exists(os.path.join(directory, name, "pyvenv.cfg"))  # noqa: PTH110, PTH118 - half the time of pathlib
