"""Digests, by the interpreter's own code where little is digested.

``hashlib`` loads OpenSSL, which costs a starting hook more than all the digests it takes. CPython carries the same
functions itself, under names that differ by version and may be missing: then ``hashlib`` is asked, and gives the same.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_LARGE = 1 << 18
"""From so many bytes on, OpenSSL's speed is worth loading it."""


def sha256(data: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal digits."""
    taken: str = (_hashlib("sha256") if len(data) >= _LARGE else _SHA256)(data).hexdigest()
    return taken


def sha1(data: bytes) -> str:
    """Return the SHA-1 of some bytes, in hexadecimal digits: a name, as git gives it, and no security."""
    taken: str = (_hashlib("sha1") if len(data) >= _LARGE else _SHA1)(data, usedforsecurity=False).hexdigest()
    return taken


def _own(name: str, *modules: str) -> Callable[..., Any]:
    for module in modules:
        try:
            found: Callable[..., Any] = getattr(import_module(module), name)
        except (ImportError, AttributeError):
            continue
        return found
    return _hashlib(name)


def _hashlib(name: str) -> Callable[..., Any]:
    import hashlib

    found: Callable[..., Any] = getattr(hashlib, name)
    return found


_SHA256 = _own("sha256", "_sha2", "_sha256")
_SHA1 = _own("sha1", "_sha1")
blake2b = _own("blake2b", "_blake2")
"""BLAKE2b, called as ``hashlib``'s."""
