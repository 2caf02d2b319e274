"""What one key may hold: each kind says what it expects, and reads a TOML value or a plain text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from posixpath import normpath
from typing import Any

from pytest_phasegate.core.project.settings import Component, PathPolicy, Policy, Waiver


class UnfitError(ValueError):
    """A value is not of its kind; ``where`` continues the key's path (``[2]``, ``.reason``)."""

    def __init__(self, expected: str, value: object, where: str = "") -> None:
        super().__init__(f"expected {expected}, got {_shown(value)}")
        self.where = where


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value.

    ``accept`` takes what TOML gave and returns what ``Settings`` holds, or raises ``UnfitError``;
    ``from_text`` turns an environment variable into what TOML would have given, and is ``None`` for
    tables, which have no such variable.
    """

    expects: str
    accept: Callable[[object], Any]
    from_text: Callable[[str], object] | None = None


def switch() -> Kind:
    """Return the kind of true and false."""
    words = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
    return _checked("true or false", lambda value: isinstance(value, bool), lambda text: words.get(text.lower(), text))


def word(expects: str = "a string") -> Kind:
    """Return the kind of one non-empty string."""
    return _checked(expects, _is_word, str)


def percentage() -> Kind:
    """Return the kind of a number from 0 to 100."""
    return _number("a percentage from 0 to 100", lambda value: 0 <= value <= 100)  # noqa: PLR2004 - of a hundred


def seconds() -> Kind:
    """Return the kind of a positive number of seconds."""
    return _number("a positive number of seconds", lambda value: 0 < value < float("inf"))


def count() -> Kind:
    """Return the kind of a positive whole number."""

    def fits(value: object) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and value > 0

    return _checked("a positive whole number", fits, lambda text: int(text) if text.isdecimal() else text)


def choice(enum: type[StrEnum]) -> Kind:
    """Return the kind of one word out of an enumeration."""
    expects = " or ".join(f'"{member}"' for member in enum)

    def accept(value: object) -> StrEnum:
        if isinstance(value, str) and value in set(enum):
            return enum(value)
        raise UnfitError(expects, value)

    return Kind(expects, accept, str)


def pattern() -> Kind:
    """Return the kind of a regular expression."""

    def accept(value: object) -> str:
        if not _is_word(value):
            raise UnfitError("a regular expression", value)
        try:
            re.compile(str(value))
        except re.error as error:
            raise UnfitError(f"a regular expression ({error})", value) from None
        return str(value)

    return Kind("a regular expression", accept, str)


def words(expects: str = "a list of strings") -> Kind:
    """Return the kind of a list of strings; in the environment they are separated by commas."""

    def accept(value: object) -> tuple[str, ...]:
        if not isinstance(value, list | tuple):
            raise UnfitError(expects, value)
        for place, item in enumerate(value):
            if not _is_word(item):
                raise UnfitError("a string", item, f"[{place}]")
        return tuple(value)

    return Kind(expects, accept, lambda text: [part.strip() for part in text.split(",") if part.strip()])


def paths() -> Kind:
    """Return the kind of a list of paths or globs inside the repository."""
    base = words("a list of paths relative to the repository")

    def accept(value: object) -> tuple[str, ...]:
        return tuple(_inside(path, f"[{place}]") for place, path in enumerate(base.accept(value)))

    return Kind(base.expects, accept, base.from_text)


def argv() -> Kind:
    """Return the kind of a program: a path, or a list of words that are run as they stand."""
    expects = "a path, or a list of words"

    def accept(value: object) -> tuple[str, ...]:
        if _is_word(value):
            return (str(value),)
        if isinstance(value, list | tuple) and value and all(map(_is_word, value)):
            return tuple(value)
        raise UnfitError(expects, value)

    return Kind(expects, accept, str)


def table(value_kind: Kind, expects: str, *, keys_are_paths: bool = False) -> Kind:
    """Return the kind of a table whose keys the user chooses."""

    def accept(value: object) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise UnfitError(expects, value)
        return {_key(name): _under(f".{_quoted(name)}", value_kind, item) for name, item in value.items()}

    def _key(name: str) -> str:
        return _inside(name, f".{_quoted(name)}") if keys_are_paths else name

    return Kind(expects, accept)


def phase_id() -> Kind:
    """Return the kind of a phase's id: a string, or a whole number that is read as one."""

    def accept(value: object) -> str:
        if _is_word(value) or (isinstance(value, int) and not isinstance(value, bool)):
            return str(value)
        raise UnfitError("a phase id", value)

    return Kind("a phase id", accept)


