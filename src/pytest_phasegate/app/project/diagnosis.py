"""What is enforced in a project and what is not: one line each, from what adapters see."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from pytest_phasegate.errors import PhasegateError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class Health(StrEnum):
    """How one thing stands."""

    GOOD = "good"
    WARNING = "warning"
    """It works, and something is not enforced."""
    BAD = "bad"
    """It cannot work."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that was looked at: its name, how it stands, what was seen, and what would mend it."""

    name: str
    health: Health
    detail: str
    fix: str = ""


def examined(looks: Iterable[tuple[str, Callable[[], Iterable[Sign]]]]) -> Iterator[Sign]:
    """Yield what each look says; one that cannot even look is bad, with its error."""
    for name, look in looks:
        try:
            yield from look()
        except PhasegateError as error:
            yield Sign(name, Health.BAD, error.problem.partition("\n")[0], error.hint)
