"""The one place that keeps a fault of ours from failing the user's run."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_phasegate.session.state import SessionState


class Feature(Protocol):
    """A plugin class of ours: it shares the state of the run."""

    state: SessionState


def guarded(hook: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a hook method of a feature: what it raises becomes a trouble of the run, and ``None`` is returned.

    A trouble is shown in one warning line, and no gate passes in a run that has one. Not for hook wrappers.
    """

    @functools.wraps(hook)
    def call(feature: Feature, *arguments: Any) -> Any:
        try:
            return hook(feature, *arguments)
        except Exception as fault:  # noqa: BLE001 - the user's run must end as it would without us
            feature.state.troubles.append(f"{hook.__name__} raised {type(fault).__name__}: {fault}")
            return None

    return call
