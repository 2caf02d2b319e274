"""What was recorded of a project: ledger, judgements, passings, baseline."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_phasegate.adapters.ledger.location import beside
from pytest_phasegate.adapters.mapping import DefinedTests
from pytest_phasegate.adapters.project.worktree import append, replace_file
from pytest_phasegate.adapters.redgreen.run_cache import JsonStore
from pytest_phasegate.adapters.regression import NAME as PASSED
from pytest_phasegate.adapters.regression import Passings, at_revision, base_revision, content, read
from pytest_phasegate.adapters.verdict.judgements import JUDGEMENTS, REVIEWS, JudgementLog, ReviewLog, read_reports
from pytest_phasegate.app import mapping
from pytest_phasegate.app.commit.revision_range import Span
from pytest_phasegate.app.commit.staged import Inside
from pytest_phasegate.app.criteria import People, answered
from pytest_phasegate.app.guide.derivation import Deriving
from pytest_phasegate.app.guide.overview import Kept, KeptReport
from pytest_phasegate.app.guide.status import Surroundings
from pytest_phasegate.app.guide.status import current_phase as current
from pytest_phasegate.app.mapping import Declared, renamed_lines
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.app.redgreen.change import ChangeReader, ReadChange
from pytest_phasegate.app.regression.accept import Known
from pytest_phasegate.app.regression.suite import against, compared_at_end, suite_run
from pytest_phasegate.app.regression.test_texts import TestTexts
from pytest_phasegate.core.criteria.feedback import PATH as COMMENTS
from pytest_phasegate.core.criteria.feedback import Comment, Feedback, as_lines, read_comments
from pytest_phasegate.core.criteria.reviews import ACCEPTED_PATH, Report, Review, critical_of
from pytest_phasegate.core.evidence.outcomes import Outcome, TestId, function_of
from pytest_phasegate.core.evidence.probe_records import ProbedRun
from pytest_phasegate.core.evidence.runs import Seen, TestVersion
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
from pytest_phasegate.core.verdict.judgement import CHECK, PYTEST, Judgement, by_rules
from pytest_phasegate.core.verdict.report import RunReport
from pytest_phasegate.core.verdict.verdict import Finding
from pytest_phasegate.errors import BaselineError, EvidenceError, LedgerError, PhasegateError, RepositoryError
from pytest_phasegate.gates.feedback import unanswered
from pytest_phasegate.reports.as_json import document
from pytest_phasegate.reports.from_json import report_of
from pytest_phasegate.reports.page import Place
from pytest_phasegate.wiring import projects, readers, redgreen

Ended = Mapping[PhaseRef, Mapping[TestId, Outcome]]
"""How the tests of each phase ended."""

if TYPE_CHECKING:
    from pytest_phasegate.adapters.redgreen.bench import Benches


baseline = read


def judgements(root: Path) -> JudgementLog:
    """Return the log of verdicts reached; it lies beside the ledger, and nothing is created before it is used."""
    return JudgementLog(beside(root, JUDGEMENTS))


def keep_reports(
    root: Path,
    report: RunReport,
    *,
    tree: str,
    at: int,
    source: str,
    tests: Ended,
) -> None:
    """Keep what a report says of each of its phases, in place of what the same command said of it before.

    It stands beside the judgements for those who want to look at the whole; nothing is decided by it.
    """
    slugs = {guide.path: guide.slug for guide in report.guides}
    for phase in report.phases if tree and not report.narrowed else ():
        guides = tuple(guide for guide in report.guides if guide.path == phase.guide)
        whole = document(replace(report, guides=guides, selection=(phase.id,), phases=(phase,), suite=None))
        ended = tests.get(PhaseRef(phase.guide, phase.id), {})
        value = {"at": at, "tree": tree, "source": source, "report": whole, "tests": ended}
        _reports(root).put(_report_key(slugs.get(phase.guide, ""), phase.id, source), value)


def kept_reports(root: Path, guide: str, phase: str) -> tuple[KeptReport, ...]:
    """Return the last report of each command on a phase, by its guide's slug and its id."""
    store = _reports(root)
    found = (store.get(_report_key(guide, phase, source), _kept_report) for source in (CHECK, PYTEST))
    return tuple(one for one in found if one)


def kept(root: Path, settings: Settings, around: Surroundings) -> Kept:
    """Return where everything that is kept of the phases is looked up."""
    texts = test_texts(root, settings, "")
    return Kept(around, partial(kept_reports, root), texts, partial(_last_seen, root, texts.prefix), reviews(root))


def _last_seen(root: Path, top: str, tests: Mapping[TestId, str]) -> Mapping[TestId, Seen]:
    """Return when tests, by their digests, were last red and green; ``top`` is where the ledger begins their paths."""
    found = redgreen.ledger(root).last_seen({TestId(top + test): digest for test, digest in tests.items()})
    return {TestId(test.removeprefix(top)): seen for test, seen in found.items()}


def waivers(settings: Settings) -> tuple[tuple[Waiver, bool], ...]:
    """Return the waivers of the configuration, and whether each holds today."""
    today = datetime.now().astimezone().date().isoformat()
    return tuple((one, not is_expired(one, today)) for one in settings.red_green.waivers)


