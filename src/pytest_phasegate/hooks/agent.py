"""The hook *agent*: a coding agent asks before it edits a file; the answer is the same every time.

The request is one JSON object on stdin, as the hook protocols of coding agents send it. The answer is one JSON object
on stdout: ``decision`` (``allow`` or ``block``) and ``reason``; a block also leaves with exit code 2 and says the
reason on stderr. With ``--for NAME`` it is what that agent reads (``core.project.agents``).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from pytest_phasegate.app.guide.status import states_of_all
from pytest_phasegate.app.guide.surroundings import Surroundings
from pytest_phasegate.core.project.agents import AGENTS, Agent, directories, edited, reply_before
from pytest_phasegate.core.project.paths import Side, matches_any
from pytest_phasegate.errors import PhasegateError
from pytest_phasegate.reports.messages import tell
from pytest_phasegate.wiring import readers, records, status
from pytest_phasegate.wiring.projects import Project

BLOCKED = 2


class Answer(NamedTuple):
    """The answer to an agent."""

    allow: bool
    reason: str


def main(argv: Sequence[str], here: object) -> int:  # noqa: ARG001 - the file says which project is meant
    """Read the request, answer it, and return 0 or, for a block, 2.

    Raises:
        PhasegateError: The request is not one JSON object, or no agent has that name.
    """
    if not argv:
        answer = answer_to(_request(sys.stdin.read()))
        decision = "allow" if answer.allow else "block"
        print(json.dumps({"schema": "phasegate.agent/1", "decision": decision, "reason": answer.reason}))
        if answer.allow:
            return 0
        print(answer.reason, file=sys.stderr)
        return BLOCKED
    agent = agent_of(argv)
    try:
        answer = answer_to(_request(sys.stdin.read()))
        reason = "" if answer.allow else answer.reason
    except PhasegateError as error:
        reason = f"phasegate cannot tell: {error.problem}{f' ({error.hint})' if error.hint else ''}"
    return tell(reply_before(agent, reason))


def agent_of(words: Sequence[str]) -> Agent:
    """Return the agent that ``--for NAME`` means.

    Raises:
        PhasegateError: The words are others, or name none that is known.
    """
    name = words[-1].removeprefix("--for=")
    if len(words) > 2 or not words[0].startswith("--for") or name not in AGENTS:  # noqa: PLR2004 - an option, its value
        raise PhasegateError(f"unknown words: {' '.join(words)}", hint=f"--for one of: {', '.join(AGENTS)}")
    return AGENTS[name]


def answer_to(request: Mapping[str, object]) -> Answer:
    """Return the answer to a request: of several files that are edited at once, the first that may not be."""
    answers = [_answer(request, path) for path in edited(request)]
    return next((one for one in answers if not one.allow), answers[0] if answers else Answer(True, "no file is edited"))


def _request(text: str) -> Mapping[str, object]:
    try:
        request = json.loads(text)
    except ValueError as error:
        raise PhasegateError(f"the request on stdin is not JSON: {error}") from None
    if not isinstance(request, dict):
        raise PhasegateError("the request on stdin is no JSON object", hint="see docs/reference/hooks.md")
    return request


def _answer(request: Mapping[str, object], file: str) -> Answer:
    start = next((place for place in map(Path, directories(request)) if place.is_dir()), Path.cwd())
    project = Project.around(start)
    root, settings = project.root, project.settings
    if not settings.configured or settings.observes:
        return Answer(True, "phasegate enforces nothing here")
    path = os.path.relpath(os.path.realpath(start / file), os.path.realpath(root)).replace(os.sep, "/")
    if path.startswith("../"):
        return Answer(True, "the file is outside of the project")
    guides = records.derived(project, readers.guides(project))
    around = status.surroundings(project, guides)
    generated = _protected(path, settings.protected)
    if generated:
        return Answer(False, generated)
    if project.layout.side(path) is not Side.PRODUCTION:
        return Answer(True, f"{path} is no production code")
    return _of_phases(path, project, around)


def _protected(path: str, protected: Mapping[str, tuple[str, ...]]) -> str:
    for generated, sources in protected.items():
        if matches_any(path, (generated,)):
            return f"PG502: {path} is generated from {', '.join(sources)}: change that and generate again"
    return ""


def _of_phases(path: str, project: Project, around: Surroundings) -> Answer:
    """Answer for production code: approved, and red first."""
    for progress in states_of_all(around):
        current = progress.current
        if current is None or not matches_any(path, [file.path for file in current.phase.files]):
            continue
        if project.settings.approval.required and not progress.guide.approved:
            return Answer(False, f"PG503: {progress.guide.path} is not approved: have it approved before its code")
        if current.facts.missing:
            missing = ", ".join(current.facts.missing[:5])
            return Answer(
                False,
                f"phase {current.phase.id} has no red yet: write its tests first ({missing}), and see them fail with "
                f"pytest --phase {progress.guide.slug}:{current.phase.id} --phasegate-expect red",
            )
        if current.phase.tests and not current.phase.kind and not records.any_seen_red(project, current.phase):
            return Answer(
                False,
                f"no test of phase {current.phase.id} was seen red as it stands: run "
                f"pytest --phase {progress.guide.slug}:{current.phase.id} --phasegate-expect red before its code",
            )
        return Answer(True, f"{path} belongs to phase {current.phase.id}, whose tests were seen red")
    return Answer(True, f"{path} belongs to no current phase")
