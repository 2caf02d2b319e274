"""``phasegate check --changed``: what is missing of the work that is not merged yet, to be read by a model."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pytest_phasegate.adapters.redgreen.run_cache import kept_values
from pytest_phasegate.app.commit.revision_range import Span, unmerged
from pytest_phasegate.app.guide.status import states_of_all
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.app.redgreen.verification import Verification
from pytest_phasegate.app.redgreen.verify import Verifier
from pytest_phasegate.core.project.agents import AGENTS, directories, goes_on_already, reply_done
from pytest_phasegate.core.project.paths import matches_any
from pytest_phasegate.core.redgreen.ranges import CODE
from pytest_phasegate.core.verdict.verdict import Severity, combine, exit_code
from pytest_phasegate.errors import PhasegateError
from pytest_phasegate.reports.as_terminal import commit_lines
from pytest_phasegate.reports.escaping import escaped
from pytest_phasegate.reports.messages import tell
from pytest_phasegate.wiring import projects, readers, records, redgreen, status
from pytest_phasegate.wiring.projects import Project

_LINES = 20
_WIDTH = 160
_REFUSED = "what-an-agent-was-refused"
"""The key by which the content is kept of which an agent was told what is missing."""


def changed(options: argparse.Namespace) -> int:
    """Say what is missing, in twenty lines at most; an agent is answered as it reads it.

    A test that is red yet is named, and refuses nothing: the work goes on.
    """
    if not options.agent:
        text, code = _judged(options)
        print(text)
        return code
    agent = AGENTS[options.agent]
    request = _request()
    os.chdir(next((place for place in directories(request) if Path(place).is_dir()), "."))
    try:
        text, code = _judged(options)
    except PhasegateError as error:
        text, code = (
            f"phasegate cannot tell: {error.problem}{f' ({error.hint})' if error.hint else ''}",
            error.exit_code,
        )
    missing = text if code else ""
    return tell(reply_done(agent, missing, again=bool(missing) and _again(request, text)))


def _request() -> Mapping[str, Any]:
    """Return what the agent says on stdin; what is no JSON object says nothing."""
    try:
        found = json.loads(sys.stdin.read())
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _again(request: Mapping[str, Any], text: str) -> bool:
    """Whether the agent was told before, and goes on for our sake, or has changed nothing since."""
    try:
        repository = projects.repository(Path.cwd())
    except PhasegateError:
        return goes_on_already(request)
    kept, now = kept_values(repository), f"{repository.content_tree()} {text}"
    before = kept.get(_REFUSED, lambda value: str(value["content"]))
    kept.put(_REFUSED, {"content": now})
    return goes_on_already(request) or before == now


def _judged(options: argparse.Namespace) -> tuple[str, int]:
    """Return what is to be said, and the exit code."""
    repository = projects.repository(Path.cwd())
    span = unmerged(repository)
    if span is None:
        return "nothing has changed: no work is uncommitted, and the default branch lacks no commit", 0
    settings = projects.settings_at(repository, span.base, options.config)
    with redgreen.benches(repository, settings, python=options.python) as benches:
        found = Verifier(repository, settings, benches, today=projects.today()).verify(span)
    wrong = [one for one in found.verdict.findings if one.code == CODE and one.severity is Severity.ERROR]
    ruling = combine(
        [*(one.verdict.verdict.ruling for one in found.commits), *([found.verdict.verdict] if wrong else [])]
    )
    code = exit_code(ruling)
    lines = [*_lines(found), *_of_the_guide(repository, span), *_next(code)]
    shown = [line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…" for line in lines]
    if len(shown) > _LINES:
        shown = [*shown[: _LINES - 2], f"and {len(shown) - _LINES + 2} lines more: phasegate verify", shown[-1]]
    return "\n".join(shown), 0 if settings.observes_reds else code


def _lines(found: Verification) -> Iterator[str]:
    """Yield what refuses, what is red yet, or that nothing is wrong."""
    refused = [one.verdict for one in found.commits if one.verdict.verdict.refuses]
    yield from commit_lines(refused)
    yield from (f"{one.code} {escaped(one.message)}" for one in found.verdict.findings if one.code == CODE)
    if not refused:
        yield f"red before green: {escaped('; '.join(dict.fromkeys(one.verdict.reason for one in found.commits)))}"
    for red in found.verdict.open_red:
        yield f"still red: {escaped(red.test)}"


def _of_the_guide(repository: Repository, span: Span) -> Iterator[str]:
    """Yield which declared tests of a phase that was worked at are not written yet."""
    project = Project.around(Path.cwd())
    guides = records.derived(project, readers.guides(project)) if project.settings.configured else ()
    if not guides:
        return
    place = project.inside.prefix
    base = span.base or repository.empty_tree()
    paths = [one.path.removeprefix(place) for one in repository.changes(base, span.commits[-1].tree)]
    for progress in states_of_all(status.surroundings(project, guides)):
        current = progress.current
        declared = [file.path for file in current.phase.files] if current else []
        if current and current.facts.missing and any(matches_any(path, declared) for path in paths):
            missing = escaped(", ".join(current.facts.missing[:5]))
            yield f"phase {escaped(current.phase.id)} is not done: {missing} not written yet"


def _next(code: int) -> Iterator[str]:
    if code:
        yield "mend it, or commit it with its reason; what a code means: phasegate explain CODE"
