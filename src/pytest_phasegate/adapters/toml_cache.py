"""What TOML texts hold, kept by content: reading one takes a hook as long as three questions to git.

An entry is Python's own serialization behind its digest, as Python keeps its bytecode: an entry that is damaged or
of another version of Python, of ours or of the text is no entry, and the text is read anew. What cannot be kept
exactly (TOML's dates) is not kept.
"""

from __future__ import annotations

import marshal
import os
import os.path
import sys
from contextlib import suppress

from pytest_phasegate.__about__ import __version__
from pytest_phasegate.adapters.ledger.location import shared_directory
from pytest_phasegate.core import toml
from pytest_phasegate.core.hashing import blake2b

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_phasegate.core.toml import Document

_SIZE = 32
_KEPT = 64


def keep_near(directory: str) -> None:
    """Keep what texts hold in the git directory around a directory, for this process; without git, nowhere."""
    shared = shared_directory(directory)
    toml.keep_by(TomlCache(shared).document if shared else toml.unkept)


class TomlCache:
    """The texts that were read, below a git directory; made when the first one is kept, and free to be deleted."""

    def __init__(self, git_directory: str) -> None:
        self._git_directory = git_directory
        self._directory = os.path.join(git_directory, "phasegate", "cache", "toml")

    def document(self, text: str, read: Callable[[str], Document]) -> Document:
        """Return what a text holds, read by ``read`` if it is not known."""
        key = _digest(repr((__version__, sys.version_info[:3], text)).encode("utf-8", "surrogatepass"))
        kept = self._kept(key.hex())
        if kept is not None:
            return kept
        found = read(text)
        with suppress(OSError, ValueError):
            self._keep(key.hex(), marshal.dumps(dict(found)))
        return found

    def _kept(self, name: str) -> Document | None:
        try:
            with open(os.path.join(self._directory, name), "rb") as file:
                digest, content = file.read(_SIZE), file.read()
        except OSError:
            return None
        if digest != _digest(name.encode() + content):
            return None
        found: Document = marshal.loads(content)  # noqa: S302 - its digest says that we wrote it
        return found

    def _keep(self, name: str, content: bytes) -> None:
        if not os.path.isdir(self._git_directory):
            return
        os.makedirs(self._directory, exist_ok=True)
        self._make_room()
        aside = os.path.join(self._directory, f"{name}.{os.getpid()}")
        with open(aside, "wb") as file:
            file.write(_digest(name.encode() + content) + content)
        os.replace(aside, os.path.join(self._directory, name))

    def _make_room(self) -> None:
        """Let all go where there are many: they are read again when asked for."""
        names = os.listdir(self._directory)
        for name in names if len(names) >= _KEPT else ():
            with suppress(FileNotFoundError):
                os.unlink(os.path.join(self._directory, name))


def _digest(data: bytes) -> bytes:
    digest: bytes = blake2b(data, digest_size=_SIZE).digest()
    return digest