def place(root: Path, report: RunReport | None = None, tests: Ended | None = None) -> Place:
    """Return where and when a page is made, how the tests of the run it tells of ended, and when they were seen red."""

    def lines(path: str) -> list[str]:
        try:
            file = (root / path).resolve()
            if not (file.is_relative_to(root.resolve()) and file.is_file()):
                return []
            return file.read_text(encoding="utf-8", errors="replace").split("\n")  # no other sign ends a line
        except (OSError, ValueError):
            return []

    where = projects.repository_if_any(root)
    branch, commit = (where.branch() or "", where.opened_at or "") if where else ("", "")
    ended = tests if tests is not None else _ended(root, where, report) if where and report else {}
    return Place(
        root.resolve().name, branch, commit, int(time.time()), lines, ended, _seen(root, ended) if ended else {}
    )


def _ended(root: Path, where: Repository, report: RunReport) -> Ended:
    """Return how the tests of the phases that a report judges ended in the run that stands on this very content."""
    slugs, content = {guide.path: guide.slug for guide in report.guides}, where.content_tree()
    return {
        PhaseRef(phase.guide, phase.id): kept.tests
        for phase in report.phases
        for kept in kept_reports(root, slugs.get(phase.guide, ""), phase.id)
        if kept.source == PYTEST and kept.tree == content
    }


def _seen(root: Path, ended: Ended) -> Mapping[TestId, Seen]:
    """Return when tests were seen red and green at the text they have; of a ledger that cannot be read, nothing."""
    texts = test_texts(root, projects.settings(root), "")
    digests = texts.digests(test for tests in ended.values() for test in tests)
    try:
        return _last_seen(root, texts.prefix, {test: digest for test, digest in digests.items() if digest})
    except LedgerError:
        return {}


def _kept_report(value: Mapping[str, Any]) -> KeptReport:
    tests = {TestId(test): Outcome(ended) for test, ended in value["tests"].items()}
    try:
        report = report_of(value["report"])
    except EvidenceError as other:
        raise ValueError(other.problem) from None
    return KeptReport(int(value["at"]), str(value["tree"]), str(value["source"]), report, tests)


def _reports(root: Path) -> JsonStore:
    return JsonStore(beside(root, "reports"))


def _report_key(*words: str) -> str:
    return sha256("\0".join(words).encode("utf-8", "surrogatepass")).hexdigest()


def judged(root: Path, settings: Settings) -> tuple[Judgement, ...]:
    """Return the judgements by the rules that hold: what passed by others (``--config``, a variable) did not pass."""
    return by_rules(judgements(root).read(), settings.rules)


def reviews(root: Path) -> tuple[Review, ...]:
    """Return what people answered for criteria, oldest first: beside the ledger, and with accepted phases."""
    return review_log(root).read()


def review_log(root: Path) -> ReviewLog:
    """Return the answers for criteria; nothing is created before one is given."""
    return ReviewLog(beside(root, REVIEWS), root / ACCEPTED_PATH)


def comments(root: Path) -> tuple[Comment, ...]:
    """Return the comments of reviewers as they stand in the project; none imported yet are none.

    Where the file is gone, or empty, the last commit's holds: what went by mistake answers nothing.

    Raises:
        PhasegateError: The file cannot be read.
    """
    try:
        return read_comments((root / COMMENTS).read_text(encoding="utf-8")) or _comments_of_head(root)
    except FileNotFoundError:
        return _comments_of_head(root)
    except (OSError, UnicodeError) as error:
        raise EvidenceError(f"{COMMENTS} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _comments_of_head(root: Path) -> tuple[Comment, ...]:
    where = projects.repository_if_any(root)
    return _comments_at(root, where, where.opened_at) if where else ()


def _comments_at(root: Path, where: Repository, revision: str | None) -> tuple[Comment, ...]:
    oid = where.file_at(revision, projects.inside_of(root, where) + COMMENTS) if revision else None
    return read_comments(where.blobs([oid])[oid].decode("utf-8", "replace")) if oid else ()


def write_comments(root: Path, comments: Iterable[Comment]) -> None:
    """Replace the comments of reviewers.

    Raises:
        PhasegateError: The file cannot be written.
    """
    try:
        replace_file(root / COMMENTS, as_lines(comments))
    except OSError as error:
        raise PhasegateError(f"{COMMENTS} cannot be written: {error.strerror}") from None


def feedback(root: Path) -> Feedback:
    """Return the comments of reviewers, and the commits that fix them.

    Raises:
        PhasegateError: The file cannot be read, or git cannot answer.
    """
    found = comments(root)
    known = answered(found, projects.repository_if_any(root) if found else None)
    critical = critical_of(reviewer_reports(root))
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
    found = (*_comments_at(root, where, span.base), *(comments(root) if here else _comments_at(root, where, tip)))
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
        partial(feedback, root),
        partial(reviewer_reports, root),
        projects.inside_of(root, where) if where else "",
    )


def _people(root: Path, settings: Settings, where: Repository | None) -> People:
    place = projects.inside(root, where) if where else Inside("")
    return People(settings, reviews(root), partial(readers.has_approval, root), place)


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
