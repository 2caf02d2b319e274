"""Judge one change by running its tests: what the plan asks for, and the whole suite where that proves nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from pytest_phasegate.app.redgreen.change import ChangeReader, ReadChange
from pytest_phasegate.app.redgreen.project_replay import Examples
from pytest_phasegate.app.redgreen.replay import Replayer
from pytest_phasegate.app.redgreen.rewritten import Rewritten, Unasked
from pytest_phasegate.core.evidence.outcomes import Grade, NodeId, Outcome, TestId, file_of, files_of
from pytest_phasegate.core.evidence.probe_records import ProbedCase, Replaced
from pytest_phasegate.core.project.pytest_options import scripts
from pytest_phasegate.core.project.settings import RedGreenSettings
from pytest_phasegate.core.redgreen.case import Case
from pytest_phasegate.core.redgreen.change.assertions import Claim
from pytest_phasegate.core.redgreen.change.examples import asks_as_much
from pytest_phasegate.core.redgreen.change.test_module import TestFunction, as_test
from pytest_phasegate.core.redgreen.earlier import expecting, open_claims, payers, to_be_run, told_about
from pytest_phasegate.core.redgreen.exercised import HOLLOW, cleared, executed, in_doubt, touched
from pytest_phasegate.core.redgreen.hollow import ENDS, FAILS, falls, swaps_a_value
from pytest_phasegate.core.redgreen.judge import judge, told_how
from pytest_phasegate.core.redgreen.losses import WITHOUT_DJANGO
from pytest_phasegate.core.redgreen.observed import BAD, LineEvidence, Replay, SeenTest
from pytest_phasegate.core.redgreen.plan import Extent, ReplayPlan, by_open_reds, plan, widened
from pytest_phasegate.core.redgreen.verdict import CommitRuling, CommitVerdict, Intent
from pytest_phasegate.core.verdict.verdict import Severity


def _texts(claims: Mapping[TestId, Iterable[Claim]]) -> Mapping[TestId, list[str]]:
    return {test: [claim.text for claim in some] for test, some in claims.items()}


def _undoubted(replay: Replay) -> list[SeenTest]:
    return [test.by_its_reds for test in replay.tests if test.fail_to_pass and not (test.replaced or test.flaky)]


def _doubted(replay: Replay, tests: Iterable[SeenTest], why: Replaced) -> Replay:
    named = {test.id for test in tests}
    marked = (test._replace(replaced=(why,)) if test.id in named else test for test in replay.tests)
    return replay._replace(tests=tuple(marked))


def _red_itself(test: SeenTest) -> bool:
    return test.fail_to_pass and not test.uncollected


def _green(test: SeenTest, ended: Mapping[NodeId, ProbedCase]) -> bool:
    return all(case.node_id in ended and ended[case.node_id].outcome.green for case in test.cases)


class Proved(NamedTuple):
    """A verdict by replay, and what was run for it."""

    verdict: CommitVerdict
    replay: Replay


_AT_ONCE = 20
"""How many tests are run with hollow code before more are: mostly one of them asks for what is in it."""
_SOME_PROOF = SeenTest(TestId("a test"), Outcome.FAILED, Outcome.MISSING, Outcome.PASSED, Grade.BEHAVIOURAL)


def _skipped_here(verdict: CommitVerdict) -> bool:
    """Whether a verdict is open only because the tests that could prove the change are skipped here."""
    errors = {finding.code for finding in verdict.findings if finding.severity is Severity.ERROR}
    return verdict.verdict is CommitRuling.INCONCLUSIVE and errors == {"PG211"}


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
        reach = self.reader.reach(change)
        policy = change.changes.policy_under(self.settings)
        first = plan(change.changes, policy, open_reds=open_reds, reach=reach, inert=self.inert)
        by_reds = self._by_open_reds(change, intent, sha, first)
        if by_reds is not None:
            return by_reds
        proved = self._red_all_along(change, intent, sha, self._carried_out(change, intent, sha, first), open_reds)
        verdict = proved.verdict
        refused = verdict.verdict is CommitRuling.FAILED or _skipped_here(verdict)
        unproved = refused and not verdict.fail_to_pass_unchanged
        settled = not unproved or bool(verdict.fail_to_pass)
        wider = widened(first, change.changes, proved=settled, reach=reach)
        if wider is None or not self._may_be_proved(change, intent, proved.replay):
            return proved
        known = first.files if first.proving is None else first.proving
        self.on_run(wider)
        reds = self._bench().reds(change, wider)
        if reds is not None and known and set(known).issuperset(reds):
            return proved
        if reds is not None:
            wider = wider._replace(extent=Extent.TESTS, files=tuple(sorted({*known, *reds})))
        whole = self._carried_out(change, intent, sha, wider)
        return whole if whole.replay.tests else self._left_open(change, intent, sha, proved, whole)

    def _by_open_reds(self, change: ReadChange, intent: Intent, sha: str, whole: ReplayPlan) -> Proved | None:
        """Prove code alone by the tests that were left red, where records show that the others pass."""
        narrow = None if intent.keeps_behaviour else by_open_reds(whole, change.changes)
        unseen = self.unseen(change, whole) if narrow else None
        if narrow is None or unseen is None:
            return None
        wanted = narrow._replace(files=tuple(sorted(unseen.union(narrow.files))))
        proved = self._carried_out(change, intent, sha, wanted)
        settled = proved.verdict.verdict is CommitRuling.PASSED
        return proved if settled and self._bench().keeps_all(change, whole) else None

    def _red_all_along(
        self, change: ReadChange, intent: Intent, sha: str, proved: Proved, open_reds: Iterable[TestId]
    ) -> Proved:
        """Run what a change leaves red as it stood before: what failed then, it did not leave red."""
        altered = {one.id: one.before.id for one in change.changes.tests if one.before is not None}
        asked = {test: altered[test] for test in proved.verdict.open_red if test in altered}
        asked = {test: was for test, was in asked.items() if {test, was}.isdisjoint(open_reds)}
        red = self._bench().red_before(change, frozenset(asked.values()), shut=True) if asked else frozenset()
        if not red:
            return proved
        tests = (one._replace(base=Outcome.FAILED) if asked.get(one.id) in red else one for one in proved.replay.tests)
        replay = proved.replay._replace(tests=tuple(tests))
        return Proved(self._judged(change, intent, sha, replay), replay)

    def _may_be_proved(self, change: ReadChange, intent: Intent, replay: Replay) -> bool:
        """Whether a test that the change leaves alone would still prove it: else there is none to be looked for."""
        verdict = self._judged(change, intent, "", replay._replace(tests=(*replay.tests, _SOME_PROOF)))
        return verdict.verdict is not CommitRuling.FAILED

    def _left_open(self, change: ReadChange, intent: Intent, sha: str, proved: Proved, whole: Proved) -> Proved:
        """Keep what the tests concerned showed where the whole suite showed nothing: why it did not stays open."""
        replay = proved.replay._replace(trouble=whole.replay.trouble)
        return Proved(self._judged(change, intent, sha, replay), replay)

    def _carried_out(self, change: ReadChange, intent: Intent, sha: str, wanted: ReplayPlan) -> Proved:
        runs = wanted.extent is not Extent.NOTHING or bool(wanted.departed)
        if runs:
            self.on_run(wanted)
        replay = self._bench().carry_out(change, wanted) if runs else Replay()
        replay = replay._replace(reaching=wanted.reaching, idle=self._idle(change, replay.tests))
        shown = self._unasked(change, self._filled(change, self._cleared(change, replay)), replay)
        replay = self._with_earlier(change, intent, shown)
        verdict = self._judged(change, intent, sha, replay)
        if not wanted.lines or not verdict.fail_to_pass or replay.trouble:
            return Proved(verdict, replay)
        replay = replay._replace(lines=self._lines(change, replay, verdict.fail_to_pass))
        return Proved(self._judged(change, intent, sha, replay), replay)

    def _idle(self, change: ReadChange, tests: Collection[SeenTest]) -> Mapping[TestId, bool]:
        """Read what tests of changed files run that do not stand under their own name: inherited, or assigned."""
        before, after = change.before.entries, change.after.entries
        ids = {test.id: (test.id, *test.definitions) for test in tests if test.id not in test.definitions}
        fresh = {path for found in ids.values() for path in map(file_of, found) if before.get(path) != after.get(path)}
        places = {test: found for test, found in ids.items() if not fresh.isdisjoint(map(file_of, found))}
        known = Rewritten(self.reader, change).idle({file_of(one) for found in places.values() for one in found})
        asking_nothing = dict.fromkeys(self._asking_nothing(change, tests) if self.each else (), True)
        return {
            test: all(known.get(one, False) for one in found[1:]) for test, found in places.items()
        } | asking_nothing

    def _asking_nothing(self, change: ReadChange, tests: Collection[SeenTest]) -> list[TestId]:
        """Run new and changed tests where nothing is that they may ask about; return those that stay green.

        Where whatever they ask fails by an assertion they may swallow that, and where it does nothing they may only
        ask that it does not fail: such as do neither are green in both. Where one speaks of what the change brings, a
        helper that comes along may be what swallows that, and is there, too. Of one that speaks of the project's
        configuration, which stays, no run tells; one that was red for more than the import of its file asked something.
        """
        touched = {one.id for one in change.changes.targets}
        left = [
            test for test in tests if not touched.isdisjoint((test.id, *test.definitions)) and not _red_itself(test)
        ]
        if not (change.changes.changes_behaviour or any(test.after in BAD for test in left)):
            return []
        rewritten = Rewritten(self.reader, change)
        configuring = rewritten.configuring(files_of(test.id for test in left))
        left = [test for test in left if test.after is Outcome.PASSED and file_of(test.id) not in configuring]
        found = self._green_without(change, left, rewritten, helpers=False)
        if not rewritten.helpers:
            return found
        added = change.changes.added.all
        targets = ((one.id, one.after.claims.words) for one in change.changes.targets if one.after)
        speaking = {test for test, words in targets if not added.isdisjoint(words)}.difference(found)
        others = [test for test in left if test.id in speaking]
        return [*found, *self._green_without(change, others, rewritten, helpers=True)]

    def _green_without(
        self, change: ReadChange, left: list[SeenTest], rewritten: Rewritten, *, helpers: bool
    ) -> list[TestId]:
        for asked in (True, False):
            contents = rewritten.absent(asked=asked, helpers=helpers) if left else {}
            ended = self._bench().with_contents(change, left, contents) if left else {}
            left = [test for test in left if _green(test, ended)]
        return [test.id for test in left]

    def _cleared(self, change: ReadChange, replay: Replay) -> Replay:
        """Run again the tests beside which something stood in the place of code: does code of the change run?"""
        doubted = in_doubt(replay.tests)
        files = Rewritten(self.reader, change).changed() if doubted else {}
        cases = tuple(case.node_id for test in doubted for case in test.cases)
        asked = any(file.functions for file in files.values())
        seen = self._bench().lines_of(change, cases, tuple(files)) if asked else None
        tests = cleared(replay.tests, doubted, files, seen)
        return replay._replace(tests=tests)

    def _filled(self, change: ReadChange, replay: Replay) -> Replay:
        """Run what went to green with hollow code of the change: where all of it stays green, it asks nothing of it.

        A test may only ask that a process ends with an error, as hollow code does: it must be green where that ends as
        if all were well, too.
        """
        proofs = _undoubted(replay)
        asked = proofs and change.changes.changes_behaviour and not change.changes.removes_only
        if not asked or not all(self._stay_green(change, proofs, code) for code in (FAILS, ENDS)):
            return replay
        return _doubted(replay, proofs, HOLLOW)

    def _stay_green(self, change: ReadChange, proofs: list[SeenTest], code: int) -> bool:
        contents = Rewritten(self.reader, change).hollow(code)
        left = proofs if contents else []
        while left:
            some, left = left[:_AT_ONCE], left[_AT_ONCE:]
            ended = self._bench().with_contents(change, some, contents)
            if not all(_green(test, ended) for test in some):
                return False
        return bool(contents)

    def _unasked(self, change: ReadChange, replay: Replay, seen: Replay) -> Replay:
        """Run what went to green without what helpers of the change do unasked: is a value right by that alone?

        Args:
            change: The change.
            replay: What is known of its tests.
            seen: What was seen of them, with all that stood in the place of something.
        """
        proofs = _undoubted(replay)
        helpers = Rewritten(self.reader, change).unasked() if proofs and change.changes.changes_behaviour else Unasked()
        if not helpers.fills and not any(swaps_a_value(test.replaced) for test in seen.tests):
            return replay
        contents = helpers.contents
        ended = self._bench().with_contents(change, proofs, contents) if contents else {}
        fallen = [test for test in proofs if falls(ended[one.node_id] for one in test.cases if one.node_id in ended)]
        alike = len(fallen) == len(proofs)
        return _doubted(replay, fallen if alike else [], Replaced("", "", next(iter(contents), "")))

    def _with_earlier(self, change: ReadChange, intent: Intent, replay: Replay) -> Replay:
        """Run the texts of before that decide whether a demand changed with the code or was dropped."""
        case = self._case(change, intent, replay)
        wanted = to_be_run(case)
        asked = wanted or change.changes.examples
        if not asked or replay.trouble or not replay.tests:
            return replay
        found = self._bench().earlier(change, wanted, expecting(case))
        departed = {**(replay.departed or {}), **found.outcomes}
        red_before = replay.red_before
        if red_before is None:
            red_before = self._bench().red_before(change, found.refuted) if found.refuted else frozenset()
        examples = self._examples(change)
        refuted = (found.refuted - red_before) | examples.refuted
        unaltered = self._unaltered(change, refuted - examples.fresh, replay.tests)
        replay = replay._replace(departed=departed, refuted=refuted, unaltered=unaltered)
        return replay._replace(unpaid=self._unpaid(change, self._case(change, intent, replay)))

    def _examples(self, change: ReadChange) -> Examples:
        """Run examples of code as they stood before; one that asks less than it did is not fresh, red or not."""
        exchanged = Rewritten(self.reader, change).exchanged() if change.changes.examples else None
        found = self._bench().examples(change, exchanged) if exchanged else Examples()
        told = Rewritten(self.reader, change).told(found.fresh)
        return found._replace(fresh=frozenset(test for test, texts in told.items() if asks_as_much(*texts)))

    def _unpaid(self, change: ReadChange, case: Case) -> Mapping[TestId, str]:
        """Run the claims of altered tests one by one: the code meets each, or one that was red took its place."""
        asked = open_claims(case)
        before = Rewritten(self.reader, change).apart(_texts(asked), before=True) if asked else None
        ids = self._bench().unmet(change, before) if before and before.claims else frozenset()
        unmet = {before.claims[one] for one in ids} if before else set()
        left = {test: [one for one in claims if (test, one.text) in unmet] for test, claims in asked.items()}
        found = {test: payers(case, test, claims) for test, claims in left.items() if claims}
        paying = [one for some in found.values() for each in some.values() for one in each]
        red = self._red_apart(change, case, paying)
        unpaid = {
            test: [
                claim for claim in left[test] if red.isdisjoint((payer, one.text) for payer, one in some[claim.text])
            ]
            for test, some in found.items()
        }
        return {test: told_about(claims) for test, claims in unpaid.items() if claims}

    def _red_apart(
        self, change: ReadChange, case: Case, paying: Iterable[tuple[TestId, Claim]]
    ) -> frozenset[tuple[TestId, str]]:
        """Return those of some claims that fail on the code before; one that could not run there was red as a whole."""
        listed = list(paying)
        wanted: dict[TestId, list[str]] = {}
        for test, claim in listed:
            wanted.setdefault(test, []).append(claim.text)
        apart = Rewritten(self.reader, change).apart(wanted, before=False) if wanted else None
        if apart is None or not apart.claims:
            return frozenset((test, claim.text) for test, claim in listed)
        failing = self._bench().red_apart(change, apart)
        green = {claim for test, claim in apart.claims.items() if test not in failing}
        whole = {test.id for test in case.replay.tests if test.uncollected} if case.replay else set()
        asked = ((test, claim.text) for test, claim in listed)
        return frozenset(one for one in asked if one not in green or one[0] in whole)

    def _unaltered(
        self, change: ReadChange, tests: frozenset[TestId], ran: Iterable[SeenTest]
    ) -> Mapping[TestId, TestFunction]:
        """Read those of some tests that the change leaves as they are, an inherited one where it is defined.

        One of a document, or that something makes, may ask about whatever its file speaks of.
        """
        altered = {one.before.id for one in change.changes.tests if one.before is not None}
        places: dict[TestId, tuple[TestId, ...]] = {test: (test,) for test in tests - altered}
        places |= {test.id: (*sorted(test.definitions), test.id) for test in ran if test.id in places}
        paths = {file_of(place) for found in places.values() for place in found}
        known = Rewritten(self.reader, change).tests(tuple(sorted(paths))) if paths else {}
        read = {test: known[place] for test, found in places.items() for place in found if place in known}
        texts = Rewritten(self.reader, change).gone_from(places.keys() - read.keys())
        return read | {test: as_test(test, text) for test, text in texts.items()}

    def _bench(self) -> Replayer:
        if self._replayer is None:
            self._replayer = self.bench()
        return self._replayer

    def _judged(self, change: ReadChange, intent: Intent, sha: str, replay: Replay) -> CommitVerdict:
        case = self._case(change, intent, replay)
        verdict = judge(case, waivers=self.settings.waivers, sha=sha, today=self.today)
        asked = any(one.fix == WITHOUT_DJANGO for one in verdict.findings)
        known = self.reader.texts(change.after.entries, scripts(change.after.entries)) if asked else {}
        return told_how(verdict, known) if known else verdict

    def _case(self, change: ReadChange, intent: Intent, replay: Replay) -> Case:
        return Case(change.changes, replay, intent, change.changes.policy_under(self.settings), self.settings)

    def _lines(self, change: ReadChange, replay: Replay, proving: tuple[TestId, ...]) -> LineEvidence | None:
        """Return which statements the change brought, and which of them the proving tests ran."""
        altered = Rewritten(self.reader, change).altered()
        cases = [case.node_id for test in replay.tests if test.id in proving for case in test.cases]
        seen = self._bench().lines_of(change, tuple(cases), tuple(altered))
        if seen is None:
            return None
        return LineEvidence(
            changed={path: touched(file.text, file.lines) for path, file in altered.items()},
            run={path: executed(file.text, seen.get(path, frozenset())) for path, file in altered.items()},
        )
