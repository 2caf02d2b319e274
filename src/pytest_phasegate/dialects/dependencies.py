"""Which phases come before which: labels, a section of its own, ranges and arrows (rule 15)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from pytest_phasegate.dialects.units import WORDS

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
_ASIDE = re.compile(
    r";|\b(?:only|but|not|unlike|except|(?:can|may|could) (?:be|run|start|begin|go)|in parallel|parallel"
    r"|independent)\b",
    re.IGNORECASE,
)
_EVERY = r"(?:all(?: of)?(?: the)?|every)(?: (?:prior|previous|preceding|earlier|other))?"
_ABOVE = re.compile(
    r"[ \t*_:]*(?:all|everything)(?: of)?(?: the)? (?:above|before|prior|previous|so far)\b", re.IGNORECASE
)
_NOTE = re.compile(
    r"\((?=[^()]*\b(?:optional\w*|parallel|not|later|independent\w*|may|can|could)\b)[^()]*\)", re.IGNORECASE
)
"""A parenthesis that speaks of what is not waited for."""
_LETTER = re.compile(r"\w")
_TITLE = re.compile(r"[:：][ \t]*\w")
_ARROW = re.compile(r"->|=>|→|⟶|➜")
_BACK_ARROW = re.compile(r"<-|←")


class Edge(NamedTuple):
    """``phase`` comes after ``needs``; ``line`` is where the guide says so."""

    phase: str
    needs: str
    line: int


class References:
    """Finds phases by the document's unit word."""

    def __init__(self, word: str, known: Mapping[str, int]) -> None:
        names = "|".join(sorted(map(re.escape, WORDS.get(word, (word,))), key=len, reverse=True))
        self._names = re.compile(names, re.IGNORECASE)
        self._named = re.compile(rf"(?:{names})s?[ \t]*#?(?={_ID})", re.IGNORECASE)
        self._all = re.compile(rf"[ \t*_:]*(?:{_EVERY})[ \t]+(?:{names})", re.IGNORECASE)
        self._places = known
        self._known = tuple(known)

    def needed(self, text: str, phase: str) -> list[str]:
        """Return what a phase needs by the words behind ``depends on``: up to where they speak of something else."""
        said = _ASIDE.split(_NOTE.sub(" ", text), maxsplit=1)[0]
        if self._all.match(said) or _ABOVE.match(said):
            return list(self._known[: self._places.get(phase, 0)])
        return self.in_text(said)

    def draws(self, parts: Sequence[str]) -> bool:
        """Return whether arrows lead from phase to phase, not between tasks: two parts or more name a phase first.

        Ahead of the first arrow other words may come before it (``Start: Phase 1 → Phase 2``).
        """
        ahead = self._named.search(parts[0])
        led = ahead is not None and _TITLE.search(parts[0], ahead.start()) is None
        return (led or self._begins(parts[0])) + sum(map(self._begins, parts[1:])) > 1

    def _begins(self, text: str) -> bool:
        first = _LETTER.search(text)
        return first is not None and self._named.match(text, first.start()) is not None

    def in_text(self, text: str) -> list[str]:
        """Return the ids that a text names with the unit word before them, ranges spelled out."""
        found: list[str] = []
        for match in self._named.finditer(text):
            listed = _LIST.match(text, match.end())
            found += self._spelled(listed[0]) if listed else []
        return found

    def in_label(self, value: str, phase: str) -> list[str]:
        """Return the ids of a dependency label's value, which may leave the unit word out."""
        named = [] if _NONE.match(value) else self.needed(value, phase)
        bare = self._names.sub(" ", value.replace("#", ""))
        return named or (self._spelled(bare.partition("(")[0]) if _ONLY_IDS.match(bare) else [])

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
    forward, back = _ARROW.split(text), _BACK_ARROW.split(text)
    parts = forward if len(forward) > 1 else back
    if references.draws(parts):
        named = [references.in_text(part) for part in parts]
        yield from _chain(named if parts is forward else named[::-1], line)
    else:
        yield from _sentence(references, text, line)


def _sentence(references: References, text: str, line: int) -> Iterator[Edge]:
    after, before = _AFTER.search(text), _BEFORE.search(text)
    verb = after or before
    if not verb:
        return
    left, behind = references.in_text(text[: verb.start()]), text[verb.end() :]
    if verb is after:
        pairs = ((phase, needs) for phase in left for needs in references.needed(behind, phase))
    else:
        pairs = ((phase, needs) for phase in references.in_text(behind.partition(";")[0]) for needs in left)
    yield from (Edge(phase, needs, line) for phase, needs in pairs if phase != needs)


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
