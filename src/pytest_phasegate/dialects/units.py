"""Unit headings: which headings name a phase, and which of them make up the document's one series."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from pytest_phasegate.core.guide.markdown.document import MOJIBAKE_DASHES, Document, Heading
from pytest_phasegate.core.guide.markdown.lexing import BOX
from pytest_phasegate.dialects.fields import openings
from pytest_phasegate.dialects.tasklines import all_boxes

WORDS: dict[str, tuple[str, ...]] = {
    "phase": ("phase", "fase", "faza", "фаза", "阶段", "階段", "段階", "フェーズ", "этап", "단계"),
    "task group": ("task group", "taskgroup"),
    "stage": ("stage", "etapa", "étape", "etape", "etappe", "стадия"),
    "cycle": ("tdd cycle", "red-green cycle", "cycle", "ciclo", "цикл"),
    "task": ("task", "tarea", "tarefa", "aufgabe", "tâche", "задача", "任务", "任務", "タスク", "작업"),
    "step": ("step", "schritt", "paso", "passo", "шаг", "步骤", "ステップ"),
    "milestone": ("milestone", "meilenstein", "jalon", "hito", "marco", "веха", "里程碑", "マイルストーン", "마일스톤"),
    "iteration": ("iteration", "iteración", "iteração", "итерация", "迭代"),
    "sprint": ("sprint", "スプリント", "спринт", "스프린트"),
    "epic": ("epic",),
    "story": ("user story", "story"),
    "wave": ("wave",),
    "group": ("group",),
    "week": ("week", "woche", "semana", "semaine", "неделя", "周", "週", "주차"),
    "increment": ("increment", "slice", "batch", "chunk"),
    "day": ("day",),
    "pull request": ("pull request", "pr"),
    "commit": ("commit",),
    "session": ("session",),
}
"""The unit words in order of precedence, each with its names in other languages."""

NUMBERED = "section"
"""The unit of last resort: ``## 1. Title``."""

_OTHER = re.compile(r"[\[(`]?(?:([A-Z][a-z]{2,15})[ \t]+#?(\d{1,3})|([A-Z]{1,8})-?\d{1,4}(?:\.\d{1,3})*)(?!\w)[\])`]?")
"""A word of the plan's own with a number, or a code such as ``M1``, ``T-03``, ``P1.2``."""
_ASKED = frozenset({"FR", "NFR", "REQ", "AC", "SC", "BR", "UC", "US", "R", "Q", "D", "ADR", "RFC"})
"""Letters of what is asked, feared or decided: such headings are no work."""
_WORK = frozenset({"create", "modify", "delete", "files", "commit", "tests"})
_SAID = _WORK | {"goal", "criteria", "depends", "coverage", "box"}
_ENOUGH = 2
_LISTED = frozenset({"phase", "stage", "milestone", "iteration", "sprint", "epic", "story", "wave"})
"""Words that a heading says of all units below it; *next steps* and *tasks* are no plan yet."""

_SPELLED = "one一 two二 three三 four四 five五 six六 seven七 eight八 nine九 ten十"
SPELLED = {word: str(number) for number, words in enumerate(_SPELLED.split(), 1) for word in (words[:-1], words[-1])}

