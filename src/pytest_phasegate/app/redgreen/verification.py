"""What a range came to: its judged commits in their order, and the value that every output is rendered from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from pytest_phasegate.app.ports.evidence import Ledger
from pytest_phasegate.app.redgreen.change import ChangeReader
from pytest_phasegate.app.redgreen.range_end import Fallen
from pytest_phasegate.app.redgreen.recorded_replay import was_seen_red
from pytest_phasegate.core.commit.conventional import Commit
from pytest_phasegate.core.evidence.outcomes import TestId
from pytest_phasegate.core.project.paths import ChangeKind
from pytest_phasegate.core.project.settings import Policy, RedGreenSettings
from pytest_phasegate.core.redgreen.change.changeset import ChangeSet
from pytest_phasegate.core.redgreen.observed import Replay
from pytest_phasegate.core.redgreen.ranges import (
    OpenRed,
    RangeVerdict,
    broken_at_the_end,
    judge_range,
    let_go,
    out_of_order,
    still_open,
    touched_while_open,
    unknown_at_the_end,
)
from pytest_phasegate.core.redgreen.verdict import (
    LISTS,
    UNWRITTEN,
    CommitRuling,
    CommitVerdict,
    Fault,
    Intent,
    waiver_for,
)
from pytest_phasegate.core.verdict.verdict import Finding, Ruling, combine, counted


class VerifiedCommit(NamedTuple):
    """A commit's verdict, the cases of the tests in each of its lists, and what was done to run them.

    ``carried`` are files of a build that were brought into the trees, ``neutralised`` options taken out of ``addopts``.
    """

    verdict: CommitVerdict
    cases: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    carried: tuple[str, ...] = ()
    neutralised: tuple[str, ...] = ()


class JudgedCommit(NamedTuple):
    """A commit's verdict, with what was read and run for it."""

    verdict: CommitVerdict
    changes: ChangeSet
    replay: Replay
    intent: Intent = UNWRITTEN

    @property
    def verified(self) -> VerifiedCommit:
        """The same for every output, with the cases that ran."""
        lists = {name: frozenset(getattr(self.verdict, name)) for name in LISTS}
        cases = {
            name: tuple(sorted(case.node_id for test in self.replay.tests if test.id in tests for case in test.cases))
            for name, tests in lists.items()
        }
        return VerifiedCommit(self.verdict, cases, self.replay.carried, self.replay.neutralised)


class Verification(NamedTuple):
    """The verdict on a range and on each of its commits; ``part`` names the shard, if it is one.

    ``ended_by`` says what ended it before all of them were judged, and ``at_end`` what only the range shows where it
    ends: tests that it broke, that one commit broke and another lets off, or of which nobody could tell.
    """

    asked: str
    verdict: RangeVerdict
    commits: tuple[VerifiedCommit, ...]
    part: str = ""
    ended_by: str = ""
    at_end: tuple[Finding, ...] = ()


