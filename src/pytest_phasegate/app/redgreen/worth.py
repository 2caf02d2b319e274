"""What the tests of a change are worth: run again with files of it as no commit holds them, what do they still ask?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

from pytest_phasegate.app.redgreen.change import ReadChange
from pytest_phasegate.app.redgreen.project_replay import Examples
from pytest_phasegate.app.redgreen.replay import Replayer
from pytest_phasegate.app.redgreen.rewritten import Rewritten, Unasked
from pytest_phasegate.core.evidence.outcomes import BAD, NodeId, Outcome, TestId, file_of, files_of
from pytest_phasegate.core.evidence.probe_records import ProbedCase, Replaced
from pytest_phasegate.core.redgreen.case import Case
from pytest_phasegate.core.redgreen.change.assertions import Claim
from pytest_phasegate.core.redgreen.change.examples import asks_as_much
from pytest_phasegate.core.redgreen.change.test_module import TestFunction, as_test
from pytest_phasegate.core.redgreen.earlier import expecting, open_claims, payers, to_be_run, told_about
from pytest_phasegate.core.redgreen.exercised import HOLLOW, cleared, falls, in_doubt, swaps_a_value
from pytest_phasegate.core.redgreen.hollow import ENDS, FAILS
from pytest_phasegate.core.redgreen.observed import Replay, SeenTest

_AT_ONCE = 20
"""How many tests are run with hollow code before more are: mostly one of them asks for what is in it."""


class Worth(NamedTuple):
    """Asks it of the tests of one change.

    Args:
        change: The change, read.
        rewritten: Makes files of it as no commit holds them.
        replayer: Gives what runs tests, where some must run.
    """

    change: ReadChange
    rewritten: Rewritten
    replayer: Callable[[], Replayer]

    def idle(self, tests: Collection[SeenTest], *, each: bool) -> Mapping[TestId, bool]:
        """Read what tests of changed files run that do not stand under their own name: inherited, or assigned.

        Args:
            tests: What ran.
            each: Whether every new and changed test is asked whether it asks anything, too.
        """
        before, after = self.change.before.entries, self.change.after.entries
        ids = {test.id: (test.id, *test.definitions) for test in tests if test.id not in test.definitions}
        fresh = {path for found in ids.values() for path in map(file_of, found) if before.get(path) != after.get(path)}
        places = {test: found for test, found in ids.items() if not fresh.isdisjoint(map(file_of, found))}
        known = self.rewritten.idle({file_of(one) for found in places.values() for one in found})
        elsewhere = {test: all(known.get(one, False) for one in found[1:]) for test, found in places.items()}
        return elsewhere | dict.fromkeys(self._asking_nothing(tests) if each else (), True)

    def _asking_nothing(self, tests: Collection[SeenTest]) -> list[TestId]:
        """Run new and changed tests where nothing is that they may ask about; return those that stay green.

        Where whatever they ask fails by an assertion they may swallow that, and where it does nothing they may only
        ask that it does not fail: such as do neither are green in both. Where one speaks of what the change brings, a
        helper that comes along may be what swallows that, and is there, too; so is one that defines the test. Of one
        that speaks of the project's configuration, which stays, no run tells; one that was red for more than the import
        of its file asked something.
        """
        targets = self.change.changes.targets
        touched = {one.id for one in targets}
        mine = (test for test in tests if not touched.isdisjoint((test.id, *test.definitions)))
        left = [test for test in mine if not test.fail_to_pass or test.uncollected]
        if not (self.change.changes.changes_behaviour or any(test.after in BAD for test in left)):
            return []
        configuring = self.rewritten.configuring(files_of(test.id for test in left))
        left = [test for test in left if test.after is Outcome.PASSED and file_of(test.id) not in configuring]
        found = self._green_without(left, helpers=False)
        helpers = self.rewritten.helpers
        if not helpers:
            return found
        added = self.change.changes.added.all
        speaking = {one.id for one in targets if one.after and not added.isdisjoint(one.after.claims.words)}
        speaking.update(test.id for test in left if not helpers.isdisjoint(map(file_of, test.definitions)))
        others = [test for test in left if test.id in speaking.difference(found)]
        return [*found, *self._green_without(others, helpers=True)]

    def _green_without(self, left: list[SeenTest], *, helpers: bool) -> list[TestId]:
        for asked in (True, False):
            contents = self.rewritten.absent(asked=asked, helpers=helpers) if left else {}
            ended = self.replayer().with_contents(self.change, left, contents) if left else {}
            left = [test for test in left if _green(test, ended)]
        return [test.id for test in left]

    def checked(self, replay: Replay) -> Replay:
        """Run again what went to green: does it show what the code of the change does, and by itself?"""
        return self._unasked(self._filled(self._cleared(replay)), replay)

    def _cleared(self, replay: Replay) -> Replay:
        """Run again the tests beside which something stood in the place of code: does code of the change run?"""
        doubted = in_doubt(replay.tests)
        files = self.rewritten.changed() if doubted else {}
        cases = tuple(case.node_id for test in doubted for case in test.cases)
        asked = any(file.functions for file in files.values())
        seen = self.replayer().lines_of(self.change, cases, tuple(files)) if asked else None
        return replay._replace(tests=cleared(replay.tests, doubted, files, seen))

    def _filled(self, replay: Replay) -> Replay:
        """Run what went to green with hollow code of the change: where all of it stays green, it asks nothing of it.

        A test may only ask that a process ends with an error, as hollow code does: it must be green where that ends as
        if all were well, too.
        """
        proofs, changes = _undoubted(replay), self.change.changes
        asked = proofs and changes.changes_behaviour and not changes.removes_only
        if not asked or not all(self._stay_green(proofs, code) for code in (FAILS, ENDS)):
            return replay
        return _doubted(replay, proofs, HOLLOW)

    def _stay_green(self, left: list[SeenTest], code: int) -> bool:
        contents = self.rewritten.hollow(code)
        while contents and left:
            some, left = left[:_AT_ONCE], left[_AT_ONCE:]
            ended = self.replayer().with_contents(self.change, some, contents)
            if not all(_green(test, ended) for test in some):
                return False
        return bool(contents)

    def _unasked(self, replay: Replay, seen: Replay) -> Replay:
        """Run what went to green without what helpers of the change do unasked: is a value right by that alone?

        Args:
            replay: What is known of its tests.
            seen: What was seen of them, with all that stood in the place of something.
        """
        proofs = _undoubted(replay)
        helpers = self.rewritten.unasked() if proofs and self.change.changes.changes_behaviour else Unasked()
        if not helpers.fills and not any(swaps_a_value(test.replaced) for test in seen.tests):
            return replay
        contents = helpers.contents
        ended = self.replayer().with_contents(self.change, proofs, contents) if contents else {}
        fallen = [test for test in proofs if falls(ended[one.node_id] for one in test.cases if one.node_id in ended)]
        alike = len(fallen) == len(proofs)
        return _doubted(replay, fallen if alike else [], Replaced("", "", next(iter(contents), "")))

    def with_earlier(self, case: Case) -> Replay:
        """Run the texts of before that decide whether a demand changed with the code or was dropped."""
        replay, wanted = case.seen, to_be_run(case)
        asked = wanted or self.change.changes.examples
        if not asked or replay.trouble or not replay.tests:
            return replay
        found = self.replayer().earlier(self.change, wanted, expecting(case))
        red_before = replay.red_before
        if red_before is None:
            red_before = self.replayer().red_before(self.change, found.refuted) if found.refuted else frozenset()
        examples = self._examples()
        refuted = (found.refuted - red_before) | examples.refuted
        replay = replay._replace(
            departed={**(replay.departed or {}), **found.outcomes},
            refuted=refuted,
            unaltered=self._unaltered(refuted - examples.fresh, replay.tests),
        )
        return replay._replace(unpaid=self._unpaid(case._replace(replay=replay)))

    def _examples(self) -> Examples:
        """Run examples of code as they stood before; one that asks less than it did is not fresh, red or not."""
        exchanged = self.rewritten.exchanged() if self.change.changes.examples else None
        found = self.replayer().examples(self.change, exchanged) if exchanged else Examples()
        told = self.rewritten.told(found.fresh)
        return found._replace(fresh=frozenset(test for test, texts in told.items() if asks_as_much(*texts)))

    def _unpaid(self, case: Case) -> Mapping[TestId, str]:
        """Run the claims of altered tests one by one: the code meets each, or one that was red took its place."""
        asked = open_claims(case)
        apart = self.rewritten.apart(_texts(asked), before=True)
        unmet = {apart.claims[one] for one in self.replayer().unmet(self.change, apart)} if apart.claims else set()
        left = {test: [one for one in claims if (test, one.text) in unmet] for test, claims in asked.items()}
        found = {test: payers(case, test, claims) for test, claims in left.items() if claims}
        red = self._red_apart(case, [one for some in found.values() for each in some.values() for one in each])
        unpaid = {
            test: [
                claim for claim in left[test] if red.isdisjoint((payer, one.text) for payer, one in some[claim.text])
            ]
            for test, some in found.items()
        }
        return {test: told_about(claims) for test, claims in unpaid.items() if claims}

    def _red_apart(self, case: Case, paying: list[tuple[TestId, Claim]]) -> frozenset[tuple[TestId, str]]:
        """Return those of some claims that fail on the code before; one that could not run there was red as a whole."""
        wanted: dict[TestId, list[Claim]] = {}
        for test, claim in paying:
            wanted.setdefault(test, []).append(claim)
        asked = frozenset((test, claim.text) for test, claim in paying)
        apart = self.rewritten.apart(_texts(wanted), before=False)
        if not apart.claims:
            return asked
        failing = self.replayer().red_apart(self.change, apart)
        green = {claim for test, claim in apart.claims.items() if test not in failing}
        whole = {test.id for test in case.seen.tests if test.uncollected}
        return frozenset(one for one in asked if one not in green or one[0] in whole)

    def _unaltered(self, tests: frozenset[TestId], ran: Iterable[SeenTest]) -> Mapping[TestId, TestFunction]:
        """Read those of some tests that the change leaves as they are, an inherited one where it is defined.

        One of a document, or that something makes, may ask about whatever its file speaks of.
        """
        altered = self.change.changes.became.keys()
        places: dict[TestId, tuple[TestId, ...]] = {test: (test,) for test in tests - altered}
        places |= {test.id: (*sorted(test.definitions), test.id) for test in ran if test.id in places}
        known = self.rewritten.tests(tuple(sorted({file_of(place) for found in places.values() for place in found})))
        read = {test: known[place] for test, found in places.items() for place in found if place in known}
        texts = self.rewritten.gone_from(places.keys() - read.keys())
        return read | {test: as_test(test, text) for test, text in texts.items()}


def _texts(claims: Mapping[TestId, Iterable[Claim]]) -> Mapping[TestId, list[str]]:
    return {test: [claim.text for claim in some] for test, some in claims.items()}


def _undoubted(replay: Replay) -> list[SeenTest]:
    return [test.by_its_reds for test in replay.tests if test.fail_to_pass and not (test.replaced or test.flaky)]


def _doubted(replay: Replay, tests: Iterable[SeenTest], why: Replaced) -> Replay:
    named = {test.id for test in tests}
    marked = (test._replace(replaced=(why,)) if test.id in named else test for test in replay.tests)
    return replay._replace(tests=tuple(marked))


def _green(test: SeenTest, ended: Mapping[NodeId, ProbedCase]) -> bool:
    return all(case.node_id in ended and ended[case.node_id].outcome.green for case in test.cases)
