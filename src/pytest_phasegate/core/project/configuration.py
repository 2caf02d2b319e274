"""The configuration: texts of files and variables in; ``Settings`` out, or every problem at once; and what changes."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any, NamedTuple, get_type_hints

from pytest_phasegate.core.project import kinds
from pytest_phasegate.core.project.kinds import Kind, UnfitError
from pytest_phasegate.core.project.settings import DocumentSettings, LintSettings, Mode, Settings
from pytest_phasegate.errors import ConfigurationError

FILES = ("pyproject.toml", "phasegate.toml")  # where a configuration may stand; standing in both is an error

OTHER_VARIABLES = ("PHASEGATE_CONFIG", "PHASEGATE_DOCUMENTATION", "PHASEGATE_LEDGER")
"""Variables of ours that are no setting."""

_KEYS = "the keys are listed in docs/reference/configuration.md of pytest-phasegate"
_MISSING = object()


class Place(NamedTuple):
    """A text that may configure us: ``name`` is shown to the user, ``dedicated`` says the whole file is ours."""

    name: str
    text: str
    dedicated: bool


class _Given(NamedTuple):
    """One value as it was given, and where."""

    path: str
    value: object
    source: str


def mentions_us(text: str) -> bool:
    """Return whether a pyproject text may hold our table; a cheap test that never misses a plain one."""
    return "phasegate" in text


def from_texts(places: Iterable[Place], environment: Mapping[str, str]) -> Settings:
    """Return the settings that files, and the environment over them, give together.

    Args:
        places: The texts found, at most one of which may configure us.
        environment: Of which only ``PHASEGATE_*`` is read.

    Raises:
        ConfigurationError: With every problem of every source, one a line.
    """
    tables = [(place, table) for place in places if (table := _table(place)) is not None]
    problems = _two_places([place for place, _ in tables])
    given = [item for place, table in tables for item in _flat(table, place, problems)]
    given += _from_environment(environment, problems)
    read = {item.path: value for item in given if (value := _read(item, problems)) is not _MISSING}
    settings = _build(read, configured=bool(tables))
    problems += _contradictions(settings, given)
    if problems:
        raise _all_at_once(problems)
    return settings


def _table(place: Place) -> Mapping[str, Any] | None:
    if not place.dedicated and not mentions_us(place.text):
        return None
    try:
        document = tomllib.loads(place.text)
    except ValueError as error:
        raise ConfigurationError(f"{place.name}: not valid TOML: {error}") from None
    if place.dedicated:
        return document
    tool = document.get("tool")
    table = tool.get("phasegate") if isinstance(tool, dict) else None
    if table is None or isinstance(table, dict):
        return table
    raise ConfigurationError(f"{place.name}: tool.phasegate: expected a table, got {type(table).__name__}")


def _two_places(places: list[Place]) -> list[str]:
    if len(places) < 2:  # noqa: PLR2004 - two are one too many
        return []
    names = " and ".join(place.name for place in places)
    return [f"{names} both configure phasegate: keep one of them"]


def _flat(table: Mapping[str, object], place: Place, problems: list[str]) -> Iterator[_Given]:
    for name, value in table.items():
        if name in TABLES and isinstance(value, dict):
            yield from (_Given(f"{name}.{key}", inner, place.name) for key, inner in value.items())
        elif name in TABLES:
            problems.append(f"{place.name}: {_shown_path(place.name, name)}: expected a table")
        else:
            yield _Given(name, value, place.name)


def _from_environment(environment: Mapping[str, str], problems: list[str]) -> Iterator[_Given]:
    known = {variable(path): path for path, kind in KEYS.items() if kind.from_text}
    for name in sorted(environment):
        path = known.get(name)
        from_text = KEYS[path].from_text if path else None
        if path and from_text:
            yield _Given(path, from_text(environment[name]), f"environment variable {name}")
        elif name.startswith("PHASEGATE_") and name not in OTHER_VARIABLES:
            problems += _misspelt(name, (*known, *OTHER_VARIABLES))


def _misspelt(name: str, known: Iterable[str]) -> Iterator[str]:
    """Only a near miss is an error: ``PHASEGATE_VERSION`` in somebody's image is none of our business."""
    tail = name.removeprefix("PHASEGATE")
    near = next((other for other in known if other.endswith(tail)), None) or _nearest(name, known, 0.85)
    if near:
        yield f"environment variable {name}: no such setting; did you mean {near}?"


def _read(item: _Given, problems: list[str]) -> object:
    kind = KEYS.get(item.path)
    if kind is None:
        problems.append(f"{_located(item)}: unknown key{_suggestion(item.path)}")
        return _MISSING
    try:
        return kind.accept(item.value)
    except UnfitError as unfit:
        problems.append(f"{_located(item, unfit.where)}: {unfit}")
        return _MISSING


def _located(item: _Given, where: str = "") -> str:
    if item.source.startswith("environment variable"):
        return f"{item.source}{where}"
    return f"{item.source}: {_shown_path(item.source, item.path)}{where}"


