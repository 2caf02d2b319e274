"""The hook *agent*: a coding agent asks before it edits a file; the answer is the same every time.

The request is one JSON object on stdin, as the hook protocols of coding agents send it: the file about to be edited
stands under ``tool_input`` (``file_path``, ``path`` or ``notebook_path``) or at the top, the working directory under
``cwd``. The answer is one JSON object on stdout: ``decision`` (``allow`` or ``block``) and ``reason``; a block also
leaves with exit code 2 and says the reason on stderr, which agents read where they do not read JSON.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pytest_phasegate.core.project.settings import Mode
from pytest_phasegate.errors import PhasegateError
from pytest_phasegate.wiring import projects, readers, records

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_phasegate.app.guide.status import Surroundings

BLOCKED = 2
_PATH_KEYS = ("file_path", "path", "notebook_path")


class Answer(NamedTuple):
    """The answer to an agent."""

    allow: bool
    reason: str


def main(argv: Sequence[str]) -> int:  # noqa: ARG001 - the request is on stdin
    """Read the request, answer it, and return 0 or, for a block, 2.

    Raises:
        PhasegateError: The request is not one JSON object.
    """
    request = _request(sys.stdin.read())
    answer = _answer(request)
    decision = "allow" if answer.allow else "block"
    print(json.dumps({"schema": "phasegate.agent/1", "decision": decision, "reason": answer.reason}))
    if answer.allow:
        return 0
    print(answer.reason, file=sys.stderr)
    return BLOCKED


def _request(text: str) -> Mapping[str, object]:
    try:
        request = json.loads(text)
    except ValueError as error:
        raise PhasegateError(f"the request on stdin is not JSON: {error}") from None
    if not isinstance(request, dict):
        raise PhasegateError("the request on stdin is no JSON object", hint="see docs/reference/hooks.md")
    return request


def _answer(request: Mapping[str, object]) -> Answer:
    file = _file_of(request)
    if file is None:
        return Answer(True, "no file is edited")
    working = request.get("cwd")
    start = Path(working) if isinstance(working, str) and Path(working).is_dir() else Path.cwd()
    root = projects.root(start)
    settings = projects.settings(root)
    if not settings.configured or settings.mode is not Mode.ENFORCE:
        return Answer(True, "phasegate enforces nothing here")
    path = os.path.relpath(os.path.realpath(start / file), os.path.realpath(root)).replace(os.sep, "/")
    if path.startswith("../"):
        return Answer(True, "the file is outside of the project")
    around = records.surroundings(root, settings, readers.guides(root, settings))
    return _about(path, root, around)


def _file_of(request: Mapping[str, object]) -> str | None:
    inner = request.get("tool_input")
    places = (inner if isinstance(inner, dict) else {}, request)
    found = (place.get(key) for place in places for key in _PATH_KEYS)
    return next((value for value in found if isinstance(value, str) and value), None)


def _about(path: str, root: Path, around: Surroundings) -> Answer:
    """Answer for one production file: protected, approved, and red first."""
    settings = projects.settings(root)
    generated = _protected(path, settings.protected)
    if generated:
        return Answer(False, generated)
    from pytest_phasegate.core.project.sides import Side

    if projects.layout(root, settings).side(path) is not Side.PRODUCTION:
        return Answer(True, f"{path} is no production code")
    return _of_phases(path, around, approval=settings.approval_required)


def _protected(path: str, protected: Mapping[str, tuple[str, ...]]) -> str:
    from pytest_phasegate.core.project.sides import matches_any

    for generated, sources in protected.items():
        if matches_any(path, (generated,)):
            return f"PG502: {path} is generated from {', '.join(sources)}: change that and generate again"
    return ""


def _of_phases(path: str, around: Surroundings, *, approval: bool) -> Answer:
    from pytest_phasegate.app.guide.status import states_of_all
    from pytest_phasegate.core.project.sides import matches_any

    for progress in states_of_all(around):
        current = progress.current
        if current is None or not matches_any(path, [file.path for file in current.phase.files]):
            continue
        if approval and not progress.guide.approved:
            return Answer(False, f"PG503: {progress.guide.path} is not approved: have it approved before its code")
        if current.facts.missing:
            missing = ", ".join(current.facts.missing[:5])
            return Answer(
                False,
                f"phase {current.phase.id} has no red yet: write its tests first ({missing}), and see them fail with "
                f"pytest --phase {progress.guide.slug}:{current.phase.id} --phasegate-expect red",
            )
        return Answer(True, f"{path} belongs to phase {current.phase.id}, whose tests are there")
    return Answer(True, f"{path} belongs to no current phase")
