"""``phasegate deploy``: whether what HEAD holds may go to a stage, and what is missing if not."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.console import RenderableType

from pytest_phasegate.adapters.project.worktree import project_files
from pytest_phasegate.app.guide.status import progress_of_all
from pytest_phasegate.app.verdict.deployment import (
    Deployment,
    Grounds,
    Head,
    Lack,
    Part,
    PhaseStanding,
    Wanted,
    deployment,
    following,
    head_of,
    in_no_part,
)
from pytest_phasegate.cli.project import Project, formatted, opened
from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.core.verdict.verdict import Ruling, exit_code
from pytest_phasegate.errors import Choice, QuestionError, SelectionError
from pytest_phasegate.reports.as_json import picked
from pytest_phasegate.reports.as_terminal import colourful, grid, indented, said, shown
from pytest_phasegate.reports.escaping import json_text
from pytest_phasegate.wiring import records


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--stage", metavar="STAGE", help="where to; default: the configured stage of each part")
    add_guides(parser)
    parser.add_argument("--promote", action="store_true", help="ask for the stage after that")


def add_guides(parser: argparse.ArgumentParser) -> None:
    """Declare the option that leaves guides out."""
    parser.add_argument(
        "--guide", metavar="GUIDE", action="append", default=[], help="the phases of this guide alone (repeatable)"
    )


def run(options: argparse.Namespace) -> int:
    """Print what is missing; 0 where nothing is."""
    form, project = formatted(options, "text", "json"), opened(options)
    grounds, head = grounds_of(project, options.guide)
    found = deployment(grounds, head, tuple(_wanted(options, project.settings, grounds)))
    if options.guide:
        found = found._replace(guides=tuple(one.guide.slug for one in grounds.progress))
    if form == "json":
        print(json_text(as_record(found)))
    else:
        print(as_text(found, colour=colourful(options.color)))
    return exit_code(found.ruling)


def grounds_of(project: Project, named: Sequence[str]) -> tuple[Grounds, Head]:
    """Gather where every phase of some guides (of all, where none is named) stands, and whether HEAD holds that.

    Raises:
        SelectionError: No guide is called so.
    """
    around = project.surroundings()
    paths = {project.guide(name).path for name in named}
    progress = tuple(one for one in progress_of_all(around) if not named or one.guide.path in paths)
    grounds = Grounds(
        progress,
        records.judgements(project.root).read(),
        project.settings,
        around.content,
        time.time(),
        project_files(project.root),
        several=len(project.guides) > 1,
    )
    return grounds, head_of(around)


def _wanted(options: argparse.Namespace, settings: Settings, grounds: Grounds) -> Iterator[Wanted]:
    """Yield what is to go where.

    Raises:
        SelectionError: There is no such stage, or nothing says which stage is meant.
    """
    known = {one.path: one.stage for one in settings.components}

    def stage(configured: str | None) -> str:
        name = options.stage or configured
        if name is None:
            raise _which_stage(settings)
        if name not in settings.stages:
            raise SelectionError(f"no stage is called {name!r}", hint=_choices(settings))
        after = following(settings.stages, name) if options.promote else name
        if after is None:
            raise SelectionError(f"{name!r} is the last stage", hint="leave --promote out")
        return after

    if options.stage or not known:
        yield Wanted(None, stage(settings.stage))
    else:
        rest = in_no_part(grounds, tuple(known))
        if rest and settings.stage is None:
            told = f"{', '.join(rest)}: no component has a file of theirs, and no `stage` is configured for the rest"
            raise SelectionError(told, hint=_choices(settings))
        yield from (Wanted(path, stage(own)) for path, own in known.items())
        yield from [Wanted(None, stage(settings.stage), tuple(known))] if rest else []


def _which_stage(settings: Settings) -> SelectionError:
    """Return the question which stage is meant; without stages there is nothing to choose."""
    asked, hint = "which stage is meant?", _choices(settings)
    choices = tuple(Choice(one, f"coverage of {least:g} %") for one, least in settings.stages.items())
    if choices:
        return QuestionError(asked, choices=choices, option="--stage", hint=hint)
    return SelectionError(asked, hint=hint)


def _choices(settings: Settings) -> str:
    named = ", ".join(settings.stages)
    return f"the stages are: {named} (--stage)" if named else "none is defined: add [tool.phasegate.stages]"


_COLOURS = {Ruling.PASSED: "green", Ruling.FAILED: "red", Ruling.INCONCLUSIVE: "yellow"}


def as_text(found: Deployment, *, colour: bool) -> str:
    """Return each part with its phases, what is missing, and the commands that settle it; last the verdict."""
    steps = tuple(dict.fromkeys(lack.fix for lack in _all_lacks(found)))
    things = [
        *(thing for part in found.parts for thing in _of_part(part)),
        *(said(f"{lack.code} {lack.message}") for lack in found.lacks),
        *(["next:"] if steps else []),
        *(said(f"$ {step}", by=2) for step in steps),
        said(_last_line(found), _COLOURS.get(found.ruling, "")),
    ]
    return shown(things, colour=colour)


def _of_part(part: Part) -> Iterator[RenderableType]:
    yield said(f"{_called(part)}: {part.ruling}", _COLOURS.get(part.ruling, ""))
    widths = (max((len(f"phase {one.name}") for one in part.phases), default=0), len(Ruling.NOT_EVALUATED), 8)
    for one in part.phases:
        row = (f"phase {one.name}", str(one.ruling), _percent(one), one.title)
        yield indented(grid([row], styles=[_COLOURS.get(one.ruling, "")], widths=widths))
        yield from (said(f"{lack.code} {lack.message}", by=4) for lack in one.lacks)
    yield from (said(f"{lack.code} {lack.message}", by=2) for lack in part.lacks)
    if part.following:
        yield from _of_the_next(part, part.following)


def _of_the_next(part: Part, after: Part) -> Iterator[RenderableType]:
    """Yield what the stage after a part's lacks beside what that part lacks already."""
    told = {(name, lack.message) for name, lack in _lacks(part)}
    more = [(name, lack) for name, lack in _lacks(after) if (name, lack.message) not in told]
    also = "not known before that" if told else "nothing more is missing" if part.common else "nothing is missing"
    yield said(f"then {_called(after)}: {'' if more else also}".rstrip(), by=2)
    yield from (said(f"{f'phase {name}: ' if name else ''}{lack.message}", by=4) for name, lack in more)


