"""A private place for what only we need: copies of the index, and objects that must not enter the repository."""

from __future__ import annotations

import os
import os.path
import shutil
import tempfile
import weakref


class PrivateStore:
    """A directory of our own, gone with this object: an object directory, and copies of the index."""

    def __init__(self, real_objects: str) -> None:
        self.directory = tempfile.mkdtemp(prefix="phasegate-git-")
        self.objects = os.path.join(self.directory, "objects")
        self._real_objects = real_objects
        os.mkdir(self.objects)
        weakref.finalize(self, shutil.rmtree, self.directory, ignore_errors=True)

    @property
    def writing(self) -> dict[str, str]:
        """Variables under which new objects come here and the real ones are read."""
        return {"GIT_OBJECT_DIRECTORY": self.objects, "GIT_ALTERNATE_OBJECT_DIRECTORIES": _quoted(self._real_objects)}

    @property
    def reading(self) -> tuple[tuple[str, str], ...]:
        """Variables under which our objects are found beside the real ones."""
        return (("GIT_ALTERNATE_OBJECT_DIRECTORIES", _quoted(self.objects)),)

    def copy_of(self, index: str, name: str) -> str:
        """Return a private copy of an index file, times included; no file gives no file, which git reads as empty.

        The time of an index is part of what it says: an entry as young as its index is compared by content.
        """
        copy = os.path.join(self.directory, name)
        if os.path.exists(copy):
            os.unlink(copy)
        if os.path.exists(index):
            shutil.copy2(index, copy)
        return copy


def _quoted(path: str) -> str:
    """Quote a path for a list that separates by colons, in C's way, as git reads it."""
    if ":" not in path and not path.startswith('"'):
        return path
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'
