"""Trees on disk for replays: written into a private scratch directory, with what an installation would have added."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.app.ports.runner import ScratchTree
from pytest_phasegate.app.ports.trees import TreeEntry
from pytest_phasegate.core.project.distribution import Distribution, EntryPoints, read_distribution
from pytest_phasegate.core.project.paths import COMPILED, Layout

if TYPE_CHECKING:
    from pytest_phasegate.adapters.project.interpreter import Interpreter
    from pytest_phasegate.adapters.redgreen.built_files import BuiltFiles


class ScratchWorkspace:
    """One directory that each tree is written into in turn: only what differs from the one before is written.

    Args:
        repository: Where the files come from.
        scratch: An existing private directory of this workspace alone.
        interpreter: The project's interpreter; what is installed there needs no stand-in.
        built: Finds the files that a build makes.
        beside: Files and directories of the work tree, by their path in it, that lie where a tree has nothing.
    """

    def __init__(
        self,
        repository: Repository,
        scratch: Path,
        interpreter: Interpreter,
        built: BuiltFiles,
        beside: Sequence[str] = (),
    ) -> None:
        self._repository = repository
        self._tree = scratch / "tree"
        self._tree.mkdir(mode=0o700, exist_ok=True)
        self._stand_ins = StandIns(scratch / "more", interpreter)
        self._built = built
        self._beside = beside

    def tree(self, entries: Mapping[str, TreeEntry], layout: Layout) -> ScratchTree:
        """Return a tree that can be written; writing it takes the place of the one before.

        Raises:
            RepositoryError: Git cannot tell which files a build made, or, on writing, a file cannot be written.
        """
        carried = self._built.needed(entries, layout)

        def write() -> None:
            self._repository.materialize(entries, str(self._tree))
            carried.copy_to(self._tree)
            self._lay_beside()
            self._stand_ins.make(self._tree)

        return ScratchTree(
            path=str(self._tree.resolve()),
            digest=_digest(entries, carried.digests),
            write=write,
            extra_path=self._stand_ins.extra_path,
            programs=self._stand_ins.programs,
            carried=tuple(sorted(carried.digests)),
        )

    def _lay_beside(self) -> None:
        """Link to what lies beside the code, as it would after a checkout; code itself comes from the tree alone."""
        for path in self._beside:
            link, code = self._tree / path, path.endswith((".py", "__pycache__", *COMPILED))
            if not code and link.parent.is_dir() and not os.path.lexists(link):
                link.symlink_to(Path(self._repository.root, path))


def _digest(entries: Mapping[str, TreeEntry], carried: Mapping[str, str]) -> str:
    lines = [f"{path}\0{entry.mode} {entry.oid}" for path, entry in sorted(entries.items())]
    lines += [f"{path}\0carried {digest}" for path, digest in sorted(carried.items())]
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


_TARGET = re.compile(r"^([\w.]+)\s*(?::\s*([\w.]+))?\s*(?:\[.*\])?$")
_PROGRAM_NAME = re.compile(r"^[\w.+-]+$")


class StandIns:
    """Writes stand-ins below one directory, anew for each tree.

    Args:
        directory: Where; it is removed and made again.
        interpreter: The one that runs the scripts; a distribution that it holds needs no metadata.
    """

    def __init__(self, directory: Path, interpreter: Interpreter) -> None:
        self._directory = directory
        self._interpreter = interpreter
        self.extra_path = (str(directory / "metadata"),)
        self.programs = (str(directory / "bin"),)

    def make(self, tree: Path) -> None:
        """Write the stand-ins for the project in a tree, as its build configuration declares them."""
        shutil.rmtree(self._directory, ignore_errors=True)
        project = read_distribution(dict(_declarations(tree)))
        if project is not None:
            self._scripts(project)
            self._metadata(project)

    def _scripts(self, project: Distribution) -> None:
        directory = self._directory / "bin"
        directory.mkdir(parents=True)
        for name, target in project.entry_points.get("console_scripts", {}).items():
            found = _TARGET.match(target)
            if found and found.group(2) and _PROGRAM_NAME.match(name):
                program = directory / name
                program.write_text(_script(self._interpreter.executable, *found.groups()), encoding="utf-8")
                program.chmod(0o755)

    def _metadata(self, project: Distribution) -> None:
        name, version = project.name, project.version
        if self._interpreter.has(name):
            return
        directory = self._directory / "metadata" / f"{name.replace('-', '_')}-{version}.dist-info"
        directory.mkdir(parents=True)
        (directory / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8"
        )
        (directory / "entry_points.txt").write_text("".join(_listed(project.entry_points)), encoding="utf-8")


def _declarations(tree: Path) -> Iterator[tuple[str, str]]:
    for name in ("pyproject.toml", "setup.cfg", "setup.py"):
        try:
            yield name, (tree / name).read_text(encoding="utf-8")
        except (OSError, ValueError):
            continue


def _script(executable: str, module: str, function: str) -> str:
    """Write a script as pip does; an interpreter's path with blanks goes through the shell."""
    first = (
        f"#!{executable}\n" if " " not in executable else f"#!/bin/sh\n'''exec' \"{executable}\" \"$0\" \"$@\"\n' '''\n"
    )
    head, _, rest = function.partition(".")
    call = f"{head}.{rest}" if rest else head
    return f"{first}import sys\nfrom {module} import {head}\nsys.exit({call}())\n"


def _listed(entry_points: EntryPoints) -> Iterator[str]:
    for group, table in entry_points.items():
        if table:
            yield f"[{group}]\n"
            yield from (f"{name} = {target}\n" for name, target in table.items())