def _called(part: Part) -> str:
    return f"{_going(part)} (coverage of at least {part.stage.minimum:g} %)"


def _going(part: Part) -> str:
    return part.stage.name if part.path is None else f"{part.path or '.'} to {part.stage.name}"


def _percent(one: PhaseStanding) -> str:
    share = one.judgement.coverage if one.judgement else None
    return "-" if share is None else f"{share:.2f} %"


def _last_line(found: Deployment) -> str:
    word = found.ruling.upper()
    if found.ruling is Ruling.PASSED:
        goals = ", ".join(dict.fromkeys(_going(part) for part in found.parts))
        asked = f", by what {' and '.join(found.guides)} asks" if found.guides else ""
        may = "may go to" if found.parts[0].path is None else "may go:"
        return f"{word}: {found.commit[:12]} {may} {goals}{asked}"
    count = len(tuple(_all_lacks(found)))
    return f"{word}: {count} {'thing is' if count == 1 else 'things are'} missing"


def _all_lacks(found: Deployment) -> Iterator[Lack]:
    yield from found.lacks
    yield from (lack for part in found.parts for _, lack in _lacks(part))


def _lacks(part: Part) -> Iterator[tuple[str, Lack]]:
    yield from (("", lack) for lack in part.lacks)
    yield from ((one.name, lack) for one in part.phases for lack in one.lacks)


def as_record(found: Deployment) -> dict[str, Any]:
    """Return it as plain values."""
    return {
        "schema": "phasegate.deploy/1",
        "verdict": str(found.ruling),
        "content": found.content or None,
        "commit": found.commit or None,
        "guides": list(found.guides) or None,
        "missing": _missing(found.lacks),
        "parts": [_part(part) for part in found.parts],
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "component": part.path,
        "stage": part.stage.name,
        "minimum": part.stage.minimum,
        "verdict": str(part.ruling),
        "missing": _missing(part.lacks),
        "phases": [
            {
                **picked(one, "guide", "id", "title"),
                "verdict": str(one.ruling),
                "coverage": one.judgement.coverage if one.judgement else None,
                "gates": dict(one.judgement.gates) if one.judgement else {},
                "missing": _missing(one.lacks),
            }
            for one in part.phases
        ],
        "next": _next(part.following) if part.following else None,
    }


def _next(after: Part) -> dict[str, Any]:
    missing = [{"phase": name or None, **record} for name, lack in _lacks(after) for record in _missing([lack])]
    stage = {"stage": after.stage.name, "minimum": after.stage.minimum}
    return {**stage, "verdict": str(after.ruling), "missing": missing}


def _missing(lacks: Iterable[Lack]) -> list[dict[str, str]]:
    return [{"code": one.code, "verdict": str(one.ruling), "message": one.message, "fix": one.fix} for one in lacks]
