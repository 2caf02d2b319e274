"""Where a project is, what it configures, its repository and its ledger."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Self

from pytest_phasegate.adapters.project.config import configures, find_root, load, locate
from pytest_phasegate.adapters.project.worktree import prefix_of, project_files, texts
from pytest_phasegate.app.ports.evidence import Ledger
from pytest_phasegate.app.ports.repository import INDEX, FileChange, Repository
from pytest_phasegate.core.project.configuration import FILES, Place, from_texts
from pytest_phasegate.core.project.layout import configuration_paths, find_layout
from pytest_phasegate.core.project.paths import CODE, Inside, Layout
from pytest_phasegate.core.project.pytest_options import document, pytest_options
from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.errors import ConfigurationError

root = find_root
settings = load


def repository(start: Path) -> Repository:
    """Return the git repository a directory belongs to, honouring the variables git gives a hook.

    Raises:
        RepositoryError: There is none, it has no work tree, or git does not trust it.
    """
    # a hook that asks git nothing starts without ``subprocess``
    from pytest_phasegate.adapters.git.repository import open_repository

    return open_repository(start)


def _settings_in(repository: Repository, tree: str | None, place: str) -> Settings:
    """Read the settings of the project at a place of a tree, or the defaults; the environment holds as ever.

    Raises:
        ConfigurationError: With every problem at once.
    """
    entries = repository.entries(tree) if tree else {}
    oids = {path: entries[path].oid for name in FILES if (path := f"{place}{name}") in entries}
    blobs = repository.blobs(oids.values())
    places = [
        Place(path, blobs[oid].decode("utf-8-sig", "replace"), dedicated=not path.endswith("pyproject.toml"))
        for path, oid in oids.items()
    ]
    return from_texts(places, os.environ)


@dataclass(frozen=True)
class Project:
    """A project, by its root and the rules it goes by; what lies there is found when somebody asks, and once."""

    root: Path
    settings: Settings

    @classmethod
    def around(cls, start: Path, config: Path | None = None) -> Self:
        """Return the project that a directory is in; ``config`` is read instead of its own configuration.

        Raises:
            ConfigurationError: With every problem at once.
        """
        found = root(start)
        return cls(found, settings(found, config))

    @cached_property
    def layout(self) -> Layout:
        """Where production code and tests live, in the files as they stand."""
        paths, asked = project_files(self.root), self.settings
        known = texts(self.root, configuration_paths(paths))
        return find_layout(paths, known, source=asked.source, tests=asked.tests)

    @cached_property
    def repository(self) -> Repository:
        """The git repository that it is in.

        Raises:
            RepositoryError: There is none, it has no work tree, or git does not trust it.
        """
        return repository(self.root)

    @cached_property
    def repository_if_any(self) -> Repository | None:
        """The same; ``None`` where no directory above it holds a ``.git``.

        Raises:
            RepositoryError: There is one, and git cannot use it.
        """
        return self.repository if may_have_repository(self.root) else None

    @cached_property
    def staged(self) -> tuple[FileChange, ...]:
        """What the commit that could be made now changes, by path from the project's root."""
        from pytest_phasegate.app.commit.staged import staged  # nothing but a hook asks

        return staged(self.repository, self.inside)

    @property
    def inside(self) -> Inside:
        """How paths of the repository are called in the project; without git as ever."""
        where = self.repository_if_any
        return Inside(inside_of(self.root, where) if where else "")


def packages_with_tests(root: Path) -> tuple[Path, ...]:
    """Return the directories in which pytest is started: packages below the root, and the root itself."""
    found = Project(root, Settings()).layout
    tests = (path for path in project_files(root) if path.endswith(".py") and found.is_collected(path))
    return tuple(root / place for place in sorted({found.run_root(path) for path in tests}))


def committed_addopts(where: Repository | None, configuration: Path | None) -> tuple[str, ...] | None:
    """Return the ``addopts`` of pytest's configuration file, if any configures it, as the last commit has it.

    Returns:
        None where there is no file, no commit, or no git to compare with.
    """
    if where is None or configuration is None or where.head() is None:
        return None
    top = os.path.realpath(where.root)
    path = os.path.relpath(os.path.realpath(configuration), top).replace(os.sep, "/")
    text = (where.content_at("HEAD", path) or b"").decode("utf-8-sig", "replace")
    return pytest_options("", {configuration.name: document(configuration.name, text)}).addopts


def repository_if_any(root: Path) -> Repository | None:
    """Return the git repository around a directory, or ``None`` where no directory above it holds a ``.git``.

    Raises:
        RepositoryError: There is one, and git cannot use it.
    """
    return repository(root) if may_have_repository(root) else None


