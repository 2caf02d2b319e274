"""Where the configuration stands: finding the project's root, and reading its files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_phasegate.core.configuration import FILES, Place, from_texts, mentions_us
from pytest_phasegate.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_phasegate.core.settings import Settings


def find_root(start: Path) -> Path:
    """Return the project's root for a directory inside it.

    The nearest directory upwards that configures us, up to the top of the git work tree; else that top; else
    the nearest one with a ``pyproject.toml``; else the directory itself.
    """
    above = list(_upwards(start.resolve()))
    top = next((directory for directory in above if (directory / ".git").exists()), None)
    within = above[: above.index(top) + 1] if top else above
    return (
        next((directory for directory in within if _configures(directory)), None)
        or top
        or next((directory for directory in above if (directory / "pyproject.toml").is_file()), None)
        or above[0]
    )


def load(
    root: Path,
    config: Path | None = None,
    overrides: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Read the project's settings: its files (or ``config`` instead of them), the environment, the overrides.

    Raises:
        ConfigurationError: When a file cannot be read or anything in it cannot be used.
    """
    variables = os.environ if environment is None else environment
    named = config or (Path(variables["PHASEGATE_CONFIG"]) if variables.get("PHASEGATE_CONFIG") else None)
    files = [_place(named, str(named))] if named else [_place(root / name, name) for name in _present(root)]
    return from_texts(files, variables, overrides)


def _upwards(directory: Path) -> Iterator[Path]:
    yield directory
    yield from directory.parents


def _present(root: Path) -> Iterator[str]:
    return (name for name in FILES if (root / name).is_file())


def _configures(directory: Path) -> bool:
    """Whether this directory's files are ours; a file that cannot be read is, so that its error is told."""
    if (directory / "phasegate.toml").is_file():
        return True
    pyproject = directory / "pyproject.toml"
    return pyproject.is_file() and _has_table(_place(pyproject, "pyproject.toml").text)


def _has_table(text: str) -> bool:
    if not mentions_us(text):
        return False
    import tomllib

    try:
        return "phasegate" in tomllib.loads(text).get("tool", {})
    except tomllib.TOMLDecodeError:
        return True


def _place(file: Path, name: str) -> Place:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{name}: not UTF-8 at byte {error.start}") from None
    except OSError as error:
        raise ConfigurationError(f"{name}: cannot be read: {error.strerror or error}") from None
    return Place(name, text, dedicated=file.name != "pyproject.toml")
