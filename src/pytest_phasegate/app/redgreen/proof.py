"""Judge one change by running its tests: what the plan asks for, and the whole suite where that proves nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from pytest_phasegate.app.redgreen.change import ChangeReader, ReadChange
from pytest_phasegate.app.redgreen.replay import Replayer
from pytest_phasegate.app.redgreen.rewritten import Rewritten
from pytest_phasegate.app.redgreen.worth import Worth
from pytest_phasegate.core.evidence.outcomes import Grade, Outcome, TestId
from pytest_phasegate.core.project.pytest_options import scripts
from pytest_phasegate.core.project.settings import RedGreenSettings
from pytest_phasegate.core.redgreen.case import Case
from pytest_phasegate.core.redgreen.exercised import executed, touched
from pytest_phasegate.core.redgreen.judge import judge, told_how
from pytest_phasegate.core.redgreen.losses import WITHOUT_DJANGO
from pytest_phasegate.core.redgreen.observed import LineEvidence, Replay, SeenTest
from pytest_phasegate.core.redgreen.plan import Extent, ReplayPlan, by_open_reds, plan, widened
from pytest_phasegate.core.redgreen.verdict import CommitRuling, CommitVerdict, Intent
from pytest_phasegate.core.verdict.verdict import Severity


class Proved(NamedTuple):
    """A verdict by replay, and what was run for it."""

    verdict: CommitVerdict
    replay: Replay

    @property
    def is_unproved(self) -> bool:
        """Whether it is refused, or open only because the tests that could prove the change are skipped here."""
        errors = {finding.code for finding in self.verdict.findings if finding.severity is Severity.ERROR}
        skipped = self.verdict.verdict is CommitRuling.INCONCLUSIVE and errors == {"PG211"}
        return self.verdict.verdict is CommitRuling.FAILED or skipped


_SOME_PROOF = SeenTest(TestId("a test"), Outcome.FAILED, Outcome.MISSING, Outcome.PASSED, Grade.BEHAVIOURAL)


@dataclass(slots=True)
class Prover:
    """Replays changes and judges what they show.

    Args:
        reader: Reads the files of a change.
        bench: Makes the replayer when tests must run for the first time.
        settings: The rules.
        today: The date, ISO, against which waivers expire.
        inert: Whether code that only looks as if it behaved as before is run, too.
        each: Whether every new test is asked whether it asks anything, not only those that prove the change together.
        unseen: Tells of which test files of a plan no record shows that they pass on what a change comes to, and
            ``None`` where records show none of them.
    """

    reader: ChangeReader
    bench: Callable[[], Replayer]
    settings: RedGreenSettings
    today: str
    inert: bool = True
    each: bool = False
    on_run: Callable[[ReplayPlan], None] = lambda _: None
    unseen: Callable[[ReadChange, ReplayPlan], frozenset[str] | None] = lambda *_: None
    _replayer: Replayer | None = None

    def prove(self, change: ReadChange, intent: Intent, *, sha: str = "", open_reds: Iterable[TestId] = ()) -> Proved:
        """Run the tests a change concerns and judge it.

        Args:
            change: The change, read.
            intent: What its message says.
            sha: The commit's id, empty while there is none.
            open_reds: Tests that earlier commits left red.

        Raises:
            EvidenceError: There is no interpreter to run tests with, or a tree cannot be written.
        """
        return _Proof(self, change, intent, sha, frozenset(open_reds)).found()

    def replayer(self) -> Replayer:
        """Return the replayer, which is made when it is first asked for."""
        self._replayer = self._replayer or self.bench()
        return self._replayer


class _Proof(NamedTuple):
    """The proof of one change, by the rules and the replayer of a prover."""

    prover: Prover
    change: ReadChange
    intent: Intent
    sha: str
    open_reds: frozenset[TestId]

    def found(self) -> Proved:
        changes, reach = self.change.changes, self.prover.reader.reach(self.change)
        policy = changes.policy_under(self.prover.settings)
        first = plan(changes, policy, open_reds=self.open_reds, reach=reach, inert=self.prover.inert)
        by_reds = self._by_open_reds(first)
        if by_reds is not None:
            return by_reds
        proved = self._red_all_along(self._carried_out(first))
        verdict = proved.verdict
        settled = not proved.is_unproved or bool(verdict.turned)
        wider = widened(first, changes, proved=settled, reach=reach)
        if wider is None or not self._may_be_proved(proved.replay):
            return proved
        known = first.files if first.proving is None else first.proving
        self.prover.on_run(wider)
        reds = self.prover.replayer().reds(self.change, wider)
        if reds is not None and known and set(known).issuperset(reds):
            return proved
        if reds is not None:
            wider = wider._replace(extent=Extent.TESTS, files=tuple(sorted({*known, *reds})))
        whole = self._carried_out(wider)
        # where the whole suite showed nothing, what the tests concerned showed is kept: why it did not stays open
        return whole if whole.replay.tests else self._judged(proved.replay._replace(trouble=whole.replay.trouble))

    def _by_open_reds(self, whole: ReplayPlan) -> Proved | None:
        """Prove code alone by the tests that were left red, where records show that the others pass."""
        narrow = None if self.intent.keeps_behaviour else by_open_reds(whole, self.change.changes)
        unseen = self.prover.unseen(self.change, whole) if narrow else None
        if narrow is None or unseen is None:
            return None
        proved = self._carried_out(narrow._replace(files=tuple(sorted(unseen.union(narrow.files)))))
        settled = proved.verdict.verdict is CommitRuling.PASSED
        return proved if settled and self.prover.replayer().keeps_all(self.change, whole) else None

    def _red_all_along(self, proved: Proved) -> Proved:
        """Run what a change leaves red as it stood before: what failed then, it did not leave red."""
        opened = proved.verdict.open_red
        asked = {test: was for was, test in self.change.changes.became.items() if test in opened}
        asked = {test: was for test, was in asked.items() if self.open_reds.isdisjoint({test, was})}
        if not asked:
            return proved
        red = self.prover.replayer().red_before(self.change, frozenset(asked.values()), shut=True)
        if not red:
            return proved
        tests = (one._replace(base=Outcome.FAILED) if asked.get(one.id) in red else one for one in proved.replay.tests)
        return self._judged(proved.replay._replace(tests=tuple(tests)))

    def _may_be_proved(self, replay: Replay) -> bool:
        """Whether a test that the change leaves alone would still prove it: else there is none to be looked for."""
        case = self._case(replay._replace(tests=(*replay.tests, _SOME_PROOF)))
        verdict = judge(case, waivers=self.prover.settings.waivers, today=self.prover.today)
        return verdict.verdict is not CommitRuling.FAILED

    def _carried_out(self, wanted: ReplayPlan) -> Proved:
        runs = wanted.extent is not Extent.NOTHING or bool(wanted.departed)
        if runs:
            self.prover.on_run(wanted)
        replay = self.prover.replayer().carry_out(self.change, wanted) if runs else Replay()
        worth = Worth(self.change, Rewritten(self.prover.reader, self.change), self.prover.replayer)
        idle = worth.idle(replay.tests, each=self.prover.each)
        shown = worth.checked(replay._replace(reaching=wanted.reaching, idle=idle))
        proved = self._judged(worth.with_earlier(self._case(shown)))
        proving = proved.verdict.fail_to_pass
        if not wanted.lines or not proving or proved.replay.trouble:
            return proved
        return self._judged(proved.replay._replace(lines=self._lines(proved.replay, proving)))

    def _judged(self, replay: Replay) -> Proved:
        settings, entries = self.prover.settings, self.change.after.entries
        verdict = judge(self._case(replay), waivers=settings.waivers, sha=self.sha, today=self.prover.today)
        asked = any(one.fix == WITHOUT_DJANGO for one in verdict.findings)
        known = self.prover.reader.texts(entries, scripts(entries)) if asked else {}
        return Proved(told_how(verdict, known) if known else verdict, replay)

    def _case(self, replay: Replay) -> Case:
        return Case.under(self.prover.settings, self.change.changes, replay, self.intent)

    def _lines(self, replay: Replay, proving: tuple[TestId, ...]) -> LineEvidence | None:
        """Return which statements the change brought, and which of them the proving tests ran."""
        altered = Rewritten(self.prover.reader, self.change).altered()
        cases = tuple(case.node_id for test in replay.tests if test.id in proving for case in test.cases)
        seen = self.prover.replayer().lines_of(self.change, cases, tuple(altered))
        if seen is None:
            return None
        return LineEvidence(
            changed={path: touched(text, lines) for path, (text, lines) in altered.items()},
            run={path: executed(text, seen.get(path, frozenset())) for path, (text, _) in altered.items()},
        )
