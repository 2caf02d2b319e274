"""Which phase comes after which: their ids in order, what labels, sentences and arrows say, and cycles."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from pytest_phasegate.core.guide.markdown.document import Document
from pytest_phasegate.core.guide.markdown.labels import kind_of
from pytest_phasegate.dialects.fields import rows_in
from pytest_phasegate.dialects.headings import WORDS

_ID = r"(?:[A-Za-z]{1,2})?\d+(?:\.\d+)*[a-z]?(?!\w)"
_LIST = re.compile(rf"({_ID})((?:[ \t]*(?:,|&|\+|/|and|und|et|[ey]|и|,[ \t]*and|[-–—]|to|through|\.\.)[ \t]*{_ID})*)")
_PART = rf"(-|–|—|to|through|\.\.)?[ \t]*({_ID})"
_ONLY_IDS = (
    rf"[ \t`*\[]*({_ID}(?:[ \t]*(?:,|&|\+|and|,[ \t]*and|[-–—]|to)[ \t]*{_ID})*)"
    r"[ \t`*.\]]*(?:(?:\(|[—–]|-[ \t]).*)?\Z"
)
_NOTHING = (
    r"[ \t*_`(]*"
    r"(?:none|nothing|n/a|no dependencies|无|無|无依赖|無依賴|なし|없음|нет|keine|ningun[ao]|nenhuma?|aucune?)(?!\w)"
)
NONE = re.compile(rf"{_NOTHING}|[ \t*_`(]*[-—]\W*\Z", re.IGNORECASE)
_FREE = (
    rf"(?i)(?:[:：]|\b(?:has|have|depends? on)\b){_NOTHING}"
    r"|[:：(][ \t]*(?:independent(?! of)|unabhängig|indépendant|independiente|independente|независим|独立)"
)
_AFTER = (
    r"(?i)\b(?:depends?(?: up)?on|depends? on|requires?|needs?|after|blocked by|builds? on|follows?|must follow|once"
    r"|hängt|benötigt|erfordert|nach|dépend|nécessite|requiert|après|depende|requiere|requer|después|depois|após"
    r"|зависит|требует|после)\b|依赖于?|依賴|依存"
)
_BEFORE = r"(?i)\b(?:before|blocks?|must (?:be )?(?:complete|come) before|enables|unblocks)\b"
_ASIDE = (
    r"(?i);|\b(?:only|but|not|unlike|except|(?:can|may|could) (?:be|run|start|begin|go)|in parallel|parallel"
    r"|concurrently|independent|may|might)\b|可"
)
_EVERY = (
    r"(?:(?:all(?: of)?(?: the)?|every|toutes les|todas (?:las|as)|alle|все)"
    r"(?: (?:prior|previous|preceding|earlier|other|vor\w*igen|предыдущие))?[ \t]+"
    r"|所有\w{0,4}?[ \t]*|(?:これまでの|以前の)?全(?:ての)?|(?:이전 )?모든 (?:이전 )?)"
)
_STORY = r"(?i)(?:user )?story\b|用户故事"
_STORIES = r"(?i)[ \t*_:]*(?:all|both)(?: \w+)?(?: user)? stories\b|所有\w{0,5}故事"
_STORY_ID = re.compile(r"(?:\bUS-?|\b(?:[Uu]ser )?[Ss]tory |用户故事 ?)(\d+)(?![\w.])")
_BY_TITLE = (
    r"[ \t*_:]*(?:the )?([A-Z]\w+|[\u3000-\uffff]{2,12}?)(?: phase|阶段)?"
    r"(?: completion| (?:is |being )?complete|[ \t]*完成|(?<=phase))"
)
"""What is called by the word that its title begins with: ``Setup completion``, ``the Foundational phase``."""
_CODE = re.compile(r"[A-Za-z0-9]+(?:[-.][A-Za-z0-9]+)*")
_TO = re.compile(r"[ \t]*(?:[~\uff5e–—]|\.\.)[ \t]*(\d+)(?!\w)")
_LETTER = r"\w"
_TITLE = re.compile(r"[:：][ \t]*\w")
_ARROW = r"[─-]{1,40}>|=>|→|⟶|➜"
_BACK_ARROW = r"<-|←"
_NEAR = 200  # so many characters behind its verb a line may name stories
_BETWEEN = rf"(?:(?!{_ARROW}).)+"
_NODE = r"(?<!\w)([A-Za-z]\w*)[\[({]{1,2}(?:\"([^\"]+)\"|([^\"\[\](){}|]+))[\])}]{1,2}"
"""A node of a diagram in Mermaid, with its label: ``P1["Phase 1: Core"]``."""
_BRANCH = r"[ \t│|]*([├└╰─])[├└╰─]*[>→]"
"""A branch of a drawn tree with an arrow: without one, what hangs on a phase may as well be what it needs."""


class Edge(NamedTuple):
    """``phase`` comes after ``needs``, or after nothing where that is empty; ``line`` is where the guide says so."""

    phase: str
    needs: str
    line: int


class References:
    """Finds phases by the document's unit word."""

    def __init__(
        self, word: str, known: Mapping[str, int], titles: Sequence[str] = (), aliases: Sequence[tuple[str, str]] = ()
    ) -> None:
        names = "|".join(sorted(map(re.escape, WORDS.get(word, (word,))), key=len, reverse=True))
        self._names = re.compile(names, re.IGNORECASE)
        self._named = re.compile(rf"(?:{names})s?[ \t]*(?:#|-(?=\d+(?![\w-])))?(?={_ID})", re.IGNORECASE)
        self._all = re.compile(
            rf"[ \t*_:]*(?:{_EVERY}(?:{names})|(?:everything|all of the) (?:above|before))", re.IGNORECASE
        )
        self._places = known
        self._known = tuple(known)
        called = Counter(alias for alias, _ in aliases)
        self._codes = {alias.lower(): phase for alias, phase in aliases if called[alias] == 1}
        self._codes |= {each.lower(): each for each in known if not each.replace(".", "").isdecimal()}
        self._titles = [title.partition(" ")[0] for title in titles]
        stories = [(each, title) for each, title in zip(known, titles, strict=False) if re.match(_STORY, title)]
        self._stories = [each for each, _ in stories]
        self._by_story = {found[1]: each for each, title in stories if (found := _STORY_ID.match(title))}

    def needed(self, text: str, phase: str) -> list[str]:
        """Return what a phase needs by the words behind ``depends on``: up to where they speak of something else."""
        said = _asked(text)
        if self._all.match(said):
            return list(self._known[: self._places.get(phase, 0)])
        if re.match(_STORIES, said):
            return self._stories
        called = re.match(_BY_TITLE, said)
        named = [called[1]] if called and self._titles.count(called[1]) == 1 else []
        return self.in_text(said) or [self._known[self._titles.index(each)] for each in named]

    def stories_in(self, text: str) -> list[str]:
        """Return the phases that are the stories which a text names: ``US1``."""
        numbers = (found[1] for found in _STORY_ID.finditer(text) if self._by_story)
        return [self._by_story[number] for number in numbers if number in self._by_story]

    def draws(self, parts: Sequence[str]) -> bool:
        """Return whether arrows lead from phase to phase, not between tasks: two parts or more name a phase first.

        Ahead of the first arrow other words may come before it (``Start: Phase 1 → Phase 2``).
        """
        ahead = self._named.search(parts[0])
        led = ahead is not None and _TITLE.search(parts[0], ahead.start()) is None
        return (led or self._begins(parts[0])) + sum(map(self._begins, parts[1:])) > 1

    def _begins(self, text: str) -> bool:
        first = re.search(_LETTER, text)
        code = _CODE.match(text, first.start()) if first else None
        named = first and (self._named.match(text, first.start()) or _STORY_ID.match(text, first.start()))
        return bool(named or (code and self._coded(code[0])))

    def in_text(self, text: str) -> list[str]:
        """Return the ids that a text names with the unit word before them, ranges spelled out."""
        found: list[str] = []
        for match in self._named.finditer(text):
            listed = _LIST.match(text, match.end())
            found += self._spelled(listed[0]) if listed else []
        return found + self._coded(text)

    def _coded(self, text: str) -> list[str]:
        """Return the ids with letters or a dash that a text names without the unit word, or joined to it."""
        found: list[str] = []
        for code in _CODE.finditer(text) if self._codes else ():
            said = code[0].lower()
            unit = self._codes.get(said) or self._codes.get(said.partition("-")[2])
            if unit:
                to = _TO.match(text, code.end())
                last = unit[: -len(to[1])] + to[1] if to else unit
                found += [unit, *self._between(unit, last), *([last] if last in self._places else [])]
        return found

    def in_label(self, value: str, phase: str) -> list[str]:
        """Return the ids of a dependency label's value, which may leave the unit word out."""
        named = [] if NONE.match(value) else self.needed(value, phase)
        bare = self._names.sub(" ", value.replace("#", ""))
        only = re.match(_ONLY_IDS, bare)
        return named or (self._spelled(only[1]) if only else [])

    def _spelled(self, text: str) -> list[str]:
        found: list[str] = []
        for part in re.finditer(_PART, text):
            if part[1] and found:
                found += self._between(found[-1], part[2])
            found.append(part[2])
        return found

    def _between(self, first: str, last: str) -> Iterable[str]:
        if first in self._places and last in self._places:
            return self._known[self._places[first] + 1 : self._places[last]]
        return ()


