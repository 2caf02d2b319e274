"""What was recorded of a project: verdicts, what passed, the baseline, and what states of phases are derived from."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_phasegate.adapters.ledger.location import beside
from pytest_phasegate.adapters.mapping import DefinedTests
from pytest_phasegate.adapters.project.worktree import append
from pytest_phasegate.adapters.regression import NAME as PASSED
from pytest_phasegate.adapters.regression import Passings, at_revision, base_revision, content, read
from pytest_phasegate.adapters.verdict.judgements import JUDGEMENTS, JudgementLog
from pytest_phasegate.app import mapping
from pytest_phasegate.app.commit.revision_range import Span
from pytest_phasegate.app.commit.staged import Inside
from pytest_phasegate.app.criteria import People
from pytest_phasegate.app.guide.derivation import Deriving
from pytest_phasegate.app.guide.status import Surroundings
from pytest_phasegate.app.guide.status import current_phase as current
from pytest_phasegate.app.mapping import Declared, renamed_lines
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.app.redgreen.change import ChangeReader, ReadChange
from pytest_phasegate.app.regression.accept import Known
from pytest_phasegate.app.regression.suite import against, compared_at_end, suite_run
from pytest_phasegate.app.regression.test_texts import TestTexts
from pytest_phasegate.core.evidence.outcomes import TestId, function_of
from pytest_phasegate.core.evidence.probe_records import ProbedRun
from pytest_phasegate.core.evidence.runs import TestVersion
from pytest_phasegate.core.guide.declared_files import needs_deriving
from pytest_phasegate.core.guide.model import Guide, Phase
from pytest_phasegate.core.guide.progress import PATH, GuideProgress, finished_line, read_finished
from pytest_phasegate.core.guide.selection import PhaseRef
from pytest_phasegate.core.project.paths import inside
from pytest_phasegate.core.project.settings import Settings, Waiver
from pytest_phasegate.core.redgreen.change.changeset import ChangeKind
from pytest_phasegate.core.redgreen.verdict import is_expired
from pytest_phasegate.core.regression import comparison
from pytest_phasegate.core.regression.baseline import BaselineTest, kept_for
from pytest_phasegate.core.regression.comparison import Compared
from pytest_phasegate.core.regression.suite import SuiteFacts
from pytest_phasegate.core.verdict.judgement import Judgement, by_rules
from pytest_phasegate.errors import BaselineError, LedgerError, RepositoryError
from pytest_phasegate.wiring import people, projects, readers, redgreen

if TYPE_CHECKING:
    from pytest_phasegate.adapters.redgreen.bench import Benches


baseline = read


def judgements(root: Path) -> JudgementLog:
    """Return the log of verdicts reached; it lies beside the ledger, and nothing is created before it is used."""
    return JudgementLog(beside(root, JUDGEMENTS))


def waivers(settings: Settings) -> tuple[tuple[Waiver, bool], ...]:
    """Return the waivers of the configuration, and whether each holds today."""
    today = datetime.now().astimezone().date().isoformat()
    return tuple((one, not is_expired(one, today)) for one in settings.red_green.waivers)


def judged(root: Path, settings: Settings) -> tuple[Judgement, ...]:
    """Return the judgements by the rules that hold: what passed by others (``--config``, a variable) did not pass."""
    return by_rules(judgements(root).read(), settings.rules)


def passings(root: Path) -> Passings:
    """Return what each phase had on each content that its tests passed on; nothing is created before it is used."""
    return Passings(beside(root, PASSED))


def passed_tests(root: Path, progress: GuideProgress, around: Surroundings) -> dict[str, frozenset[TestId]]:
    """Return by phase the tests that passed on the content as it stands: in its run, or in that of all accepted."""
    there, guide = passings(root), progress.guide
    found: dict[str, frozenset[TestId]] = {}
    for one in progress.phases:
        kept = kept_for(around.baseline, guide, one.phase.id, around.guides) if one.facts.judged else ()
        passing = there.find(guide.slug, one.phase.id, around.content) if around.content else None
        found[one.phase.id] = frozenset(test.test for test in (*kept, *(passing.tests if passing else ())))
    return found


def accepted_tests(root: Path, repository: Repository | None) -> tuple[BaselineTest, ...]:
    """Return the tests that must stay green: the baseline, which in CI is that of the base revision.

    Where the file is gone, or empty, the last commit's holds: what went by mistake forgives nothing. CI is where the
    variable ``CI`` is set, as every known service does.

    Raises:
        BaselineError: The baseline cannot be read.
        RepositoryError: The base revision cannot be found, as in a shallow clone.
    """
    if os.environ.get("CI", "").lower() in {"", "0", "false"}:
        return baseline(root) or _baseline_of_head(root, repository)
    where, prefix = projects.repository_or_reason(root)
    if where is None:
        return baseline(root)
    try:
        base = base_revision(where, os.environ)
    except RepositoryError:
        if baseline(root):
            raise
        return ()  # a project that accepted nothing yet needs no history for that
    return at_revision(where, base, prefix) if base else ()


def pushed_at_end(
    root: Path, repository: Repository, rules: Settings, span: Span, places: Benches, *, refused: bool
) -> tuple[Compared | None, SuiteFacts | None]:
    """Hold the accepted tests against the last commit of a range, and its whole suite against its beginning.

    One run answers for both. ``None`` where nothing is accepted there, and where nobody asks for the suite, or
    something refuses already.

    Raises:
        BaselineError: The baseline of that commit cannot be read.
        RepositoryError: A tree cannot be written.
    """
    if not span.commits:
        return None, None
    base, tip, reader = span.base or repository.empty_tree(), span.commits[-1], ChangeReader(repository, rules)
    prefix = projects.inside(root, repository).prefix
    accepted = at_revision(repository, tip.sha, prefix)
    change = reader.between(base, tip.tree)
    wanted = rules.suite and span.base is not None and not refused and _may_lose_a_test(change)
    if not accepted and not wanted:
        return None, None
    replayer = places.replayer()
    suite = replayer.suite(change) if wanted else None
    compared = None
    if accepted:
        waivers = waived_tests(rules, (entry.test for entry in accepted))
        whole = suite if suite and not suite.trouble and suite.aborted is None else None
        compared = compared_at_end(change, prefix, accepted, replayer, waivers, suite=whole)
        refused = bool(compared.broken or compared.incomplete)
    if suite is None or refused:
        return compared, None
    run = suite_run(suite, prefix, {entry.test for entry in accepted})
    waived = waived_tests(rules, (function_of(case) for case in run.red))

    def before(revision: str, files: tuple[str, ...]) -> ProbedRun:
        return replayer.standing(reader.between(revision, revision), files)

    return compared, against(run, (base,), prefix, before, waived)


def _may_lose_a_test(change: ReadChange) -> bool:
    """Whether a range touches code (what lies beside it included), tests, or what configures them."""
    changes, roots = change.changes, [root for root in change.layout.source if root]
    beside = (path for path in changes.others for root in roots if inside(path, root))
    return changes.kind is not ChangeKind.NEITHER or bool(changes.configuration) or any(beside)


def test_texts(root: Path, settings: Settings, ids: str) -> TestTexts:
    """Return what reads the tests of a project by their text; ``ids`` is what node ids leave out of a path."""
    where, prefix = projects.repository_or_reason(root)
    recorded = partial(_recorded_digests, root)
    return TestTexts(projects.layout(root, settings), partial(content, root), where, prefix, ids, recorded)


def derived(
    root: Path,
    settings: Settings,
    guides: Sequence[Guide],
    *,
    texts: TestTexts | None = None,
    everything: bool = False,
) -> tuple[Guide, ...]:
    """Return the guides with what their phases do not declare, as far as git tells what their commits did.

    Args:
        root: The project's root.
        settings: Its settings; ``derive = false`` leaves the guides as they are.
        guides: The guides as they are written.
        texts: What reads tests by their path from the root, where there is one already.
        everything: Whether phases that declare all are asked too, for what their commits brought beside.
    """
    asked = everything or any(needs_deriving(phase) for guide in guides for phase in guide.phases)
    if not (settings.derive and asked):
        return tuple(guides)
    texts = texts or test_texts(root, settings, "")
    where = texts.repository
    if where is None:
        return tuple(guides)
    kept = baseline(root) or _baseline_of_head(root, where)
    place = projects.inside(root, where)
    return Deriving(where, place, texts, kept, finished_phases(root), everything).with_derived(guides)


def renamed_declarations(
    root: Path, texts: TestTexts, guides: Iterable[Guide], selection: Iterable[PhaseRef] | None = None
) -> Declared:
    """Return what became of the declared tests of some phases (of all without a selection) that have another name."""
    try:
        accepted = accepted_tests(root, texts.repository)
    except (BaselineError, RepositoryError):
        accepted = ()  # whoever needs them says what is wrong
    return mapping.renamed_declarations(texts, guides, accepted, selection)


def _recorded_digests(root: Path, keys: Mapping[str, str]) -> Mapping[str, tuple[TestVersion, ...]]:
    """Return the tests of those test files that the ledger knows; one that cannot be read knows none."""
    try:
        return redgreen.ledger(root).modules(keys)
    except LedgerError:
        return {}


def waived_tests(settings: Settings, tests: Iterable[TestId]) -> Mapping[TestId, str]:
    """Return the accepted tests whose loss somebody took on, with the reason, as of today."""
    today = datetime.now().astimezone().date().isoformat()
    return comparison.waived_tests(settings.red_green.waivers, tests, today)


def known(root: Path, settings: Settings, guides: Sequence[Guide]) -> Known:
    """Return what accepting a phase goes by.

    Raises:
        BaselineError: The baseline cannot be read.
        RepositoryError: Git cannot answer.
    """
    where = projects.repository_if_any(root)
    tree = where.content_tree() if where else ""
    accepted = baseline(root) or _baseline_of_head(root, where)
    renamed = partial(renamed_lines, test_texts(root, settings, ""))
    return Known(tuple(guides), accepted, judged(root, settings), passings(root).find, tree, renamed)


def surroundings(root: Path, settings: Settings, guides: Sequence[Guide]) -> Surroundings:
    """Return everything that the states of the guides' phases are derived from; git is asked only when needed."""
    where = projects.repository_if_any(root)
    return Surroundings(
        tuple(guides),
        where,
        baseline(root),
        judged(root, settings),
        DefinedTests(root, settings.tests),
        finished_phases(root),
        partial(_baseline_of_head, root, where),
        partial(_people, root, settings, where),
        partial(test_texts, root, settings, ""),
        partial(people.feedback, root),
        partial(people.reviewer_reports, root),
        projects.inside_of(root, where) if where else "",
    )


