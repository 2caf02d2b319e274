"""What is known of the work without asking anybody: files, figures, gates, reds and gaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_phasegate.app.guide.overview import GuideOverview, KeptReport, PhaseOverview
from pytest_phasegate.app.guide.pull_request import begins_at
from pytest_phasegate.app.guide.status import Surroundings
from pytest_phasegate.core.coverage.figures import Figure
from pytest_phasegate.core.evidence.outcomes import Outcome
from pytest_phasegate.core.guide.handoff import Gate
from pytest_phasegate.core.guide.model import Guide
from pytest_phasegate.core.verdict.report import PhaseReport
from pytest_phasegate.errors import RepositoryError

_RED = frozenset({Outcome.FAILED, Outcome.ERROR})


def facts_of(overview: GuideOverview, around: Surroundings) -> dict[str, Any]:
    """Return the fields of a hand-over that the last reports of a guide's phases tell."""
    found = [(one, kept, report) for one in overview.phases for kept, report in _reports(one)]
    newest = max((kept for _, kept, _ in found), key=lambda kept: kept.at, default=None)
    same = [report for _, kept, report in found if newest and kept.tree == newest.tree]
    return {
        "files": _modified(around, [overview.progress.guide]),
        "tests": _counts(same),
        "coverage": {name: _united([_figure(one, name) for one in same]) for name in ("line", "branch", "function")},
        "measured": newest.tree if newest else "",
        "gates": tuple(gate for one, kept, report in found for gate in _gates(one.progress.phase.id, kept, report)),
        "red": tuple(dict.fromkeys(test.name for one in overview.phases for test in one.tests if test.outcome in _RED)),
        "gaps": {
            file.path: file.missing
            for one in same
            for file in (one.coverage.files if one.coverage else ())
            if file.missing
        },
    }


def _reports(one: PhaseOverview) -> Iterator[tuple[KeptReport, PhaseReport]]:
    if one.kept:
        yield from ((one.kept, part) for part in one.kept.report.phases if part.id == one.progress.phase.id)


def _gates(phase: str, kept: KeptReport, report: PhaseReport) -> Iterator[Gate]:
    for verdict in report.gates:
        yield Gate(phase, verdict.gate, str(verdict.ruling), verdict.reason, kept.tree)


def _counts(reports: Sequence[PhaseReport]) -> dict[str, int]:
    if not reports:
        return {}
    tests = [one.tests for one in reports]
    return {
        "total": sum(one.collected for one in tests),
        "passing": sum(one.passed for one in tests),
        "failing": sum(one.failed for one in tests),
    }


def _figure(report: PhaseReport, name: str) -> Figure | None:
    figure: Figure | None = getattr(report.coverage, name) if report.coverage else None
    return figure


def _united(figures: Sequence[Figure | None]) -> float | None:
    """Return the percentage of several phases together."""
    known = [one for one in figures if one]
    return Figure(sum(one.covered for one in known), sum(one.total for one in known)).percent


def _modified(around: Surroundings, guides: Sequence[Guide]) -> Mapping[str, str]:
    """Return the files that the work changed, with the ids of their contents; git may not know where it began."""
    if around.repository is None:
        return {}
    try:
        base = begins_at(around.repository, guides, around.prefix) or around.repository.empty_tree()
    except RepositoryError:
        return {}
    changes = around.repository.changes(base, around.content)
    ours = (one for one in changes if "/.phasegate/" not in f"/{one.path}")
    return {one.path: one.after.oid if one.after else "" for one in ours}
