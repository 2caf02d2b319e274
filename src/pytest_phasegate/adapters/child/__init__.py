"""Child runs of pytest: the project's interpreter, on a scratch tree, with the probe injected."""

from __future__ import annotations

from pytest_phasegate.adapters.child.pytest_child import PytestChild

__all__ = ["PytestChild"]
