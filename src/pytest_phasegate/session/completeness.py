"""What narrowed a run beyond the phase selection: then it may not speak for a phase."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

import pytest

_SWITCHES = {
    "lf": "--lf",
    "last_failed": "--lf",
    "stepwise": "--sw",
    "stepwise_skip": "--sw-skip",
    "collectonly": "--co",
    "splits": "--splits",
    "group": "--group",
    "testmon": "--testmon",
    "picked": "--picked",
    "setuponly": "--setup-only",
    "setupplan": "--setup-plan",
}
"""Options (by the name pytest keeps them under, ours or a plugin's) that leave tests out."""
_FILTERS = {
    "keyword": "-k",
    "markexpr": "-m",
    "deselect": "--deselect",
    "ignore": "--ignore",
    "ignore_glob": "--ignore-glob",
}

_COLLECTING = frozenset({
    "addopts", "collect_imported_tests", "norecursedirs", "python_classes", "python_files", "python_functions",
    "testpaths",
})  # fmt: skip
"""Settings of the project that ``-o`` changes for one run, and that say which tests there are."""


def narrowing(config: pytest.Config, root: Path) -> tuple[str, ...]:
    """Return what of this run leaves tests out, as the user knows it.

    A filter that stands in the project's own ``addopts`` is part of what its suite is, and narrows nothing. ``root`` is
    the project's root: where nothing configures pytest, its own may be any directory below.
    """
    top = (config.rootpath if config.inipath else root).resolve()
    told = dict.fromkeys((*_switches(config), *_filters(config), *_settings(config), *_paths(config, top)))
    exported = {word for word in os.environ.get("PYTEST_ADDOPTS", "").split() if word.startswith("-")}
    return tuple(f"{one} (in PYTEST_ADDOPTS)" if one.partition(" ")[0] in exported else one for one in told)


def _switches(config: pytest.Config) -> Iterator[str]:
    return (word for name, word in _SWITCHES.items() if config.getoption(name, None))


def _filters(config: pytest.Config) -> Iterator[str]:
    standing = standing_filters(config)
    for name, word in _FILTERS.items():
        given = config.getoption(name, None)
        for value in given if isinstance(given, list) else [given] if given else []:
            if (word, str(value)) not in standing:
                yield f"{word} {value}"


def _settings(config: pytest.Config) -> Iterator[str]:
    given = config.getoption("override_ini") or ()
    return (f"-o {setting}" for setting in given if setting.partition("=")[0] in _COLLECTING)


def standing_filters(config: pytest.Config) -> frozenset[tuple[str, str]]:
    """Return the filters that the project's configuration gives every run, as option and value."""
    return filters_among([str(word) for word in config.getini("addopts")])


def filters_among(words: Sequence[str]) -> frozenset[tuple[str, str]]:
    """Return the filters among the words of a command line, as option and value."""
    found = set()
    for word, following in zip_longest(words, words[1:], fillvalue=""):
        name, equals, value = word.partition("=")
        if name in _FILTERS.values() and (equals or following):
            found.add((name, value if equals else following))
        elif word[:2] in {"-k", "-m"} and len(word) > len("-k"):
            found.add((word[:2], word[2:]))
    return frozenset(found)


def _paths(config: pytest.Config, top: Path) -> Iterator[str]:
    """Yield the places that are collected, unless they are all of what a run without arguments at the top collects.

    From a directory below the top, pytest collects that directory alone.
    """
    source = config.args_source
    if source is pytest.Config.ArgsSource.TESTPATHS:
        return
    given = {_place(config, argument): argument for argument in config.args}
    whole = {(top / path).resolve() for path in config.getini("testpaths")} or {top}
    if top not in given and not whole <= given.keys():
        typed = source is pytest.Config.ArgsSource.ARGS
        yield from (str(argument) if typed else _from_top(top, place) for place, argument in given.items())


def _place(config: pytest.Config, argument: str) -> Path:
    return (config.invocation_params.dir / argument).resolve()


def _from_top(top: Path, place: Path) -> str:
    return place.relative_to(top).as_posix() if place.is_relative_to(top) else place.as_posix()
