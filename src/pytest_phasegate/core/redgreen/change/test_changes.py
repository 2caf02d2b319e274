"""What became of each test of a change."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import zip_longest
from operator import attrgetter
from typing import NamedTuple

from pytest_phasegate.core.evidence.outcomes import TestId, file_of
from pytest_phasegate.core.redgreen.change.assertions import Claim, Liveness
from pytest_phasegate.core.redgreen.change.changeset import TestChange, TestStatus
from pytest_phasegate.core.redgreen.change.test_module import TestFunction, TestModule
from pytest_phasegate.core.redgreen.change.weakening import COMMON, Loss, Weakening, mark_weakenings, weakenings


def changed_tests(pairs: Iterable[tuple[TestModule, TestModule]], removed: frozenset[str]) -> tuple[TestChange, ...]:
    """Compare the tests of all files that differ, together, so that a moved test is found.

    Args:
        pairs: Each file before and after.
        removed: Names that production code no longer has; a claim about one of them may go with it.
    """
    listed = list(pairs)
    before = {test.id: test for module, _ in listed for test in module.tests.values()}
    after = {test.id: test for _, module in listed for test in module.tests.values()}
    found = match(before, after)
    reading = _Reading(before, after, found, removed, {new.path: (old, new) for old, new in listed})
    gone = [before[test] for test in before.keys() - set(found.values())]
    changes = [*reading.present(), *(reading.deleted(test) for test in gone)]
    return tuple(sorted(changes, key=lambda change: change.id))


class _Reading(NamedTuple):
    before: Mapping[TestId, TestFunction]
    after: Mapping[TestId, TestFunction]
    found: Mapping[TestId, TestId]
    removed: frozenset[str]
    files: Mapping[str, tuple[TestModule, TestModule]]

    def present(self) -> Iterator[TestChange]:
        """Yield the tests that stand in *after* and differ."""
        for test_id, test in self.after.items():
            if test_id not in self.found:
                yield TestChange(test_id, TestStatus.NEW, None, test)
                continue
            old = self.before[self.found[test_id]]
            losses = tuple(self._losses(old, test))
            status = _status(old, test)
            if losses or status is not TestStatus.SAME:
                yield TestChange(test_id, status, old, test, losses)

    def deleted(self, test: TestFunction) -> TestChange:
        """Say what became of a test that is gone, and whether that is a loss."""
        about = sorted(test.claims.words & self.removed)
        return TestChange(test.id, TestStatus.DELETED, test, removed_with=", ".join(about[:3]) or self._heir(test))

    def _heir(self, test: TestFunction) -> str:
        """Return a test that says what a deleted one said; of a test that was split, the first of those that do."""
        if not test.claims.claims:
            return self._repeated(test)
        others = list(self._rewritten())
        cases = _case_words(test)
        heirs = [[other for other in others if _takes_over(other, _said(claim))] for claim in test.claims.claims]
        kept = frozenset[str]().union(*(other.claims.words for some in heirs for other in some))
        if all(heirs) and cases - COMMON <= kept:
            return heirs[0][0].id
        return self._split(test) or self._under_other_names(test)

    def _repeated(self, test: TestFunction) -> str:
        """Return a new test of the same class that does all that a deleted one did, which claimed nothing, and claims.

        That nothing is raised is all that such a test asks; so does the other one, with numbers and texts of its own.
        """
        home, asked = test.id.rpartition("::")[0], test.claims.done
        for other in self.after.values():
            beside = other.id not in self.found and other.id.rpartition("::")[0] == home
            doing = iter(other.claims.done)
            if beside and asked and _live(other) and all(one in doing for one in asked):
                return other.id
        return ""

    def _split(self, test: TestFunction) -> str:
        """Return the first of the new tests of a file that make every claim of a deleted one, word for word.

        A variable that is set again and again is about all that it ever was, so no single claim says what it is about:
        together they must say all that the test said, what new helpers say for them too.
        """
        path = file_of(test.id)
        old, new = self.files.get(path, (None, None))
        asked = {claim.text for claim in test.claims.claims}
        parts = {other.id: _live(other) & asked for other in self.after.values() if other.id not in self.found}
        mine = [self.after[part] for part, made in parts.items() if made and part.startswith(f"{path}::")]
        if old is None or new is None or not asked or asked - frozenset().union(*(parts[one.id] for one in mine)):
            return ""
        fresh = [helper for name, helper in new.helpers.items() if name not in old.helpers and helper.claims]
        said = [one.claims.words for one in mine] + [one.claims.words for one in fresh if one.claims]
        every = test.claims.words | _case_words(test)
        return mine[0].id if every - COMMON <= frozenset().union(*said) else ""

    def _under_other_names(self, test: TestFunction) -> str:
        """Return a new test that says all that a deleted one said, and makes each of its claims.

        What their files define may bear other names, each one other name.
        """
        own, every = _defined(self.files[file_of(test.id)][0]), test.claims.words | _case_words(test)
        for other in self.after.values():
            names = _Given(own, _defined(self.files[file_of(other.id)][1]), {})
            made = [claim.text for claim in other.claims.claims if claim.liveness is Liveness.LIVE]
            says = other.id not in self.found and not other.marks.skipped
            says = says and every - own - COMMON <= other.claims.words | _case_words(other)
            if says and all(names.found_in(made, claim.text) for claim in test.claims.claims):
                return other.id
        return ""

    def _losses(self, old: TestFunction, new: TestFunction) -> Iterator[Weakening]:
        """Yield what a test lost, without what production lost too and what another test took over."""
        both = (
            *weakenings(old.claims, new.claims, _case_words(new), self._helped(new)),
            *mark_weakenings(old.marks, new.marks, new.claims.words),
        )
        for loss in both:
            if loss.loss in _MOVABLE and (loss.words & self.removed or self._elsewhere(loss, new)):
                continue
            yield loss

    def _helped(self, test: TestFunction) -> Sequence[Claim]:
        path, _, name = test.id.partition("::")
        before, after = self.files[path]
        others = (both for other, both in self.files.items() if other != path)
        return after.claims_reached(name, before, others)

    def _elsewhere(self, loss: Weakening, own: TestFunction) -> bool:
        """Whether another test says what is lost; of lost cases, what the test itself does not say any more."""
        kept = own.claims.words if loss.loss is Loss.CASES_DROPPED else frozenset[str]()
        words = loss.words - COMMON - kept
        return any(_takes_over(other, words) for other in self._rewritten() if other is not own)

    def _rewritten(self) -> Iterator[TestFunction]:
        """Yield the tests that are new or whose text differs."""
        for test_id, test in self.after.items():
            old = self.found.get(test_id)
            if old is None or self.before[old].digest != test.digest:
                yield test


class _Given(NamedTuple):
    """The names that two test files define, and which of the one stands for which of the other."""

    old: frozenset[str]
    new: frozenset[str]
    known: dict[str, str]

    def found_in(self, made: list[str], claim: str) -> bool:
        """Take a claim out of some that were made, if it is one of them."""
        other = next((one for one in made if self._same(claim, one)), None)
        if other is not None:
            made.remove(other)
        return other is not None

    def _same(self, one: str, other: str) -> bool:
        """Whether two texts are the same but for such names, and for those as everywhere before."""
        pairs = list(zip_longest(re.split(r"(\w+)", one), re.split(r"(\w+)", other)))
        renamed = {(a, b) for a, b in pairs if a != b}
        both = {**self.known, **dict(renamed)}
        alike = {*self.known.items(), *renamed} == set(both.items()) and len({*both.values()}) == len(both)
        fits = alike and all(a in self.old and b in self.new for a, b in renamed)
        self.known.update(renamed if fits else ())
        return fits


def _defined(module: TestModule) -> frozenset[str]:
    return frozenset(name.rpartition("::")[2] for name in module.helpers)


_MOVABLE = frozenset({Loss.ASSERTION_REMOVED, Loss.CASES_DROPPED, Loss.EXCHANGED})


def _said(claim: Claim) -> frozenset[str]:
    """Return what a claim is about, and the values that it names, whatever local variables are called."""
    return claim.about | frozenset(word for word in claim.words if not word.isidentifier()) - COMMON


def _case_words(test: TestFunction) -> frozenset[str]:
    return frozenset().union(*(case.words for case in test.marks.cases or ()))


def _live(test: TestFunction) -> frozenset[str]:
    """Return the claims that a test makes in any case, as they are written."""
    if test.marks.skipped:
        return frozenset()
    return frozenset(claim.text for claim in test.claims.claims if claim.liveness is Liveness.LIVE)


def _takes_over(test: TestFunction, words: frozenset[str]) -> bool:
    """Whether a test that asserts something says all of these words."""
    live = any(claim.liveness is Liveness.LIVE for claim in test.claims.claims)
    return live and not test.marks.skipped and bool(words) and words <= test.claims.words


def _status(old: TestFunction, new: TestFunction) -> TestStatus:
    if old.digest != new.digest:
        if old.id != new.id:
            return TestStatus.NEW
        return TestStatus.DECORATORS if old.core == new.core else TestStatus.CHANGED
    if old.id == new.id:
        return TestStatus.SAME if old.annotations == new.annotations else TestStatus.DECORATORS
    return TestStatus.RENAMED if file_of(old.id) == file_of(new.id) else TestStatus.MOVED


LIKENESS = 0.6
"""The share of words that two functions must have in common for one to be taken for the other, edited."""


def match(before: Mapping[TestId, TestFunction], after: Mapping[TestId, TestFunction]) -> dict[TestId, TestId]:
    """Return, for each test of *after* that was there in *before*, the id it had.

    The same id is the same test. What is left is matched by digest (renamed, moved), by the digest of the body (its
    decorators were edited too), and then by likeness, between tests of one name or of one file. Empty bodies match
    nothing but themselves.
    """
    found: dict[TestId, TestId] = {test: test for test in after if test in before}
    for group, score in _ROUNDS:
        olds = [old for old in before.values() if old.id not in found.values() and not old.claims.empty]
        news = [new for new in after.values() if new.id not in found]
        found.update(_best(olds, news, group, score))
    return found


def _best(
    olds: Iterable[TestFunction],
    news: Sequence[TestFunction],
    group: Callable[[TestFunction], str],
    score: Callable[[TestFunction, TestFunction], float],
) -> Iterator[tuple[TestId, TestId]]:
    """Yield pairs within a group, from the best score down; each test has at most one partner."""
    groups: dict[str, list[TestFunction]] = {}
    for new in news:
        groups.setdefault(group(new), []).append(new)
    candidates = [(score(old, new), old.id, new.id) for old in olds for new in groups.get(group(old), ())]
    taken: set[tuple[str, TestId]] = set()
    for points, old_id, new_id in sorted(candidates, key=lambda item: (-item[0], item[1], item[2])):
        if points and not {("old", old_id), ("new", new_id)} & taken:
            taken |= {("old", old_id), ("new", new_id)}
            yield new_id, old_id


def _kinship(old: TestFunction, new: TestFunction) -> float:
    """Prefer, among equal texts, the same function name, then the same file."""
    return 1 + 2 * (old.name == new.name) + (file_of(old.id) == file_of(new.id))


def _likeness(old: TestFunction, new: TestFunction, least: float = LIKENESS) -> float:
    """Return the share of common words (Jaccard); nothing where that is too little."""
    points = len(old.claims.words & new.claims.words) / len(old.claims.words | new.claims.words)
    return points if points >= least else 0.0


_ROUNDS: tuple[tuple[Callable[[TestFunction], str], Callable[[TestFunction, TestFunction], float]], ...] = (
    (attrgetter("digest"), _kinship), (attrgetter("core"), _kinship),
    (attrgetter("name"), partial(_likeness, least=LIKENESS / 2)), (lambda test: file_of(test.id), _likeness),
)  # fmt: skip
