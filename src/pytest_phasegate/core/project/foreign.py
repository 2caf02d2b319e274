"""Values of a JSON document that somebody else wrote: each of the kind that is asked for, or named with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pytest_phasegate.errors import PhasegateError

_KINDS = {dict: "an object", list: "a list", str: "a text", bool: "true or false", int: "a number", float: "a number"}
_MOST = 2**31  # no line and no number of anything is beyond


@dataclass(frozen=True, slots=True)
class Foreign:
    """One value, and where it stands: ``review.json: comments[3].line``."""

    value: Any
    place: str

    def has(self, key: str) -> bool:
        """Whether this is an object with such a key, and something stands there."""
        return isinstance(self.value, dict) and self.value.get(key) is not None

    def at(self, key: str) -> Foreign:
        """Return what stands under a key; an absent one holds ``None``.

        Raises:
            PhasegateError: This is no object.
        """
        if not isinstance(self.value, dict):
            raise self.unfit("an object")
        between = " " if self.place.endswith(":") else "."
        return Foreign(self.value.get(key), f"{self.place}{between}{key}")

    def items(self) -> Iterator[Foreign]:
        """Yield what a list holds; nothing where nothing stands.

        Raises:
            PhasegateError: It is no list.
        """
        if self.value is None:
            return
        if not isinstance(self.value, list):
            raise self.unfit("a list")
        for number, item in enumerate(self.value):
            yield Foreign(item, f"{self.place}{' ' if self.place.endswith(':') else ''}[{number}]")

    def text(self, *keys: str) -> str:
        """Return the text under the first of these keys that holds something, or nothing.

        Raises:
            PhasegateError: Something else stands there.
        """
        found = self._first(keys)
        if found is None:
            return ""
        if not isinstance(found.value, str):
            raise found.unfit("a text")
        return found.value

    def number(self, *keys: str) -> int | None:
        """Return the number, from 1, under the first of these keys that holds something.

        Raises:
            PhasegateError: Something else stands there.
        """
        found = self._first(keys)
        if found is None:
            return None
        if type(found.value) is not int or not 0 < found.value < _MOST:
            raise found.unfit("a whole number from 1")
        return found.value

    def _first(self, keys: tuple[str, ...]) -> Foreign | None:
        return next((found for found in map(self.at, keys) if found.value is not None), None)

    def unfit(self, expected: str) -> PhasegateError:
        """Return the error that something else was expected here."""
        got = "nothing" if self.value is None else _KINDS.get(type(self.value), "something else")
        if isinstance(self.value, int | float) and not isinstance(self.value, bool):
            got = f"{self.value!r:.40}"
        return PhasegateError(f"{self.place.removesuffix(':')}: expected {expected}, got {got}")
