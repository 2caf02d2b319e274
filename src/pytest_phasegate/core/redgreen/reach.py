"""Which test files can reach a change: the answer, before anybody knows how it was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Reach = Callable[[Iterable[str]], "Reaching"]


@dataclass(frozen=True, slots=True)
class Reaching:
    """The test files that can reach some files of production code.

    ``known`` is the number of all test files; ``whole`` says why all of them are run, and is empty where only
    ``files`` are.
    """

    files: tuple[str, ...] = ()
    known: int = 0
    whole: str = ""


def everything(_: Iterable[str]) -> Reaching:
    """Say of any change that the whole suite may reach it."""
    return Reaching(whole="nobody knows what it reaches")
