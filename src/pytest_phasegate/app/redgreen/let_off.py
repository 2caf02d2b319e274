"""Tests that one commit of a range broke, and another, of tests alone, let off: both are judged as one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pytest_phasegate.app.redgreen.change import ReadChange
from pytest_phasegate.app.redgreen.proof import Prover
from pytest_phasegate.app.redgreen.range_end import broken_between
from pytest_phasegate.app.redgreen.survey import Survey
from pytest_phasegate.app.redgreen.verification import InRange, JudgedCommit
from pytest_phasegate.core.commit.conventional import Commit
from pytest_phasegate.core.evidence.outcomes import BAD, Outcome, TestId
from pytest_phasegate.core.project.paths import ChangeKind
from pytest_phasegate.core.redgreen.change.changeset import ChangeSet
from pytest_phasegate.core.redgreen.observed import Replay
from pytest_phasegate.core.redgreen.verdict import UNLIKE_CODE, UNWRITTEN, CommitRuling, CommitVerdict, error, intent_of
from pytest_phasegate.core.verdict.verdict import Finding, Severity

Doubted = Mapping[str, frozenset[TestId] | None]
"""By the tree before a commit the tests that it may let off, as they stood there; ``None``: any."""


def doubted(commits: Iterable[tuple[JudgedCommit, str]], waives: Callable[[JudgedCommit], str]) -> Doubted:
    """Return what the commits of a range, each with the tree before it, may let off of what earlier ones broke."""
    coded, found = False, dict[str, frozenset[TestId] | None]()
    for one, before in commits:
        alone = coded and not one.changes.changes_behaviour and one.changes.kind is not ChangeKind.MERGE
        altered = _altered(one.changes, one.replay) if alone and not one.changes.deciding else None
        if alone and (altered is None or altered) and not waives(one):
            found[before] = altered
        coded = coded or one.changes.changes_behaviour
    return found


def let_go(commits: Iterable[JudgedCommit], waives: Callable[[JudgedCommit], str]) -> frozenset[TestId] | None:
    """Return the tests that commits of tests alone alter before a later one, without a waiver, changes behaviour.

    ``None``: any, since one of them decides which tests run.
    """
    waiting, found = list[ChangeSet](), list[ChangeSet]()
    for one in (one for one in commits if one.changes.kind is not ChangeKind.MERGE and not waives(one)):
        if one.changes.changes_behaviour:
            found = waiting.copy()
        else:
            waiting.append(one.changes)
    return None if any(one.deciding for one in found) else frozenset().union(*map(_rewritten, found))


def _altered(changes: ChangeSet, replay: Replay) -> frozenset[TestId]:
    """Return the tests that a change asks less of, deletes or renames away, reaches by a helper, or turns green."""
    turned = {test.id for test in replay.tests if test.base in BAD and test.after.green}
    return _rewritten(changes).union(turned)


def _rewritten(changes: ChangeSet) -> frozenset[TestId]:
    written = {
        one.before.id
        for one in changes.tests
        if one.before is not None and (one.weakenings or one.after is None or not one.after.collected)
    }
    return frozenset(written.union(test for helper in changes.helpers for test in helper.tests))


class AsNone(NamedTuple):
    """Code that came as ``style``, ``build`` or ``chore``, and tests that came later, alone, and were green at once.

    ``trees`` are those before and after the code.
    """

    subject: str
    trees: tuple[str, str]
    tests: tuple[TestId, ...]


def brought_as_none(commits: Iterable[tuple[JudgedCommit, tuple[str, str]]]) -> Iterator[AsNone]:
    """Yield what may be code and its tests in the wrong order, of commits each with the trees before and after it."""
    later = frozenset[TestId]()
    for one, trees in reversed(list(commits)):
        alone = one.changes.kind is ChangeKind.CODE_ONLY and one.verdict.verdict is CommitRuling.PASSED
        if not one.changes.changes_behaviour and one.changes.kind is not ChangeKind.MERGE:
            later |= _undeclared(one)
        elif later and alone and one.intent.type in UNLIKE_CODE:
            yield AsNone(one.verdict.subject, trees, tuple(sorted(later)))


def _undeclared(one: JudgedCommit) -> frozenset[TestId]:
    """Return the tests that were green at once, and of which nothing says that they only pin down what is there."""
    declared = {test.id for test in one.changes.targets if test.after and test.after.marks.characterization is not None}
    return frozenset(one.verdict.never_red) - declared if not one.verdict.waiver else frozenset()


def came_late(found: AsNone, turned: Iterable[TestId]) -> Iterator[Finding]:
    """Yield what is said of the tests that the code turned green."""
    fix = "commit the code with its tests, or after them (git rebase -i)"
    for test in turned:
        told = f"{test} was green at once: what it asks about came before it, as `{found.subject}`"
        yield error("PG222", told, test=test, fix=fix).finding


class LettingOff(NamedTuple):
    """Judges a range as one change where a commit broke tests and another, of tests alone, lets them off.

    Args:
        prover: Judges a change, with a replayer and a reader of its own.
        survey: What is known of the commits.
        rules: By which rules, and which waivers.
        commits: Those of the range.
        start: The tree that it begins with.
    """

    prover: Prover
    survey: Survey
    rules: InRange
    commits: tuple[Commit, ...]
    start: str

    def found(self, judged: Sequence[JudgedCommit]) -> tuple[Finding, ...]:
        """Return what is wrong with tests that were let off, or came late; of a part of the range nobody knows."""
        if len(judged) < len(self.commits):
            return ()
        each = list(zip(judged, map(self._trees, self.commits), strict=True))
        late = [finding for one in brought_as_none(each) for finding in came_late(one, self._turned(one))]
        asked = doubted(((one, before) for one, (before, _) in each), self._waives)
        refused = self._refused(asked, let_go(judged, self._waives))
        leave = self.with_leave(tuple(refused.values()))
        return (*(one for one, test in refused.items() if test not in leave), *late)

    def _turned(self, late: AsNone) -> Iterator[TestId]:
        """Yield the tests that the code alone turned green, as they stand where the range ends."""
        before, after = (self._ended(late.tests, tree) for tree in late.trees)
        yield from (
            test for test in late.tests if after[test] is Outcome.PASSED and before[test] in {*BAD, Outcome.MISSING}
        )

    def _ended(self, tests: tuple[TestId, ...], code: str) -> Mapping[TestId, Outcome]:
        change = self.prover.reader.between(self.commits[-1].tree, code)
        return self.prover.replayer().earlier(change, tests, {}).outcomes

    def with_leave(self, tests: Sequence[TestId]) -> dict[TestId, str]:
        """Return the waiver of the commit that broke a test, where it has one: that of another excuses nothing."""
        found: dict[TestId, str] = {}
        for commit in self.commits if tests and len(self.commits) > 1 else ():
            waiver = self.rules.waiver((), intent_of(commit.message, commit.trailers), commit.sha)
            broken = self._between(self._trees(commit), tests) if waiver else ()
            found.update(dict.fromkeys(broken, waiver))
        return found

    def _trees(self, commit: Commit) -> tuple[str, str]:
        return self.survey.before(commit), commit.tree

    def _waives(self, one: JudgedCommit) -> str:
        return self.rules.waiver((), one.intent, one.verdict.sha)

    def _between(self, trees: tuple[str, str], tests: Collection[TestId]) -> frozenset[TestId]:
        return broken_between(self.prover.reader, self.prover.replayer(), trees, tests)

    def _refused(self, asked: Doubted, gone: frozenset[TestId] | None) -> dict[Finding, TestId]:
        """Return what is refused of tests that the range broke, each with the test as it stood before.

        Args:
            asked: What a commit may have let off that was broken on the way.
            gone: What was altered before: what of it fails at the end, as it stood where the range begins, is broken.
                ``None``: whatever is refused may be.
        """
        if not asked and gone == frozenset():
            return {}
        whole = self.prover.reader.between(self.start, self.commits[-1].tree)
        known = {tree: tests for tree, tests in asked.items() if tests is not None}
        broken = self._broken(known) | self._failing(whole, gone or frozenset())
        if not broken and gone is not None and len(known) == len(asked):
            return {}
        refused = _of_tests(self.prover.prove(whole, UNWRITTEN).verdict, whole.changes)
        doubtful = frozenset(refused.values())
        broken |= self._broken(dict.fromkeys(asked.keys() - known.keys(), doubtful))
        broken |= self._failing(whole, doubtful) if gone is None else frozenset()
        return {one: test for one, test in refused.items() if test in broken}

    def _failing(self, whole: ReadChange, tests: frozenset[TestId]) -> frozenset[TestId]:
        return self.prover.replayer().earlier(whole, tuple(sorted(tests)), {}).refuted if tests else frozenset()

    def _broken(self, asked: Mapping[str, frozenset[TestId]]) -> frozenset[TestId]:
        wanted = ((tree, tests) for tree, tests in asked.items() if tests)
        some = (self._between((self.start, tree), tests) for tree, tests in wanted)
        return frozenset[TestId]().union(*some)


def _of_tests(verdict: CommitVerdict, changes: ChangeSet) -> dict[Finding, TestId]:
    names = {now: was for was, now in changes.became.items()}
    errors = (one for one in verdict.findings if one.severity is Severity.ERROR)
    named = {one: _subject(one.message) for one in errors}
    return {one: names.get(test, test) for one, test in named.items()}


def _subject(message: str) -> TestId:
    """Return the test that a message begins with; its directory may have blanks in its name."""
    file, parts, rest = message.partition("::")
    return TestId(f"{file}{parts}{rest.partition(' ')[0]}".removesuffix(":"))
