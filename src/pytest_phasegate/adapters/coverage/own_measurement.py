"""Our own measurement, for a run that nobody else measures: the user's settings, and no file written.

And which of the project's modules this process has loaded.
"""

from __future__ import annotations

import ast
import os
import sys
import tokenize
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any

from coverage import Coverage
from coverage.exceptions import ConfigError, CoverageException
from coverage.regions import code_regions

from pytest_phasegate.core.coverage.credit import ModuleText, import_sites
from pytest_phasegate.core.coverage.phase_coverage import Function
from pytest_phasegate.errors import ConfigurationError

_NOT_OURS: dict[str, Any] = {
    "run:dynamic_context": None,  # contexts are stored, and nothing of ours is
    "run:patch": [],  # children would write data files of their own
    "run:sigterm": False,  # it is for the user's handlers to say what a signal does
    "run:disable_warnings": [
        "already-imported", "couldnt-parse", "include-ignored", "module-not-imported", "module-not-python",
        "module-not-measured", "no-data-collected", "no-ctracer", "no-sysmon",
    ],
}  # fmt: skip
"""Settings that would make our measurement be heard or write."""


def configured(source: Sequence[str], *, branches: Callable[[], bool] = bool) -> Coverage:
    """Return a measurement by the user's settings, not yet started, that keeps its data in memory.

    Args:
        source: Directories and modules to measure where the user's settings name neither source nor include.
        branches: Whether to measure branches also where the user's settings do not ask for it; called only then.

    Raises:
        ConfigurationError: The user's coverage settings cannot be used.
    """
    with _refusals_told():
        coverage = Coverage(data_file=None, messages=False)
        _adapt(coverage, source, branches)
    return coverage


def started(source: Sequence[str], *, branches: Callable[[], bool]) -> Coverage:
    """Return the same measurement, started; some versions of coverage.py look at their settings only then."""
    coverage = configured(source, branches=branches)
    with _refusals_told():
        coverage.start()
    return coverage


def from_file(name: str) -> Coverage:
    """Return the settings that one file holds, for reading only; without a name, those of coverage.py itself.

    Raises:
        ConfigurationError: They cannot be used.
    """
    with _refusals_told():
        return Coverage(data_file=None, config_file=name or False, messages=False)


def follows_children() -> bool:
    """Return whether the user's settings ask coverage.py to measure the processes that tests start."""
    with _refusals_told():
        settings = Coverage(data_file=None, messages=False)
    return "subprocess" in _listed(settings, "run:patch") or "multiprocessing" in _listed(settings, "run:concurrency")


def time_of_children() -> float:
    """Return what processes that this one started, and that ended, took: more of it means that there were some."""
    spent = os.times()
    return spent.children_user + spent.children_system


@contextmanager
def _refusals_told() -> Iterator[None]:
    try:
        yield
    except (ConfigError, CoverageException) as error:  # of old, the first was no kind of the second
        raise ConfigurationError(f"coverage.py refuses its settings: {error}", hint="mend [tool.coverage]") from error
    except Exception as error:  # a plugin of coverage.py that its settings name may raise anything
        said = f"coverage.py cannot begin: {type(error).__name__}: {error}"
        raise ConfigurationError(said, hint="mend [tool.coverage], or what its plugins need") from error


def _adapt(coverage: Coverage, source: Sequence[str], branches: Callable[[], bool]) -> None:
    for option, value in _NOT_OURS.items():
        _set(coverage, option, value)
    # The multiprocessing patch starts a measurement in each child, which writes a data file.
    concurrency = _listed(coverage, "run:concurrency")
    _set(coverage, "run:concurrency", [library for library in concurrency if library != "multiprocessing"])
    named = ("run:source", "run:source_pkgs", "run:source_dirs", "run:include")
    if not any(_listed(coverage, option) for option in named):
        _set(coverage, "run:source", [place for place in source if not place.endswith(".py")])
        _set(coverage, "run:source_pkgs", [PurePath(place).stem for place in source if place.endswith(".py")])
    if not coverage.get_option("run:branch") and branches():
        _set(coverage, "run:branch", True)
    if _may_monitor(coverage):
        _set(coverage, "run:core", "sysmon")


def _may_monitor(coverage: Coverage) -> bool:
    """Whether lines alone are measured and nobody chose a core: then what is not measured costs nothing.

    A core that coverage.py cannot use with the user's settings gives way to the usual one, without a word.
    """
    aside = coverage.get_option("run:branch") or coverage.get_option("run:timid") or _listed(coverage, "run:plugins")
    return sys.version_info >= (3, 12) and not coverage.get_option("run:core") and not aside


