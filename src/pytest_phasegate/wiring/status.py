"""How far the phases are, by all that is recorded of them and all that people said: answers, comments, reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from pytest_phasegate.adapters.collected_tests import DefinedTests
from pytest_phasegate.adapters.project.config import beside
from pytest_phasegate.adapters.project.worktree import replace_file, text_if_any
from pytest_phasegate.adapters.verdict.judgements import REVIEWS, ReviewLog, read_reports
from pytest_phasegate.app.commit.revision_range import Span
from pytest_phasegate.app.criteria import People, answered
from pytest_phasegate.app.guide.surroundings import Surroundings
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.core.criteria.feedback import PATH as COMMENTS
from pytest_phasegate.core.criteria.feedback import Comment, Feedback, as_lines, read_comments
from pytest_phasegate.core.criteria.reviews import ACCEPTED_PATH, Report, critical_of
from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.guide.model import Guide
from pytest_phasegate.core.guide.progress import GuideProgress
from pytest_phasegate.core.regression.baseline import kept_for
from pytest_phasegate.core.verdict.verdict import Finding
from pytest_phasegate.errors import EvidenceError, unusable_file
from pytest_phasegate.gates.criteria import unanswered
from pytest_phasegate.wiring import projects, readers, records
from pytest_phasegate.wiring.projects import Project


def surroundings(project: Project, guides: Sequence[Guide]) -> Surroundings:
    """Return everything that the states of the guides' phases are derived from; git is asked only when needed."""
    root, where = project.root, project.repository_if_any
    return Surroundings(
        tuple(guides),
        where,
        records.baseline(root),
        records.judged(project),
        DefinedTests(root, project.settings.tests),
        records.finished_phases(root),
        partial(records.baseline_of_head, root, where),
        partial(_people, project),
        partial(records.texts_of_tests, project),
        partial(feedback, project),
        partial(reviewer_reports, root),
        project.inside.prefix,
    )


def _people(project: Project) -> People:
    root = project.root
    return People(project.settings, review_log(root).read(), partial(readers.has_approval, root), project.inside)


def passed_tests(root: Path, progress: GuideProgress, around: Surroundings) -> dict[str, frozenset[TestId]]:
    """Return by phase the tests that passed on the content as it stands: in its run, or in that of all accepted."""
    there, guide = records.passings(root), progress.guide
    found: dict[str, frozenset[TestId]] = {}
    for one in progress.phases:
        kept = kept_for(around.baseline, guide, one.phase.id, around.guides) if one.facts.judged else ()
        passing = there.find(guide.slug, one.phase.id, around.content) if around.content else None
        found[one.phase.id] = frozenset(test.test for test in (*kept, *(passing.tests if passing else ())))
    return found


def review_log(root: Path) -> ReviewLog:
    """Return the answers for criteria, beside the ledger and with accepted phases; nothing is created before one."""
    return ReviewLog(beside(root, REVIEWS), root / ACCEPTED_PATH)


def comments(project: Project) -> tuple[Comment, ...]:
    """Return the comments of reviewers as they stand in the project; none imported yet are none.

    Where the file is gone, or empty, the last commit's holds: what went by mistake answers nothing.

    Raises:
        PhasegateError: The file cannot be read.
    """
    where = None if (written := _written(project.root)) else project.repository_if_any
    return _comments_at(project.root, where, where.opened_at) if where else written


def _written(root: Path) -> tuple[Comment, ...]:
    return read_comments(text_if_any(root / COMMENTS, COMMENTS, EvidenceError) or "")


def _comments_at(root: Path, where: Repository, revision: str | None) -> tuple[Comment, ...]:
    content = where.content_at(revision, projects.inside_of(root, where) + COMMENTS) or b""
    return read_comments(content.decode("utf-8", "replace"))


def write_comments(root: Path, comments: Iterable[Comment]) -> None:
    """Replace the comments of reviewers.

    Raises:
        PhasegateError: The file cannot be written.
    """
    with unusable_file(f"{COMMENTS} cannot be written"):
        replace_file(root / COMMENTS, as_lines(comments))


def feedback(project: Project) -> Feedback:
    """Return the comments of reviewers, and the commits that fix them.

    Raises:
        PhasegateError: The file cannot be read, or git cannot answer.
    """
    found = comments(project)
    known = answered(found, project.repository_if_any if found else None)
    critical = critical_of(reviewer_reports(project.root))
    return replace(known, critical=critical) if critical else known


def unanswered_at_end(root: Path, where: Repository, span: Span) -> tuple[Finding, ...]:
    """Return a finding for each blocking comment that is open where a range ends, in any project of the repository.

    What its beginning knew is asked, too: no commit answers a comment by taking the file away. Where the range ends
    at HEAD, what lies in the work tree counts, committed or not.

    Raises:
        PhasegateError: The file cannot be read, or git cannot answer.
    """
    if not span.commits:
        return ()
    ends = [end for end in (span.base, span.commits[-1].sha) if end]
    kept = (path.rpartition(COMMENTS) for end in ends for path in where.entries(end) if path.endswith(COMMENTS))
    below = (*(place for place, _, _ in kept), *projects.configured_below(where))
    places = dict.fromkeys((root.resolve(), *(Path(where.root, place).resolve() for place in below)))
    return tuple(finding for place in places for finding in _unanswered_in(place, where, span))


def _unanswered_in(root: Path, where: Repository, span: Span) -> Iterator[Finding]:
    tip = span.commits[-1].sha
    here = tip == where.opened_at
    found = (*_comments_at(root, where, span.base), *((here and _written(root)) or _comments_at(root, where, tip)))
    known = tuple({one.key: one for one in found}.values())
    critical = critical_of(reviewer_reports(root)) if here else ()
    yield from map(unanswered, replace(answered(known, where, tip), critical=critical).blocking)


def reviewer_reports(root: Path) -> tuple[Report, ...]:
    """Return the reports that reviewers put into the project.

    Raises:
        PhasegateError: One cannot be read.
    """
    if not (root / "reviews").is_dir():
        return ()

    return read_reports(root)
