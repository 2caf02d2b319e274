"""``phasegate report``: a dashboard of every phase, as Markdown or as one HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_phasegate.cli.project import opened
from pytest_phasegate.cli.status import unproved
from pytest_phasegate.wiring import records

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--format", choices=("markdown", "html", "json"), default="markdown", help="default: markdown")


def run(options: argparse.Namespace) -> int:
    """Print the dashboard."""
    from pytest_phasegate.app.guide.status import progress_of_all

    project = opened(options)
    around = records.surroundings(project.root, project.settings, project.guides)
    progress = progress_of_all(around)
    if options.format == "html":
        from pytest_phasegate.reports.as_html import dashboard

        print(dashboard(progress), end="")
    elif options.format == "json":
        import json

        from pytest_phasegate.reports.status_text import as_record

        print(json.dumps({**as_record(progress), "content": around.content or None}, indent=2))
    else:
        from pytest_phasegate.reports.pull_request import as_report

        print(as_report(progress))
    return unproved([one for one in progress if one.accepted], project.guides)
