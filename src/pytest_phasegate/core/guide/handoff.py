"""The state of the work as one document, so that somebody else can take over where it was left."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from pytest_phasegate.core.project.plain_values import Foreign
from pytest_phasegate.errors import PhasegateError

SCHEMA = "phasegate.handoff/1"
FOLDER = ".phasegate/handoff"
_LISTS = {"decisions": "decisions", "constraints": "constraints", "pending_actions": "pending"}
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Gate:
    """What a gate said of a phase, and the content it holds for."""

    phase: str
    gate: str
    verdict: str
    reason: str
    content: str


@dataclass(frozen=True, slots=True)
class Handoff:
    """What is handed over.

    ``head`` is the commit, ``content`` the content with everything uncommitted, ``status`` the record of
    ``phasegate status``, ``step`` that of ``phasegate next``; ``note``, ``decisions``, ``constraints`` and ``pending``
    are what the author wants said. ``files`` are those that the work changed, each path with git's name of its content
    (none where it is gone), ``tests`` and ``coverage`` the figures of ``measured``, the content they were seen on,
    ``red`` the tests seen red, and ``gaps`` the lines of each file that nothing reached.
    """

    head: str
    branch: str
    content: str
    status: Mapping[str, Any]
    step: Mapping[str, Any]
    note: str = ""
    at: str = ""
    number: int = 0
    workflow: str = ""
    sender: str = ""
    receiver: str = ""
    phase: str = ""
    decisions: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    tests: Mapping[str, int] = field(default_factory=dict)
    coverage: Mapping[str, float | None] = field(default_factory=dict)
    measured: str = ""
    gates: tuple[Gate, ...] = ()
    red: tuple[str, ...] = ()
    gaps: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


def as_record(handoff: Handoff) -> dict[str, Any]:
    """Return the document as plain values."""
    return {
        "schema": SCHEMA,
        "number": handoff.number,
        "workflow_id": handoff.workflow,
        "at": handoff.at,
        "from": handoff.sender,
        "to": handoff.receiver,
        "phase": handoff.phase or None,
        "branch": handoff.branch,
        "head": handoff.head,
        "content": handoff.content,
        "note": handoff.note,
        **{name: list(getattr(handoff, attribute)) for name, attribute in _LISTS.items()},
        "files_modified": [{"path": path, "id": oid or None} for path, oid in handoff.files.items()],
        "test_results": {**handoff.tests, "coverage": dict(handoff.coverage), "content": handoff.measured},
        "gates": [asdict(one) for one in handoff.gates],
        "open_red": list(handoff.red),
        "gaps": [{"path": path, "missing": list(lines)} for path, lines in handoff.gaps.items()],
        "next": handoff.step,
        "status": handoff.status,
    }


def as_text(handoff: Handoff) -> str:
    """Return the document."""
    return json.dumps(as_record(handoff), indent=2) + "\n"


def read_handoff(document: Foreign, name: str) -> Handoff:
    """Read a document; one of an earlier release says less.

    Raises:
        PhasegateError: It is no such document, or of another version.
    """
    try:
        return _read(document)
    except PhasegateError as error:
        raise PhasegateError(
            f"{name} is no hand-over: {error.problem}", hint=f"its schema must be {SCHEMA}: phasegate handoff save"
        ) from None


def _read(document: Foreign) -> Handoff:
    if document.text("schema") != SCHEMA:
        raise document.at("schema").unfit(SCHEMA)
    results = document.at("test_results")
    measured = results if isinstance(results.value, dict) else replace(results, value={})
    coverage = measured.at("coverage")
    files = {one.text("path"): one.text("id") for one in document.at("files_modified").items()}
    gaps = {
        one.text("path"): tuple(_number(line) for line in one.at("missing").items())
        for one in document.at("gaps").items()
    }
    return Handoff(
        head=document.text("head"),
        branch=document.text("branch"),
        content=document.text("content"),
        status=_table(document.at("status")),
        step=_table(document.at("next")),
        note=document.text("note"),
        at=document.text("at"),
        number=int(document.at("number").value or 0)
        if document.has("number") and _number(document.at("number"))
        else 0,
        workflow=document.text("workflow_id"),
        sender=document.text("from"),
        receiver=document.text("to"),
        phase=document.text("phase"),
        files=files,
        tests={key: _number(measured.at(key)) for key in ("total", "passing", "failing") if measured.has(key)},
        coverage={key: _percent(coverage.at(key)) for key in ("line", "branch", "function") if coverage.has(key)},
        measured=measured.text("content"),
        gates=tuple(_gate(one) for one in document.at("gates").items()),
        red=_texts(document.at("open_red")),
        gaps=gaps,
        **{attribute: _texts(document.at(name)) for name, attribute in _LISTS.items()},
    )


def _table(value: Foreign) -> Mapping[str, Any]:
    if not isinstance(value.value, dict):
        raise value.unfit("an object")
    return value.value


def _texts(value: Foreign) -> tuple[str, ...]:
    found = []
    for one in value.items():
        if not isinstance(one.value, str):
            raise one.unfit("a text")
        found.append(one.value)
    return tuple(found)


def _number(value: Foreign) -> int:
    if type(value.value) is not int or value.value < 0:
        raise value.unfit("a whole number")
    return value.value


def _percent(value: Foreign) -> float:
    if isinstance(value.value, bool) or not isinstance(value.value, int | float) or not 0 <= value.value <= 100:  # noqa: PLR2004 - of a hundred
        raise value.unfit("a percentage")
    return float(value.value)


def _gate(value: Foreign) -> Gate:
    return Gate(*(value.text(name) for name in ("phase", "gate", "verdict", "reason", "content")))


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
    for name, said in (
        ("decided", handoff.decisions),
        ("to be kept", handoff.constraints),
        ("pending", handoff.pending),
    ):
        yield from (f"{name}: {one}" for one in said)
    yield from _files(handoff, now)
    stale = "" if handoff.measured == content else " (stale: seen on other content)"
    if not (handoff.tests or handoff.gates):
        yield "nothing is known of tests and gates: no phase was judged"
    if handoff.tests:
        counts = ", ".join(f"{number} {word}" for word, number in handoff.tests.items())
        percents = ", ".join(f"{name} {value:g} %" for name, value in handoff.coverage.items() if value is not None)
        yield f"tests: {counts}{percents and f'; coverage: {percents}'}{stale}"
    yield from (f"red: {test}{stale}" for test in handoff.red[:_SHOWN])
    for path, lines in [*handoff.gaps.items()][:_SHOWN]:
        yield f"not reached: {path}:{','.join(map(str, lines[:_SHOWN]))}{'…' if len(lines) > _SHOWN else ''}{stale}"
    yield from _gates(handoff.gates, content)


def _files(handoff: Handoff, now: Mapping[str, str] | None) -> Iterator[str]:
    if handoff.files:
        moved = [path for path, oid in handoff.files.items() if now is not None and now.get(path, "") != oid]
        yield f"files changed by the work: {len(handoff.files)}" + (f", {len(moved)} changed since" if moved else "")
        yield from (f"  stale: {path}" for path in moved[:_SHOWN])


def _gates(gates: Sequence[Gate], content: str) -> Iterator[str]:
    for phase in dict.fromkeys(one.phase for one in gates):
        own = [one for one in gates if one.phase == phase]
        stale = "" if all(one.content == content for one in own) else " (stale: judged on other content)"
        passed = sum(one.verdict == "passed" for one in own)
        yield f"gates of phase {phase}: {passed} passed{stale}"
        bad = (one for one in own if one.verdict not in {"passed", "not-evaluated"})
        yield from (f"  {one.gate} {one.verdict}: {one.reason}" for one in bad)
