"""Trees on disk for replays: written into a private scratch directory, with what an installation would have added."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pytest_phasegate.adapters.redgreen.stand_ins import StandIns
from pytest_phasegate.app.ports.runner import ScratchTree

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_phasegate.adapters.project.interpreter import Interpreter
    from pytest_phasegate.adapters.redgreen.built_files import BuiltFiles
    from pytest_phasegate.app.ports.repository import Repository
    from pytest_phasegate.app.ports.trees import TreeEntry
    from pytest_phasegate.core.project.sides import Layout


class ScratchWorkspace:
    """One directory that each tree is written into in turn: only what differs from the one before is written.

    Args:
        repository: Where the files come from.
        scratch: An existing private directory of this workspace alone.
        interpreter: The project's interpreter; what is installed there needs no stand-in.
        built: Finds the files that a build makes.
    """

    def __init__(self, repository: Repository, scratch: Path, interpreter: Interpreter, built: BuiltFiles) -> None:
        self._repository = repository
        self._tree = scratch / "tree"
        self._tree.mkdir(mode=0o700, exist_ok=True)
        self._stand_ins = StandIns(scratch / "more", interpreter)
        self._built = built

    def tree(self, entries: Mapping[str, TreeEntry], layout: Layout) -> ScratchTree:
        """Return a tree that can be written; writing it takes the place of the one before.

        Raises:
            RepositoryError: Git cannot tell which files a build made, or, on writing, a file cannot be written.
        """
        carried = self._built.needed(entries, layout)

        def write() -> None:
            self._repository.materialize(entries, str(self._tree))
            carried.copy_to(self._tree)
            self._stand_ins.make(self._tree)

        return ScratchTree(
            path=str(self._tree.resolve()),
            digest=_digest(entries, carried.digests),
            write=write,
            extra_path=self._stand_ins.extra_path,
            programs=self._stand_ins.programs,
            carried=tuple(sorted(carried.digests)),
        )


def _digest(entries: Mapping[str, TreeEntry], carried: Mapping[str, str]) -> str:
    lines = [f"{path}\0{entry.mode} {entry.oid}" for path, entry in sorted(entries.items())]
    lines += [f"{path}\0carried {digest}" for path, digest in sorted(carried.items())]
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()
