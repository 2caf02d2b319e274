"""Files that a build makes and git ignores (``_version.py``, compiled extensions): brought into the trees."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pytest_phasegate.adapters.project.interpreter import Interpreter, normalized
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.app.ports.trees import TreeEntry
from pytest_phasegate.core.project.paths import COMPILED, Layout, inside, module_path

_NOT_BUILT = frozenset({"__pycache__", "node_modules", ".git"})


class Carried:
    """Built files to bring into a tree, by their path in it.

    Args:
        sources: Where each of them lies now.
        made_up: The texts of those that lie nowhere.
    """

    def __init__(self, sources: Mapping[str, Path], made_up: Mapping[str, str]) -> None:
        self._sources = sources
        self._made_up = made_up
        contents = {path: source.read_bytes() for path, source in sources.items()}
        contents.update((path, text.encode()) for path, text in made_up.items())
        self.digests = {path: hashlib.sha256(content).hexdigest() for path, content in contents.items()}

    def copy_to(self, tree: Path) -> None:
        """Copy them into a tree that is on disk."""
        for path, source in self._sources.items():
            shutil.copyfile(source, tree / path)
        for path, text in self._made_up.items():
            (tree / path).write_text(text, encoding="utf-8")


class BuiltFiles:
    """Finds what a build left beside the sources, in the work tree or in the installed package.

    Only what git ignores counts: an untracked file that is not ignored is unfinished work, which proves nothing.

    Args:
        repository: Says what is ignored.
        root: The user's work tree.
        interpreter: Where the package may be installed.
    """

    def __init__(self, repository: Repository, root: str, interpreter: Interpreter) -> None:
        self._repository = repository
        self._root = Path(root)
        self._interpreter = interpreter
        self._found: dict[tuple[str, ...], dict[str, Path]] = {}

    def needed(self, entries: Mapping[str, TreeEntry], layout: Layout) -> Carried:
        """Return the built files that a tree has not, though it has the directory they go to.

        What was compiled of a module whose Python the tree has would run in its place, whatever that says.
        A version file that no build of today left, because the commit is old, is made up.
        """
        directories = {path.rpartition("/")[0] for path in entries}
        found = self._candidates(layout)

        def lacking(paths: Iterable[str]) -> Iterator[str]:
            there = (path for path in paths if path not in entries and path.rpartition("/")[0] in directories)
            return (path for path in there if f"{module_path(path)}.py" not in entries)

        made_up = {path: self._version_file(path) for path in lacking(layout.version_files) if path not in found}
        return Carried({path: found[path] for path in lacking(found)}, made_up)

    def _version_file(self, path: str) -> str:
        """Return what setuptools-scm and hatch-vcs would write, for the version that is installed here."""
        package = normalized(path.rpartition("/")[0].rpartition("/")[2])
        installed = self._interpreter.distributions
        version = next((installed[name] for name in installed if normalized(name) == package), "0")
        numbers = tuple(int(part) for part in version.split(".") if part.isdecimal())
        return f"__version__ = version = {version!r}\n__version_tuple__ = version_tuple = {numbers!r}\n"

    def _candidates(self, layout: Layout) -> Mapping[str, Path]:
        """Return the built files by their path in the repository; the work tree's go before the installed ones."""
        key = (*layout.source, "|", *layout.import_roots)
        if key not in self._found:
            installed = dict(self._installed(layout))
            beside = dict(self._beside(layout))
            ignored = self._repository.ignored([*installed, *beside])
            self._found[key] = {path: file for path, file in {**installed, **beside}.items() if path in ignored}
        return self._found[key]

    def _beside(self, layout: Layout) -> Iterator[tuple[str, Path]]:
        for root in layout.source:
            yield from _modules(self._root / root, root)

    def _installed(self, layout: Layout) -> Iterator[tuple[str, Path]]:
        for site in self._sites():
            for root in layout.source:
                for package, path in _packages(self._root, root, layout.import_roots):
                    yield from _modules(site / package, path)

    def _sites(self) -> Sequence[Path]:
        return [
            Path(site)
            for site in self._interpreter.sites
            if not inside(site, str(self._root)) or "site-packages" in site
        ]


def _packages(root: Path, source: str, import_roots: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each package of a source root: its directory in an installation, and its path in the repository."""
    if source not in import_roots:
        above = max((one for one in import_roots if inside(source, one)), key=len, default="")
        yield source[len(above) :].strip("/"), source
        return
    directory = root / source
    for child in sorted(directory.iterdir()) if directory.is_dir() else ():
        if child.is_dir() and child.name not in _NOT_BUILT:
            yield child.name, f"{source}/{child.name}" if source else child.name


def _modules(directory: Path, path: str) -> Iterator[tuple[str, Path]]:
    """Yield the Python and compiled modules below a directory, by their path in the repository."""
    for where, directories, files in os.walk(directory):
        directories[:] = [name for name in directories if name not in _NOT_BUILT and not name.startswith(".")]
        relative = Path(where).relative_to(directory).as_posix()
        base = path if relative == "." else f"{path}/{relative}"
        for name in files:
            if name.endswith((".py", *COMPILED)):
                yield (f"{base}/{name}" if base else name), Path(where, name)