def _people(root: Path, settings: Settings, where: Repository | None) -> People:
    place = projects.inside(root, where) if where else Inside("")
    return People(settings, people.reviews(root), partial(readers.has_approval, root), place)


def _baseline_of_head(root: Path, where: Repository | None) -> tuple[BaselineTest, ...]:
    head = where.opened_at if where else None
    return at_revision(where, head, projects.inside_of(root, where)) if where and head else ()


def as_committed(root: Path, path: str) -> bool:
    """Return whether a file of the project is as HEAD has it."""
    where = projects.repository_if_any(root)
    oid = where.file_at(where.opened_at, projects.inside_of(root, where) + path) if where and where.opened_at else None
    return where is not None and oid is not None and where.blobs([oid])[oid] == (root / path).read_bytes()


def finished_phases(root: Path) -> frozenset[tuple[str, str, str]]:
    """Return slug, id and section of the accepted phases that have no tests."""
    try:
        return read_finished((root / PATH).read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return frozenset()


def finish_phase(root: Path, guide: Guide, phase: Phase) -> str:
    """Put a phase without tests into the record of the accepted ones, and return the record's path.

    Raises:
        BaselineError: It cannot be written.
    """
    if (guide.slug, phase.id, phase.digest) not in finished_phases(root):
        try:
            append(root / PATH, finished_line(guide, phase))
        except OSError as error:
            raise BaselineError(f"{PATH}: cannot be written: {error.strerror or error}") from None
    return PATH


def current_phase(root: Path, settings: Settings, guide: Guide, guides: Sequence[Guide]) -> Phase | None:
    """Return the first phase of a guide that is not accepted and whose dependencies are.

    Raises:
        RepositoryError: Git cannot answer.
    """
    return current(surroundings(root, settings, guides), guide)
