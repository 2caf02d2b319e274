"""The one place that picks adapters and loads plugins; every import of an adapter is local, to start fast."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pytest_phasegate.adapters.guide_files import GuideFile
    from pytest_phasegate.adapters.judgements import JudgementLog
    from pytest_phasegate.app.ledger_port import Ledger
    from pytest_phasegate.app.ports import Repository, WorkTree
    from pytest_phasegate.core.dialect import Dialect
    from pytest_phasegate.core.gate import Gate
    from pytest_phasegate.core.guide import Guide
    from pytest_phasegate.core.settings import Settings


def root(start: Path) -> Path:
    """Return the project's root for a directory inside it."""
    from pytest_phasegate.adapters.config import find_root

    return find_root(start)


def repository(start: Path | str) -> Repository:
    """Return the git repository a directory belongs to, honouring the variables git gives a hook.

    Raises:
        RepositoryError: There is none, it has no work tree, or git does not trust it.
    """
    from pytest_phasegate.adapters.git import open_repository

    return open_repository(str(start))


def settings(root: Path, config: Path | None = None, overrides: Mapping[str, object] | None = None) -> Settings:
    """Read the project's settings.

    Args:
        root: The project's root, as ``root()`` finds it.
        config: A file that replaces the project's own (``--config``).
        overrides: Values from the command line by key path (``{"coverage.minimum": 90}``); ``None`` is not given.

    Raises:
        ConfigurationError: With every problem at once.
    """
    from pytest_phasegate.adapters.config import load

    return load(root, config, overrides)


def settings_from_texts(texts: Mapping[str, str], overrides: Mapping[str, object] | None = None) -> Settings:
    """Read settings from the texts of ``pyproject.toml`` and ``phasegate.toml`` (those there are), by name.

    This is how the configuration of another revision is read; the environment holds as ever.

    Raises:
        ConfigurationError: With every problem at once.
    """
    import os

    from pytest_phasegate.core.configuration import Place, from_texts

    places = [Place(name, text, dedicated=not name.endswith("pyproject.toml")) for name, text in texts.items()]
    return from_texts(places, os.environ, overrides)


def work_files(root: Path) -> WorkTree:
    """Return the files of the repository around ``root`` as they lie on the disk."""
    from pytest_phasegate.adapters.work_files import WorkFiles

    return WorkFiles(root)


def ledger(root: Path) -> Ledger:
    """Return the ledger of the project at ``root``; nothing is opened or created before it is used."""
    from pytest_phasegate.adapters.ledger.location import locate
    from pytest_phasegate.adapters.ledger.store import SqliteLedger

    return SqliteLedger(locate(root))


def gates(root: Path, settings: Settings) -> tuple[Gate, ...]:
    """Return every gate, built in, installed and of the project's own, in the order they judge.

    This imports the project's plugins: only what may run code of the repository calls it.

    Raises:
        ConfigurationError: A plugin cannot be loaded, or registers what is no gate.
    """
    from pytest_phasegate.adapters.plugins import load_plugins, registered_gates
    from pytest_phasegate.gates import registration

    return registered_gates(load_plugins([registration], settings.plugins, root))


def judgements(root: Path) -> JudgementLog:
    """Return the log of verdicts reached; it lies beside the ledger, and nothing is created before it is used."""
    from pytest_phasegate.adapters.judgements import NAME, JudgementLog
    from pytest_phasegate.adapters.ledger.location import locate

    return JudgementLog(locate(root).with_name(NAME))


def guides(root: Path, settings: Settings, overrides: Sequence[str] = ()) -> tuple[Guide, ...]:
    """Read the project's guides, those named first, then those a glob finds.

    Args:
        root: The project's root.
        settings: Its settings; ``settings.guides`` are relative to the root.
        overrides: Guides the user names for this run, relative to the current directory; they replace the
            configured ones and may lie anywhere.

    Raises:
        GuideError: A guide named without a glob is missing or has no phase, or a file cannot be read.
    """
    from pytest_phasegate.app.read_guide import guides_of

    named, globbed = _guide_sources(root, settings, overrides)
    known = dialects()
    return guides_of([source.read(known) for source in named], [source.read(known) for source in globbed])


def linted_guides(
    root: Path, settings: Settings, named: Sequence[str] = (), *, with_phases: bool = False
) -> tuple[Guide, ...]:
    """Read and lint the guides named by the user, else those configured.

    Args:
        root: The project's root.
        settings: Its settings.
        named: Files relative to the current directory.
        with_phases: Whether a named guide without phases is an error, as for ``guides()``, and not a diagnostic.

    Raises:
        GuideError: A file is missing or cannot be read, or, if asked, holds no phase.
    """
    from pytest_phasegate.app.read_guide import guides_of

    sources, globbed = _guide_sources(root, settings, named)
    known = dialects()
    first = [source.lint(known, settings) for source in sources]
    later = [source.lint(known, settings) for source in globbed]
    return guides_of(first, later) if with_phases else (*first, *(guide for guide in later if guide.phases))


def guide_lines(root: Path, guide: Guide) -> tuple[str, ...]:
    """Return the lines of a guide as they stand in its file."""
    from pytest_phasegate.adapters.guide_files import GuideFile

    return GuideFile(root, guide.path, anywhere=True).lines()


def _guide_sources(root: Path, settings: Settings, named: Sequence[str]) -> tuple[list[GuideFile], list[GuideFile]]:
    from pytest_phasegate.adapters.guide_files import configured, given

    return (given(root, named), []) if named else configured(root, settings.guides)


def dialects() -> tuple[Dialect, ...]:
    """Return the dialects: the built-in ones, then those of installed plugins, in the order of registration.

    Only installed distributions add dialects, through entry points of the group ``phasegate``: a module that a
    project names under ``plugins`` is code of the repository, which reading a guide must not run. Without such
    an entry point pluggy is not even imported.
    """
    from pytest_phasegate.adapters.installed import any_plugin
    from pytest_phasegate.dialects import built_in

    if not any_plugin():
        return built_in()
    from pathlib import Path

    from pytest_phasegate.adapters.plugins import load_plugins, registered_dialects
    from pytest_phasegate.dialects import registration

    return registered_dialects(load_plugins([registration], (), Path()))
