"""What one key of the configuration may hold: each kind says what it expects, and reads a TOML value or a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from posixpath import normpath
from typing import Any, NamedTuple


class UnfitError(ValueError):
    """A value is not of its kind; ``where`` continues the key's path (``[2]``, ``.reason``)."""

    def __init__(self, expected: str, value: object, where: str = "") -> None:
        super().__init__(f"expected {expected}, got {_shown(value)}")
        self.where = where


class Kind(NamedTuple):
    """A kind of value.

    ``accept`` takes what TOML gave and returns what ``Settings`` holds, or raises ``UnfitError``;
    ``from_text`` turns an environment variable into what TOML would have given, and is ``None`` for
    tables, which have no such variable.
    """

    expects: str
    accept: Callable[[object], Any]
    from_text: Callable[[str], object] | None = None


def _is_word(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and "\0" not in value


def _inside(path: str, where: str) -> str:
    parts = path.replace("\\", "/").split("/")
    if path.startswith(("/", "~")) or ".." in parts or (path[1:2] == ":" and path[0].isascii() and path[0].isalpha()):
        raise UnfitError("a path inside the repository", path, where)
    return path


def _under(where: str, kind: Kind, value: object) -> Any:
    try:
        return kind.accept(value)
    except UnfitError as unfit:
        unfit.where = where + unfit.where
        raise


def _checked(
    expects: str,
    fits: Callable[[Any], object],
    from_text: Callable[[str], object],
    read: Callable[[Any], Any] = lambda value: value,
) -> Kind:
    def accept(value: object) -> Any:
        if fits(value):
            return read(value)
        raise UnfitError(expects, value)

    return Kind(expects, accept, from_text)


def _as_number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


def _number(expects: str, fits: Callable[[float], bool]) -> Kind:
    return _checked(expects, lambda value: type(value) in {int, float} and fits(value), _as_number, float)


_SWITCHES = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
SWITCH = _checked(
    "true or false", lambda value: isinstance(value, bool), lambda text: _SWITCHES.get(text.lower(), text)
)
PERCENTAGE = _number("a percentage from 0 to 100", lambda value: 0 <= value <= 100)  # noqa: PLR2004 - of a hundred
SECONDS = _number("a positive number of seconds", lambda value: 0 < value < float("inf"))
COUNT = _checked(
    "a positive whole number",
    lambda value: type(value) is int and value > 0,
    lambda text: int(text) if text.isdecimal() else text,
)
# a string, or a whole number that is read as one
PHASE_ID = _checked("a phase id", lambda value: _is_word(value) or type(value) is int, str, str)


def _is_program(value: object) -> bool:
    return _is_word(value) or (isinstance(value, list | tuple) and bool(value) and all(map(_is_word, value)))


# a program is a path, or a list of words that are run as they stand
ARGV = _checked(
    "a path, or a list of words", _is_program, str, lambda value: (value,) if isinstance(value, str) else tuple(value)
)


def _pattern(value: object) -> str:
    if not _is_word(value):
        raise UnfitError("a regular expression", value)
    try:
        re.compile(str(value))
    except re.error as error:
        raise UnfitError(f"a regular expression ({error})", value) from None
    return str(value)


PATTERN = Kind("a regular expression", _pattern, str)


def word(expects: str = "a string") -> Kind:
    """Return the kind of one non-empty string."""
    return _checked(expects, _is_word, str)


def choice(enum: type[StrEnum]) -> Kind:
    """Return the kind of one word out of an enumeration."""
    expects = " or ".join(f'"{member}"' for member in enum)
    return _checked(expects, lambda value: isinstance(value, str) and value in set(enum), str, enum)


def words(expects: str) -> Kind:
    """Return the kind of a list of strings; in the environment they are separated by commas."""

    def accept(value: object) -> tuple[str, ...]:
        if not isinstance(value, list | tuple):
            raise UnfitError(expects, value)
        return tuple(_under(f"[{place}]", word(), item) for place, item in enumerate(value))

    return Kind(expects, accept, lambda text: [part.strip() for part in text.split(",") if part.strip()])


_LISTED = words("a list of paths relative to the repository")


def _paths(value: object) -> tuple[str, ...]:
    return tuple(_inside(path, f"[{place}]") for place, path in enumerate(_LISTED.accept(value)))


def _globs(value: object) -> tuple[str, ...]:
    return (_inside(str(value), ""),) if _is_word(value) else _paths(value)


# paths or globs inside the repository; one of them, or a list
PATHS = _LISTED._replace(accept=_paths)
GLOBS = Kind("a path or a list of paths", _globs)


def table(value_kind: Kind, of: str, named: Callable[[str, str], str] = lambda name, _: name) -> Kind:
    """Return the kind of a table whose keys the user chooses."""

    def accept(value: object) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise UnfitError(f"a table of {of}", value)
        places = {name: f".{_quoted(name)}" for name in value}
        return {named(name, places[name]): _under(places[name], value_kind, item) for name, item in value.items()}

    return Kind(f"a table of {of}", accept)


def by_path(value_kind: Kind, of: str) -> Kind:
    """Return the kind of a table whose keys are paths or globs inside the repository."""
    return table(value_kind, of, _inside)


def waivers(make: Callable[..., Any]) -> Kind:
    """Return the kind of the list of waivers: tables with ``match``, ``reason`` and ``expires``."""
    text = _checked("a string that is not empty", _bare, str, _bare)
    day = _checked("a date such as 2030-12-31", lambda value: _is_date(text.accept(value)), str, text.accept)
    return _records(make, match=text, reason=text, expires=day)


def path_policies(make: Callable[..., Any], policies: type[StrEnum]) -> Kind:
    """Return the kind of the list of parts with a policy of their own: tables with ``glob`` and ``policy``."""
    glob = _checked("a glob of paths", _is_word, str, lambda value: _inside(value, ""))
    return _records(make, glob=glob, policy=choice(policies))


def components(make: Callable[..., Any]) -> Kind:
    """Return the kind of the list of components: tables with ``path`` and ``stage``."""
    path = _checked("a path", _is_word, str, _place)
    return _records(make, path=path, stage=word("the name of one of the stages"))


def _bare(value: object) -> str:
    return str(value).strip()


def _place(value: str) -> str:
    place = normpath(_inside(value, "").replace("\\", "/"))
    return "" if place == "." else place


def _records(make: Callable[..., Any], **fields: Kind) -> Kind:
    """Return the kind of a list of tables that have exactly these keys."""
    *names, last = fields
    listed = f"{', '.join(names)} and {last}"

    def accept(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise UnfitError(f"a list of tables with {listed}", value)
        return tuple(_under(f"[{place}]", record, item) for place, item in enumerate(value))

    def one(value: object) -> Any:
        if not isinstance(value, dict) or set(value) != set(fields):
            raise UnfitError(f"a table with exactly {listed}", value)
        return make(**{name: _under(f".{name}", kind, value[name]) for name, kind in fields.items()})

    record = Kind(listed, one)
    return Kind(f"a list of tables with {listed}", accept)


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f'"{name}"'


def _shown(value: object) -> str:
    named = {dict: "a table", list: "a list", bool: str(value).lower()}.get(type(value))
    text = named or (f'"{value}"' if isinstance(value, str) else str(value))
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - one line of a terminal
