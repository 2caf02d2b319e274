"""Which test became which: by identity, then by digest, then by likeness."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pytest_phasegate.core.evidence.outcomes import TestId
    from pytest_phasegate.core.redgreen.change.test_module import TestFunction

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
    return 1 + 2 * (old.name == new.name) + (_file(old) == _file(new))


def _same_name(old: TestFunction, new: TestFunction) -> float:
    points = _likeness(old, new)
    return points if points >= LIKENESS / 2 else 0.0


def _alike(old: TestFunction, new: TestFunction) -> float:
    points = _likeness(old, new)
    return points if points >= LIKENESS else 0.0


def _likeness(old: TestFunction, new: TestFunction) -> float:
    """Return the share of common words (Jaccard)."""
    both = old.claims.words | new.claims.words
    return len(old.claims.words & new.claims.words) / len(both)


def _digest(test: TestFunction) -> str:
    return test.digest


def _core(test: TestFunction) -> str:
    return test.core


def _name(test: TestFunction) -> str:
    return test.name


def _file(test: TestFunction) -> str:
    return test.id.partition("::")[0]


_ROUNDS = ((_digest, _kinship), (_core, _kinship), (_name, _same_name), (_file, _alike))