def may_have_repository(root: Path) -> bool:
    """Whether git is to be asked about a directory: one above it holds a ``.git``, or git itself named a place."""
    return any((place / ".git").exists() for place in (root, *root.parents)) or bool(os.environ.get("GIT_DIR"))


def today() -> str:
    """Return the date against which waivers expire: it is that of the user's calendar."""
    return datetime.now().astimezone().date().isoformat()


def top(root: Path) -> Path:
    """Return the top of the repository around a project; without git the project's root.

    Raises:
        RepositoryError: There is a repository, and git cannot use it.
    """
    found = repository_if_any(root)
    return type(root)(found.root) if found else root


def inside_of(root: Path, repository: Repository) -> str:
    """Return a project's directory in its repository and a ``/``; empty where they are one."""
    return prefix_of(root, repository.root)


def settings_at(repository: Repository, revision: str | None, config: Path | None = None) -> Settings:
    """Read the settings as they stand in a revision, so that a range cannot loosen its own rules.

    Their paths of code are those of the whole repository, as ``Settings.seen_from_top`` has them.

    Args:
        repository: The history.
        revision: The base revision; ``None`` where the range begins with the first commit: the defaults hold.
        config: A file that replaces the revision's own (``--config``).

    Raises:
        ConfigurationError: With every problem at once.
    """
    place = place_here(repository)
    found = settings(repository.root, config) if config is not None else _settings_in(repository, revision, place)
    return found.seen_from_top(place)


def settings_before(repository: Repository, parent: str | None, proposed: Settings) -> Settings:
    """Return the rules for a commit: those of its parent, so that it cannot loosen them for itself.

    A parent that configures nothing, or nothing that can be used, leaves the word to what is proposed; so does a file
    that the command line or the environment names.

    Args:
        repository: The history.
        parent: The commit's first parent; ``None`` where it is the first commit.
        proposed: The settings as they stand with the commit.
    """
    if parent is None or os.environ.get("PHASEGATE_CONFIG"):
        return proposed
    try:
        before = _settings_in(repository, parent, place_here(repository))
    except ConfigurationError:
        return proposed
    return before if before.configured else proposed


def unconfigured_top() -> Repository | None:
    """Return the repository around the working directory, if nothing from there up to its top configures us.

    Raises:
        RepositoryError: git cannot use it.
    """
    here = root(Path.cwd())
    configured = bool(os.environ.get("PHASEGATE_CONFIG")) or configures(here)
    return None if configured or not (here / ".git").exists() else repository(here)


def configured_below(repository: Repository) -> tuple[str, ...]:
    """Return the directories below the top, with files that git knows, that configure phasegate."""
    split = (path.rpartition("/") for path in repository.entries(INDEX))
    places = {place for place, _, name in split if place and name in FILES}
    return tuple(sorted(place for place in places if configures(f"{repository.root}/{place}")))


def below_here() -> tuple[str, ...]:
    """Return the projects below the top of the repository, where nothing from here up to that configures us."""
    top = unconfigured_top()
    return configured_below(top) if top else ()


def is_configured_in_index(root: Path) -> bool:
    """Return whether the commit that could be made now would hold a configuration of this project.

    Raises:
        RepositoryError: There is no repository.
        ConfigurationError: What is staged cannot be used.
    """
    where = repository(root)
    return _settings_in(where, INDEX, inside_of(root, where)).configured


def place_here(repository: Repository) -> str:
    """Return ``inside_of`` of the project around the working directory; empty where that is outside."""
    place = inside_of(root(Path.cwd()), repository)
    return "" if place.startswith("../") else place


def content_id(root: Path) -> str:
    """Return a name for what the tracked files say as they stand, and code that git does not know yet.

    What a run leaves behind (a record, a report) is neither. Without git it is every text of the project.
    """
    where = repository_if_any(root)
    if where is None:
        files = (path for path in project_files(root) if path.endswith((*CODE, ".md")))
        return _named({path: (root / path).read_bytes() for path in files})
    known, there = where.entries(INDEX), where.entries(where.content_tree())
    return _named({path: entry for path, entry in there.items() if path in known or path.endswith(CODE)})


def _named(contents: Mapping[str, object]) -> str:
    return f"sha256:{sha256(repr(sorted(contents.items())).encode('utf-8', 'backslashreplace')).hexdigest()}"


def ledger(root: Path) -> Ledger:
    """Return the ledger of the project at ``root``; nothing is opened or created before it is used."""
    from pytest_phasegate.adapters.ledger.store import SqliteLedger  # most commands ask it nothing

    return SqliteLedger(locate(root))