def _listed(coverage: Coverage, option: str) -> list[str]:
    try:
        value: Any = coverage.get_option(option)
    except ConfigError:  # an option this version does not know yet
        return []
    return list(value or [])


def _set(coverage: Coverage, option: str, value: Any) -> None:
    try:
        coverage.set_option(option, value)
    except ConfigError:  # an option this version does not know has no effect to be kept off
        return


_FOREIGN = ("site-packages", "dist-packages", ".venv", "venv", ".tox", ".nox")


def loaded_modules(root: Path) -> dict[str, str]:
    """Return the loaded modules whose file lies under the root, by dotted name, with the file's relative path."""
    top = os.path.realpath(root) + os.sep
    found: dict[str, str] = {}
    homes: dict[str, str] = {}  # a thousand modules lie in a hundred directories
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name != "__main__" and isinstance(file, str) and file.endswith(".py"):
            home, _, base = file.rpartition(os.sep)
            if home not in homes:
                homes[home] = os.path.realpath(home)
            path = os.path.realpath(file) if os.path.islink(file) else f"{homes[home]}{os.sep}{base}"  # noqa: PTH114
            if path.startswith(top):
                found[name] = path.removeprefix(top).replace(os.sep, "/")
    return {name: path for name, path in found.items() if not any(part in _FOREIGN for part in path.split("/"))}


def loaded_elsewhere(root: Path, sources: Iterable[str]) -> dict[str, str]:
    """Return the files below the source roots in whose place a module of that name was loaded from another file.

    The other file, an installed copy mostly, is named relative to the root where it lies below it.
    """
    top = os.path.realpath(root) + os.sep
    found: dict[str, str] = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if not isinstance(file, str) or not file.endswith(".py"):
            continue
        tail = name.replace(".", "/") + ("/__init__.py" if os.path.basename(file) == "__init__.py" else ".py")  # noqa: PTH119 - asked of a thousand files
        for source in sources:
            path = tail if source in {"", "."} else f"{source}/{tail}"
            if os.path.isfile(top + path) and os.path.realpath(top + path) != os.path.realpath(file):  # noqa: PTH113 - as above
                found[path] = os.path.realpath(file).removeprefix(top).replace(os.sep, "/")
    return found


def read_modules(root: Path, modules: Mapping[str, str]) -> dict[str, ModuleText]:
    """Return what the text of each file says of imports; one that cannot be read says nothing."""
    return {path: _read(root / path, name) for name, path in modules.items()}


def _read(file: Path, name: str) -> ModuleText:
    try:
        with tokenize.open(file) as source:
            return read_module(source.read(), name, package=file.name == "__init__.py")
    except (OSError, SyntaxError, UnicodeDecodeError):
        return ModuleText()


def read_module(text: str, name: str, *, package: bool = False) -> ModuleText:
    """Return what a module's text says of imports; one that cannot be parsed says nothing."""
    bodies = (function.body for function in functions_of(text))
    return ModuleText(import_sites(text, name, package=package), frozenset().union(*bodies))


def functions_of(text: str) -> tuple[Function, ...]:
    """Return the functions in order of their lines; of a source that cannot be parsed, none.

    A function whose body stands on its ``def`` line gets an empty body: lines cannot tell whether it was called.
    """
    try:
        regions = [region for region in code_regions(text) if region.kind == "function"]
    except (SyntaxError, ValueError):
        return ()
    return tuple(
        Function(one.name, one.start, frozenset(line for line in one.lines if line > one.start))
        for one in sorted(regions, key=lambda region: region.start)
    )


_CALLING = (
    ast.Expr, ast.Raise, ast.Call, ast.Name, ast.Attribute, ast.Constant, ast.Subscript, ast.Slice, ast.Starred,
    ast.keyword, ast.expr_context,
)  # fmt: skip


def script_lines(text: str) -> frozenset[int]:
    """Return the lines of each ``if __name__ == "__main__":`` that holds one call and no more."""
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        return frozenset()
    guards = (one for one in body if isinstance(one, ast.If) and ast.unparse(one.test) == "__name__ == '__main__'")
    single = (one for one in guards if len(one.body) == 1 and not one.orelse)
    calling = (one for one in single if all(isinstance(node, _CALLING) for node in ast.walk(one.body[0])))
    return frozenset(line for one in calling for line in range(one.lineno, (one.end_lineno or one.lineno) + 1))
