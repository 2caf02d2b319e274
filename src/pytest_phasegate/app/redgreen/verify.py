"""Prove red before green for every commit of a range, and for the range as a whole."""

from __future__ import annotations

import time
import typing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import SimpleQueue

from pytest_phasegate.app.commit.revision_range import UNCOMMITTED, Span
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.app.redgreen.change import ChangeReader, ReadChange
from pytest_phasegate.app.redgreen.let_off import LettingOff, brought_as_none, came_late, doubted, let_go
from pytest_phasegate.app.redgreen.proof import Proved, Prover
from pytest_phasegate.app.redgreen.range_end import Fallen, Shown, broken_between, fallen
from pytest_phasegate.app.redgreen.replay import Replayer
from pytest_phasegate.app.redgreen.verification import InRange, JudgedCommit, Verification, VerifiedCommit, open_reds_of
from pytest_phasegate.core.commit.conventional import Commit
from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.project.paths import ChangeKind, Side
from pytest_phasegate.core.project.settings import Protocol, Settings
from pytest_phasegate.core.redgreen.case import Case
from pytest_phasegate.core.redgreen.observed import Replay
from pytest_phasegate.core.redgreen.plan import ReplayPlan, told
from pytest_phasegate.core.redgreen.ranges import ORDER_UNKNOWN, ORDER_UNSEEN, judge_range, with_findings
from pytest_phasegate.core.redgreen.verdict import UNWRITTEN, CommitRuling, CommitVerdict, intent_of
from pytest_phasegate.core.verdict.verdict import Finding, Ruling, Severity, combine, counted
from pytest_phasegate.errors import EvidenceError, RepositoryError

_MOST_KEPT = 50  # commits of a range that are not read twice: each holds the names of all files
_SOME = 20  # test files, from all over the suite, that are looked at to know whether tests can be imported here


class Benches(typing.Protocol):
    """Gives every worker a replayer of its own."""

    def replayer(self, packages: frozenset[str] = ...) -> Replayer:
        """Return a replayer."""

    def stop(self) -> None:
        """End what runs now."""

    def unfit(self, lacks: str) -> EvidenceError:
        """Return the error which says that the interpreter lacks what the tests import."""


