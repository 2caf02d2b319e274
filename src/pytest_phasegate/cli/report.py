"""``phasegate report``: every phase of every guide, as Markdown, as JSON, or as one HTML page."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial

from pytest_phasegate.app.guide.overview import Overview
from pytest_phasegate.app.guide.status import Surroundings, progress_of_all
from pytest_phasegate.cli.project import Project, opened
from pytest_phasegate.cli.stats import statistics
from pytest_phasegate.cli.status import unproved
from pytest_phasegate.core.guide.progress import GuideProgress
from pytest_phasegate.core.verdict.statistics import By
from pytest_phasegate.reports.as_html import dashboard
from pytest_phasegate.reports.pull_request import as_report
from pytest_phasegate.reports.status_text import as_json
from pytest_phasegate.wiring import records


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--format", choices=("markdown", "html", "json"), default="markdown", help="default: markdown")


def run(options: argparse.Namespace) -> int:
    """Print the dashboard."""
    project = opened(options)
    around = project.surroundings()
    progress = progress_of_all(around)
    if options.format == "html":
        print(_page(project, around, progress), end="")
    elif options.format == "json":
        print(as_json(progress, around.content, around.feedback))
    else:
        print(as_report(progress))
    return unproved([one for one in progress if one.accepted], project)


def _page(project: Project, around: Surroundings, progress: Sequence[GuideProgress]) -> str:
    step = partial(project.step_of_guide, around)
    guides = records.kept(project.root, project.settings, around).overview(progress, step)
    waivers, figures = records.waivers(project.settings), statistics(project, around, By.WEEK)
    return dashboard(Overview(guides, waivers, around.feedback, figures), records.place(project.root))
