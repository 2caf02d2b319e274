"""``report``: a page of every phase; ``pr``: the text of a pull request; ``stats``: figures of how the work went."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from functools import partial

from pytest_phasegate.adapters.guide import documents_beside
from pytest_phasegate.app.guide import pull_request
from pytest_phasegate.app.guide.overview import Overview
from pytest_phasegate.app.guide.status import progress_of_all, states_of_all
from pytest_phasegate.app.guide.surroundings import Surroundings
from pytest_phasegate.app.verdict.deployment import head_of
from pytest_phasegate.cli.project import Project, formatted, opened
from pytest_phasegate.cli.status import INCOMPLETE, INCONCLUSIVE, unproved
from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.guide.feature_documents import Role, decisions_of, problem_of
from pytest_phasegate.core.guide.model import DeclaredTest, Guide
from pytest_phasegate.core.guide.progress import GuideProgress, State
from pytest_phasegate.core.mapping.mapping import means
from pytest_phasegate.core.regression.baseline import kept_for
from pytest_phasegate.core.verdict.statistics import Course, RedSeen, Statistics, statistics_of
from pytest_phasegate.core.verdict.verdict import Ruling
from pytest_phasegate.errors import RepositoryError, SelectionError
from pytest_phasegate.reports import statistics_report
from pytest_phasegate.reports.as_html import dashboard
from pytest_phasegate.reports.as_json import picked
from pytest_phasegate.reports.escaping import escaped, json_text, say
from pytest_phasegate.reports.guide_report import doubts
from pytest_phasegate.reports.pull_request import as_report, as_text
from pytest_phasegate.wiring import pages, projects, readers, records


def configure_report(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--format", choices=("markdown", "html"), default="markdown", help="default: markdown")


def run_report(options: argparse.Namespace) -> int:
    """Print the dashboard."""
    project = opened(options)
    around = project.surroundings()
    progress = progress_of_all(around)
    if options.format == "html":
        print(_page(project, around, progress), end="")
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
        owner = kept.get(test) or next((key for one, key in alike if means(one, test)), None)
        yield RedSeen(sighting.run.at, str(sighting.red.grade), sighting.red.flaky, owner)


def configure_pr(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("guide", nargs="?", metavar="GUIDE", help="a guide's slug or path; default: those begun")
    parser.add_argument(
        "--draft", action="store_true", help="write it though something is not proved, and say so in it"
    )
    parser.add_argument("--title", action="store_true", help="print its title alone")
    parser.add_argument("--base", default="", metavar="REV", help="where it begins; default: the default branch")


def run_pr(options: argparse.Namespace) -> int:
    """Print the text, or say what is not proved."""
    form, project = formatted(options, "text", "markdown", "json"), opened(options)
    found, lacks, code = _gathered(project, options)
    if code and not options.draft:
        say(*(f"PG561 {lack}" for lack in lacks))
        say("phasegate: no text: not all is proved; a draft that says so: phasegate pr --draft")
        return code
    if options.title:
        print(escaped(found.title))
    elif form == "json":
        print(json_text(_record(found, as_text(found))))
    else:
        print(as_text(found))
    return 0


def _gathered(project: Project, options: argparse.Namespace) -> tuple[pull_request.PullRequest, tuple[str, ...], int]:
    """Return what the text says, what is not proved beside the doubts that are told already, and the exit code."""
    around = project.surroundings()
    chosen = _chosen(project, progress_of_all(around), options.guide)
    head = head_of(around)
    lacks = [*pull_request.unproved(chosen), *((one.ruling, one.message) for one in head.lacks)]
    difference, trouble = _difference(around, [one.guide for one in chosen], options.base)
    lacks += [(Ruling.INCONCLUSIVE, trouble)] if trouble else []
    doubtful = unproved(chosen, project)
    kept = partial(pages.kept_reports, project.root)
    parts = tuple(
        pull_request.Part(one, _told(project, around, one.guide), pull_request.ran_here(one, around, kept))
        for one in chosen
    )
    told = tuple(dict.fromkeys(lack for _, lack in lacks))
    why = (*told, *(line for one in chosen for line in doubts(one)))
    code = INCOMPLETE if any(ruling is Ruling.FAILED for ruling, _ in lacks) else INCONCLUSIVE if lacks else 0
    found = pull_request.PullRequest(parts, difference, around.content, why, around.feedback)
    return found, told, max(doubtful, code) if code != 1 else code


def _chosen(project: Project, progress: Sequence[GuideProgress], name: str | None) -> Sequence[GuideProgress]:
    if not name:
        return [one for one in progress if one.begun] or list(progress)
    path = project.guide(name).path
    return [one for one in progress if one.guide.path == path]


def _difference(around: Surroundings, guides: Sequence[Guide], base: str) -> tuple[pull_request.Difference, str]:
    if base and around.repository and around.repository.resolve(base) is None:
        raise SelectionError(f"no revision is called {base!r}", hint="name a branch or a commit: --base main")
    try:
        return pull_request.difference_of(around.repository, guides, around.prefix, base), ""
    except RepositoryError as error:
        return pull_request.Difference(), error.problem


def _told(project: Project, around: Surroundings, guide: Guide) -> pull_request.Told:
    """Return what the documents of a guide's feature say."""
    beside = documents_beside(project.root, guide)
    specification = beside.get(Role.SPECIFICATION, ())
    found = {**beside, Role.GUIDE: (readers.guide_document(project.root, guide),)}
    origin, head = (around.repository.origin(), around.repository.head() or "") if around.repository else ("", "")
    documents = tuple(
        pull_request.Written(
            str(role),
            one.path,
            len(one.lines) - (not one.lines[-1:] or not one.lines[-1]),
            pull_request.web_address(origin, head, around.prefix + one.path) if head else "",
        )
        for role in Role
        for one in found.get(role, ())
    )
    return pull_request.Told(problem_of(specification), decisions_of(specification), documents)


def _record(found: pull_request.PullRequest, body: str) -> dict[str, object]:
    changes = found.difference
    return {
        "schema": "phasegate.pr/1",
        "title": found.title,
        "body": body,
        "draft": bool(found.lacks),
        "lacks": list(found.lacks),
        "content": found.content or None,
        "closes": list(found.closes),
        "commits": [one.sha for one in changes.commits],
        **picked(changes, "files", "insertions", "deletions"),
    }
