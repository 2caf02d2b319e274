"""How far the phases are, by all that is recorded of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from pytest_phasegate.adapters.mapping import DefinedTests
from pytest_phasegate.app.criteria import People
from pytest_phasegate.app.guide.surroundings import Surroundings
from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.guide.model import Guide
from pytest_phasegate.core.guide.progress import GuideProgress
from pytest_phasegate.core.regression.baseline import kept_for
from pytest_phasegate.wiring import readers, records, reviews
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
        partial(reviews.feedback, project),
        partial(reviews.reviewer_reports, root),
        project.inside.prefix,
    )


def _people(project: Project) -> People:
    root = project.root
    return People(
        project.settings, reviews.review_log(root).read(), partial(readers.has_approval, root), project.inside
    )


def passed_tests(root: Path, progress: GuideProgress, around: Surroundings) -> dict[str, frozenset[TestId]]:
    """Return by phase the tests that passed on the content as it stands: in its run, or in that of all accepted."""
    there, guide = records.passings(root), progress.guide
    found: dict[str, frozenset[TestId]] = {}
    for one in progress.phases:
        kept = kept_for(around.baseline, guide, one.phase.id, around.guides) if one.facts.judged else ()
        passing = there.find(guide.slug, one.phase.id, around.content) if around.content else None
        found[one.phase.id] = frozenset(test.test for test in (*kept, *(passing.tests if passing else ())))
    return found
