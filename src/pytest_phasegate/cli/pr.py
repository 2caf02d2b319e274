"""``phasegate pr [GUIDE]``: the text of a pull request, from what is proved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_phasegate.cli.project import formatted, opened
from pytest_phasegate.cli.status import unproved
from pytest_phasegate.errors import SelectionError
from pytest_phasegate.wiring import records

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("guide", nargs="?", metavar="GUIDE", help="a guide's slug or path; default: those begun")


def run(options: argparse.Namespace) -> int:
    """Print the text."""
    from pytest_phasegate.app.guide.status import progress_of_all
    from pytest_phasegate.reports.pull_request import as_text

    formatted(options, "text", "markdown")
    project = opened(options)
    progress = progress_of_all(records.surroundings(project.root, project.settings, project.guides))
    if options.guide:
        chosen = [one for one in progress if options.guide in {one.guide.slug, one.guide.path}]
        if not chosen:
            known = ", ".join(one.guide.slug for one in progress)
            raise SelectionError(f"no guide is called {options.guide!r}", hint=f"the guides are: {known}")
    else:
        chosen = [one for one in progress if one.begun] or list(progress)
    print(as_text(chosen))
    return unproved(chosen, project.guides)
