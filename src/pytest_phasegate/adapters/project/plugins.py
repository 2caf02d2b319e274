"""Loading what third parties add: entry points of the group ``phasegate``, and the modules a project names."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pluggy

from pytest_phasegate import hookspecs
from pytest_phasegate.core.guide.markdown.document import Dialect
from pytest_phasegate.core.verdict.gate import Gate
from pytest_phasegate.errors import ConfigurationError

FAULTS = (ArithmeticError, AttributeError, ImportError, LookupError, NameError, OSError, RuntimeError, SyntaxError,
          TypeError, ValueError)  # fmt: skip
"""What importing or calling somebody's plugin may raise by mistake: told as one message, without a traceback."""


def load_plugins(built_in: Sequence[object], modules: Sequence[str], root: Path) -> pluggy.PluginManager:
    """Return the hooks of everybody: built-ins first, then entry points, then the project's own modules.

    Raises:
        ConfigurationError: A plugin cannot be imported, or registers a hook that does not exist.
    """
    manager = pluggy.PluginManager(hookspecs.NAMESPACE)
    manager.add_hookspecs(hookspecs)
    for plugin in built_in:
        manager.register(plugin)
    with _told("an entry point of the group 'phasegate'"):
        manager.load_setuptools_entrypoints(hookspecs.NAMESPACE)
    for name in modules:
        with _importable(root), _told(f"the plugin {name!r}"):
            manager.register(importlib.import_module(name), name)
    with _told("a plugin"):
        manager.check_pending()
    return manager


def registered_gates(manager: pluggy.PluginManager) -> tuple[Gate, ...]:
    """Return every gate, in the order of registration.

    Raises:
        ConfigurationError: Something that is no gate was registered, or two gates have one name.
    """
    gates: list[Gate] = _registered(manager, "gate", Gate, "name, needs and check(phase, evidence)")
    twice = next((gate.name for place, gate in enumerate(gates) if gate.name in {g.name for g in gates[:place]}), None)
    if twice:
        raise ConfigurationError(f"two gates are called {twice!r}", hint="rename the one your plugin adds")
    return tuple(gates)


def registered_dialects(manager: pluggy.PluginManager) -> tuple[Dialect, ...]:
    """Return every dialect, in the order of registration.

    Raises:
        ConfigurationError: Something that is no dialect was registered.
    """
    return tuple(_registered(manager, "dialect", Dialect, "name, strength(document) and read(document, path)"))


def _registered(manager: pluggy.PluginManager, what: str, kind: type, has: str) -> list[Any]:
    hook = f"phasegate_register_{what}s"
    with _told(f"a hook {hook}"):
        answers = getattr(manager.hook, hook)()
        found = [one for answer in reversed(answers) for one in answer]
    for one in found:
        if not isinstance(one, kind):
            raise ConfigurationError(f"{one!r} was registered as a {what} and is none", hint=f"a {what} has {has}")
    return found


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except (*FAULTS, pluggy.PluginValidationError) as fault:
        raise ConfigurationError(
            f"{what} cannot be loaded: {type(fault).__name__}: {fault}",
            hint="see `plugins` under [tool.phasegate], and docs/reference/gates.md",
        ) from fault


@contextmanager
def _importable(root: Path) -> Iterator[None]:
    sys.path.insert(0, str(root))
    try:
        yield
    finally:
        sys.path.remove(str(root))
