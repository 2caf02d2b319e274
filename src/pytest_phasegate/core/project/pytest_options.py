"""What configuration files declare: the options of pytest that decide what a test is, and the roots that are built."""

from __future__ import annotations

import ast
import re
import shlex
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

from pytest_phasegate.core.project.syntax import last_name

Document = Mapping[str, object]


class PytestOptions(NamedTuple):
    """What one configuration file says; an empty tuple where it says nothing. ``configured``: whether there is one."""

    python_files: tuple[str, ...] = ()
    python_classes: tuple[str, ...] = ()
    python_functions: tuple[str, ...] = ()
    testpaths: tuple[str, ...] = ()
    addopts: tuple[str, ...] = ()
    xfail_strict: bool = False
    configured: bool = False


def pytest_options(directory: str, documents: Mapping[str, Document]) -> PytestOptions:
    """Return what pytest, started in a directory, would find configured there."""
    table = pytest_table(directory, documents)
    if table is None:
        return PytestOptions()
    return PytestOptions(
        python_files=words(table.get("python_files")),
        python_classes=words(table.get("python_classes")),
        python_functions=words(table.get("python_functions")),
        testpaths=words(table.get("testpaths")),
        addopts=_arguments(table.get("addopts")),
        xfail_strict=str(table.get("xfail_strict", table.get("strict"))).lower() in {"true", "1", "yes", "on"},
        configured=True,
    )


def pytest_table(directory: str, documents: Mapping[str, Document]) -> Document | None:
    """Return the table that configures pytest, started in a directory; keys of an ini text are in small letters."""
    found = ((read, documents.get(f"{directory}/{name}" if directory else name)) for name, read in _READERS.items())
    tables = (read(document) for read, document in found if document is not None)
    return next((table for table in tables if table is not None), None)


def decides_what_runs(path: str, before: bytes | None, after: bytes | None) -> bool:
    """Whether a file configures pytest otherwise after a change than before it: other tests may be collected then."""
    read = _READERS.get(path.rpartition("/")[2])
    if read is None:
        return False
    texts = [None if content is None else content.decode("utf-8-sig", "replace") for content in (before, after)]
    tables = [None if text is None else read(document(path, text)) for text in texts]
    return tables[0] != tables[1]


def document(path: str, text: str) -> Document:
    """Return what a TOML or ini text says, table by table, or a ``setup.py``; of one that cannot be parsed, nothing."""
    if path.endswith(".py"):
        return _left_out_by(text)
    if path.endswith(".toml"):
        try:
            return tomllib.loads(text)
        except ValueError:
            return {}
    if not any(f"[{section}]" in text for section in _SECTIONS):
        return {}  # a parser for these costs more to import than most texts to read
    from configparser import ConfigParser, Error

    parser = ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    try:
        parser.read_string(text)
    except Error:
        return {}
    return {section: dict(parser[section]) for section in parser.sections()}


def table_in(document: object, *names: str) -> Document:
    """Return a table by its names from the top; an empty one where there is none."""
    found = document
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def words(value: object) -> tuple[str, ...]:
    """Return the words of an option that may be written as one string or as a list."""
    if isinstance(value, str):
        return tuple(value.split())
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def _pyproject(document: Document) -> Document | None:
    found = table_in(document, "tool").get("pytest")
    return table_in(found, "ini_options") or found if isinstance(found, dict) else None


def _section(document: Document, name: str) -> Document | None:
    return table_in(document, name) if name in document else None


def _dedicated(document: Document) -> Document:
    """Return what a file of pytest's own says: it configures pytest even where it says nothing."""
    return table_in(document, "pytest")


_READERS: Mapping[str, Callable[[Document], Document | None]] = {
    "pytest.toml": _dedicated,
    ".pytest.toml": _dedicated,
    "pytest.ini": _dedicated,
    ".pytest.ini": _dedicated,
    "pyproject.toml": _pyproject,
    "tox.ini": lambda document: _section(document, "pytest"),
    "setup.cfg": lambda document: _section(document, "tool:pytest"),
}
CONFIGURATION_FILES = tuple(_READERS)
"""In pytest's order; the first one that configures pytest is the only one it reads."""
_SECTIONS = ("pytest", "tool:pytest", "metadata", "options", "options.packages.find", "options.entry_points")
"""The sections of ini texts that are read."""


def _arguments(value: object) -> tuple[str, ...]:
    """Return the words of a command line, quoted as in a shell where it is one string."""
    try:
        return tuple(shlex.split(value)) if isinstance(value, str) else words(value)
    except ValueError:
        return words(value)


def declared_roots(pyproject: Document, setup_cfg: Document) -> tuple[str, ...]:
    """Return the directories and modules, relative to the project, that its build configuration names.

    The top of the project, ``where = "."``, is no root: all lies in it, the tests too.
    """
    roots = [*_setuptools(pyproject), *_setup_cfg(setup_cfg), *_other_builders(pyproject)]
    return tuple(dict.fromkeys(cleaned for root in roots if (cleaned := clean_path(root)) not in {"", "."}))


