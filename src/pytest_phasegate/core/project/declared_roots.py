"""What a build configuration declares, for the builders in common use: production roots, and files that it makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pytest_phasegate.core.project.pytest_options import ini_table, toml_table, words


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
