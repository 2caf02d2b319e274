"""``phasegate report``: every phase of every guide, as Markdown, as JSON, or as one HTML page."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from pytest_phasegate.app.guide.overview import Overview
from pytest_phasegate.app.guide.status import Surroundings, progress_of_all
from pytest_phasegate.cli.project import Project, opened, prefix
from pytest_phasegate.cli.stats import statistics
from pytest_phasegate.cli.status import unproved
from pytest_phasegate.core.guide.next_step import Step, next_step
from pytest_phasegate.core.guide.progress import GuideProgress
from pytest_phasegate.core.regression.baseline import PATH
from pytest_phasegate.core.verdict.statistics import By
from pytest_phasegate.reports.as_html import dashboard
from pytest_phasegate.reports.pull_request import as_report
from pytest_phasegate.reports.status_text import as_record, feedback_record
from pytest_phasegate.wiring import records


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--format", choices=("markdown", "html", "json"), default="markdown", help="default: markdown")


def run(options: argparse.Namespace) -> int:
    """Print the dashboard."""
    project = opened(options)
    around = records.surroundings(project.root, project.settings, project.guides)
    progress = progress_of_all(around)
    if options.format == "html":
        print(_page(project, around, progress), end="")
    elif options.format == "json":
        record = {**as_record(progress), "content": around.content or None}
        print(json.dumps({**record, "feedback": feedback_record(around.feedback)}, indent=2))
    else:
        print(as_report(progress))
    return unproved([one for one in progress if one.accepted], project.guides)


def _page(project: Project, around: Surroundings, progress: Sequence[GuideProgress]) -> str:
    def step(one: GuideProgress) -> Step:
        return next_step(
            one,
            approval_required=project.settings.approval_required,
            name=prefix(one.guide, around.guides),
            uncommitted=(PATH,) if around.uncommitted else (),
        )

    guides = records.kept(project.root, project.settings, around).overview(progress, step)
    waivers, figures = records.waivers(project.settings), statistics(project, around, By.WEEK)
    return dashboard(Overview(guides, waivers, around.feedback, figures), records.place(project.root))
