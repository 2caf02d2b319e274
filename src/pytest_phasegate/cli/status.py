"""``phasegate status``: every phase, derived from git, the baseline, judgements and files."""

from __future__ import annotations

import sys

from pytest_phasegate.cli.options import colourful
from pytest_phasegate.cli.project import formatted, opened, prefix
from pytest_phasegate.core.next_step import next_step
from pytest_phasegate.core.progress import State
from pytest_phasegate.reports import status_text
from pytest_phasegate.wiring import records

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from pytest_phasegate.app.status import Surroundings
    from pytest_phasegate.core.progress import GuideProgress

INCOMPLETE, INCONCLUSIVE = 1, 4


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--require-complete", action="store_true", help="exit 1 unless every phase is accepted")


def run(options: argparse.Namespace) -> int:
    """Print where every phase stands."""
    from pytest_phasegate.app.status import progress_of_all

    form, project = formatted(options, "text", "json"), opened(options)
    around = records.surroundings(project.root, project.settings, project.guides)
    progress = progress_of_all(around)
    if form == "json":
        import json

        print(json.dumps(status_text.as_record(progress), indent=2))
    else:
        colour = colourful(options.color, sys.stdout)
        print("\n\n".join(_text(one, around, project.settings.approval_required, colour=colour) for one in progress))
    return _verdict(progress, around) if options.require_complete else 0


def _text(progress: GuideProgress, around: Surroundings, approval: bool, *, colour: bool) -> str:
    step = next_step(progress, approval_required=approval, name=prefix(progress.guide, around.guides))
    return "\n".join(status_text.as_lines(progress, step, colour=colour))


def _verdict(progress: tuple[GuideProgress, ...], around: Surroundings) -> int:
    """Say what is not complete; in a shallow clone the commits may only be out of sight."""
    wanting = [(guide, one) for guide in progress for one in guide.phases if one.state is not State.ACCEPTED]
    for guide, one in wanting:
        print(f"PG531 {guide.guide.path}: phase {one.phase.id} is {one.state}, not accepted", file=sys.stderr)
    if not wanting:
        return 0
    if around.repository and around.repository.is_shallow():
        print("this clone is shallow: fetch the whole history (fetch-depth: 0) and ask again", file=sys.stderr)
        return INCONCLUSIVE
    return INCOMPLETE
