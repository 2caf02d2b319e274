"""The one place that picks adapters and loads plugins; every import of an adapter is local, to start fast."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_phasegate.adapters.judgements import JudgementLog
    from pytest_phasegate.app.ledger_port import Ledger
    from pytest_phasegate.app.ports import Repository
    from pytest_phasegate.core.gate import Gate
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
