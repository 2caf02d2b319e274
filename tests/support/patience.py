"""Time limits that are short where the machine is idle, and long enough where it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def patiently(told: Callable[[float], object], wanted: object) -> object:
    """Return what is told within the first of some limits in which it is what is wanted, else within the longest.

    What hangs is ended by any limit; what does not needs longer on a busy machine.
    """
    for limit in (1.5, 6.0):
        said = told(limit)
        if said == wanted:
            return said
    return told(30.0)