class InRange(NamedTuple):
    """What only the range shows of its commits, by the rules of its base; ``today`` is the date, ISO, for waivers."""

    rules: RedGreenSettings
    today: str

    def linked(self, judged: tuple[JudgedCommit, ...], *, in_order: bool = False) -> tuple[JudgedCommit, ...]:
        """Refuse what only the order of the commits tells: a test weakened while it is red, or that came too late."""
        reds: tuple[OpenRed, ...] = ()
        linked = []
        for one in judged:
            kept = _with_weakenings(one, reds)
            linked.append(self._in_order(kept, reds) if in_order else kept)
            reds = still_open(reds, one.verdict, one.changes)
        return tuple(linked)

    def ended(
        self,
        commits: Sequence[Commit],
        found: Sequence[JudgedCommit],
        by: str,
        *,
        kinds: Mapping[str, ChangeKind],
        running: Mapping[str, str],
    ) -> tuple[RangeVerdict, tuple[VerifiedCommit, ...]]:
        """Return what was judged before somebody ended it; of what is left red, later commits would have told.

        Args:
            commits: What was to be judged.
            found: What was.
            by: Who ended it.
            kinds: By commit its kind, as far as it was read.
            running: By commit what was run for it then, in words.
        """
        judged = self.linked(tuple(found))
        known = judge_range([one.verdict for one in judged], ())
        left = [
            CommitVerdict(
                kinds.get(commit.sha, ChangeKind.NEITHER),
                CommitRuling.INCONCLUSIVE,
                f"not judged: ended by {by}{running.get(commit.sha, '')}",
                sha=commit.sha,
                subject=commit.subject,
            )
            for commit in commits[len(judged) :]
        ]
        were = "was" if len(judged) == 1 else "were"
        so_far = f": {known.reason}" if judged else ""
        but = "" if left else ", but not what the range breaks where it ends"
        whole = known._replace(
            verdict=combine([known.verdict, Ruling.INCONCLUSIVE]),
            reason=f"ended by {by} when {len(judged)} of {counted(len(commits), 'commit')} {were} judged{but}{so_far}",
            commits=(*known.commits, *left),
        )
        return whole, (*(one.verified for one in judged), *map(VerifiedCommit, left))

    def _in_order(self, judged: JudgedCommit, reds: Sequence[OpenRed]) -> JudgedCommit:
        """Refuse a commit whose test did not come first, unless it is waived."""
        strict = judged.changes.policy_under(self.rules) is Policy.STRICT
        faults = out_of_order(judged.verdict, judged.changes, {red.test for red in reds}, strict=strict)
        return self._refused(judged, tuple(faults))

    def _refused(self, judged: JudgedCommit, faults: Sequence[Fault]) -> JudgedCommit:
        """Refuse a commit that passed for what only the range shows, unless a waiver covers that."""
        verdict = judged.verdict
        if not faults or verdict.verdict not in {CommitRuling.PASSED, CommitRuling.WAIVED}:
            return judged
        waiver = self.waiver(faults, judged.intent, verdict.sha)
        certain = any(not fault.unknown for fault in faults)
        reason = faults[0].finding.message
        refused = verdict._replace(
            verdict=CommitRuling.WAIVED if waiver else CommitRuling.FAILED if certain else CommitRuling.INCONCLUSIVE,
            reason=f"waived ({waiver}): {reason}" if waiver else reason,
            findings=(*verdict.findings, *(fault.finding for fault in faults)),
            waiver=waiver,
        )
        return judged._replace(verdict=refused)

    def waiver(self, faults: Sequence[Fault], intent: Intent, sha: str = "") -> str:
        """Return why some faults stand: a waiver covers all of them, or nothing is refused where they are."""
        rules = self.rules
        policies = {rules.policy_for([fault.finding.path or ""]) for fault in faults} if rules.paths else {None}
        observed = ", ".join(f'policy = "{policy}"' for policy in policies if policy in {Policy.OBSERVE, Policy.OFF})
        waiver = waiver_for(faults, intent, rules.waivers, sha=sha, today=self.today)
        return waiver or (observed if policies <= {Policy.OBSERVE, Policy.OFF} else "")

    def blamed(
        self, end: Fallen, judged: tuple[JudgedCommit, ...], elsewhere: Sequence[Commit]
    ) -> tuple[tuple[JudgedCommit, ...], tuple[Finding, ...]]:
        """Refuse the one commit that can have broken tests; where several can, return what is said of the range.

        Those that other shards judge can have, too.
        """
        known = {red.test for red in open_reds_of(judged)}
        coded = [one for one in judged if one.changes.changes_behaviour]
        suspects = [one for one in coded if one.verdict.verdict is not CommitRuling.EXEMPT]
        tests = tuple(test for test in end.tests if test not in known)
        alone = len(suspects) == 1 and not elsewhere
        faults = tuple(broken_at_the_end(test, several=not alone) for test in tests)
        doubt = (unknown_at_the_end(end.trouble),) if end.trouble else ()
        if alone:
            one = self._refused(suspects[0], (*faults, *doubt))
            blamed = one._replace(verdict=one.verdict._replace(pass_to_fail=(*one.verdict.pass_to_fail, *tests)))
            return tuple(blamed if other is suspects[0] else other for other in judged), ()
        waivers = {fault: end.waived.get(TestId(fault.test)) or self.waiver([fault], UNWRITTEN) for fault in faults}
        said = (let_go(fault, waiver) if waiver else fault.finding for fault, waiver in waivers.items())
        return judged, (*said, *(fault.finding for fault in doubt))


def _with_weakenings(judged: JudgedCommit, reds: Sequence[OpenRed]) -> JudgedCommit:
    findings = touched_while_open({red.test for red in reds}, judged.changes)
    if not findings or judged.verdict.waiver:
        return judged
    return judged._replace(verdict=judged.verdict.refused_for(findings))


def open_reds_of(judged: Sequence[JudgedCommit]) -> tuple[OpenRed, ...]:
    """Return the tests that are red after these commits."""
    reds: tuple[OpenRed, ...] = ()
    for one in judged:
        reds = still_open(reds, one.verdict, one.changes)
    return reds


def not_judged(reason: str) -> Verification:
    """Return what is said of a change of which nothing was asked."""
    return Verification("", RangeVerdict(Ruling.NOT_EVALUATED, reason, ()), ())


def never_observed(
    found: Verification, commits: Iterable[Commit], reader: ChangeReader, ledger: Ledger, settings: RedGreenSettings
) -> Iterator[CommitVerdict]:
    """Yield the verdicts that passed by replay alone: no run has shown one of their tests red.

    Raises:
        LedgerError: The ledger cannot be believed or read.
    """
    by_id: Mapping[str, Commit] = {commit.sha: commit for commit in commits}
    for one in found.commits:
        verdict = one.verdict
        passed = verdict.verdict is CommitRuling.PASSED
        tests = verdict.turned if passed else ()
        commit = by_id.get(verdict.sha)
        if not tests or commit is None or commit.is_merge:
            continue
        before = commit.parents[0] if commit.parents else reader.repository.empty_tree()
        if not was_seen_red(reader.between(before, commit.tree), tests, ledger, settings):
            yield verdict
