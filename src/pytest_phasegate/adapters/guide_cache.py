"""Guides that were read before, kept by content: a guide that did not change is not read again.

The key covers all that the answer depends on: the bytes and the path of the document, and the reader itself (our
version, the size and time of each of its modules, and the Python whose ``ast`` reads the tests). What installed
plugins add to the dialects is not covered; where there is one, nothing is kept.
"""

from __future__ import annotations

import os
import sys

from pytest_phasegate.__about__ import __version__
from pytest_phasegate.adapters.json_store import JsonStore
from pytest_phasegate.core.guide_record import guide_of_record, guide_record
from pytest_phasegate.core.hashing import blake2b

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytest_phasegate.core.guide import Guide

_FORMAT = 1
_KEPT = 64
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - on a hot path
_READER = ("app", "core", "core/markdown", "dialects")


class GuideCache:
    """Asks a directory before a document is read; ``None`` for it keeps nothing.

    Args:
        directory: Where what was read lies; made when the first guide is kept.
    """

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory

    def guide(self, data: bytes, path: str, read: Callable[[], Guide]) -> Guide:
        """Return the guide that these bytes are, read by ``read`` if it is not known."""
        if self._directory is None:
            return read()
        store, key = JsonStore(self._directory), _key(data, path)
        kept = store.get(key, guide_of_record)
        if kept is not None and kept.path == path:
            return kept
        guide = read()
        store.put(key, guide_record(guide), keep=_KEPT)
        return guide


def _key(data: bytes, path: str) -> str:
    about = (_FORMAT, __version__, sys.version_info[:3], path, *_reader())
    key: str = blake2b(repr(about).encode("utf-8", "surrogateescape") + b"\0" + data, digest_size=32).hexdigest()
    return key


def _reader() -> Iterator[tuple[str, int, int]]:
    """Yield name, size and time of the modules that read guides, so that a changed reader reads anew."""
    for folder in _READER:
        with os.scandir(f"{_PACKAGE}/{folder}") as entries:
            found = [(entry.name, entry.stat()) for entry in entries if entry.name.endswith(".py")]
        for name, stat in sorted(found):
            yield f"{folder}/{name}", stat.st_size, stat.st_mtime_ns
