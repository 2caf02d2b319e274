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
from pytest_phasegate.app.redgreen.let_off import LettingOff
from pytest_phasegate.app.redgreen.proof import Proved, Prover
from pytest_phasegate.app.redgreen.range_end import Fallen, Shown, fallen
from pytest_phasegate.app.redgreen.replay import Replayer
from pytest_phasegate.app.redgreen.survey import Survey
from pytest_phasegate.app.redgreen.verification import InRange, JudgedCommit, Verification, open_reds_of
from pytest_phasegate.core.commit.conventional import Commit
from pytest_phasegate.core.project.paths import ChangeKind
from pytest_phasegate.core.project.settings import Protocol, Settings
from pytest_phasegate.core.redgreen.observed import Replay
from pytest_phasegate.core.redgreen.plan import ReplayPlan, told
from pytest_phasegate.core.redgreen.ranges import ORDER_UNKNOWN, ORDER_UNSEEN, judge_range, with_findings
from pytest_phasegate.core.redgreen.verdict import UNWRITTEN, CommitRuling, CommitVerdict, intent_of
from pytest_phasegate.core.verdict.verdict import Severity
from pytest_phasegate.errors import EvidenceError, RepositoryError

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
    _survey: Survey = field(init=False)
    _in_range: InRange = field(init=False)
    _made: Replayer | None = None
    _running: dict[str, str] = field(default_factory=dict)  # by commit what is run for it now, in words
    _environment_known: bool = False

    def verify(self, span: Span, shard: tuple[int, int] = (1, 1)) -> Verification:
        """Judge every commit of the range, or of one shard of it.

        Raises:
            EvidenceError: The history or an interpreter is not there.
        """
        number, total = shard
        self._survey = Survey(ChangeReader(self.repository, self.settings, span.base or ""))
        self._in_range = InRange(self.settings.red_green, self.today)
        mine = span.commits[number - 1 :: total]
        part = f"{number}/{total}" if total > 1 else ""
        rules = self.settings.red_green
        test_first = rules.protocol is Protocol.TEST_FIRST and total == 1
        found: list[JudgedCommit] = []
        try:
            self._survey.read(span.commits, self.on_read)
            self.on_start(len(mine), sum(commit.sha in self._survey.asking for commit in mine))
            found.extend(self._each(mine))
            asked = self.to_the_end or self.suite_follows or test_first
            end = self._fallen(span, found) if asked else Fallen()
        except KeyboardInterrupt as ending:
            self.benches.stop()
            kinds, by = self._survey.kinds, str(ending) or "Ctrl-C"
            ended = self._in_range.ended(mine, found, by, kinds=kinds, running=self._running)
            return Verification(span.asked, *ended, part, by)
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

    def _each(self, commits: Sequence[Commit]) -> Iterator[JudgedCommit]:
        """Yield the judged commits in their order, several workers at once if asked."""
        if self.jobs <= 1 or len(commits) <= 1:
            prover = self._prover(self._survey.reader)
            for commit in commits:
                yield self._told(self._judged(commit, prover), commit)
            return
        yield from self._at_once(commits)

    def _at_once(self, commits: Sequence[Commit]) -> Iterator[JudgedCommit]:
        idle: SimpleQueue[Prover] = SimpleQueue()
        jobs = min(self.jobs, len(commits))
        for reader in (self._survey.reader, *(self._reading() for _ in range(1, jobs))):
            idle.put(self._prover(reader))

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
        if judged.verdict.verdict.refuses and commit.sha in self._survey.asking and not self._environment_known:
            self._environment_known = True
            self._ask_for_environment((self._survey.before(commit), self._survey.end))
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
        return ChangeReader(self.repository, self.settings, self._survey.reader.start)

    def _prover(self, reader: ChangeReader) -> Prover:
        return Prover(
            reader, self._replayer, self.settings.red_green, self.today, each=self.suite_follows, unseen=self.unseen
        )

    def _replayer(self) -> Replayer:
        """Return a replayer that knows the packages of the range's end; the first one is kept for what is run there."""
        made = self.benches.replayer(self._survey.packages)
        self._made = self._made or made
        return made

    def _judged(self, commit: Commit, prover: Prover) -> JudgedCommit:
        """Judge one commit; one that cannot be replayed is inconclusive, and the others go on."""
        self.on_begin(commit.sha, commit.subject)
        begun = time.monotonic()
        prover.on_run = lambda wanted: self._running.update({commit.sha: f", while {told(wanted)}"})
        change = self._survey.change(commit, prover.reader)
        intent = change.meant(intent_of(commit.message, commit.trailers, merge=commit.is_merge))
        intent = UNWRITTEN if commit.sha in UNCOMMITTED else intent
        try:
            proved = prover.prove(change, intent, sha=commit.sha, open_reds=self._survey.left_red[commit.sha])
            if (
                commit.is_merge
                and commit.sha == self._survey.last_merge
                and change.changes.kind is not ChangeKind.MERGE
            ):
                proved = self._with_what_met(commit, prover, proved)
        except RepositoryError as error:
            unknown = CommitVerdict(change.changes.kind, CommitRuling.INCONCLUSIVE, error.problem, sha=commit.sha)
            proved = Proved(unknown, Replay())
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

    def _fallen(self, span: Span, found: Sequence[JudgedCommit]) -> Fallen:
        """Run what a range that passes can reach where it ends, in the shard that judges its last commit."""
        last = span.commits[-1] if span.commits else None
        ends = last is not None and bool(found) and found[-1].verdict.sha == last.sha
        if last is None or span.base is None or not ends or any(one.verdict.verdict.refuses for one in found):
            return Fallen()
        made = last.sha and last.sha not in UNCOMMITTED
        start = (self.repository.merge_base(span.base, last.sha) if made else None) or span.base
        reader = self._reading()
        shown = Shown.of((one.verdict for one in found), found[-1].replay)

        def replayer() -> Replayer:
            self.on_begin("", "the tests that can reach the change, at the end of the range")
            return self._made or self._replayer()

        try:
            whole = self._survey.whole(start, last, reader)
            rules = self.settings.red_green
            left = self.suite_follows and rules.protocol is not Protocol.TEST_FIRST
            end = Fallen() if left else fallen(reader, replayer, whole, start, rules=rules, shown=shown)
            prover = Prover(reader, replayer, rules, self.today)
            letting_off = LettingOff(prover, self._survey, self._in_range, span.commits, start)
            return end._replace(let_off=letting_off.found(found), waived=letting_off.with_leave(end.tests))
        except RepositoryError as error:
            return Fallen(trouble=error.problem)


def _left_open(verdict: CommitVerdict) -> CommitVerdict:
    """Say of a change without a message that only its type could tell whether a test is missing."""
    reason = f"{verdict.findings[0].message}; only a commit that says so (refactor: …) may do without"
    return verdict._replace(verdict=CommitRuling.INCONCLUSIVE, reason=reason)
