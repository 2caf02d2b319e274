"""Whose an environment is: this project's, another one's, or nobody's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname


class Owner(Enum):
    """Whose an environment is, as far as anything says so."""

    THIS = "of this project"
    ANOTHER = "of another project"
    NOBODY = "nobody's"


def owner_of(environment: Path, roots: Sequence[Path], *, is_package: bool) -> Owner:
    """Tell whose an environment is by where it lies, by what is installed in it from a directory, and by a note.

    The note is the file ``.project``, in which virtualenvwrapper and pipenv keep the project's directory.

    Args:
        environment: Its directory.
        roots: The project's directories: this work tree's, and the main one's.
        is_package: Whether the project can be installed, so that an environment of its own would hold it.
    """
    ours = [root.resolve() for root in roots]
    place = environment.resolve()
    named = [*_noted(environment), *_installed_from(environment)]
    if any(path.is_relative_to(root) for path in (place, *named) for root in ours):
        return Owner.THIS
    around = next((parent for parent in place.parents if _is_project(parent)), None)
    lies_elsewhere = around is not None and not any(root.is_relative_to(around) for root in ours)
    holds_another = is_package and bool(named)
    return Owner.ANOTHER if lies_elsewhere or holds_another or _noted(environment) else Owner.NOBODY


def _is_project(directory: Path) -> bool:
    return any((directory / name).exists() for name in ("pyproject.toml", "setup.py", "setup.cfg", ".git"))


def _noted(environment: Path) -> tuple[Path, ...]:
    return tuple(Path(line).resolve() for line in _lines(environment / ".project")[:1] if Path(line).is_absolute())


def _installed_from(environment: Path) -> tuple[Path, ...]:
    """Return the directories that packages of an environment were installed from, or are imported from."""
    sites = [*environment.glob("lib/python3*/site-packages"), *environment.glob("Lib/site-packages")]
    urls = (_url(file) for site in sites for file in site.glob("*.dist-info/direct_url.json"))
    files = (file for site in sites for pattern in ("*.pth", "*.egg-link") for file in site.glob(pattern))
    paths = (line for file in files for line in _lines(file) if Path(line).is_absolute())
    found = [*(url2pathname(urlsplit(url).path) for url in urls if url.startswith("file:")), *paths]
    outside = (Path(path).resolve() for path in found)
    return tuple(path for path in outside if not path.is_relative_to(environment.resolve()))


def _url(file: Path) -> str:
    try:
        return str(json.loads(file.read_bytes())["url"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _lines(file: Path) -> list[str]:
    try:
        text = file.read_text(encoding="utf-8", errors="replace").replace("\0", "")
    except OSError:
        return []
    return [line.strip() for line in text.splitlines()]
