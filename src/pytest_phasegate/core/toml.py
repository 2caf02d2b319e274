"""What TOML texts hold: read once in a process, and not at all where somebody kept the answer."""

from __future__ import annotations

from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    Document = Mapping[str, Any]
    Keeper = Callable[[str, Callable[[str], Document]], Document]


@lru_cache(maxsize=32)
def document(text: str) -> Document:
    """Return what a TOML text holds.

    Raises:
        ValueError: The text is no TOML; the message says where.
    """
    return _keeper(text, _parsed)


def keep_by(keeper: Keeper) -> None:
    """Ask somebody first, who is given the text and the way to read it, and answers as that would."""
    global _keeper  # noqa: PLW0603 - one for the process: what a text holds does not depend on who asks
    _keeper = keeper


def _parsed(text: str) -> Document:
    import tomllib

    return tomllib.loads(text)


def unkept(text: str, read: Callable[[str], Document]) -> Document:
    """Keep nothing: read the text."""
    return read(text)


_keeper: Keeper = unkept
