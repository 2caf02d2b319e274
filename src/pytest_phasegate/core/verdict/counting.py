"""Tell a number of things in words."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """Return the number with its noun: "1 test", "3 tests"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
