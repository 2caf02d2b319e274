"""Which of the unit headings make up the document's one series."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from typing import NamedTuple

from pytest_phasegate.core.guide.markdown.document import Document
from pytest_phasegate.dialects.contents import (
    MADE,
    SAID,
    WORK,
    are_listed,
    are_work,
    below,
    declaring,
    holder,
    is_below,
    numbers_of,
    openings_of,
    parents_of,
)
from pytest_phasegate.dialects.headings import INITIALS, NUMBERED, PARTS, VERSION, WORDS, Hit, hits, own_unit
from pytest_phasegate.dialects.ids import order_of
from pytest_phasegate.dialects.listings import checked_lines, is_called_plan, is_over

_ENOUGH = _CHAPTER = 2
_FIRST = range(2)
_CALENDAR = ("week", "day")
_NAME = r"([A-Z][A-Za-z]{2,11})[ \t]*(?:[:：]|[—–-][ \t])[ \t]*(\S.*)"
"""A heading of a name and a title."""
_DIGITS = 9  # more is no number of a unit, and too long a one is refused by Python


class Series(NamedTuple):
    """The units of a document in order, those of a later series that is set aside, and those that repeat one.

    ``anew`` are the units whose numbers begin anew under another parent.
    """

    word: str
    units: tuple[Hit, ...]
    second: tuple[Hit, ...] = ()
    repeated: tuple[Hit, ...] = ()
    anew: frozenset[Hit] = frozenset()


@lru_cache(maxsize=1)
def series_of(document: Document) -> Series | None:
    """Choose the one unit word and the one series of a document.

    A word whose sections say nothing of work gives way to one whose sections do, unless these hold its own: a rollout,
    or a heading that only groups. Words of the plan's own, and codes, count only with that evidence; codes of several
    letters together. Steps of chapters that check the work, and declare none, are no units.
    """
    series, checked = _chosen(document, set()), checked_lines(document)
    units = series.units if series else ()
    checks = {hit.heading.line for hit in units} <= checked and not declaring(document, units, MADE)
    return _chosen(document, checked) if units and checks else series


def _chosen(document: Document, aside: AbstractSet[int]) -> Series | None:
    by_word: dict[str, list[Hit]] = {word: [] for word in (*WORDS, NUMBERED)}
    for hit in hits(document):
        if hit.heading.line not in aside:
            by_word[hit.word].append(hit)
    word = _first_of(by_word)
    for own in map(own_unit, document.headings, range(len(document.headings))):
        if own and own.heading.line not in aside:
            by_word.setdefault(own.word, []).append(own)
    main = _of_level(by_word[word])[0] if word else []
    titled = any(hit.title for hit in main) or not main
    ours = () if titled else (*WORDS, NUMBERED)
    rivals = [each for each, some in by_word.items() if each not in {word, *ours} and len(some) > 1]
    if rivals and not (titled and declaring(document, main, SAID)):
        fitting = (each for each in rivals if _outdoes(document, by_word[each], by_word.get(word, ())))
        word = next(fitting, word)
    alone = [word for word in WORDS if by_word[word]]
    title = next((word for word in alone if by_word[word][0].heading.level == 1), "")
    word = word or title or (NUMBERED if len(by_word[NUMBERED]) > 1 else next(iter(alone), ""))
    if not word:
        return None
    if word.isupper():
        codes = (some for each, some in by_word.items() if each.isupper() and _outdoes(document, some, ()))
        some = sorted(chain.from_iterable(codes), key=attrgetter("place"))
        inner = below(document, some, main := _of_level(some)[0])
        by_word[word] = inner if _only_group(document, main, inner, SAID) else some
    outer = _outermost(document, by_word, word) if word in WORDS else word
    return _series(document, _grouped(document, by_word, outer), by_word)


def _first_of(by_word: Mapping[str, Sequence[Hit]]) -> str:
    """Return the first unit word that heads two sections; one that goes on with what is past gives way to a higher."""
    several = [word for word in WORDS if len(by_word[word]) > 1]
    first = next(iter(several), "")
    if not first or _begins(by_word[first]):
        return first
    level = _of_level(by_word[first])[1]
    return next((word for word in several if _of_level(by_word[word])[1] < level and _begins(by_word[word])), first)


def _begins(some: Iterable[Hit]) -> bool:
    """Return whether one of these units is the first of a series."""
    return any(order[1][0] in _FIRST for hit in some if (order := order_of(hit.id)))


def _outdoes(document: Document, some: Sequence[Hit], chosen: Sequence[Hit]) -> bool:
    """Whether these sections speak of work; without a unit word of ours, none of them may hold a chosen unit."""
    word = some[0].word
    if word in WORDS:
        return are_work(document, some, SAID)
    plan = word != NUMBERED and is_called_plan(document)
    if word not in {NUMBERED, VERSION} and not (word.isupper() or plan or _lies_among_plans(document)):
        return False
    if word in PARTS:
        return are_work(document, some, SAID)
    some = _of_level(some)[0]
    places = {hit.place for hit in some}
    kinds = SAID - {"goal"} if plan else WORK
    coded = word.isupper() and (word in INITIALS or some[0].heading.level <= _CHAPTER)
    if plan and not chosen and (word == VERSION or (coded and _count_on(some))):
        return True
    return (are_work(document, some, kinds) or are_listed(document, some)) and not any(
        is_below(document, hit.place, places) for hit in chosen
    )


def _lies_among_plans(document: Document) -> bool:
    return "plan" in document.path.rpartition("/")[0].lower() and not is_over(document)


def _count_on(some: Sequence[Hit]) -> bool:
    """Return whether the numbers of three sections or more go on one by one from the first."""
    numbers = [int("".join(filter(str.isdecimal, hit.id))[:_DIGITS] or -1) for hit in some]
    return len(some) > _ENOUGH and numbers[0] in _FIRST and numbers == [numbers[0] + at for at in range(len(some))]


def series_of_word(document: Document, found: Sequence[Hit], word: str) -> Series | None:
    """Return the series of one unit word, whatever stands around it; ``None`` where there are not two such units."""
    some = [hit for hit in found if hit.word == word]
    return _series(document, word, {word: some}) if len(some) > 1 else None


def _outermost(document: Document, by_word: Mapping[str, Sequence[Hit]], word: str) -> str:
    """Return the unit word whose two sections or more hold all units of the chosen one, or that one.

    Of a word of the plan's own, the sections are work, and some hold none of these units.
    """
    for outer, some in by_word.items():
        levels = Counter(hit.heading.level for hit in some)
        places = {hit.place for hit in some if levels[hit.heading.level] > 1}
        held = {holder(document, hit.place, places) for hit in by_word[word]}
        if outer == word or len(places) < _ENOUGH or -1 in held:
            continue
        own = outer not in {NUMBERED, VERSION} and held < places
        if outer in WORDS or (own and are_work(document, some, MADE | {"box"})):
            return _outermost(document, by_word, outer)
    return word


def _grouped(document: Document, by_word: Mapping[str, Sequence[Hit]], outer: str) -> str:
    """Return the word of the units that the outer ones only group, or the outer one; ``Task 1.1`` is a part of 1."""
    main = _of_level(by_word[outer])[0]
    taken = {hit.id for hit in main}
    own = [word for word in by_word if word not in {*WORDS, NUMBERED, VERSION} and outer not in _CALENDAR]
    for word in (*WORDS, *own):
        inner = below(document, by_word[word], main) if word not in {outer, *_CALENDAR} else []
        apart = taken.isdisjoint(hit.id.rpartition(".")[0] for hit in inner)
        if apart and _only_group(document, main, inner, SAID if word.isupper() else MADE | {"depends"}):
            return word
    return outer


def _only_group(document: Document, main: Sequence[Hit], inner: Sequence[Hit], kinds: AbstractSet[str]) -> bool:
    """Return whether units only group those below them.

    All that is said there, these say; they are numbered through, and half of them or more have fields of these kinds.
    """
    apart = len({hit.id for hit in inner}) == len(inner) >= len({hit.id for hit in main})
    alike = apart and sum(numbers_of(document, inner, SAID)) == sum(numbers_of(document, main, SAID))
    return alike and are_work(document, inner, kinds)


def only_groups(document: Document, ids: Mapping[int, str]) -> bool:
    """Return whether the phases of a document only group units that are lines, given by these with their ids.

    All that is said in each stands behind the first of them; half of them have files, a commit or a dependency, and
    they are no parts of their phases as ``1.1`` is of 1.
    """
    series, lines = series_of(document), sorted(ids)
    if series is None or series.word not in WORDS or len(lines) <= len(series.units):
        return False
    said = [line for line, kind in openings_of(document) if kind in SAID]
    held: dict[int, str] = {}
    for hit in series.units:
        start, end = hit.heading.line, document.end_of(hit.heading)
        within = lines[bisect_left(lines, start) : bisect_left(lines, end)]
        if not within or bisect_left(said, start + 1) < bisect_left(said, within[0]):
            return False
        held |= dict.fromkeys(within, hit.id)
    told = {bisect_left(lines, line) for line, kind in openings_of(document) if kind in MADE | {"depends"}}
    parts = all(ids[line].rpartition(".")[0] == phase for line, phase in held.items())
    return len(held) == len(lines) and not parts and len(told - {0}) * 2 >= len(lines)


def _series(document: Document, word: str, by_word: Mapping[str, Sequence[Hit]]) -> Series:
    some, listed = _without_listings(document, by_word[word])
    main, level = _of_level(some)
    places = {hit.place for hit in main}
    others = [hit for hit in some if word in WORDS and 1 < hit.heading.level != level]
    parents = parents_of(document)
    held = {parents[hit.place] for hit in main}
    apart = [hit for hit in others if not is_below(document, hit.place, places) and hit.place not in held]
    series = _joined(document, word, _groups(document, main), _groups(document, apart))
    units = _with_named(document, series.units) if word in WORDS else series.units
    second = tuple(sorted((*series.second, *listed), key=attrgetter("place")))
    return series._replace(units=units, second=second)


def _with_named(document: Document, units: Sequence[Hit]) -> tuple[Hit, ...]:
    """Return the units with those ahead of the last that a name stands for, ``## MVP: Store``, and that order files."""
    first, places, parents = units[0], {hit.place for hit in units}, parents_of(document)
    ahead = ((at, each) for at, each in enumerate(document.headings[: units[-1].place]) if at not in places)
    named = [
        Hit(each, at, first.word, name[1], name[2])
        for at, each in ahead
        if (each.level, parents[at]) == (first.heading.level, parents[first.place])
        and (name := re.match(_NAME, each.text))
    ]
    return tuple(sorted((*units, *declaring(document, named, MADE)), key=attrgetter("place")))