def is_left_out(package: str, pyproject: Document, setup_cfg: Document) -> bool:
    """Whether a build that names what it ships, or excludes something, does not ship a package beside it."""
    shipped = declared_roots(pyproject, setup_cfg)
    found = (
        table_in(pyproject, "tool", "setuptools", "packages", "find"),
        table_in(setup_cfg, "options.packages.find"),
    )
    excluded = [pattern for table in found for pattern in words(table.get("exclude"))]
    return package not in shipped and (bool(shipped) or any(fnmatchcase(package, pattern) for pattern in excluded))


def _left_out_by(setup: str) -> Document:
    """Return what ``find_packages(exclude=…)`` of a ``setup.py`` leaves out, as a ``setup.cfg`` says it."""
    try:
        tree = ast.parse(setup if "exclude" in setup else "")
    except (SyntaxError, ValueError):
        return {}
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and last_name(node) == "find_packages")
    given = (word.value for call in calls for word in call.keywords if word.arg == "exclude")
    names = [node.value for value in given for node in ast.walk(value) if isinstance(node, ast.Constant)]
    return {"options.packages.find": {"exclude": names}}


def declared_version_files(pyproject: Document) -> tuple[str, ...]:
    """Return the files, relative to the project, into which a build writes the version."""
    places: tuple[tuple[tuple[str, ...], str], ...] = (
        (("tool", "setuptools_scm"), "version_file"),
        (("tool", "setuptools_scm"), "write_to"),
        (("tool", "hatch", "build", "hooks", "vcs"), "version-file"),
        (("tool", "versioningit", "write"), "file"),
    )
    named = [table_in(pyproject, *table).get(key) for table, key in places]
    return tuple(dict.fromkeys(clean_path(path) for path in named if isinstance(path, str) and path.endswith(".py")))


def clean_path(path: str) -> str:
    """Return a path without a leading ``./`` and a trailing ``/``."""
    return path.strip().removeprefix("./").strip("/").removesuffix("/**").removesuffix("/*")


def _setuptools(pyproject: Document) -> Iterator[str]:
    table = table_in(pyproject, "tool", "setuptools")
    where = table_in(pyproject, "tool", "setuptools", "packages", "find")
    directories = table_in(table.get("package-dir"))
    yield from (str(directory) for directory in directories.values())
    yield from words(where.get("where"))
    if not directories:
        yield from (package.partition(".")[0] for package in words(table.get("packages")))
        yield from (f"{module.replace('.', '/')}.py" for module in words(table.get("py-modules")))


def _setup_cfg(setup_cfg: Document) -> Iterator[str]:
    options = table_in(setup_cfg, "options")
    where = table_in(setup_cfg, "options.packages.find")
    yield from words(where.get("where"))
    yield from (f"{module.replace('.', '/')}.py" for module in words(options.get("py_modules")))
    entries = str(options.get("package_dir") or "").splitlines()
    yield from (entry.partition("=")[2] for entry in entries if "=" in entry)


def _other_builders(pyproject: Document) -> Iterator[str]:
    yield from words(table_in(pyproject, "tool", "hatch", "build", "targets", "wheel").get("packages"))
    named = {("pdm", "build"): "package-dir", ("maturin",): "python-source", ("flit", "module"): "name"}
    yield from (str(table_in(pyproject, "tool", *tool).get(key, "")) for tool, key in named.items())
    packages = table_in(pyproject, "tool", "poetry").get("packages")
    for package in packages if isinstance(packages, list) else ():
        entry = table_in(package)
        yield str(entry.get("from") or entry.get("include") or "")


_LACKING = ("settings are not configured", "Apps aren't loaded yet")  # no settings were named; nothing set it up
SETTINGS = "DJANGO_SETTINGS_MODULE"
_NAMED = re.compile(rf"""(?:{SETTINGS}(?:["'][],]\s*=?\s*["']|\s*=\s*)|--settings[= ])([\w.]+)""")
_CONFIGURED = "settings.configure("


def lacks_settings(said: str) -> bool:
    """Whether what was raised says that nothing has set Django up."""
    return any(words in said for words in _LACKING)


def in_pytests_options(module: str = "NAME.settings", more: str = "") -> str:
    """Return the line that tells pytest the settings."""
    return f'{SETTINGS} = "{module}"{more}   # in [tool.pytest.ini_options], for pytest-django'


def settings_in(text: str) -> str:
    """Return the module that a script names as Django's settings, or nothing."""
    named = _NAMED.search(text)
    return named[1] if named else ""


def scripts(paths: Iterable[str]) -> tuple[str, ...]:
    """Return those of a project's files that may know its settings, the likeliest first."""
    near = (path for path in paths if path == "tox.ini" or (path.endswith(".py") and path.count("/") <= 1))
    return tuple(sorted(near, key=lambda path: (path.count("/"), not path.endswith("manage.py"), path)))


def exported(scripts: Mapping[str, str]) -> str:
    """Return the line that tells every commit's tests the settings, as far as one of these scripts knows them."""
    module, why = "NAME.settings", ""
    for path, text in reversed(list(scripts.items())):
        if named := settings_in(text):
            module, why = named, f"as in {path}; "
        elif _CONFIGURED in text:
            module, why = "MODULE", f"one with what {path} gives to settings.configure; "
    return f"export {SETTINGS}={module}   # {why}pytest-django reads it (pip install pytest-django)"
