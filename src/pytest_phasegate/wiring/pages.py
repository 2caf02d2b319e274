"""What is kept of the reports of phases, and where a page gets its facts."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from pytest_phasegate.adapters.project.worktree import existing, text_there
from pytest_phasegate.app.guide.overview import Kept, KeptReport
from pytest_phasegate.app.guide.surroundings import Surroundings
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.evidence.runs import Seen
from pytest_phasegate.core.guide.selection import PhaseRef
from pytest_phasegate.core.project.plain_values import name_of, reading
from pytest_phasegate.core.verdict.judgement import CHECK, PYTEST
from pytest_phasegate.core.verdict.report import RunReport
from pytest_phasegate.errors import LedgerError
from pytest_phasegate.reports.page import Place
from pytest_phasegate.wiring import projects, records, status
from pytest_phasegate.wiring.projects import Project

Ended = records.Ended


def kept_reports(root: Path, guide: str, phase: str) -> tuple[KeptReport, ...]:
    """Return the last report of each command on a phase, by its guide's slug and its id."""
    store = records.report_store(root)
    found = (store.get(name_of(guide, phase, source), reading(KeptReport)) for source in (CHECK, PYTEST))
    return tuple(one for one in found if one)


def kept(project: Project, around: Surroundings) -> Kept:
    """Return where everything that is kept of the phases is looked up."""
    root, texts = project.root, records.texts_of_tests(project)
    last_seen = partial(_last_seen, root, texts.prefix)
    return Kept(around, partial(kept_reports, root), texts, last_seen, status.review_log(root).read())


def _last_seen(root: Path, top: str, tests: Mapping[TestId, str]) -> Mapping[TestId, Seen]:
    """Return when tests, by their digests, were last red and green; ``top`` is where the ledger begins their paths."""
    found = projects.ledger(root).last_seen({TestId(top + test): digest for test, digest in tests.items()})
    return {TestId(test.removeprefix(top)): seen for test, seen in found.items()}


def place(project: Project, report: RunReport | None = None, tests: Ended | None = None) -> Place:
    """Return where and when a page is made, how the tests of the run it tells of ended, and when they were seen red."""

    def lines(path: str) -> list[str]:
        text = text_there(root / path) if existing(root, [path]) else ""
        return text.split("\n") if text else []  # no other sign ends a line

    root, where = project.root, project.repository_if_any
    branch, commit = (where.branch() or "", where.opened_at or "") if where else ("", "")
    ended = tests if tests is not None else _ended(root, where, report) if where and report else {}
    seen = _seen(project, ended) if ended else {}
    return Place(root.resolve().name, branch, commit, int(time.time()), lines, ended, seen)


def _ended(root: Path, where: Repository, report: RunReport) -> Ended:
    """Return how the tests of the phases that a report judges ended in the run that stands on this very content."""
    slugs, content = {guide.path: guide.slug for guide in report.guides}, where.content_tree()
    return {
        PhaseRef(phase.guide, phase.id): kept.tests
        for phase in report.phases
        for kept in kept_reports(root, slugs.get(phase.guide, ""), phase.id)
        if kept.source == PYTEST and kept.tree == content
    }


def _seen(project: Project, ended: Ended) -> Mapping[TestId, Seen]:
    """Return when tests were seen red and green at the text they have; of a ledger that cannot be read, nothing."""
    texts = records.texts_of_tests(project)
    digests = texts.digests(test for tests in ended.values() for test in tests)
    try:
        return _last_seen(project.root, texts.prefix, {test: digest for test, digest in digests.items() if digest})
    except LedgerError:
        return {}
