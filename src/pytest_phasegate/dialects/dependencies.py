"""Which phases come before which: labels, a section of its own, ranges and arrows (rule 15)."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from pytest_phasegate.core.facts import dataclass
from pytest_phasegate.dialects.units import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_ID = r"(?:[A-Za-z]{1,2})?\d+(?:\.\d+)*[a-z]?(?!\w)"
_LIST = re.compile(rf"({_ID})((?:[ \t]*(?:,|&|\+|/|and|und|,[ \t]*and|[-–—]|to|through|\.\.)[ \t]*{_ID})*)")
_PART = re.compile(rf"(-|–|—|to|through|\.\.)?[ \t]*({_ID})")
_ONLY_IDS = re.compile(rf"[ \t`*]*{_ID}(?:[ \t]*(?:,|&|\+|and|,[ \t]*and|[-–—]|to)[ \t]*{_ID})*[ \t`*.]*(?:\(.*)?\Z")
_NONE = re.compile(r"[ \t*_`(]*(?:none|nothing|-|—|n/a|no dependencies)(?!\w)", re.IGNORECASE)
_AFTER = re.compile(
    r"\b(?:depends?(?: up)?on|depends? on|requires?|needs?|after|blocked by|builds? on|follows?|must follow)\b",
    re.IGNORECASE,
)
_BEFORE = re.compile(r"\b(?:before|blocks?|must (?:be )?(?:complete|come) before|enables|unblocks)\b", re.IGNORECASE)
_ARROW = re.compile(r"->|=>|→|⟶|➜")
_BACK_ARROW = re.compile(r"<-|←")


@dataclass(frozen=True, slots=True)
class Edge:
    """``phase`` comes after ``needs``; ``line`` is where the guide says so."""

    phase: str
    needs: str
    line: int


class References:
    """Finds phases by the document's unit word."""

    def __init__(self, word: str, known: Mapping[str, int]) -> None:
        names = "|".join(sorted(map(re.escape, WORDS.get(word, (word,))), key=len, reverse=True))
        self._named = re.compile(rf"(?:{names})s?[ \t]*#?(?={_ID})", re.IGNORECASE)
        self._places = known
        self._known = tuple(known)

    def in_text(self, text: str) -> list[str]:
        """Return the ids that a text names with the unit word before them, ranges spelled out."""
        found: list[str] = []
        for match in self._named.finditer(text):
            listed = _LIST.match(text, match.end())
            found += self._spelled(listed[0]) if listed else []
        return found

    def in_label(self, value: str) -> list[str]:
        """Return the ids of a dependency label's value, which may leave the unit word out."""
        named = self.in_text(value)
        if named or _NONE.match(value):
            return named
        return self._spelled(value.partition("(")[0]) if _ONLY_IDS.match(value) else []

    def _spelled(self, text: str) -> list[str]:
        found: list[str] = []
        for part in _PART.finditer(text):
            if part[1] and found:
                found += self._between(found[-1], part[2])
            found.append(part[2])
        return found

    def _between(self, first: str, last: str) -> Iterable[str]:
        if first in self._places and last in self._places:
            return self._known[self._places[first] + 1 : self._places[last]]
        return ()


def says_none(value: str) -> bool:
    """Return whether a dependency label says that there are none."""
    return _NONE.match(value) is not None


def edges_in_line(references: References, text: str, line: int) -> Iterator[Edge]:
    """Yield what one line of a dependency section says: ``Phase 3 depends on Phase 1 & 2``, ``Phase 1 → Phase 2``."""
    arrows = [references.in_text(part) for part in _ARROW.split(text)]
    if len(arrows) > 1:
        yield from _chain(arrows, line)
        return
    back = [references.in_text(part) for part in _BACK_ARROW.split(text)]
    if len(back) > 1:
        yield from _chain(back[::-1], line)
        return
    yield from _sentence(references, text, line)


def _sentence(references: References, text: str, line: int) -> Iterator[Edge]:
    after, before = _AFTER.search(text), _BEFORE.search(text)
    verb = after or before
    if not verb:
        return
    left = references.in_text(text[: verb.start()])
    right = references.in_text(text[verb.end() :].partition(";")[0])
    later, earlier = (left, right) if verb is after else (right, left)
    yield from (Edge(phase, needs, line) for phase in later for needs in earlier if phase != needs)


def _chain(parts: Sequence[Sequence[str]], line: int) -> Iterator[Edge]:
    for earlier, later in pairwise(parts):
        yield from (Edge(phase, needs, line) for phase in later for needs in earlier if phase != needs)


def cycle_in(needs: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the ids of one cycle, in order, or nothing."""
    done: set[str] = set()
    for start in needs:
        found = _walk(start, needs, done)
        if found:
            return found
    return []


def _walk(start: str, needs: Mapping[str, Iterable[str]], done: set[str]) -> list[str]:
    path: dict[str, None] = {}
    pending: list[tuple[str, bool]] = [(start, False)]
    while pending:
        phase, leaving = pending.pop()
        if leaving:
            del path[phase]
            done.add(phase)
        elif phase in path:
            walked = list(path)
            return [*walked[walked.index(phase) :], phase]
        elif phase not in done:
            path[phase] = None
            pending.append((phase, True))
            pending += [(each, False) for each in reversed((*needs.get(phase, ()),)) if each not in done]
    return []