_MAX_LEVEL = 4
_DECORATION = re.compile(r"[^\w\[\]{}<>(#`|]+")
WORD_OF = {name: word for word, names in WORDS.items() for name in names}
_FIRST = frozenset(name[0] for name in WORD_OF)
_LONGEST = max(map(len, WORD_OF))
_LONGEST_FIRST = sorted(WORD_OF, key=len, reverse=True)
_ORDINAL = re.compile(r"(?:第 ?(?=\w)|(?=\d))(\d{1,3}|\w{1,4}?) ?(阶段|階段|步骤|フェーズ|步|周|週|단계|주차|этап)")
"""An id ahead of its word: ``第一阶段``, ``1단계``, ``1 этап``."""
_ID = re.compile(
    r"[ \t]*(?:[#№]|-(?=\d))?((?:[A-Za-z]{1,3}-?|[A-Z]{2,8}-)?\d+(?:\.\d+)*(?:(?:-?[a-z]|[A-Z](?:\.\d+)*)(?!\w))?"
    r"|[IVX]+(?!\w)|[A-Z](?!\w)|[^\W\d_]+)"
)
_RANGE = re.compile(
    r"[ \t]*(\d{1,4})(?:[ \t]?(?:[-–—&]|\.\.|,)[ \t]?|[ \t](?:to|through|and)[ \t])(?:\d{1,4}(?:,[ \t]?|[ \t]&[ \t]"
    r"|,?[ \t]and[ \t])){0,8}(\d{1,4})(?=[ \t]*[*_]*(?:[:：.—–(]|-[ \t]|\Z))"
)
_DAYS = re.compile(r"[ \t]*(\d{1,4})[-–—](\d{1,4})(?=[ \t])")
"""Days or weeks from one to another, without a separator behind."""
_RANGED = re.compile(r"[-–—]\d")
_OF_ALL = re.compile(r"[ \t]*(?:of[ \t]|/[ \t]?)[ \t]*\d{1,3}(?![\d.])")
_CLOSED = re.compile(r"[*_~`]+(?=[ \t])")
"""What closes a mark ahead of the unit word, and so parts the id from the title."""
RANGE_ID = re.compile(r"(\d{1,4})-(\d{1,4})")
"""The id of a unit that stands for several: ``2-4``."""
_ONLY_PAREN = re.compile(r"\([^()]*\)[ \t]*[:：]?[ \t*_]*\Z")
_BOXES = re.compile(rf"(?:[-*+][ \t]+)?(?:{BOX}[ \t]*)+")
_PLACEHOLDER = re.compile(r"[ \t]*(N(?:\+1)?|X|\{[^}]*\}|\[[^\]]*\]|<[^>]*>)(?=[ \t:.(—–-]|\Z)")
_KEYCAPS = re.compile(r"(?:\d\ufe0f?\u20e3|🔟)+[ \t]*[.:]?[ \t]*")
_NO_CAPS = {0xFE0F: None, 0x20E3: None, ord("."): None, ord(":"): None}
_SECTION = re.compile(r"(\d+(?:\.\d+)*|[IVX]{1,6})[.)][ \t]+(\S.*)")
_SEPARATOR = re.compile(
    r"[ \t*_]*(?:[:：—–|\uff5c·→»)\]]+|>(?=[ \t]*[^\W\d])|\.(?=[ \t]|\Z)|-(?=[ \t]))(?:[ \t]|[*_]+(?=[ \t]|\Z))*"
)
_DRESS = re.compile(
    r"(?:<a [^<>]{0,80}>(?:</a>)?[ \t]*"
    r"|[\[(](?:done|complete|completed|finished|wip|in progress|todo|pending)[\])][ \t]*"
    r"|\d{1,3}(?:\.\d{1,3}){0,3}[.)]?[ \t]+(?=[A-Za-z][a-z]+[ \t]*\d)|[`\[](?=[A-Za-z][a-z]+[ \t-]*\d))+",
    re.IGNORECASE,
)
"""What may stand ahead of the unit word: an anchor, a claim, the number of the section, an opening bracket."""
_PAREN = re.compile(r"[ \t*_]*\(([^()]*(?:\([^()]*\)[^()]*)*)\)")


class Hit(NamedTuple):
    """A heading that names a unit: ``word`` its kind, ``id`` as written; ``place`` is its index among the headings.

    ``untitled`` says that nothing but a parenthesis stands behind the id.
    """

    heading: Heading
    place: int
    word: str
    id: str
    title: str
    placeholder: bool = False
    mojibake: bool = False
    untitled: bool = False


@lru_cache(maxsize=1)
def hits(document: Document) -> tuple[Hit, ...]:
    """Return every strict unit heading of the document."""
    found = (read_heading(heading, index) for index, heading in enumerate(document.headings))
    return tuple(hit for hit in found if hit)