def _of_level(some: Sequence[Hit]) -> tuple[list[Hit], int]:
    """Return the units of the highest level that has two, and the level."""
    levels = Counter(hit.heading.level for hit in some)
    level = min((each for each, number in levels.items() if number > 1), default=max(levels))
    return [hit for hit in some if hit.heading.level == level], level


def _without_listings(document: Document, some: Sequence[Hit]) -> tuple[list[Hit], list[Hit]]:
    """Set aside headings without a title whose id a heading with one had before: they list what each phase touches.

    Where these declare all, and those with a title nothing, they are the phases, under those titles.
    """
    titled: dict[str, str] = {}
    kept: list[Hit] = []
    listed: list[Hit] = []
    for hit in some:
        (listed if hit.untitled and hit.id in titled else kept).append(hit)
        if not hit.untitled:
            titled.setdefault(hit.id, hit.title)
    if (
        {hit.id for hit in listed} != set(titled)
        or not declaring(document, listed, MADE)
        or declaring(document, kept, MADE)
    ):
        return kept, listed
    return [hit._replace(title=titled[hit.id]) for hit in listed], []


def _groups(document: Document, some: Iterable[Hit]) -> list[list[Hit]]:
    groups: dict[int, list[Hit]] = {}
    parents = parents_of(document)
    for hit in some:
        groups.setdefault(parents[hit.place], []).append(hit)
    return list(groups.values())


