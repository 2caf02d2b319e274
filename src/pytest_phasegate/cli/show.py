"""``phasegate show [PHASE]``: the guide as it is understood, or the one section an implementer needs."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from pytest_phasegate.adapters.guide import GuideFile
from pytest_phasegate.cli.options import colourful
from pytest_phasegate.cli.project import opened
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.guide.selection import select
from pytest_phasegate.errors import Choice, QuestionError, SelectionError
from pytest_phasegate.reports.escaping import escaped
from pytest_phasegate.reports.guide_json import guide_json
from pytest_phasegate.reports.guide_text import guide_text
from pytest_phasegate.wiring import readers, records


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("phase", nargs="?", metavar="PHASE", help="an id such as 2, or metric_caching:2; default: all")
    parser.add_argument("--guide", action="append", default=[], metavar="FILE", help="over the configured guides")
    parser.add_argument("--format", choices=("text", "json", "markdown"), default="text", help="default: text")


def run(options: argparse.Namespace) -> int:
    """Print the guide, or some of its phases."""
    project = opened(options)
    root, settings = project.root, project.settings
    guides = records.derived(
        root, settings, readers.linted_guides(root, settings, options.guide, with_phases=True), everything=True
    )
    if not guides:
        patterns = ", ".join(settings.guides)
        raise SelectionError("no guide was found", hint=f"name one with --guide FILE; configured are: {patterns}")
    guide, phases = _chosen(guides, options.phase)
    print(_as(options, root, guide, phases))
    return 0


def _chosen(guides: Sequence[Guide], wanted: str | None) -> tuple[Guide, list[Phase]]:
    if wanted is None:
        if len(guides) > 1:
            choices = tuple(Choice(guide.path, guide.title) for guide in guides)
            hint = "name one with --guide"
            raise QuestionError("there are several guides", choices=choices, option="--guide", hint=hint)
        return guides[0], list(guides[0].phases)
    chosen = select([wanted], guides, lambda _: None)
    guide = next(guide for guide in guides if guide.path == chosen[0].guide)
    ids = {each.phase for each in chosen if each.guide == guide.path}
    return guide, [phase for phase in guide.phases if phase.id in ids]


def _as(options: argparse.Namespace, root: Path, guide: Guide, phases: list[Phase]) -> str:
    if options.format == "json":
        return json.dumps(guide_json(guide, phases), indent=2)
    if options.format == "markdown":
        return "\n\n".join(_section(GuideFile(root, guide.path, anywhere=True).lines(), phase) for phase in phases)
    return guide_text(guide, phases, colour=colourful(options.color, sys.stdout))


def _section(lines: Sequence[str], phase: Phase) -> str:
    return "\n".join("\t".join(map(escaped, line.split("\t"))) for line in lines[phase.line - 1 : phase.end_line])