def read_heading(heading: Heading, index: int = 0) -> Hit | None:
    """Read one heading as a unit: decoration, unit word, id at once, separator and title (rule 4)."""
    if heading.level > _MAX_LEVEL:
        return None
    text = _plain(heading.text)
    word, rest = _unit_word(text)
    if not word:
        section = _SECTION.match(text)
        return Hit(heading, index, NUMBERED, section[1], _title(section[2])) if section else None
    blank = _PLACEHOLDER.match(rest)
    if blank and _SEPARATOR.match(rest, blank.end()):
        return Hit(heading, index, word, blank[1], _title(rest[blank.end() :]), placeholder=True)
    return _with_id(heading, index, word, rest)


def _with_id(heading: Heading, index: int, word: str, rest: str) -> Hit | None:
    days = _DAYS.match(rest) if word in {"day", "week"} else None
    several = _RANGE.match(rest) or days
    found = several or _ID.match(rest)
    unit_id = f"{several[1]}-{several[2]}" if several else _identifier(found[1]) if found else None
    if not found or unit_id is None or (not several and _RANGED.match(rest, found.end())):
        return None
    of_all = None if several else _OF_ALL.match(rest, found.end())
    behind = rest[(of_all or found).end() :]
    tail = behind.lstrip(" \t*_~`")
    dash = next((dash for dash in MOJIBAKE_DASHES if tail.startswith(dash)), "")
    if dash:
        return Hit(heading, index, word, unit_id, _title(tail[len(dash) :]), mojibake=True)
    title = title_after(tail)
    if title is None and (_CLOSED.match(behind) or several):
        title = _title(tail)
    if title is None:
        return None
    return Hit(heading, index, word, unit_id, title, untitled=_ONLY_PAREN.match(tail) is not None)


def title_after(tail: str) -> str | None:
    """Return the title behind the id: after a separator, a parenthesis, or a claim; ``None`` means: no unit."""
    tail = strip_claim(tail)[0]
    inside: list[str] = []
    at = 0
    while paren := _PAREN.match(tail, at):
        inside.append(paren[1])
        at = paren.end()
    rest = tail[at:].strip()
    separator = _SEPARATOR.match(rest)
    title = _title(rest[separator.end() :]) if separator else None if rest else ""
    return title or next(filter(None, map(_title, reversed(inside))), "" if inside else title)


def _identifier(raw: str) -> str | None:
    if any(char.isdigit() for char in raw):
        return raw
    if raw.lower() in SPELLED:
        return SPELLED[raw.lower()]
    return raw if raw.isascii() and raw.isupper() and (len(raw) == 1 or set(raw) <= set("IVX")) else None


def _plain(text: str) -> str:
    keys = _KEYCAPS.match(text) if "\u20e3" in text or "🔟" in text else None
    if keys:
        number = keys[0].replace("🔟", "10").translate(_NO_CAPS).strip()
        text = f"{number}. {text[keys.end() :]}"
    for decoration in (_BOXES, _DECORATION, _DRESS):
        found = decoration.match(text)
        text = text[found.end() :] if found else text
    return text


def _unit_word(text: str) -> tuple[str, str]:
    ordinal = _ORDINAL.match(text)
    if ordinal:
        return WORD_OF.get(ordinal[2], "phase"), ordinal[1] + text[ordinal.end() :]
    lowered = text[:_LONGEST].lower()
    if lowered[:1] not in _FIRST:
        return "", ""
    name = next((name for name in _LONGEST_FIRST if lowered.startswith(name)), "")
    rest = text[len(name) :]
    rest = rest[1:] if rest[:1] == "s" and _RANGE.match(rest, 1) else rest
    joined = rest[:1].isalpha() and name.isascii()
    return ("", "") if joined or not name else (WORD_OF[name], rest)