def _shown_path(source: str, path: str) -> str:
    return f"tool.phasegate.{path}" if source.endswith("pyproject.toml") else path


def _suggestion(path: str) -> str:
    table, dot, name = path.rpartition(".")
    siblings = [other.rpartition(".")[2] for other in KEYS if other.rpartition(".")[0] == table]
    names = siblings if dot else [*siblings, *TABLES]
    near = _nearest(name, names, 0.6)
    elsewhere = next((other for other in KEYS if other.rpartition(".")[2] == name), None)
    guess = f"{table}{dot}{near}" if near else elsewhere
    return f"; did you mean {guess!r}?" if guess else f"; known here: {', '.join(sorted(set(names)))}"


def _nearest(name: str, names: Iterable[str], cutoff: float) -> str | None:
    from difflib import get_close_matches  # only an error pays for it

    return next(iter(get_close_matches(name, list(names), 1, cutoff)), None)


def _build(read: Mapping[str, Any], *, configured: bool) -> Settings:
    settings = Settings(configured=configured)
    groups: dict[str, dict[str, Any]] = {}
    for path, value in read.items():
        group, _, name = path.rpartition(".")
        groups.setdefault(group, {})[name] = value
    top = groups.pop("", {})
    tables = {group: getattr(settings, group)._replace(**values) for group, values in groups.items()}
    return settings._replace(**top, **tables)


def _contradictions(settings: Settings, given: Iterable[_Given]) -> list[str]:
    located = {item.path: item for item in given if item.path in {"stage", "components"}}
    named = [("stage", "", settings.stage)] if settings.stage is not None else []
    named += [("components", f"[{place}].stage", one.stage) for place, one in enumerate(settings.components)]
    known = ", ".join(settings.stages) or "none is defined; add [tool.phasegate.stages]"
    strangers = [
        f"{_located(located[path], where)}: expected the name of a stage ({known}), got {stage!r}"
        for path, where, stage in named
        if path in located and stage not in settings.stages
    ]
    paths = [one.path for one in settings.components]
    twice = [place for place, path in enumerate(paths) if path in paths[:place]]
    return strangers + [
        f"{_located(located['components'], f'[{place}].path')}: {paths[place] or '.'!r} is a component already"
        for place in twice
    ]


def _all_at_once(problems: list[str]) -> ConfigurationError:
    if len(problems) == 1:
        return ConfigurationError(problems[0], hint=_KEYS)
    lines = "".join(f"\n  {problem}" for problem in problems)
    return ConfigurationError(f"{len(problems)} problems in the configuration:{lines}", hint=_KEYS)


def _keys(of: Any, table: str = "") -> Iterator[tuple[str, Kind]]:
    for name, hint in get_type_hints(of, include_extras=True).items():
        if hasattr(hint, "_fields"):
            yield from _keys(hint, f"{name}.")
        else:
            yield table + name, _kind_of(hint)


def _kind_of(hint: Any) -> Kind:
    told = getattr(hint, "__metadata__", ())
    return told[0] if told else kinds.SWITCH if hint is bool else kinds.choice(hint)


KEYS = {path: kind for path, kind in _keys(Settings) if path != "configured"}
"""Every key by its path, and how its value is checked: the fields of ``Settings`` are what there is."""

TABLES = tuple(dict.fromkeys(path.partition(".")[0] for path in KEYS if "." in path))  # tables whose keys are fixed


def variable(path: str) -> str:
    """Return the environment variable of a key: ``coverage.minimum`` is ``PHASEGATE_COVERAGE_MINIMUM``."""
    return "PHASEGATE_" + path.replace(".", "_").upper()


def rules_of(settings: Settings) -> str:
    """Return a digest of what verdicts go by."""
    return sha256(repr(_judging(settings)).encode("utf-8", "backslashreplace")).hexdigest()[:16]


def otherwise(before: Settings, now: Settings) -> tuple[str, ...]:
    """Return the keys by which verdicts went otherwise before, but for what surely asks more now."""
    return tuple(_otherwise(_judging(before), _judging(now)))


def _judging(settings: Settings) -> Settings:
    """Return what verdicts go by: not what a refusal does, how long runs may take, which stage is meant, or lint."""
    untimed = settings.red_green._replace(timeout=0.0)
    unlinted = settings._replace(lint=LintSettings(), documents=DocumentSettings())
    asked = unlinted._replace(mode=Mode.ENFORCE, python=(), stage=None, components=())
    return asked._replace(command_timeout=0.0, red_green=untimed)


def _otherwise(before: Any, now: Any, place: str = "") -> Iterator[str]:
    """Yield the keys that differ; what only comes to a table is none."""
    for name, old, new in zip(before._fields, before, now, strict=True):
        key = f"{place}{name}"
        if hasattr(old, "_fields"):
            yield from _otherwise(old, new, f"{key}.")
        elif isinstance(old, Mapping):
            yield from (f"{key}.{name}" for name, value in old.items() if new.get(name) != value)
        elif old != new and not (old is None or (isinstance(new, (int, float)) and new > old)):
            yield key  # no figure came or rose, and no switch is on now: of any other value nobody can tell
