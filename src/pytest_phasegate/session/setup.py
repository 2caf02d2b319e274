"""From options and configuration to the features of this run, each registered only when it is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_phasegate import wiring
from pytest_phasegate.core.settings import Mode
from pytest_phasegate.errors import PhasegateError
from pytest_phasegate.reports.escaping import escaped
from pytest_phasegate.session.state import STATE, SessionState

if TYPE_CHECKING:
    from collections.abc import Iterator


def install(config: pytest.Config) -> None:
    """Read what is asked, keep it in the stash, and register the features that are on.

    Raises:
        pytest.UsageError: The configuration, a guide or a selection cannot be used; pytest exits with 4.
    """
    try:
        state = _begin(config)
    except PhasegateError as error:
        hint = f"\n  hint: {escaped(error.hint)}" if error.hint else ""
        raise pytest.UsageError(f"phasegate: {escaped(error.problem)}{hint}") from error
    config.stash[STATE] = state
    for feature in _features(state):
        config.pluginmanager.register(feature, f"phasegate-{type(feature).__name__.lower()}")


def _begin(config: pytest.Config) -> SessionState:
    root = wiring.root(config.rootpath)
    settings = wiring.settings(root)
    mode = Mode(config.getoption("phasegate_mode") or settings.mode)
    return SessionState(config, root, settings, mode)


def _features(state: SessionState) -> Iterator[object]:
    """Yield the features of this run, in the order their hooks should be called."""
    from pytest_phasegate.session.header import Header

    yield Header(state)
    if state.config.getoption("phase") or state.config.getoption("phasegate_cov"):
        from pytest_phasegate.session.measuring import Measuring

        yield Measuring(state)