_CLAIMS = tuple(
    (
        re.compile(
            rf"{box}|[{signs}]\ufe0f?(?:[ \t]*(?:{words}|\*[^*]{{1,30}}\*)(?=[ \t]*(?:\(|\Z)))?|[(\[](?:{words})[)\]]",
            re.IGNORECASE,
        ),
        meaning,
    )
    for meaning, box, signs, words in (
        ("done", r"\[x\]", "✅✔☑", "done|completed?|finished"),
        ("in progress", r"\[~\]", "🚧🔄⏳", "in progress|wip"),
        ("", r"\[ \]", "⬜☐❌📋", "not started|pending|todo"),
    )
)
_MAY_CLAIM = re.compile(r"[\[(✅✔☑🚧🔄⏳⬜☐❌📋]|COMPLETE|DONE|FINISHED")
_LOUD = re.compile(r"\b(?:COMPLETED?|DONE|FINISHED)\b[ \t!]*\Z")
_LOUD_AHEAD = re.compile(r"[✅✔☑]?\ufe0f?[ \t]*(?:COMPLETED?|DONE|FINISHED)[ \t]*(?:[:—–-][ \t]*)")


def without_own_name(title: str, unit_id: str) -> str:
    """Return a title without the unit word and the id of the unit itself ahead: ``Phase 1: Core`` of unit 1."""
    hit = read_heading(Heading(1, 1, title))
    return hit.title if hit and hit.word != NUMBERED and hit.id == unit_id and hit.title else title


def strip_claim(text: str) -> tuple[str, str]:
    """Return the text without status marks, and the progress they claim (rule 14)."""
    claim = ""
    if not _MAY_CLAIM.search(text):
        return (" ".join(text.split()), claim)
    ahead = _LOUD_AHEAD.match(text)
    if ahead:
        text, claim = text[ahead.end() :], "done"
    loud = _LOUD.search(text)
    if loud:
        text, claim = _before_claim(text[: loud.start()]), "done"
    for pattern, meaning in _CLAIMS:
        stripped = pattern.sub("", text)
        if stripped != text:
            text, claim = stripped, claim or meaning
    return " ".join(text.split()), claim


def _before_claim(text: str) -> str:
    bare = text.rstrip(" \t").removesuffix("✅").rstrip(" \t")
    return bare[:-1].rstrip(" \t") if bare.endswith((":", "—", "–", "-")) else bare


def _title(text: str) -> str:
    bare = strip_claim(text)[0]
    separator = _SEPARATOR.match(bare)
    if separator:
        bare = bare[separator.end() :]
    return _unwrapped(bare.strip(" \t"))


def _unwrapped(text: str) -> str:
    """Return a title without the marks around it; of an odd number, the first closes what began ahead of the title."""
    if text.count("**") % 2:
        text = text.replace("**", "", 1).strip()
    for marks in ("**", "__", "~~"):
        if text.count(marks) % 2:
            text = text.removesuffix(marks).removeprefix(marks).strip()
        elif text.startswith(marks) and text.endswith(marks) and text.count(marks) == 2:  # noqa: PLR2004 - a pair
            text = text[2:-2].strip()
    return text


@dataclass(frozen=True, slots=True)
class Series:
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
    """Choose the one unit word (rule 5) and the one series (rule 6) of a document.

    A word whose sections say nothing of work gives way to one whose sections do, unless these hold its own: a rollout,
    or a heading that only groups. Words of the plan's own, and codes, count only with that evidence.
    """
    by_word: dict[str, list[Hit]] = {word: [] for word in (*WORDS, NUMBERED)}
    for hit in hits(document):
        by_word[hit.word].append(hit)
    word = next((word for word in WORDS if len(by_word[word]) > 1), "")
    by_word |= _others(document)
    parents = _parents(document)
    rivals = [each for each, some in by_word.items() if each != word and len(some) > 1]
    if rivals and not (word and _declaring(document, _of_level(by_word[word])[0], _SAID)):
        fitting = (each for each in rivals if _outdoes(document, parents, by_word[each], by_word.get(word, ())))
        word = next(fitting, word)
    word = word or (NUMBERED if len(by_word[NUMBERED]) > 1 else next((word for word in WORDS if by_word[word]), ""))
    if not word:
        return None
    outer = _outermost(parents, by_word, word) if word in WORDS else word
    groups = by_word["task group"]
    held = outer == "phase" and len(groups) > 1 and _outermost(parents, by_word, "task group") == outer
    return _series(document, parents, "task group" if held else outer, by_word)


