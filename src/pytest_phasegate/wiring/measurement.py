"""The coverage of phases: who measures, which files, whose lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from coverage import Coverage

from pytest_phasegate.adapters.coverage.analysis import SETTINGS, analyse, counted, report
from pytest_phasegate.adapters.coverage.own_measurement import configured, follows_children
from pytest_phasegate.adapters.project.worktree import existing, project_files, seen_from
from pytest_phasegate.app.coverage import phase_coverage
from pytest_phasegate.app.coverage.phase_coverage import Asked, ProjectCode
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.app.regression.test_texts import TestTexts
from pytest_phasegate.core.coverage.measurement import Measurement, joined, phase_key
from pytest_phasegate.core.coverage.phase_coverage import CoverageFacts
from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.guide.declared_files import declared_patterns
from pytest_phasegate.core.project.settings import Credit
from pytest_phasegate.wiring import records
from pytest_phasegate.wiring.projects import Project


def coverage_facts(
    project: Project,
    texts: TestTexts,
    asked: Asked,
    measured: Measurement | None,
    *,
    coverage: Coverage | None = None,
) -> CoverageFacts:
    """Gather what the coverage gate judges.

    Args:
        project: Where it is judged.
        texts: What reads its tests, and so knows its layout and its repository.
        asked: What is to be judged.
        measured: What ran, if anything was measured.
        coverage: The measurement whose exclusions hold; else those of the user's settings.

    Raises:
        ConfigurationError: The user's coverage settings cannot be used.
    """
    facts = phase_coverage.coverage_facts(_code(project, texts, asked, coverage), asked, measured)
    shut = (TestId(path) for found in facts.excluded.values() for path in found)
    waived = records.waived_tests(project.settings, shut)
    return replace(facts, waived={str(path): reason for path, reason in waived.items()})


def _code(project: Project, texts: TestTexts, asked: Asked, coverage: Coverage | None) -> ProjectCode:
    root, where, prefix = project.root, texts.repository, texts.prefix
    tree = where.content_tree() if where else ""
    return ProjectCode(
        _files(root, asked, where, prefix, tree),
        texts.layout,
        project.settings.coverage.scope,
        partial(analyse, coverage or configured(()), root),
        where,
        prefix,
        tree,
        follows_children(),
        partial(counted, root),
        tuple(SETTINGS),
        lambda path: seen_from(root, root / path) or path,
    )


def _files(root: Path, asked: Asked, where: Repository | None, prefix: str, tree: str) -> tuple[str, ...]:
    """Return the project's files: those git knows or would take, else all; and what the guide names, if it is there."""
    if where is None:
        return project_files(root)
    known = (path.removeprefix(prefix) for path in where.entries(tree) if path.startswith(prefix))
    named = (pattern for phase in asked.guide.phases for pattern in declared_patterns(phase))
    return tuple(dict.fromkeys((*known, *existing(root, named))))


def coverage_report(
    form: str,
    root: Path,
    facts: Mapping[str, CoverageFacts],
    measured: Measurement,
    *,
    credit: Credit,
    coverage: Coverage | None = None,
) -> str:
    """Return what coverage.py's own reporter writes of the files that phases answer for.

    Args:
        form: ``lcov`` or ``cobertura``.
        root: The project's root.
        facts: What was gathered, by the path of each guide.
        measured: What ran.
        credit: Whether all tests count, or those of the selected phases.
        coverage: The measurement whose exclusions hold; else those of the user's settings.
    """
    keys = [phase_key(guide, phase) for guide, one in facts.items() for phase in one.selected]
    ran = measured.everything if credit == "all" else joined(measured.phases.get(key, {}) for key in keys)
    known = {path for one in facts.values() for path in one.sources}
    paths = known & {file.path for one in facts.values() for files in one.owned.values() for file in files}
    wanted = {str(root / path): ran.get(path, frozenset()) for path in sorted(paths)}
    kind = {"cobertura": "xml"}.get(form, form)
    return report(kind, coverage or configured(()), wanted, wanted, branches=measured.branches)
