"""Values of JSON: our own records by the annotations of their fields, and what somebody else wrote, by its place."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from hashlib import sha256
from types import NoneType, UnionType
from typing import Any, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

from pytest_phasegate.errors import PhasegateError

Kind = TypeVar("Kind")


class UnfitError(TypeError):
    """A value is of another kind than its field; ``place`` says where it stands below what was read."""

    place = ""


def as_plain(value: Any) -> Any:
    """Return a value as JSON has it, a record by its fields; a set is sorted, so that equal is equal."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    if names := _fields(value):
        return {name: as_plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {key: as_plain(one) for key, one in value.items()}
    if isinstance(value, (tuple, list)):
        return [as_plain(one) for one in value]
    return sorted(map(as_plain, value)) if isinstance(value, frozenset) else value


def reading(kind: type[Kind]) -> Callable[[Any], Kind]:
    """Return what makes a value of a kind of what ``as_plain`` made of it, by the types of its fields.

    It ignores what the kind does not know, leaves what lacks as it is by default, and raises a ``TypeError`` or
    ``ValueError`` where something else stands.
    """
    named: Any = kind
    found: Callable[[Any], Kind] = _reading(named)
    return found


def name_of(*words: object) -> str:
    """Return a name for some words, kept apart, that may stand for them in a path or beside others."""
    return sha256("\0".join(map(str, words)).encode("utf-8", "surrogatepass")).hexdigest()


def as_line(record: Any) -> str:
    """Return a record as one line of JSON."""
    return f"{json.dumps(as_plain(record), ensure_ascii=False)}\n"


def lines_of(kind: type[Kind], text: str) -> tuple[Kind, ...]:
    """Return the records of the lines of a text; a line that cannot be read counts as never written."""
    return tuple(_lines_of(reading(kind), text))


def _lines_of(read: Callable[[Any], Kind], text: str) -> Iterator[Kind]:
    for line in text.split("\n"):  # no other line end: words may hold U+2028
        with suppress(ValueError, TypeError, RecursionError):
            yield read(json.loads(line))


@cache  # a record is read as often as there are tests
def _reading(kind: Any) -> Callable[[Any], Any]:  # noqa: PLR0911 - one a kind
    kind = getattr(kind, "__supertype__", kind)
    origin, of = get_origin(kind), [_reading(one) for one in get_args(kind) if one is not Ellipsis]
    if names := _fields(kind):
        hints = get_type_hints(kind)
        return _record(kind, {name: _reading(hints[name]) for name in names})
    if origin in {Union, UnionType}:
        nothing_first = [_reading(one) for one in sorted(get_args(kind), key=lambda one: one is not NoneType)]
        return lambda plain: _any_of(nothing_first, plain)
    if origin is tuple and Ellipsis not in get_args(kind):
        return lambda plain: tuple(one(item) for one, item in zip(of, _of(list, plain), strict=True))
    if origin in {tuple, frozenset}:
        return lambda plain: origin(_at(f"[{at}]", of[0], one) for at, one in enumerate(_of(list, plain)))
    if origin is not None:
        return lambda plain: {of[0](key): _at(f".{key}", of[1], one) for key, one in _of(dict, plain).items()}
    if kind is Any:
        return lambda plain: plain
    if kind is float:
        return lambda plain: float(plain) if type(plain) is int else _of(float, plain)
    return kind if issubclass(kind, Enum) else lambda plain: _of(kind, plain)


def _fields(record: Any) -> tuple[str, ...]:
    """Return the names of the fields of a dataclass or a named tuple, or of one's value; of anything else, none."""
    return tuple(field.name for field in fields(record)) if is_dataclass(record) else getattr(record, "_fields", ())


def _record(kind: Any, read: Mapping[str, Callable[[Any], Any]]) -> Callable[[Any], Any]:
    def made(plain: Any) -> Any:
        known = {name: one for name, one in _of(dict, plain).items() if name in read}
        return kind(**{name: _at(f".{name}", read[name], one) for name, one in known.items()})

    return made


def _at(step: str, read: Callable[[Any], Any], plain: Any) -> Any:
    try:
        return read(plain)
    except UnfitError as unfit:
        unfit.place = step + unfit.place
        raise


def _any_of(readings: Sequence[Callable[[Any], Any]], plain: Any) -> Any:
    for one in readings[:-1]:
        try:
            return one(plain)
        except (ValueError, TypeError):
            continue
    return readings[-1](plain)


def _of(kind: type, plain: Any) -> Any:
    if type(plain) is not kind:
        raise UnfitError(f"expected {_KINDS.get(kind, kind.__name__)}, got {_got(plain)}")
    return plain


_KINDS = {
    dict: "an object",
    list: "a list",
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
}
_MOST = 2**31  # no line and no number of anything is beyond


class Foreign(NamedTuple):
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
        return str(self._first(keys, "a text", lambda value: isinstance(value, str)) or "")

    def number(self, *keys: str) -> int | None:
        """Return the number, from 1, under the first of these keys that holds something.

        Raises:
            PhasegateError: Something else stands there.
        """
        found: int | None = self._first(
            keys, "a whole number from 1", lambda value: type(value) is int and 0 < value < _MOST
        )
        return found

    def _first(self, keys: tuple[str, ...], expected: str, fits: Callable[[Any], bool]) -> Any:
        """Return the value under the first of these keys that holds something, which has to fit."""
        found = next((found for found in map(self.at, keys) if found.value is not None), None)
        if found and not fits(found.value):
            raise found.unfit(expected)
        return found.value if found else None

    def unfit(self, expected: str) -> PhasegateError:
        """Return the error that something else was expected here."""
        return PhasegateError(f"{self.place.removesuffix(':')}: expected {expected}, got {_got(self.value)}")

    def read(self, kind: type[Kind]) -> Kind:
        """Return the value as a record of ours, by the types of its fields.

        Raises:
            PhasegateError: Something in it is of another kind.
        """
        try:
            return reading(kind)(self.value)
        except UnfitError as unfit:
            raise PhasegateError(f"{self.place} {unfit.place.removeprefix('.')}: {unfit}") from None


def _got(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value!r:.40}"
    return "nothing" if value is None else _KINDS.get(type(value), "something else")


def json_document(content: bytes, name: str, *, hint: str = "") -> Foreign:
    """Return the JSON document that somebody else wrote.

    Raises:
        PhasegateError: It is none; the message names the file, the line and the column.
    """
    try:
        return Foreign(json.loads(content), f"{name}:")
    except json.JSONDecodeError as error:
        raise PhasegateError(f"{name}:{error.lineno}:{error.colno}: no JSON: {error.msg}", hint=hint) from None
    except (ValueError, RecursionError) as error:  # of no encoding, a number of too many digits, nested too deeply
        raise PhasegateError(f"{name}: no JSON that can be read: {error}", hint=hint) from None