def _others(document: Document) -> dict[str, list[Hit]]:
    """Return the headings that a word of the plan's own, or the letters of a code, and a number begin, by these."""
    found: dict[str, list[Hit]] = {}
    for place, heading in enumerate(document.headings):
        text = _plain(heading.text)
        named = _OTHER.match(text) if heading.level <= _MAX_LEVEL else None
        word = (named[1] or named[3]) if named else ""
        title = title_after(text[named.end() :].lstrip(" \t*_~`")) if named else None
        if named and title is None and named[3] and text[named.end() : named.end() + 1].isspace():
            title = _title(text[named.end() :])
        if named and title is not None and word.lower() not in WORD_OF and word not in _ASKED:
            found.setdefault(word, []).append(Hit(heading, place, word, named[2] or named[0].strip("[]()`"), title))
    return found


def _outdoes(document: Document, parents: Sequence[int], some: Sequence[Hit], chosen: Sequence[Hit]) -> bool:
    """Whether these sections speak of work; without a unit word of ours, none of them may hold a chosen unit."""
    if some[0].word in WORDS:
        return are_work(document, some, _SAID)
    places = {hit.place for hit in some}
    return (are_work(document, some) or are_listed(document, some)) and not any(
        _is_below(parents, hit.place, places) for hit in chosen
    )


def are_listed(document: Document, some: Sequence[Hit]) -> bool:
    """Return whether all these sections stand below headings that end with a unit word: *Milestones*."""
    parents = _parents(document)
    above = (document.headings[parents[hit.place]].text if parents[hit.place] >= 0 else "" for hit in some)
    last = (text.partition("(")[0].lower().rstrip(": *_").rpartition(" ")[2] for text in above)
    return all(WORD_OF.get(word.removesuffix("s")) in _LISTED for word in last)


def are_work(document: Document, some: Sequence[Hit], kinds: AbstractSet[str] = _WORK) -> bool:
    """Return whether fields of these kinds stand in at least half of these sections, two or more."""
    working = len(_declaring(document, some, kinds))
    return working >= _ENOUGH and working * 2 >= len(some)


def _declaring(document: Document, some: Sequence[Hit], kinds: AbstractSet[str]) -> list[Hit]:
    """Return the units in whose sections a field of one of these kinds stands."""
    lines = [line for line, kind in _fields(document) if kind in kinds]
    ends = ((hit, document.section_end(hit.heading.line, hit.heading.level)) for hit in some)
    return [hit for hit, end in ends if bisect_left(lines, hit.heading.line + 1) < bisect_left(lines, end)]


@lru_cache(maxsize=1)
def _fields(document: Document) -> list[tuple[int, str]]:
    """Return the lines that a label or a box begins, with what each is."""
    boxes = ((box.line, "box") for box in all_boxes(document))
    return sorted((*((each.line, each.kind) for each in openings(document, 1, len(document.lines) + 1)), *boxes))


def series_of_word(document: Document, found: Sequence[Hit], word: str) -> Series | None:
    """Return the series of one unit word, whatever stands around it; ``None`` where there are not two such units."""
    some = [hit for hit in found if hit.word == word]
    return _series(document, _parents(document), word, {word: some}) if len(some) > 1 else None


def _outermost(parents: Sequence[int], by_word: Mapping[str, Sequence[Hit]], word: str) -> str:
    """Return the unit word whose two sections or more hold all units of the chosen one, or that one."""
    for outer in WORDS:
        levels = Counter(hit.heading.level for hit in by_word[outer])
        places = {hit.place for hit in by_word[outer] if levels[hit.heading.level] > 1}
        if outer != word and len(places) > 1 and all(_is_below(parents, hit.place, places) for hit in by_word[word]):
            return _outermost(parents, by_word, outer)
    return word