@dataclass(slots=True)
class Verifier:
    """Judges the commits of one range under one configuration.

    Args:
        repository: The history.
        settings: Those of the base revision.
        benches: Where tests are run.
        today: The date, ISO, against which waivers expire.
        jobs: How many commits are replayed at once.
        on_read: Called before the first is judged, with how many commits were read, and of how many.
        on_begin: Called with id and subject of each commit before it is judged.
        on_commit: Called after each commit that was judged.
        on_start: Called with the number of commits to judge, and of those that take a replay.
        to_the_end: Whether the tests that can reach what the range changes are run once more where it ends.
        suite_follows: Whether somebody else runs the suite there, as for a phase; what its commits let off is asked all
            the same, and each of their tests whether it asks anything.
        unseen: As a ``Prover`` is told.
    """

    repository: Repository
    settings: Settings
    benches: Benches
    today: str
    jobs: int = 1
    on_read: Callable[[int, int], None] = lambda _read, _commits: None
    on_begin: Callable[[str, str], None] = lambda _sha, _subject: None
    on_commit: Callable[[CommitVerdict], None] = lambda _: None
    on_start: Callable[[int, int], None] = lambda _commits, _replays: None
    to_the_end: bool = False
    suite_follows: bool = False
    unseen: Callable[[ReadChange, ReplayPlan], frozenset[str] | None] = lambda *_: None
    _last_merge: str = ""  # the one that is run for what met in it, though it brings nothing of its own
    _left_red: dict[str, tuple[TestId, ...]] = field(default_factory=dict)
    _asking: set[str] = field(default_factory=set)
    _packages: frozenset[str] = frozenset()
    _made: Replayer | None = None
    _trees: dict[str, str] = field(default_factory=dict)
    _known: dict[str, ReadChange] = field(default_factory=dict)  # what the survey has read
    _running: dict[str, str] = field(default_factory=dict)  # by commit what is run for it now, in words
    _kinds: dict[str, ChangeKind] = field(default_factory=dict)
    _start: str = ""
    _end: str = ""
    _environment_known: bool = False
    # the one of the survey: the first worker goes on with the trees that it has read
    _reader: ChangeReader | None = None

    @property
    def _in_range(self) -> InRange:
        return InRange(self.settings.red_green, self.today)

    def verify(self, span: Span, shard: tuple[int, int] = (1, 1)) -> Verification:
        """Judge every commit of the range, or of one shard of it.

        Raises:
            EvidenceError: The history or an interpreter is not there.
        """
        number, total = shard
        self._start = span.base or ""
        mine = span.commits[number - 1 :: total]
        part = f"{number}/{total}" if total > 1 else ""
        rules = self.settings.red_green
        test_first = rules.protocol is Protocol.TEST_FIRST and total == 1
        found: list[JudgedCommit] = []
        try:
            self._survey(span.commits)
            self.on_start(len(mine), sum(commit.sha in self._asking for commit in mine))
            found.extend(self._each(mine))
            asked = self.to_the_end or self.suite_follows or test_first
            end = self._fallen(span, found) if asked else Fallen()
        except KeyboardInterrupt as ending:
            self.benches.stop()
            return self._ended(span, mine, found, part, str(ending) or "Ctrl-C")
        alone = sum(not commit.is_merge for commit in span.commits) == 1
        judged = self._in_range.linked(tuple(found), in_order=test_first and not alone)
        judged, broken = self._in_range.blamed(end, judged, [one for one in span.commits if one not in mine])
        open_reds = open_reds_of(judged) if total == 1 else ()
        whole = judge_range([one.verdict for one in judged], open_reds, waivers=rules.waivers, today=self.today)
        order = (ORDER_UNSEEN,) if rules.protocol is Protocol.TEST_FIRST and total > 1 else ()
        if test_first and alone and any(one.verdict.fail_to_pass for one in judged):
            order = (ORDER_UNKNOWN,)
        at_end = (*broken, *end.let_off)
        whole = with_findings(whole, (*at_end, *order))
        wrong = tuple(one for one in at_end if one.severity is Severity.ERROR)
        return Verification(span.asked, whole, tuple(one.verified for one in judged), part, at_end=wrong)

    def _ended(
        self, span: Span, mine: Sequence[Commit], found: Sequence[JudgedCommit], part: str, ended_by: str
    ) -> Verification:
        """Return what was judged before somebody ended it; of what is left red, later commits would have told."""
        judged = self._in_range.linked(tuple(found))
        known = judge_range([one.verdict for one in judged], ())
        left = [
            VerifiedCommit(
                CommitVerdict(
                    self._kinds.get(commit.sha, ChangeKind.NEITHER),
                    CommitRuling.INCONCLUSIVE,
                    f"not judged: ended by {ended_by}{self._running.get(commit.sha, '')}",
                    sha=commit.sha,
                    subject=commit.subject,
                )
            )
            for commit in mine[len(judged) :]
        ]
        were = "was" if len(judged) == 1 else "were"
        so_far = f": {known.reason}" if judged else ""
        whole = known._replace(
            verdict=combine([known.verdict, Ruling.INCONCLUSIVE]),
            reason=f"ended by {ended_by} when {len(judged)} of {counted(len(mine), 'commit')} {were} judged{so_far}",
            commits=(*known.commits, *(one.verdict for one in left)),
        )
        return Verification(span.asked, whole, (*(one.verified for one in judged), *left), part, ended_by)

    def _survey(self, commits: Sequence[Commit]) -> None:
        """Read which tests earlier commits of the range may leave red, and what the project's packages come to be."""
        reader = self._reader = self._reading()
        self._trees = {commit.sha: commit.tree for commit in commits}
        self._end = commits[-1].tree if commits else ""
        self._last_merge = next((commit.sha for commit in reversed(commits) if commit.is_merge), "")
        self._asking.update(filter(None, [self._last_merge]))
        waiting: dict[TestId, None] = {}
        for number, commit in enumerate(commits, 1):
            self.on_read(number, len(commits))
            self._left_red[commit.sha] = tuple(waiting)
            self._kinds[commit.sha] = ChangeKind.MERGE
            if not commit.is_merge:
                read = reader.between(self._before(commit), commit.tree)
                changes = read.changes
                if len(commits) <= _MOST_KEPT:
                    self._known[commit.sha] = read
                self._kinds[commit.sha] = changes.kind
                if Case(changes).asks:
                    self._asking.add(commit.sha)
                if not changes.changes_behaviour:
                    waiting.update(dict.fromkeys(test.id for test in changes.targets))
        if commits:
            view = reader.view(commits[-1].tree)
            code = (path for path in view.entries if path.endswith(".py"))
            production = (path for path in code if view.layout.side(path) is Side.PRODUCTION)
            self._packages = view.layout.names_of(production)

    def _each(self, commits: Sequence[Commit]) -> Iterator[JudgedCommit]:
        """Yield the judged commits in their order, several workers at once if asked."""
        if self.jobs <= 1 or len(commits) <= 1:
            prover = self._prover()
            for commit in commits:
                yield self._told(self._judged(commit, prover), commit)
            return
        yield from self._at_once(commits)

    def _at_once(self, commits: Sequence[Commit]) -> Iterator[JudgedCommit]:
        idle: SimpleQueue[Prover] = SimpleQueue()
        jobs = min(self.jobs, len(commits))
        for _ in range(jobs):
            idle.put(self._prover())

        def judged(commit: Commit) -> JudgedCommit:
            prover = idle.get()
            try:
                return self._judged(commit, prover)
            finally:
                idle.put(prover)

        with ThreadPoolExecutor(jobs) as pool:
            try:
                for done, commit in zip(pool.map(judged, commits), commits, strict=True):
                    yield self._told(done, commit)
            except BaseException:
                self.benches.stop()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _told(self, judged: JudgedCommit, commit: Commit) -> JudgedCommit:
        ran = any(test.after.green for test in judged.replay.tests)
        self._environment_known = self._environment_known or ran
        if judged.verdict.verdict.refuses and commit.sha in self._asking and not self._environment_known:
            self._environment_known = True
            self._ask_for_environment((self._before(commit), self._end))
        self.on_commit(judged.verdict)
        return judged

    def _ask_for_environment(self, trees: tuple[str, str]) -> None:
        """Find out whether the first refusal says nothing, nor would any other, because no test can be imported here.

        Where the tests at the range's end can be, only some of its commits want what is missing.

        Raises:
            EvidenceError: The tests that were there before, and those at the end, want a module that is not installed.
        """
        lacks = [self._lacking(tree) for tree in dict.fromkeys(trees)]
        if all(lacks):
            self.benches.stop()
            raise self.benches.unfit(lacks[0])

    def _lacking(self, tree: str) -> str:
        change = self._reading().between(tree, tree)
        tests = [path for path in sorted(change.before.entries) if change.layout.is_collected(path)]
        some = tuple(tests[:: 1 + len(tests) // _SOME])
        return self._replayer().lacking(change, some) if some else ""

    def _reading(self) -> ChangeReader:
        return ChangeReader(self.repository, self.settings, self._start)

    def _prover(self) -> Prover:
        reader, self._reader = self._reader or self._reading(), None
        return Prover(
            reader, self._replayer, self.settings.red_green, self.today, each=self.suite_follows, unseen=self.unseen
        )

    def _replayer(self) -> Replayer:
        """Return a replayer that knows the packages of the range's end; the first one is kept for what is run there."""
        made = self.benches.replayer(self._packages)
        self._made = self._made or made
        return made

    def _before(self, commit: Commit) -> str:
        """Return the tree that a commit starts from; by its id where it is known, so that no tree is read twice."""
        parent = commit.parents[0] if commit.parents else self.repository.empty_tree()
        return self._trees.get(parent, parent)

    def _judged(self, commit: Commit, prover: Prover) -> JudgedCommit:
        """Judge one commit; one that cannot be replayed is inconclusive, and the others go on."""
        self.on_begin(commit.sha, commit.subject)
        begun = time.monotonic()
        prover.on_run = lambda wanted: self._running.update({commit.sha: f", while {told(wanted)}"})
        change = self._change(commit, prover.reader)
        intent = change.meant(intent_of(commit.message, commit.trailers, merge=commit.is_merge))
        intent = UNWRITTEN if commit.sha in UNCOMMITTED else intent
        try:
            proved = prover.prove(change, intent, sha=commit.sha, open_reds=self._left_red.get(commit.sha, ()))
            if commit.is_merge and commit.sha == self._last_merge and change.changes.kind is not ChangeKind.MERGE:
                proved = self._with_what_met(commit, prover, proved)
        except RepositoryError as error:
            proved = Proved(_unknown(change, commit, error), Replay())
        self._running.pop(commit.sha, None)
        verdict = proved.verdict._replace(subject=commit.subject, seconds=time.monotonic() - begun)
        verdict = _left_open(verdict) if verdict.awaits_message else verdict
        return JudgedCommit(verdict, change.changes, proved.replay, intent)

    def _with_what_met(self, commit: Commit, prover: Prover, own: Proved) -> Proved:
        """Return what became of the changes of its own that the last merge holds, or else of what met in it."""
        if own.verdict.verdict.refuses:
            return own
        intent = intent_of(commit.message, commit.trailers, merge=True)
        joined = prover.prove(prover.reader.met(commit.parents, commit.tree), intent, sha=commit.sha)
        return joined if joined.verdict.verdict.refuses else own

    def _change(self, commit: Commit, reader: ChangeReader) -> ReadChange:
        if commit.is_merge:
            merged = reader.merged(commit.parents, commit.tree)
            return merged.as_last_merge if commit.sha == self._last_merge else merged
        known, reverted = self._known.get(commit.sha), intent_of(commit.message).reverts
        return known if known and not reverted else reader.between(self._before(commit), commit.tree, reverted=reverted)

    def _fallen(self, span: Span, found: Sequence[JudgedCommit]) -> Fallen:
        """Run what a range that passes can reach where it ends, in the shard that judges its last commit."""
        last = span.commits[-1] if span.commits else None
        ends = last is not None and bool(found) and found[-1].verdict.sha == last.sha
        if last is None or span.base is None or not ends or any(one.verdict.verdict.refuses for one in found):
            return Fallen()
        made = last.sha and last.sha not in UNCOMMITTED
        start = (self.repository.merge_base(span.base, last.sha) if made else None) or span.base
        reader = self._reading()
        known = self._known.get(last.sha) if self._before(last) == start else None  # of a merge there is none
        shown = Shown.of((one.verdict for one in found), found[-1].replay)

        def replayer() -> Replayer:
            self.on_begin("", "the tests that can reach the change, at the end of the range")
            return self._made or self._replayer()

        try:
            whole = known or reader.between(start, last.tree)
            rules = self.settings.red_green
            left = self.suite_follows and rules.protocol is not Protocol.TEST_FIRST
            end = Fallen() if left else fallen(reader, replayer, whole, start, rules=rules, shown=shown)
            late = self._let_off(reader, replayer, span, found, start)
            return end._replace(waived=self._broken_with_leave(reader, span, end.tests), let_off=late)
        except RepositoryError as error:
            return Fallen(trouble=error.problem)

    def _let_off(
        self,
        reader: ChangeReader,
        replayer: Callable[[], Replayer],
        span: Span,
        found: Sequence[JudgedCommit],
        start: str,
    ) -> tuple[Finding, ...]:
        """Judge the range as one change where a commit broke tests and another, of tests alone, lets them off."""
        if len(found) < len(span.commits):
            return ()
        each = [(one, (self._before(commit), commit.tree)) for one, commit in zip(found, span.commits, strict=True)]

        def waives(one: JudgedCommit) -> str:
            return self._in_range.waiver((), one.intent, one.verdict.sha)

        asked, gone = doubted(((one, before) for one, (before, _) in each), waives), let_go(found, waives)
        prover = Prover(reader, replayer, self.settings.red_green, self.today)
        late = [
            finding
            for one in brought_as_none(each)
            for finding in came_late(one, prover.prove(reader.between(*one.trees), UNWRITTEN).verdict.fail_to_pass)
        ]
        refused = LettingOff(reader, replayer, prover, (start, span.commits[-1].tree)).refused(asked, gone)
        leave = self._broken_with_leave(reader, span, tuple(refused.values()))
        return (*(one for one, test in refused.items() if test not in leave), *late)

    def _broken_with_leave(self, reader: ChangeReader, span: Span, tests: Sequence[TestId]) -> dict[TestId, str]:
        """Return the waiver of the commit that broke a test, where it has one: that of another excuses nothing."""
        found: dict[TestId, str] = {}
        for commit in span.commits if tests and len(span.commits) > 1 else ():
            waiver = self._in_range.waiver((), intent_of(commit.message, commit.trailers), commit.sha)
            trees = (self._before(commit), commit.tree)
            broken = broken_between(reader, self._made or self._replayer(), trees, tests) if waiver else ()
            found.update(dict.fromkeys(broken, waiver))
        return found


def _left_open(verdict: CommitVerdict) -> CommitVerdict:
    """Say of a change without a message that only its type could tell whether a test is missing."""
    reason = f"{verdict.findings[0].message}; only a commit that says so (refactor: …) may do without"
    return verdict._replace(verdict=CommitRuling.INCONCLUSIVE, reason=reason)


def _unknown(change: ReadChange, commit: Commit, error: RepositoryError) -> CommitVerdict:
    return CommitVerdict(
        change.changes.kind, CommitRuling.INCONCLUSIVE, error.problem, sha=commit.sha, subject=commit.subject
    )
