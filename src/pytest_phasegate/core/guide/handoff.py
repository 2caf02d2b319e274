"""The state of the work as one document, so that somebody else can take over where it was left."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from pytest_phasegate.core.project.plain_values import Foreign, as_plain
from pytest_phasegate.errors import PhasegateError

SCHEMA = "phasegate.handoff/1"
FOLDER = ".phasegate/handoff"
_WRITTEN = {"sender": "from", "receiver": "to", "step": "next"}
"""The fields that are called otherwise in the document."""
_SHOWN = 10


class Gate(NamedTuple):
    """What a gate said of a phase, and the content it holds for."""

    phase: str
    gate: str
    verdict: str
    reason: str
    content: str


class Modified(NamedTuple):
    """A file that the work changed, and git's name of its content; ``None`` where it is gone."""

    path: str
    id: str | None = None


class Results(NamedTuple):
    """The figures of one content, ``content``."""

    total: int | None = None
    passing: int | None = None
    failing: int | None = None
    coverage: Mapping[str, float | None] = MappingProxyType({})
    content: str = ""


class Gap(NamedTuple):
    """The lines of a file that nothing reached."""

    path: str
    missing: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Handoff:
    """What is handed over, by the names of the document.

    ``head`` is the commit, ``content`` the content with everything uncommitted, ``status`` the record of
    ``phasegate status``, ``step`` that of ``phasegate next``; ``note``, ``decisions``, ``constraints`` and
    ``pending_actions`` are what the author wants said, ``open_red`` are the tests seen red.
    """

    number: int = 0
    workflow_id: str = ""
    at: str = ""
    sender: str = ""
    receiver: str = ""
    phase: str | None = None
    branch: str = ""
    head: str = ""
    content: str = ""
    note: str = ""
    decisions: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    pending_actions: tuple[str, ...] = ()
    files_modified: tuple[Modified, ...] = ()
    test_results: Results = field(default_factory=Results)
    gates: tuple[Gate, ...] = ()
    open_red: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    step: Mapping[str, Any] = field(default_factory=dict)
    status: Mapping[str, Any] = field(default_factory=dict)

    def moved(self, now: Mapping[str, str]) -> list[str]:
        """Return which of the changed files are otherwise now."""
        return [file.path for file in self.files_modified if now.get(file.path) != file.id]


def as_record(handoff: Handoff) -> dict[str, Any]:
    """Return the document as plain values."""
    record = {_WRITTEN.get(name, name): value for name, value in as_plain(handoff).items()}
    known = {name: value for name, value in record["test_results"].items() if value is not None}
    return {"schema": SCHEMA, **record, "test_results": known}


def as_text(handoff: Handoff) -> str:
    """Return the document as it is written."""
    return json.dumps(as_record(handoff), indent=2) + "\n"


def read_handoff(document: Foreign, name: str) -> Handoff:
    """Read a document, called so.

    Raises:
        PhasegateError: It is something else, with the place of what is wrong.
    """
    try:
        if document.text("schema") != SCHEMA:
            raise document.at("schema").unfit(SCHEMA)
        names = {written: own for own, written in _WRITTEN.items()}
        found = {names.get(key, key): value for key, value in document.value.items()}
        return document._replace(value=found).read(Handoff)
    except PhasegateError as error:
        raise PhasegateError(
            f"{name} is no hand-over: {error.problem}", hint=f"its schema must be {SCHEMA}: phasegate handoff save"
        ) from None


def drift(saved: Handoff, *, head: str, branch: str, content: str) -> tuple[str, ...]:
    """Say in what the present differs from what was saved."""
    parts = (("commit", saved.head, head), ("branch", saved.branch, branch), ("content", saved.content, content))
    differing = ((name, was[:12] or "none", now[:12] or "none") for name, was, now in parts if was != now)
    return tuple(f"the {name} was {was}, is {now}" for name, was, now in differing)


def message(handoff: Handoff, *, content: str, now: Mapping[str, str] | None = None) -> Iterator[str]:
    """Yield what a person reads: who hands over what, and of each fact whether it is stale.

    Args:
        handoff: What was saved.
        content: The content as it stands.
        now: The ids of the files' contents as they stand; without it, files are not looked at.
    """
    if handoff.sender or handoff.receiver:
        yield f"from {handoff.sender or 'somebody'} to {handoff.receiver or 'whoever comes next'}"
    if handoff.note:
        yield f"note: {handoff.note}"
    lists = {"decided": handoff.decisions, "to be kept": handoff.constraints, "pending": handoff.pending_actions}
    for name, said in lists.items():
        yield from (f"{name}: {one}" for one in said)
    if handoff.files_modified:
        moved = handoff.moved(now) if now is not None else []
        changed = f", {len(moved)} changed since" if moved else ""
        yield f"files changed by the work: {len(handoff.files_modified)}{changed}"
        yield from (f"  stale: {path}" for path in moved[:_SHOWN])
    results = handoff.test_results
    stale = "" if results.content == content else " (stale: seen on other content)"
    counts = [f"{count} {name}" for name, count in zip(Results._fields[:3], results, strict=False) if count is not None]
    if not (counts or handoff.gates):
        yield "nothing is known of tests and gates: no phase was judged"
    if counts:
        percents = ", ".join(f"{name} {value:g} %" for name, value in results.coverage.items() if value is not None)
        yield f"tests: {', '.join(counts)}{percents and f'; coverage: {percents}'}{stale}"
    yield from (f"red: {test}{stale}" for test in handoff.open_red[:_SHOWN])
    for path, lines in handoff.gaps[:_SHOWN]:
        yield f"not reached: {path}:{','.join(map(str, lines[:_SHOWN]))}{'…' if len(lines) > _SHOWN else ''}{stale}"
    yield from _gates(handoff.gates, content)


def _gates(gates: Sequence[Gate], content: str) -> Iterator[str]:
    for phase in dict.fromkeys(one.phase for one in gates):
        own = [one for one in gates if one.phase == phase]
        stale = "" if all(one.content == content for one in own) else " (stale: judged on other content)"
        passed = sum(one.verdict == "passed" for one in own)
        yield f"gates of phase {phase}: {passed} passed{stale}"
        bad = (one for one in own if one.verdict not in {"passed", "not-evaluated"})
        yield from (f"  {one.gate} {one.verdict}: {one.reason}" for one in bad)