def _is_below(parents: Sequence[int], place: int, places: AbstractSet[int]) -> bool:
    """Return whether one of the headings that hold this one is among the places."""
    while (place := parents[place]) >= 0 and place not in places:
        pass
    return place >= 0


def _series(document: Document, parents: Sequence[int], word: str, by_word: Mapping[str, Sequence[Hit]]) -> Series:
    some, listed = _without_listings(by_word[word])
    main, level = _of_level(some)
    places = {hit.place for hit in main}
    below = _going_on([hit for hit in some if word in WORDS], level)
    apart = [
        hit
        for hit in some
        if hit.heading.level > level and word in WORDS and (hit in below or not _is_below(parents, hit.place, places))
    ]
    series = _joined(document, word, _groups(parents, main), _groups(parents, apart))
    return replace(series, second=tuple(sorted((*series.second, *listed), key=attrgetter("place"))))


def _of_level(some: Sequence[Hit]) -> tuple[list[Hit], int]:
    """Return the units of the highest level that has two, and the level."""
    levels = Counter(hit.heading.level for hit in some)
    level = min((each for each, number in levels.items() if number > 1), default=max(levels))
    return [hit for hit in some if hit.heading.level == level], level


def _going_on(some: Sequence[Hit], level: int) -> set[Hit]:
    """Return the deeper units that count on where the series has ended: their author chose another level by mistake."""
    last = next((at for at in range(len(some) - 1, -1, -1) if some[at].heading.level == level), len(some))
    found: set[Hit] = set()
    previous = some[last].id if last < len(some) else ""
    for hit in some[last + 1 :]:
        if not (previous.isdecimal() and hit.id.isdecimal() and int(hit.id) == int(previous) + 1):
            break
        found.add(hit)
        previous = hit.id
    return found


def _without_listings(some: Sequence[Hit]) -> tuple[list[Hit], list[Hit]]:
    """Set aside headings without a title whose id a heading with one had before: they list what each phase touches."""
    titled: set[str] = set()
    kept: list[Hit] = []
    listed: list[Hit] = []
    for hit in some:
        (listed if hit.untitled and hit.id in titled else kept).append(hit)
        if not hit.untitled:
            titled.add(hit.id)
    return kept, listed


def _groups(parents: Sequence[int], some: Iterable[Hit]) -> list[list[Hit]]:
    groups: dict[int, list[Hit]] = {}
    for hit in some:
        groups.setdefault(parents[hit.place], []).append(hit)
    return list(groups.values())


def _parents(document: Document) -> list[int]:
    """Return, for each heading, the index of the nearest one above it that is of a higher level, or -1."""
    found: list[int] = []
    opened: list[int] = []
    for index, heading in enumerate(document.headings):
        while opened and document.headings[opened[-1]].level >= heading.level:
            opened.pop()
        found.append(opened[-1] if opened else -1)
        opened.append(index)
    return found


def _joined(document: Document, word: str, groups: list[list[Hit]], apart: list[list[Hit]]) -> Series:
    """Start with the first parent that holds two; others join unless they use its ids for something else.

    One that begins anew, and whose units declare files or commits of their own, is more of the plan and no summary.
    """
    main = next((group for group in groups if len(group) > 1), groups[0])
    titles = {hit.id: hit.title for hit in main}
    units, second, repeated, anew = list(main), main[:0], main[:0], main[:0]
    for group in (*groups, *apart):
        if group is main:
            continue
        again = [hit for hit in group if titles.get(hit.id) == hit.title]
        fresh = [hit for hit in group if titles.get(hit.id) != hit.title]
        if any(hit.id in titles for hit in fresh):
            own = len(_declaring(document, group, _WORK - {"tests"})) * 2 >= len(group) > (word not in WORDS)
            (anew if own else second).extend(fresh if own else group)
        else:
            repeated += again
            units += fresh
            titles.update({hit.id: hit.title for hit in fresh})
    units = sorted((*units, *anew), key=attrgetter("place"))
    return Series(word, tuple(units), tuple(second), tuple(repeated), frozenset(anew))
