"""The state of the work as one document, so that somebody else can take over where it was left."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_phasegate.errors import PhasegateError

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA = "phasegate.handoff/1"


@dataclass(frozen=True, slots=True)
class Handoff:
    """What is handed over.

    ``head`` is the commit, ``content`` the content with everything uncommitted, ``status`` the record of
    ``phasegate status``, ``step`` that of ``phasegate next``, ``note`` what the author wants said.
    """

    head: str
    branch: str
    content: str
    status: Mapping[str, Any]
    step: Mapping[str, Any]
    note: str
    at: str


def as_text(handoff: Handoff) -> str:
    """Return the document."""
    record = {
        "schema": SCHEMA,
        "at": handoff.at,
        "branch": handoff.branch,
        "head": handoff.head,
        "content": handoff.content,
        "note": handoff.note,
        "next": handoff.step,
        "status": handoff.status,
    }
    return json.dumps(record, indent=2) + "\n"


def read_handoff(text: str, name: str) -> Handoff:
    """Read a document.

    Raises:
        PhasegateError: It is no such document, or of another version.
    """
    try:
        record = json.loads(text)
        words = (record["head"], record["branch"], record["content"], record["note"], record["at"])
        if record["schema"] != SCHEMA or not all(isinstance(word, str) for word in words):
            raise PhasegateError(f"{name} is no hand-over of this version", hint=f"its schema must be {SCHEMA}")
        head, branch, content, note, at = words
        return Handoff(head, branch, content, dict(record["status"]), dict(record["next"]), note, at)
    except (ValueError, TypeError, KeyError) as error:
        raise PhasegateError(f"{name} is no hand-over: {type(error).__name__}: {error}") from None


def drift(saved: Handoff, *, head: str, branch: str, content: str) -> tuple[str, ...]:
    """Say in what the present differs from what was saved."""
    parts = (("commit", saved.head, head), ("branch", saved.branch, branch), ("content", saved.content, content))
    differing = ((name, was[:12] or "none", now[:12] or "none") for name, was, now in parts if was != now)
    return tuple(f"the {name} was {was}, is {now}" for name, was, now in differing)
