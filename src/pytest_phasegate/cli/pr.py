"""``phasegate pr [GUIDE]``: the text of a pull request, from what is proved on the content that it holds."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial

from pytest_phasegate.adapters.guide import documents_beside
from pytest_phasegate.app.guide.pull_request import (
    Difference,
    Part,
    PullRequest,
    Told,
    Written,
    difference_of,
    ran_here,
    unproved,
    web_address,
)
from pytest_phasegate.app.guide.status import progress_of_all
from pytest_phasegate.app.guide.surroundings import Surroundings
from pytest_phasegate.app.verdict.deployment import head_of
from pytest_phasegate.cli.project import Project, formatted, opened
from pytest_phasegate.cli.status import INCOMPLETE, INCONCLUSIVE
from pytest_phasegate.cli.status import unproved as told_unproved
from pytest_phasegate.core.guide.feature_documents import Role, decisions_of, problem_of
from pytest_phasegate.core.guide.model import Guide
from pytest_phasegate.core.guide.progress import GuideProgress
from pytest_phasegate.core.verdict.verdict import Ruling
from pytest_phasegate.errors import RepositoryError, SelectionError
from pytest_phasegate.reports.escaping import escaped, json_text, say
from pytest_phasegate.reports.pull_request import as_text
from pytest_phasegate.reports.status_report import doubts
from pytest_phasegate.wiring import pages, readers

SCHEMA = "phasegate.pr/1"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("guide", nargs="?", metavar="GUIDE", help="a guide's slug or path; default: those begun")
    parser.add_argument(
        "--draft", action="store_true", help="write it though something is not proved, and say so in it"
    )
    parser.add_argument("--title", action="store_true", help="print its title alone")
    parser.add_argument("--base", default="", metavar="REV", help="where it begins; default: the default branch")


def run(options: argparse.Namespace) -> int:
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


def _gathered(project: Project, options: argparse.Namespace) -> tuple[PullRequest, tuple[str, ...], int]:
    """Return what the text says, what is not proved beside the doubts that are told already, and the exit code."""
    around = project.surroundings()
    chosen = _chosen(project, progress_of_all(around), options.guide)
    head = head_of(around)
    lacks = [*unproved(chosen), *((one.ruling, one.message) for one in head.lacks)]
    difference, trouble = _difference(around, [one.guide for one in chosen], options.base)
    lacks += [(Ruling.INCONCLUSIVE, trouble)] if trouble else []
    doubtful = told_unproved(chosen, project)
    kept = partial(pages.kept_reports, project.root)
    parts = tuple(Part(one, _told(project, around, one.guide), ran_here(one, around, kept)) for one in chosen)
    told = tuple(dict.fromkeys(lack for _, lack in lacks))
    why = (*told, *(line for one in chosen for line in doubts(one)))
    code = INCOMPLETE if any(ruling is Ruling.FAILED for ruling, _ in lacks) else INCONCLUSIVE if lacks else 0
    found = PullRequest(parts, difference, around.content, why, around.feedback)
    return found, told, max(doubtful, code) if code != 1 else code


def _chosen(project: Project, progress: Sequence[GuideProgress], name: str | None) -> Sequence[GuideProgress]:
    if not name:
        return [one for one in progress if one.begun] or list(progress)
    path = project.guide(name).path
    return [one for one in progress if one.guide.path == path]


def _difference(around: Surroundings, guides: Sequence[Guide], base: str) -> tuple[Difference, str]:
    if base and around.repository and around.repository.resolve(base) is None:
        raise SelectionError(f"no revision is called {base!r}", hint="name a branch or a commit: --base main")
    try:
        return difference_of(around.repository, guides, around.prefix, base), ""
    except RepositoryError as error:
        return Difference(), error.problem


def _told(project: Project, around: Surroundings, guide: Guide) -> Told:
    """Return what the documents of a guide's feature say."""
    beside = documents_beside(project.root, guide)
    specification = beside.get(Role.SPECIFICATION, ())
    found = {**beside, Role.GUIDE: (readers.guide_document(project.root, guide),)}
    origin, head = (around.repository.origin(), around.repository.head() or "") if around.repository else ("", "")
    documents = tuple(
        Written(
            str(role),
            one.path,
            len(one.lines) - (not one.lines[-1:] or not one.lines[-1]),
            web_address(origin, head, around.prefix + one.path) if head else "",
        )
        for role in Role
        for one in found.get(role, ())
    )
    return Told(problem_of(specification), decisions_of(specification), documents)


def _record(found: PullRequest, body: str) -> dict[str, object]:
    changes = found.difference
    return {
        "schema": SCHEMA,
        "title": found.title,
        "body": body,
        "draft": bool(found.lacks),
        "lacks": list(found.lacks),
        "content": found.content or None,
        "closes": list(found.closes),
        "commits": [one.sha for one in changes.commits],
        "files": changes.files,
        "insertions": changes.insertions,
        "deletions": changes.deletions,
    }
