"""Judge the commit about to be made: by what the ledger has seen, by a replay where that settles nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from pytest_phasegate.app.ports.evidence import Ledger
from pytest_phasegate.app.ports.repository import INDEX
from pytest_phasegate.app.redgreen.change import ChangeReader, ReadChange
from pytest_phasegate.app.redgreen.lookup import Recalled, is_of, is_whole
from pytest_phasegate.app.redgreen.recorded_replay import SeenChange, look_for_broken, look_up, was_seen_red
from pytest_phasegate.core.evidence.outcomes import Outcome, TestId, file_of
from pytest_phasegate.core.evidence.runs import TestVersion
from pytest_phasegate.core.project.paths import ChangeKind, says_how_files_are_written
from pytest_phasegate.core.project.settings import OnMissing, Policy, RedGreenSettings
from pytest_phasegate.core.redgreen.case import Case
from pytest_phasegate.core.redgreen.change.changeset import ChangeSet
from pytest_phasegate.core.redgreen.import_graph import BY_NOBODY, Reaching
from pytest_phasegate.core.redgreen.judge import judge
from pytest_phasegate.core.redgreen.observed import Replay
from pytest_phasegate.core.redgreen.plan import ReplayPlan, asks_only_for_a_run, told
from pytest_phasegate.core.redgreen.verdict import UNWRITTEN, CommitRuling, CommitVerdict, Intent
from pytest_phasegate.core.verdict.verdict import Finding, Severity

Judge = Callable[[ReadChange, Intent, tuple[TestId, ...]], CommitVerdict]
"""Judges a change by running its tests, and those that the commit before it may have left red."""

_NAMED = 5  # how many test files a command names at most


class CommitCheck(NamedTuple):
    """Judges what is staged.

    Args:
        reader: Reads changes of the repository.
        ledger: What earlier runs have shown.
        settings: The project's rules.
        today: The date, ISO, against which waivers expire.
        replay: Judges a change by running its tests; asked only where the ledger does not settle it.
        quickly: The same for what asks for no red test, or ``None`` where a few seconds did not suffice.
    """

    reader: ChangeReader
    ledger: Ledger
    settings: RedGreenSettings
    today: str
    replay: Judge
    quickly: Callable[[ReadChange, Intent], CommitVerdict | None] = lambda *_: None

    def check(self, parents: tuple[str, ...], intent: Intent = UNWRITTEN) -> CommitVerdict:
        """Judge the index against the commit's parents: none for the first one, several for a merge.

        Raises:
            EvidenceError: The repository, the ledger or the project's interpreter cannot be used.
        """
        change = self._read(parents, intent)
        intent = change.meant(intent)
        off = change.changes.policy_under(self.settings) is Policy.OFF
        if off or intent.waiver or not Case(change.changes).may_be_refused:
            return self._judge(change, None, intent)
        if asks_only_for_a_run(change.changes):
            return self._stays_green(change, intent)
        seen = look_up(change, self.ledger, self.settings, intent)
        unreadable = change.changes.unreadable_tests
        if not seen.unsettled or unreadable or self._lacks_a_test(change, parents, intent):
            verdict = self._judge(change, seen, intent)
            failed = verdict.verdict is CommitRuling.FAILED
            if not seen.unsettled or unreadable or failed or verdict.awaits_message:
                return verdict
        if self.settings.on_missing is OnMissing.BLOCK:
            return self._observed_or_refused(change, seen, parents, intent)
        if seen.others_open:
            return self._others_stay_green(change, seen, parents, intent)
        return self._replayed(change, parents, intent)

    def _lacks_a_test(self, change: ReadChange, parents: tuple[str, ...], intent: Intent) -> bool:
        """Whether no run could pass this commit, so that none is begun; a refactoring needs the runs."""
        kept = intent.known and intent.keeps_behaviour
        return not kept and len(parents) == 1 and lacks_a_test(change, self.reader, self.ledger, parents[0])

    def _stays_green(self, change: ReadChange, intent: Intent) -> CommitVerdict:
        """Judge code that only goes or looks inert: by a recorded run, or a quick one, or leave it to ``verify``."""
        wanted = [*(one.path for one in change.changes.unproved), *change.changes.restored]
        as_checked_out = not any(map(says_how_files_are_written, wanted))
        if as_checked_out and stands_green(change, self.ledger, lambda: self.reader.reach(change)(wanted)):
            reason = "a recorded run of the tests that reach this content was green"
            return CommitVerdict(change.changes.kind, CommitRuling.PASSED, reason, subject=intent.subject)
        seen = look_for_broken(change, self.ledger)
        if any(test.pass_to_fail and not test.flaky for test in seen.tests):
            return self._judge(change, seen, intent)
        verdict = None if is_large(change) else self.quickly(change, intent)
        if verdict is not None and verdict.verdict is not CommitRuling.INCONCLUSIVE:
            return verdict
        return _left_to_verify(change, intent)

    def _others_stay_green(
        self, change: ReadChange, seen: SeenChange, parents: tuple[str, ...], intent: Intent
    ) -> CommitVerdict:
        """Judge code alone for which records speak, but for tests that must only stay green: by a run of these.

        Code that turned a test green may go before that run has ended: beside its test, in one commit, nobody asks.
        """
        wanted = [one.path for one in change.changes.behaviour]
        verdict = self._judge(change, seen, intent)
        if stands_green(change, self.ledger, lambda: self.reader.reach(change)(wanted)):
            return verdict
        if not (self.settings.leave_to_verify or verdict.turned):
            return self._replayed(change, parents, intent)
        if verdict.awaits_message or verdict.verdict.refuses:
            return verdict
        ran = None if is_large(change) else self.quickly(change, intent)
        if ran is not None and ran.verdict is not CommitRuling.INCONCLUSIVE:
            return ran
        if verdict.turned:
            left = _left_to_verify(change, intent)
            return verdict._replace(reason=f"{verdict.reason}; {left.reason}", left_to=left.left_to)
        awaited = self._judge(change, seen, UNWRITTEN).awaits_message
        return _left_to_verify(change, intent)._replace(awaits_message=awaited)

    def _observed_or_refused(
        self, change: ReadChange, seen: SeenChange, parents: tuple[str, ...], intent: Intent
    ) -> CommitVerdict:
        """Judge by a replay what was observed and is not settled; what nobody saw red no replay can help."""
        by_evidence = self._judge(change, seen, intent)
        lacks = by_evidence.verdict.refuses or by_evidence.awaits_message
        wants_red = change.changes.changes_behaviour and not change.changes.removes_only
        if lacks and wants_red and not seen.red_observed:
            return by_evidence
        verdict = self._replayed(change, parents, intent)
        passed = verdict.verdict is CommitRuling.PASSED and bool(verdict.turned)
        if passed and lacks and not was_seen_red(change, verdict.turned, self.ledger, self.settings):
            return by_evidence
        return verdict

    def _replayed(self, change: ReadChange, parents: tuple[str, ...], intent: Intent) -> CommitVerdict:
        alone = len(parents) == 1 and change.changes.kind is ChangeKind.CODE_ONLY
        below = _tests_alone(self.reader, parents[0]) if alone else None
        standing = change.after.entries
        written = tuple(test.id for test in below.targets if file_of(test.id) in standing) if below else ()
        return self.replay(change, intent, written)

    def _read(self, parents: tuple[str, ...], intent: Intent) -> ReadChange:
        if len(parents) > 1:
            return self.reader.merged(parents, INDEX)
        before = parents[0] if parents else self.reader.repository.empty_tree()
        return self.reader.between(before, INDEX, reverted=intent.reverts)

    def _judge(self, change: ReadChange, seen: SeenChange | None, intent: Intent) -> CommitVerdict:
        case = Case.under(self.settings, change.changes, Replay(seen.tests) if seen else None, intent)
        return judge(case, waivers=self.settings.waivers, today=self.today)


def _left_to_verify(change: ReadChange, intent: Intent) -> CommitVerdict:
    reason = "no run shows that the tests which reach this change stay green"
    return CommitVerdict(
        change.changes.kind, CommitRuling.EXEMPT, reason, subject=intent.subject, left_to="verify and pre-push"
    )


def out_of_time(verdict: CommitVerdict, plans: Sequence[ReplayPlan], limit: float) -> CommitVerdict:
    """Return the verdict on a commit whose runs were ended: what they showed until then counts for nothing.

    Args:
        verdict: What they came to.
        plans: What was to be run, the last one ended.
        limit: Seconds that a commit may take.
    """
    files = plans[-1].files if plans else ()
    named = " ".join(files[:_NAMED]) if len(files) <= _NAMED else ""
    what = told(plans[-1]) if plans else "running tests"
    finding = Finding(
        "PG211",
        Severity.ERROR,
        f"the time limit for a commit is over ({limit:g} s, red_green.timeout): {what}",
        fix=f"run `{f'pytest {named}'.strip()}` without the code and with it, then commit again: what was recorded"
        " is taken for the proof",
    )
    return CommitVerdict(
        verdict.kind, CommitRuling.INCONCLUSIVE, finding.message, subject=verdict.subject, findings=(finding,)
    )


_MOST_PATIENT = 5.0  # times that a commit waits longer, at most


def patient(seconds: float, load: float, processors: int) -> float:
    """Return for how long a commit waits for runs of so many seconds where others, by the load, have the processors."""
    return round(seconds * min(max(load / processors, 1.0), _MOST_PATIENT))


MOST_MODULES = 1500  # in a larger tree, finding out what reaches a change takes longer than a hook should


def stands_green(change: ReadChange, ledger: Ledger, reaching: Callable[[], Reaching]) -> bool:
    """Return whether the suite, or each test file that can reach a change, ran green on the staged content.

    Raises:
        LedgerError: The ledger cannot be believed or read.
    """
    with ledger.kept_open():
        recalled = Recalled(change, ledger)
        clean = [run for run in recalled.after_runs if not run.incomplete and not ledger.reds_of(run)]
    if any(map(is_whole, clean)):
        return True
    found = reaching() if clean and not is_large(change) else None
    if found is None or found.whole or not found.files:
        return False
    files = [path for path in found.files if path in change.after.entries]
    return all(any(is_of(run, path, change) for run in clean) for path in files)


def is_large(change: ReadChange) -> bool:
    """Whether a tree holds more modules than a hook should read."""
    return sum(path.endswith(".py") for path in change.after.entries) > MOST_MODULES


_COMMITS = 5  # how far below a commit of tests alone is looked for, past merges and what is neither test nor code
_RUNS = 50
_DOCTEST = ">>> "


def lacks_a_test(change: ReadChange, reader: ChangeReader, ledger: Ledger, before: str) -> bool:
    """Return whether production behaves otherwise and nothing that a replay runs could prove it.

    Args:
        change: The change, read.
        reader: Reads the commits below.
        ledger: What earlier runs have shown.
        before: The commit that the change stands on.

    Raises:
        EvidenceError: The repository or the ledger cannot be read.
    """
    if not _is_code_alone(change, reader):
        return False
    below = _tests_alone(reader, before)
    standing = change.after.entries
    if below is not None and (below.shared or any(file_of(one.id) in standing for one in below.helpers)):
        return False
    with ledger.kept_open():
        recalled = Recalled(change, ledger)
        written = [test.id for test in below.targets] if below else []
        fresh = recalled.versions(change.after, written)
        made = reader.repository.commit(before).made  # a test that is not fresh nobody has run as it stands
        return len(fresh) == len(written) and not _left_red(recalled, list(fresh.values()), made)


def _is_code_alone(change: ReadChange, reader: ChangeReader) -> bool:
    """Whether code changes, and no file that pytest could collect a test from, or that its tests can stand on."""
    changes = change.changes
    if not changes.changes_behaviour or changes.removes_only or changes.tests or changes.configuration:
        return False
    beside = {*changes.shared, *(file_of(helper.id) for helper in changes.helpers)}
    if beside and (is_large(change) or reader.reach(change)(sorted(beside)).whole != BY_NOBODY):
        return False
    texts = reader.texts(change.after.entries, changes.others)
    return not any(line.lstrip().startswith(_DOCTEST) for text in texts.values() for line in text.splitlines())


def _tests_alone(reader: ChangeReader, revision: str) -> ChangeSet | None:
    """Return what the newest commit of tests or code changes, if that is tests alone: it may have left them red.

    What a merge brought is the work of others.
    """
    for _ in range(_COMMITS):
        commit = reader.repository.commit(revision)
        if not commit.parents or reader.repository.resolve(commit.parents[0]) is None:
            return None
        changes = reader.between(commit.parents[0], commit.tree).changes if len(commit.parents) == 1 else None
        if changes and changes.changes_behaviour:
            return None
        if changes and (changes.targets or changes.shared or changes.helpers):
            return changes
        revision = commit.parents[0]
    return None


def _left_red(recalled: Recalled, written: Sequence[TestVersion], made: int) -> bool:
    """Return whether a test is open: one seen red as it stands, or one of those just written.

    One under a mark of xfail waits for the commit that takes the mark away, which is not of code alone.
    It is no longer when a run passed it on the code before, or passed it after its red and in a second before that of
    the last commit.
    """
    ledger, code = recalled.ledger, recalled.production_before
    seen = {test: one for test, one in recalled.left_red().items() if one.red.outcome is not Outcome.XFAILED}
    waiting = dict.fromkeys(written, 0) | {test: one.run.number for test, one in seen.items()}
    for run in {*ledger.runs(code), *(run for run in ledger.recent_runs(_RUNS) if run.at < made)}:
        for test, outcome in ledger.outcomes(run, list(waiting)).items():
            later = run.number > waiting[test] and test in seen
            if outcome is Outcome.PASSED and (run.production == code or later):
                del waiting[test]
    return bool(waiting)
