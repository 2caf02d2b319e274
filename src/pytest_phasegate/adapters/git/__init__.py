"""Git behind the ``Repository`` port."""

from __future__ import annotations

from pytest_phasegate.adapters.git.repository import GitRepository, open_repository

__all__ = ["GitRepository", "open_repository"]