def globs() -> Kind:
    """Return the kind of one glob or a list of them."""
    several = paths()

    def accept(value: object) -> tuple[str, ...]:
        return (_inside(str(value), ""),) if _is_word(value) else tuple(several.accept(value))

    return Kind("a path or a list of paths", accept)


def waivers() -> Kind:
    """Return the kind of the list of waivers: tables with ``match``, ``reason`` and ``expires``."""
    return _tables("a list of tables with match, reason and expires", _waiver)


def path_policies() -> Kind:
    """Return the kind of the list of parts with a policy of their own: tables with ``glob`` and ``policy``."""
    return _tables("a list of tables with glob and policy", _path_policy)


def components() -> Kind:
    """Return the kind of the list of components: tables with ``path`` and ``stage``."""
    return _tables("a list of tables with path and stage", _component)


def _tables(expects: str, read: Callable[[object], Any]) -> Kind:
    def accept(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise UnfitError(expects, value)
        return tuple(_under(f"[{place}]", Kind(expects, read), item) for place, item in enumerate(value))

    return Kind(expects, accept)


def _component(value: object) -> Component:
    if not isinstance(value, dict) or set(value) != {"path", "stage"}:
        raise UnfitError("a table with exactly path and stage", value)
    if not _is_word(value["path"]):
        raise UnfitError("a path", value["path"], ".path")
    path = normpath(_inside(value["path"], ".path").replace("\\", "/"))
    stage = _under(".stage", word("the name of one of the stages"), value["stage"])
    return Component("" if path == "." else path, stage)


def _path_policy(value: object) -> PathPolicy:
    if not isinstance(value, dict) or set(value) != {"glob", "policy"}:
        raise UnfitError("a table with exactly glob and policy", value)
    if not _is_word(value["glob"]):
        raise UnfitError("a glob of paths", value["glob"], ".glob")
    return PathPolicy(_inside(value["glob"], ".glob"), _under(".policy", choice(Policy), value["policy"]))


def _waiver(value: object) -> Waiver:
    names = {"match", "reason", "expires"}
    if not isinstance(value, dict) or set(value) != names:
        raise UnfitError("a table with exactly match, reason and expires", value)
    fields = {name: str(value[name]).strip() for name in names}
    empty = next((name for name in sorted(names) if not fields[name]), None)
    if empty:
        raise UnfitError("a string that is not empty", value[empty], f".{empty}")
    if not _is_date(fields["expires"]):
        raise UnfitError("a date such as 2030-12-31", value["expires"], ".expires")
    return Waiver(**fields)


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _under(where: str, kind: Kind, value: object) -> Any:
    try:
        return kind.accept(value)
    except UnfitError as unfit:
        unfit.where = where + unfit.where
        raise


def _checked(expects: str, fits: Callable[[object], bool], from_text: Callable[[str], object]) -> Kind:
    def accept(value: object) -> Any:
        if fits(value):
            return value
        raise UnfitError(expects, value)

    return Kind(expects, accept, from_text)


def _number(expects: str, fits: Callable[[float], bool]) -> Kind:
    def accept(value: object) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool) and fits(value):
            return float(value)
        raise UnfitError(expects, value)

    return Kind(expects, accept, _as_number)


def _as_number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


def _is_word(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and "\0" not in value


def _inside(path: str, where: str) -> str:
    parts = path.replace("\\", "/").split("/")
    if path.startswith(("/", "~")) or ".." in parts or (path[1:2] == ":" and path[0].isascii() and path[0].isalpha()):
        raise UnfitError("a path inside the repository", path, where)
    return path


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f'"{name}"'


def _shown(value: object) -> str:
    named = {dict: "a table", list: "a list", bool: str(value).lower()}.get(type(value))
    text = named or (f'"{value}"' if isinstance(value, str) else str(value))
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - one line of a terminal
