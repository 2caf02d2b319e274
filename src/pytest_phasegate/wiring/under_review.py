"""Which commits are meant: those that somebody names, else those that the CI service has under review, else by git."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from pytest_phasegate.app.commit.revision_range import Proposal, explicit, proposed, since, uncommitted
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.core.commit.revision_range import Review, default_branches, in_ci, review_of


class RangeAsked(NamedTuple):
    """What the command line says of the commits to judge; at most one of the four is given."""

    revisions: str = ""
    base: str = ""
    staged: bool = False
    worktree: bool = False


def proposal(repository: Repository, asked: RangeAsked) -> Proposal:
    """Return the commits to judge, and why these.

    Raises:
        RepositoryError: They cannot be known, are not in this clone, or in CI there are none.
    """
    if asked.staged or asked.worktree:
        return uncommitted(repository, "staged" if asked.staged else "worktree")
    ci = in_ci(os.environ)
    if asked.revisions:
        return explicit(repository, asked.revisions, ci=ci)
    if asked.base:
        return since(repository, asked.base)
    event = _event()
    return proposed(repository, review_of(os.environ, event), defaults=default_branches(os.environ, event), ci=ci)


def review() -> Review | None:
    """Return what the CI service around this process has under review, if there is one and it says so."""
    return review_of(os.environ, _event())


def _event() -> dict[str, Any] | None:
    """Return what the service says of its event; where that cannot be read, nothing."""
    try:
        found = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
    except (KeyError, OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