def _joined(document: Document, word: str, groups: list[list[Hit]], apart: list[list[Hit]]) -> Series:
    """Start with the first parent that holds two and work, or else lists the plan; others join that use no id twice.

    One that begins anew, and whose units declare files or commits of their own, is more of the plan and no summary.
    """
    several = [group for group in groups if len(group) > 1] or groups[:1]
    working = (group for group in several if are_work(document, group, MADE | {"box"}))
    main = next(working, next((group for group in several if are_listed(document, group)), several[0]))
    titles = {hit.id: hit.title for hit in main}
    units, second, repeated, anew = list(main), main[:0], main[:0], main[:0]
    for group in (*groups, *apart):
        if group is main:
            continue
        again = [hit for hit in group if titles.get(hit.id) == hit.title]
        fresh = [hit for hit in group if titles.get(hit.id) != hit.title]
        if any(hit.id in titles for hit in fresh):
            own = len(declaring(document, group, MADE)) * 2 >= len(group) > (word not in WORDS)
            (anew if own else second).extend(fresh if own else group)
        else:
            repeated += again
            units += fresh
            titles.update({hit.id: hit.title for hit in fresh})
    units = sorted((*units, *anew), key=attrgetter("place"))
    return Series(word, tuple(units), tuple(second), tuple(repeated), frozenset(anew))
