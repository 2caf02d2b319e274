"""``phasegate report``: a page of every phase; ``stats``: figures of how the work went, as this machine recorded it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from functools import partial

from pytest_phasegate.app.guide.overview import Overview, is_declared
from pytest_phasegate.app.guide.status import progress_of_all, states_of_all
from pytest_phasegate.app.guide.surroundings import Surroundings
from pytest_phasegate.cli.project import Project, formatted, opened
from pytest_phasegate.cli.status import unproved
from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.guide.model import DeclaredTest
from pytest_phasegate.core.guide.progress import GuideProgress, State
from pytest_phasegate.core.regression.baseline import kept_for
from pytest_phasegate.core.verdict.statistics import Course, RedSeen, Statistics, statistics_of
from pytest_phasegate.reports import statistics_report
from pytest_phasegate.reports.as_html import dashboard
from pytest_phasegate.reports.escaping import json_text
from pytest_phasegate.reports.pull_request import as_report
from pytest_phasegate.reports.status_report import whole_record
from pytest_phasegate.wiring import pages, projects, records


def configure_report(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--format", choices=("markdown", "html", "json"), default="markdown", help="default: markdown")


def run_report(options: argparse.Namespace) -> int:
    """Print the dashboard."""
    project = opened(options)
    around = project.surroundings()
    progress = progress_of_all(around)
    if options.format == "html":
        print(_page(project, around, progress), end="")
    elif options.format == "json":
        print(json_text(whole_record(progress, around.content, around.feedback)))
    else:
        print(as_report(progress))
    return unproved([one for one in progress if one.accepted], project)


def _page(project: Project, around: Surroundings, progress: Sequence[GuideProgress]) -> str:
    step = partial(project.step_of_guide, around)
    guides = pages.kept(project, around).overview(progress, step)
    waivers, figures = records.waivers(project.settings), statistics(project, around)
    return dashboard(Overview(guides, waivers, around.feedback, figures), pages.place(project))


_MOST = 10_000  # reds: older ones are left out


def configure_stats(_: argparse.ArgumentParser) -> None:
    """Take no words of its own."""


def run_stats(options: argparse.Namespace) -> int:
    """Print the figures."""
    form, project = formatted(options, "text", "json"), opened(options)
    found = statistics(project, project.surroundings())
    phases = [(guide, phase) for guide in project.guides for phase in guide.phases]
    titles = {(guide.slug, phase.id): phase.title for guide, phase in phases}
    if form == "json":
        print(json_text(statistics_report.as_record(found, titles)))
    else:
        names = {(guide.slug, phase.id): f"{project.prefix(guide)}{phase.id}" for guide, phase in phases}
        print(statistics_report.as_text(found, titles, names))
    return 0


def statistics(project: Project, around: Surroundings) -> Statistics:
    """Return the figures of everything that was recorded."""
    judgements = records.judgements(project.root).read(everything=True)
    return statistics_of(judgements, tuple(_reds(project, around)), dict(_courses(around)))


def _courses(around: Surroundings) -> Iterator[tuple[tuple[str, str], Course]]:
    """Yield what the guides estimate, and when the phases ended: with their commit, else with the last pass."""
    for guide in states_of_all(around):
        for one in guide.phases:
            key = (guide.guide.slug, one.phase.id)
            commit, last = around.commits.get(key), one.facts.last
            made = commit.made if commit else last.at if last else 0
            yield key, Course(one.phase.duration, made if one.state in {State.ACCEPTED, State.PASSED} else 0)


def _reds(project: Project, around: Surroundings) -> Iterator[RedSeen]:
    """Yield the reds that runs have recorded, each with the phase that declares or keeps its test."""
    place = project.inside.prefix
    phases = [(guide, phase) for guide in project.guides for phase in guide.phases]
    kept = {
        entry.test: (guide.slug, phase.id)
        for guide, phase in phases
        for entry in kept_for(around.baseline, guide, phase.id, project.guides)
    }
    declared: dict[str, list[tuple[DeclaredTest, tuple[str, str]]]] = {}
    for guide, phase in phases:
        for one in phase.tests:
            declared.setdefault(one.name, []).append((one, (guide.slug, phase.id)))
    for sighting in projects.ledger(project.root).recent_reds(_MOST):
        test = TestId(sighting.red.test.id.removeprefix(place))
        alike = declared.get(test.rpartition("::")[2], ())
        owner = kept.get(test) or next((key for one, key in alike if is_declared(test, one)), None)
        yield RedSeen(sighting.run.at, str(sighting.red.grade), sighting.red.flaky, owner)
