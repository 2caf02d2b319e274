"""What configuration files declare: the options of pytest that decide what a test is, and the roots that are built."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

CONFIGURATION_FILES = (
    "pytest.toml",
    ".pytest.toml",
    "pytest.ini",
    ".pytest.ini",
    "pyproject.toml",
    "tox.ini",
    "setup.cfg",
)
"""In pytest's order; the first one that configures pytest is the only one it reads."""


@dataclass(frozen=True, slots=True)
class PytestOptions:
    """What one configuration file says; an empty tuple where it says nothing. ``configured``: whether there is one."""

    python_files: tuple[str, ...] = ()
    python_classes: tuple[str, ...] = ()
    python_functions: tuple[str, ...] = ()
    testpaths: tuple[str, ...] = ()
    addopts: tuple[str, ...] = ()
    xfail_strict: bool = False
    configured: bool = False


def pytest_options(directory: str, texts: Mapping[str, str]) -> PytestOptions:
    """Return what pytest, started in a directory, would find configured there."""
    for name in CONFIGURATION_FILES:
        text = texts.get(f"{directory}/{name}" if directory else name)
        table = None if text is None else _table(name, text)
        if table is not None:
            return _options(table)
    return PytestOptions()


def decides_what_runs(path: str, before: bytes | None, after: bytes | None) -> bool:
    """Whether a file configures pytest otherwise after a change than before it: other tests may be collected then."""
    name = path.rpartition("/")[2]
    read = _READERS.get(name)
    if read is None:
        return False
    texts = [None if content is None else content.decode("utf-8-sig", "replace") for content in (before, after)]
    tables = [None if text is None else read(text) for text in texts]
    return tables[0] != tables[1]


def toml_table(text: str, *keys: str) -> Mapping[str, object] | None:
    """Return a table of a TOML text, or ``None`` where there is none or the text is no TOML."""
    try:
        table: object = tomllib.loads(text)
    except ValueError:
        return None
    for key in keys:
        table = table.get(key) if isinstance(table, dict) else None
    return table if isinstance(table, dict) else None


def ini_table(text: str, section: str) -> Mapping[str, object] | None:
    """Return a section of an ini text, or ``None`` where there is none or the text cannot be parsed."""
    from configparser import ConfigParser, Error

    parser = ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    try:
        parser.read_string(text)
    except Error:
        return None
    return dict(parser[section]) if parser.has_section(section) else None


def words(value: object) -> tuple[str, ...]:
    """Return the words of an option that may be written as one string or as a list."""
    if isinstance(value, str):
        return tuple(value.split())
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def _table(name: str, text: str) -> Mapping[str, object] | None:
    return _READERS[name](text)


def _pyproject(text: str) -> Mapping[str, object] | None:
    native = toml_table(text, "tool", "pytest")
    ini = toml_table(text, "tool", "pytest", "ini_options")
    return ini if ini is not None else native


def _pytest_ini(text: str) -> Mapping[str, object]:
    return ini_table(text, "pytest") or {}


def _pytest_toml(text: str) -> Mapping[str, object]:
    return toml_table(text, "pytest") or {}


_READERS: Mapping[str, Callable[[str], Mapping[str, object] | None]] = {
    "pytest.toml": _pytest_toml,
    ".pytest.toml": _pytest_toml,
    "pytest.ini": _pytest_ini,
    ".pytest.ini": _pytest_ini,
    "pyproject.toml": _pyproject,
    "tox.ini": lambda text: ini_table(text, "pytest"),
    "setup.cfg": lambda text: ini_table(text, "tool:pytest"),
}


def _arguments(value: object) -> tuple[str, ...]:
    """Return the words of a command line, quoted as in a shell where it is one string."""
    import shlex

    try:
        return tuple(shlex.split(value)) if isinstance(value, str) else words(value)
    except ValueError:
        return words(value)


def _options(table: Mapping[str, object]) -> PytestOptions:
    return PytestOptions(
        python_files=words(table.get("python_files")),
        python_classes=words(table.get("python_classes")),
        python_functions=words(table.get("python_functions")),
        testpaths=words(table.get("testpaths")),
        addopts=_arguments(table.get("addopts")),
        xfail_strict=str(table.get("xfail_strict", table.get("strict"))).lower() in {"true", "1", "yes", "on"},
        configured=True,
    )


def declared_roots(pyproject: str, setup_cfg: str) -> tuple[str, ...]:
    """Return the directories and modules, relative to the project, that its build configuration names."""
    roots = [*_setuptools(pyproject), *_setup_cfg(setup_cfg), *_other_builders(pyproject)]
    return tuple(dict.fromkeys(cleaned for root in roots if (cleaned := clean_path(root))))


def declared_version_files(pyproject: str) -> tuple[str, ...]:
    """Return the files, relative to the project, into which a build writes the version."""
    if not any(key in pyproject for key in ("version_file", "version-file", "write_to", "versioningit")):
        return ()
    places: tuple[tuple[tuple[str, ...], str], ...] = (
        (("tool", "setuptools_scm"), "version_file"),
        (("tool", "setuptools_scm"), "write_to"),
        (("tool", "hatch", "build", "hooks", "vcs"), "version-file"),
        (("tool", "versioningit", "write"), "file"),
    )
    named = [(toml_table(pyproject, *table) or {}).get(key) for table, key in places]
    return tuple(dict.fromkeys(clean_path(path) for path in named if isinstance(path, str) and path.endswith(".py")))


def clean_path(path: str) -> str:
    """Return a path without a leading ``./`` and a trailing ``/``."""
    return path.strip().removeprefix("./").strip("/").removesuffix("/**").removesuffix("/*")


def _setuptools(pyproject: str) -> Iterator[str]:
    table = toml_table(pyproject, "tool", "setuptools") or {}
    where = toml_table(pyproject, "tool", "setuptools", "packages", "find") or {}
    directories = _mapping(table.get("package-dir"))
    yield from (str(directory) for directory in directories.values())
    yield from words(where.get("where"))
    if not directories:
        yield from (package.partition(".")[0] for package in words(table.get("packages")))
        yield from (f"{module.replace('.', '/')}.py" for module in words(table.get("py-modules")))


def _setup_cfg(text: str) -> Iterator[str]:
    options = (ini_table(text, "options") if text else None) or {}
    where = (ini_table(text, "options.packages.find") if text else None) or {}
    yield from words(where.get("where"))
    entries = str(options.get("package_dir") or "").splitlines()
    yield from (entry.partition("=")[2] for entry in entries if "=" in entry)


def _other_builders(pyproject: str) -> Iterator[str]:
    yield from words((toml_table(pyproject, *_HATCH) or {}).get("packages"))
    yield str((toml_table(pyproject, "tool", "pdm", "build") or {}).get("package-dir", ""))
    yield str((toml_table(pyproject, "tool", "maturin") or {}).get("python-source", ""))
    yield str((toml_table(pyproject, "tool", "flit", "module") or {}).get("name", ""))
    packages = (toml_table(pyproject, "tool", "poetry") or {}).get("packages")
    for package in packages if isinstance(packages, list) else ():
        entry = _mapping(package)
        yield str(entry.get("from") or entry.get("include") or "")


_HATCH = ("tool", "hatch", "build", "targets", "wheel")


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
