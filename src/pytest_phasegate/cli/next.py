"""``phasegate next``: the one thing to do now, and the command."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from pytest_phasegate.app.guide.status import choose, progress_of_all
from pytest_phasegate.cli.project import formatted, opened
from pytest_phasegate.cli.status import INCONCLUSIVE
from pytest_phasegate.core.guide.progress import GuideProgress
from pytest_phasegate.errors import Choice, QuestionError, SelectionError
from pytest_phasegate.reports import status_text
from pytest_phasegate.reports.escaping import escaped


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("guide", nargs="?", metavar="GUIDE", help="the slug of a guide, where several are open")


def run(options: argparse.Namespace) -> int:
    """Print the next step."""
    form, project = formatted(options, "text", "json"), opened(options)
    around = project.surroundings()
    one = _chosen(progress_of_all(around), options.guide)
    step = project.step_of(around, one)
    if form == "json":
        print(json.dumps(status_text.step_record(one, step), indent=2))
    else:
        print("\n".join((*status_text.step_lines(step), f"  because {escaped(step.why)}")))
    return INCONCLUSIVE if one.accepted and not one.complete else 0


def _chosen(progress: Sequence[GuideProgress], slug: str | None) -> GuideProgress:
    """Return the guide that is meant; where several could be, the choices are listed instead of a guess."""
    if slug is None:
        found = choose(progress) or tuple(progress[:1])
    else:
        found = tuple(one for one in progress if slug in {one.guide.slug, one.guide.path})
    if len(found) == 1:
        return found[0]
    slugs = ", ".join(one.guide.slug for one in found or progress)
    if slug is not None and not found:
        raise SelectionError(f"no guide is called {slug!r}", hint=f"the guides are: {slugs}")
    choices = tuple(Choice(one.guide.slug, one.guide.title) for one in found)
    hint = f"say which one: phasegate next GUIDE, of {slugs}"
    raise QuestionError("several guides are open", choices=choices, asked=slug or "", hint=hint)