def _asked(text: str) -> str:
    """Return the words behind ``depends on`` up to where they speak of something else."""
    said = re.split(_ASIDE, re.sub(r"\A[ \t]*only\b", "", text), maxsplit=1)[0]
    ahead, opened, inside = said.rpartition("(")
    return ahead if opened and ")" not in inside else said


def labelled(lines: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Yield the lines of a diagram with the label of each node in its place."""
    labels = {node[1]: node[2] or node[3] for _, text in lines for node in re.finditer(_NODE, text)}
    for line, text in lines:
        named = re.sub(r"\w+", lambda name: labels.get(name[0], name[0]), re.sub(_NODE, r"\1", text))
        yield line, named if "--" in text else text


def edges_in_line(references: References, text: str, line: int) -> Iterator[Edge]:
    """Yield what one line of a dependency section says: ``Phase 3 depends on Phase 1 & 2``, ``Phase 1 → Phase 2``."""
    forward, back = re.split(_ARROW, text), re.split(_BACK_ARROW, text)
    parts = forward if len(forward) > 1 else back
    if references.draws(parts):
        named = [references.in_text(part) or references.stories_in(part) for part in parts]
        yield from _chain(named if parts is forward else named[::-1], line)
    elif "-->" not in text:
        yield from _sentence(references, text, line)


def edges_in_table(references: References, document: Document, lines: Iterable[int]) -> Iterator[Edge]:
    """Yield what the column of dependencies in a table says of the phase that a row begins with."""
    for line, heads, cells in rows_in(document, lines):
        column = next((at for at, head in enumerate(heads[: len(cells)]) if at and kind_of(head) == "depends"), 0)
        for phase in references.in_label(cells[0], "")[:1] if column else ():
            needs = references.in_label(cells[column], phase)
            yield from (Edge(phase, each, line) for each in needs or [""] * bool(NONE.match(cells[column])))


def edges_in_tree(references: References, lines: Iterable[tuple[int, str]]) -> Iterator[Edge]:
    """Yield what a drawn tree says: a phase comes after the nearest one above that stands left of its branch."""
    held: list[tuple[int, str]] = []
    for line, text in lines:
        branch = re.match(_BRANCH, text)
        held = [each for each in held if branch and each[0] <= branch.start(1)]
        for part in re.finditer(_BETWEEN, text):
            first, named = re.search(_LETTER, part[0]), references.in_text(part[0])
            if first and named:
                yield from (Edge(named[0], needs, line) for _, needs in held[-1:] if branch)
                branch = None
                held.append((part.start() + first.start(), named[0]))


def _sentence(references: References, text: str, line: int) -> Iterator[Edge]:
    free = re.search(_FREE, text)
    yield from (Edge(phase, "", line) for phase in references.in_text(text[: free.start()] if free else ""))
    after, before = re.search(_AFTER, text), re.search(_BEFORE, text)
    verb = min(filter(None, (after, before)), key=lambda found: found.start(), default=None)
    if not verb:
        return
    ahead, behind = text[: verb.start()], text[verb.end() :]
    left = references.in_text(ahead) or references.stories_in(ahead)
    if verb is after:
        alone = "independent" in text.lower()
        told_by = re.finditer(_AFTER, text) if not alone else ()
        ends = (text[found.end() : found.end() + _NEAR].partition(" - ")[0] for found in told_by)
        told = [story for end in ends for story in references.stories_in(_asked(end))]
        pairs = ((phase, needs) for phase in left for needs in (*references.needed(behind, phase), *told))
    else:
        pairs = ((phase, needs) for phase in references.in_text(behind.partition(";")[0]) for needs in left)
    yield from (Edge(phase, needs, line) for phase, needs in pairs if phase != needs)


def _chain(parts: Sequence[Sequence[str]], line: int) -> Iterator[Edge]:
    for earlier, later in pairwise(parts):
        yield from (Edge(phase, needs, line) for phase in later for needs in earlier if phase != needs)
