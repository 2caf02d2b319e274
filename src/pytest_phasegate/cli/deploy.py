"""``phasegate deploy``: whether what HEAD holds may go to a stage, and what is missing if not."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence

from pytest_phasegate.adapters.project.worktree import project_files
from pytest_phasegate.app.guide.status import progress_of_all
from pytest_phasegate.app.verdict.deployment import Grounds, Head, Wanted, deployment, following, head_of, in_no_part
from pytest_phasegate.cli.project import Project, formatted, opened
from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.core.verdict.verdict import exit_code
from pytest_phasegate.errors import Choice, QuestionError, SelectionError
from pytest_phasegate.reports import deployment_report
from pytest_phasegate.reports.as_terminal import colourful
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
        print(json_text(deployment_report.as_record(found)))
    else:
        print(deployment_report.as_text(found, colour=colourful(options.color)))
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
    return (
        QuestionError(asked, choices=choices, option="--stage", hint=hint)
        if choices
        else SelectionError(asked, hint=hint)
    )


def _choices(settings: Settings) -> str:
    named = ", ".join(settings.stages)
    return f"the stages are: {named} (--stage)" if named else "none is defined: add [tool.phasegate.stages]"
