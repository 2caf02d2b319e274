"""What was recorded of a project: verdicts, what passed, the baseline, the tests by their text."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

from pytest_phasegate.adapters.baseline_file import NAME as PASSED
from pytest_phasegate.adapters.baseline_file import Passings, at_revision, base_revision, content, read
from pytest_phasegate.adapters.project.config import beside
from pytest_phasegate.adapters.project.worktree import append, project_files, text_there, texts
from pytest_phasegate.adapters.redgreen.run_cache import JsonStore
from pytest_phasegate.adapters.verdict.judgements import JUDGEMENTS, JudgementLog
from pytest_phasegate.app import renamed_tests
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.app.regression.test_texts import TestTexts
from pytest_phasegate.app.renamed_tests import Declared
from pytest_phasegate.core.evidence.outcomes import Outcome, TestId
from pytest_phasegate.core.evidence.runs import TestVersion
from pytest_phasegate.core.guide.declared_files import needs_deriving
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.guide.progress import PATH, Finished
from pytest_phasegate.core.guide.selection import PhaseRef
from pytest_phasegate.core.project.configuration import rules_of
from pytest_phasegate.core.project.paths import Inside
from pytest_phasegate.core.project.plain_values import as_line, as_plain, lines_of, name_of
from pytest_phasegate.core.project.settings import Settings, Waiver
from pytest_phasegate.core.redgreen.change.digests import test_versions
from pytest_phasegate.core.redgreen.verdict import is_expired
from pytest_phasegate.core.regression import comparison
from pytest_phasegate.core.regression.baseline import BaselineTest
from pytest_phasegate.core.verdict.judgement import Judgement, by_rules
from pytest_phasegate.core.verdict.report import RunReport
from pytest_phasegate.errors import BaselineError, LedgerError, RepositoryError, unusable_file
from pytest_phasegate.wiring import projects
from pytest_phasegate.wiring.projects import Project

Ended = Mapping[PhaseRef, Mapping[TestId, Outcome]]
"""How the tests of each phase ended."""

baseline = read


def judgements(root: Path) -> JudgementLog:
    """Return the log of verdicts reached; it lies beside the ledger, and nothing is created before it is used."""
    return JudgementLog(beside(root, JUDGEMENTS))


def waivers(settings: Settings) -> tuple[tuple[Waiver, bool], ...]:
    """Return the waivers of the configuration, and whether each holds today."""
    today = projects.today()
    return tuple((one, not is_expired(one, today)) for one in settings.red_green.waivers)


def judged(project: Project) -> tuple[Judgement, ...]:
    """Return the judgements by the rules that hold: what passed by others (``--config``, a variable) did not pass."""
    return by_rules(judgements(project.root).read(), rules_of(project.settings))


def passings(root: Path) -> Passings:
    """Return what each phase had on each content that its tests passed on; nothing is created before it is used."""
    return Passings(beside(root, PASSED))


def accepted_tests(root: Path, repository: Repository | None) -> tuple[BaselineTest, ...]:
    """Return the tests that must stay green: the baseline, which in CI is that of the base revision.

    Where the file is gone, or empty, the last commit's holds: what went by mistake forgives nothing. CI is where the
    variable ``CI`` is set, as every known service does.

    Raises:
        BaselineError: The baseline cannot be read.
        RepositoryError: The base revision cannot be found, as in a shallow clone.
    """
    if os.environ.get("CI", "").lower() in {"", "0", "false"}:
        return baseline(root) or baseline_of_head(root, repository)
    if repository is None:
        return baseline(root)
    try:
        base = base_revision(repository, os.environ)
    except RepositoryError:
        if baseline(root):
            raise
        return ()  # a project that accepted nothing yet needs no history for that
    return at_revision(repository, base, projects.inside_of(root, repository)) if base else ()


def texts_of_tests(project: Project, ids: str = "") -> TestTexts:
    """Return what reads the tests of a project by their text; ``ids`` is what node ids leave out of a path."""
    try:
        where: Repository | None = project.repository
    except RepositoryError:
        where = None
    prefix = projects.inside_of(project.root, where) if where else ""
    recorded = partial(_recorded_digests, project.root)
    return TestTexts(project.layout, partial(content, project.root), where, prefix, ids, recorded)


def derived(
    project: Project, guides: Sequence[Guide], *, texts: TestTexts | None = None, everything: bool = False
) -> tuple[Guide, ...]:
    """Return the guides with what their phases do not declare, as far as git tells what their commits did.

    Args:
        project: Where they are; its setting ``derive = false`` leaves the guides as they are.
        guides: The guides as they are written.
        texts: What reads tests by their path from the root, where there is one already.
        everything: Whether phases that declare all are asked too, for what their commits brought beside.
    """
    asked = everything or any(needs_deriving(phase) for guide in guides for phase in guide.phases)
    if not (project.settings.derive and asked):
        return tuple(guides)
    texts = texts or texts_of_tests(project)
    where = texts.repository
    if where is None:
        return tuple(guides)
    from pytest_phasegate.app.guide.derivation import Deriving  # most guides declare all

    root, place = project.root, Inside(texts.prefix)
    kept = baseline(root) or baseline_of_head(root, where)
    return Deriving(where, place, texts, kept, finished_phases(root), everything).with_derived(guides)


def renamed_declarations(
    root: Path, texts: TestTexts, guides: Iterable[Guide], selection: Iterable[PhaseRef] | None = None
) -> Declared:
    """Return what became of the declared tests of some phases (of all without a selection) that have another name."""
    try:
        accepted = accepted_tests(root, texts.repository)
    except (BaselineError, RepositoryError):
        accepted = ()  # whoever needs them says what is wrong
    return renamed_tests.renamed_declarations(texts, guides, accepted, selection)


def _recorded_digests(root: Path, keys: Mapping[str, str]) -> Mapping[str, tuple[TestVersion, ...]]:
    """Return the tests of those test files that the ledger knows; one that cannot be read knows none."""
    try:
        return projects.ledger(root).modules(keys)
    except LedgerError:
        return {}


def any_seen_red(project: Project, phase: Phase) -> bool:
    """Return whether a recorded run has shown a declared test of a phase red, at the text that it has now.

    Raises:
        LedgerError: The ledger cannot be believed or read.
    """
    root, layout, wanted = project.root, project.layout, {test.name for test in phase.tests}
    found = texts(root, filter(layout.is_collected, project_files(root)))
    named = {path: text for path, text in found.items() if any(name in text for name in wanted)}
    versions = (one for path, text in named.items() for one in test_versions(path, text.encode(), layout))
    digests = [one.digest for one in versions if one.id.rpartition("::")[2] in wanted]
    return bool(digests and projects.ledger(root).reds(digests, limit=1))


def waived_tests(settings: Settings, tests: Iterable[TestId]) -> Mapping[TestId, str]:
    """Return the accepted tests whose loss somebody took on, with the reason, as of today."""
    return comparison.waived_tests(settings.red_green.waivers, tests, projects.today())


def baseline_of_head(root: Path, where: Repository | None) -> tuple[BaselineTest, ...]:
    """Return the accepted tests as the last commit has them."""
    head = where.opened_at if where else None
    return at_revision(where, head, projects.inside_of(root, where)) if where and head else ()


def as_committed(root: Path, path: str) -> bool:
    """Return whether a file of the project is as HEAD has it."""
    where = projects.repository_if_any(root)
    if where is None:
        return False
    return where.content_at(where.opened_at, projects.inside_of(root, where) + path) == (root / path).read_bytes()


def finished_phases(root: Path) -> frozenset[tuple[str, str, str]]:
    """Return slug, id and section of the accepted phases that have no tests."""
    return frozenset(lines_of(Finished, text_there(root / PATH)))


def finish_phase(root: Path, guide: Guide, phase: Phase) -> str:
    """Put a phase without tests into the record of the accepted ones, and return the record's path.

    Raises:
        BaselineError: It cannot be written.
    """
    record = Finished(guide.slug, phase.id, phase.digest)
    if record not in finished_phases(root):
        with unusable_file(f"{PATH}: cannot be written", BaselineError):
            append(root / PATH, as_line(record))
    return PATH


def keep_reports(root: Path, report: RunReport, *, tree: str, at: int, source: str, tests: Ended) -> None:
    """Keep what a report says of each of its phases, in place of what the same command said of it before.

    It stands beside the judgements for those who want to look at the whole; nothing is decided by it.
    """
    from pytest_phasegate.app.guide.overview import KeptReport  # a hook keeps none

    slugs = {guide.path: guide.slug for guide in report.guides}
    for phase in report.phases if tree and not report.narrowed else ():
        guides = tuple(guide for guide in report.guides if guide.path == phase.guide)
        whole = report._replace(guides=guides, selection=(phase.id,), phases=(phase,), suite=None)
        ended = tests.get(PhaseRef(phase.guide, phase.id), {})
        kept = as_plain(KeptReport(at, tree, source, whole, ended))
        report_store(root).put(name_of(slugs.get(phase.guide, ""), phase.id, source), kept)


def report_store(root: Path) -> JsonStore:
    """Return where the last report of each command on a phase is kept, by its guide's slug, its id, and the command."""
    return JsonStore(beside(root, "reports"))
