"""Where a project is: its root, its configuration, its repository's top, and its ledger; found without running git."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from pytest_phasegate.core.project.configuration import FILES, Place, from_texts, mentions_us
from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.errors import ConfigurationError


def find_root(start: Path) -> Path:
    """Return the project's root for a directory inside it.

    The nearest directory upwards that configures us, up to the top of the git work tree; else that top; else
    the nearest one with a ``pyproject.toml``; else the directory itself.
    """
    place = Path(os.path.realpath(start))
    above = (place, *place.parents)
    top = next((directory for directory in above if os.path.exists(directory / ".git")), None)
    within = above[: above.index(top) + 1] if top else above
    packaged = (directory for directory in above if _holds(directory, "pyproject.toml"))
    return next(filter(configures, within), None) or top or next(packaged, place)


def load(root: Path | str, config: Path | str | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the project's settings: its files (or ``config`` instead of them), and the environment.

    Raises:
        ConfigurationError: When a file cannot be read or anything in it cannot be used.
    """
    variables = os.environ if environment is None else environment
    named = config or variables.get("PHASEGATE_CONFIG")
    present = [name for name in FILES if _holds(root, name)]
    files = [_place(named, str(named))] if named else [_place(os.path.join(root, name), name) for name in present]
    return from_texts(files, variables)


def _holds(directory: Path | str, name: str) -> bool:
    return os.path.isfile(os.path.join(directory, name))


def configures(directory: Path | str) -> bool:
    """Whether a directory's files configure us; one that cannot be read does, so that its error is told."""
    if _holds(directory, "phasegate.toml"):
        return True
    pyproject = os.path.join(directory, "pyproject.toml")
    return os.path.isfile(pyproject) and _has_table(_place(pyproject, "pyproject.toml").text)


def _has_table(text: str) -> bool:
    if not mentions_us(text):
        return False
    try:
        return "phasegate" in tomllib.loads(text).get("tool", {})
    except ValueError:
        return True


def _place(file: Path | str, name: str) -> Place:
    try:
        with open(file, "rb") as content:
            text = content.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{name}: not UTF-8 at byte {error.start}") from None
    except OSError as error:
        raise ConfigurationError(f"{name}: cannot be read: {error.strerror or error}") from None
    return Place(name, text, dedicated=os.path.basename(file) != "pyproject.toml")


def pyproject(root: Path) -> Mapping[str, object]:
    """Return what ``pyproject.toml`` says, for what is only worth knowing: of one that cannot be read, nothing."""
    try:
        return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


VARIABLE = "PHASEGATE_LEDGER"
NAME = "ledger.sqlite3"


def locate(root: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """Return the ledger's path for a project; nothing is created.

    ``PHASEGATE_LEDGER`` names the file itself (relative to ``root``); else it lies in the common git directory, else
    below ``.phasegate`` in the root.
    """
    named = environment.get(VARIABLE)
    if named:
        return root / named
    common = common_directory(root, environment)
    return (common / "phasegate" if common else root / ".phasegate") / NAME


def beside(root: Path, name: str, environment: Mapping[str, str] = os.environ) -> Path:
    """Return where a project keeps what is not about runs: beside the ledger, each project of a repository apart.

    Two projects may have guides and phases of the same names, and they share the content of the repository.
    """
    top, ledger = repository_top(root), locate(root, environment)
    place = os.path.relpath(os.path.abspath(root), top) if top else "."
    if place == ".":
        return ledger.with_name(name)

    return ledger.parent / "projects" / sha256(os.fsencode(place)).hexdigest()[:16] / name


def common_directory(root: Path, environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return the git directory that all worktrees of the repository around ``root`` share, or ``None``."""
    top = repository_top(root)
    if top is not None:
        return _common(git_directory(top))
    named = environment.get("GIT_DIR")
    return _common(root / named) if named and os.path.isdir(root / named) else None


def repository_top(root: Path) -> Path | None:
    """Return the nearest directory at or above ``root`` that holds a ``.git``, or ``None``."""
    place = Path(os.path.abspath(root))  # a link is not followed: the user's path counts
    return next((above for above in (place, *place.parents) if os.path.exists(above / ".git")), None)


def git_directory(top: Path) -> Path:
    """Return the git directory of a work tree; a file stands for it in linked worktrees and submodules."""
    dot_git = top / ".git"
    return dot_git if os.path.isdir(dot_git) else top / _word_after("gitdir:", dot_git)


def _common(git_directory: Path) -> Path:
    pointer = git_directory / "commondir"
    if not os.path.isfile(pointer):
        return git_directory
    return Path(os.path.realpath(git_directory / _word_after("", pointer)))


def _word_after(label: str, file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="surrogateescape").removeprefix(label).strip()
