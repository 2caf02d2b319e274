"""One heading read: its unit word, id and title, what it claims, and whether it lists a plan."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pytest_phasegate.core.guide.markdown.document import MOJIBAKE_DASHES, Document, Heading
from pytest_phasegate.core.guide.markdown.lexing import BOX

WORDS: dict[str, tuple[str, ...]] = {
    "phase": (
        "phase", "fase", "faza", "faz", "aşama", "giai đoạn", "tahap", "фаза", "этап", "етап", "etap",
        "阶段", "階段", "段階", "フェーズ", "단계",
    ),
    "task group": ("task group", "taskgroup"),
    "stage": ("stage", "etapa", "étape", "etape", "etappe", "стадия"),
    "cycle": ("tdd cycle", "red-green cycle", "cycle", "ciclo", "цикл"),
    "task": (
        "task", "tarea", "tarefa", "aufgabe", "tâche", "görev", "tugas", "taak", "zadanie", "задача", "завдання",
        "任务", "任務", "タスク", "작업",
    ),
    "step": (
        "step", "schritt", "paso", "passo", "adım", "bước", "langkah", "krok", "stap", "шаг", "крок",
        "步骤", "ステップ",
    ),
    "milestone": ("milestone", "meilenstein", "jalon", "hito", "marco", "веха", "里程碑", "マイルストーン", "마일스톤"),
    "iteration": ("iteration", "iteración", "iteração", "итерация", "迭代"),
    "sprint": ("sprint", "スプリント", "спринт", "스프린트"),
    "epic": ("epic",),
    "story": ("user story", "story"),
    "wave": ("wave",),
    "group": ("group",),
    "week": ("week", "woche", "semana", "semaine", "hafta", "tuần", "неделя", "周", "週", "주차"),
    "increment": ("increment", "slice", "batch", "chunk"),
    "day": ("day", "天", "día", "dia", "jour", "день", "일차"),
    "pull request": ("pull request", "pr"),
    "commit": ("commit",),
    "session": ("session",),
    "subtask": ("subtask", "sub-task", "подзадача", "子任务", "サブタスク"),
    "work package": ("work package", "workstream", "arbeitspaket"),
    "deliverable": ("deliverable", "livrable", "entregable", "entregável", "liefergegenstand"),
}  # fmt: skip
"""The unit words in order of precedence, each with its names in other languages."""

NUMBERED = "section"
"""The unit of last resort: ``## 1. Title``."""

_OTHER = re.compile(
    r"[\[(`]?(?:(?:[Vv](?:ersion[ \t]+)?(?=\d)|(?=\d+\.\d+\.))(\d+(?:\.(?:\d+|x))*)"
    r"|([A-ZÀ-Þ](?:[a-zß-ÿ]{2,15}|[A-ZÀ-Þ]{2,15})|[^\W\d_a-zA-Z]{2,15})[ \t]+#?(\d{1,3}(?:\.\d{1,3}){0,2}|[A-Z])"
    r"|([A-Z]{1,8})[-.]?\d{1,4}[A-Z]?(?:[.-][A-Z]?\d{1,3}[A-Z]?)*|#([A-Z]{0,3}\d{1,5}))(?!\w)[\])`]?"
)
"""A version, a word of the plan's own with a number, or a code: ``M1``, ``T-03``, ``S4A.2``, ``A.1``, ``W1-D2``."""
VERSION, ISSUE = "version", "ISSUE"
INITIALS = frozenset({"P", "M", "S", "T", "W", "E", "WS", "WP"})
"""Letters of unit words: in a plan, such codes that count on are units below its chapters, too."""
ASKED = frozenset({"FR", "NFR", "REQ", "AC", "SC", "BR", "UC", "US", "R", "Q", "ADR", "RFC"})
"""Letters of what is asked, feared or decided: such headings are no work."""
PARTS = frozenset({"Part", "Teil", "Parte", "Partie", "Bloc", "Block", "Bloque", "Track"})
"""Words that letters number, too, and that head a unit where boxes stand below."""
_SPELLED = "zero零 one一 two二 three三 four四 five五 six六 seven七 eight八 nine九 ten十"
SPELLED = {word: str(number) for number, words in enumerate(_SPELLED.split()) for word in (words[:-1], words[-1])}

_MAX_LEVEL = 4
_DECORATION = re.compile(r"[^\w\[\]{}<>(#`|]+")
WORD_OF = {name: word for word, names in WORDS.items() for name in names}
_FIRST = frozenset(name[0] for name in WORD_OF)
_LONGEST = max(map(len, WORD_OF))
_LONGEST_FIRST = sorted(WORD_OF, key=len, reverse=True)
_ORDINAL = (
    r"(?:(第) ?(?=\w)|(?=\d))(\d{1,3}(?:[-–—]\d{1,3})?|\w{1,4}?) ?"
    r"(阶段|階段|步骤|フェーズ|步|周|週|단계|주차|일차|этап|(?(1)天|(?!)))"
)
"""An id ahead of its word: ``第一阶段``, ``1단계``, ``1 этап``."""
_ID = re.compile(
    r"[ \t]*(?:[#№]|-(?=\d|[A-Z](?!\w)))?((?:[A-Za-z]{1,3}-?|[A-Z]{2,8}-)?\d+(?:\.\d+)*(?:-?[A-Za-z](?:\.\d+)*(?!\w))?"
    r"|[IVX]+(?!\w)|[A-Z](?!\w)|[^\W\d_]+)"
)
_CODED = r"-(\d{1,4}-\d{1,4})(?![\w-])"
"""An id of two numbers that a dash joins to its word: ``TASK-012-001``."""
_DOTTED = r"\d{1,4}(?:\.\d{1,3}){0,2}"
_RANGE = re.compile(
    rf"[ \t]*({_DOTTED})(?:[ \t]?(?:[-–—&]|\.\.|,)[ \t]?|[ \t](?:to|through|and)[ \t])"
    rf"(?:\d{{1,4}}(?:,[ \t]?|[ \t]&[ \t]|,?[ \t]and[ \t])){{0,8}}({_DOTTED})(?=[ \t]*[*_]*(?:[:：.—–(]|-[ \t]|\Z))"
)
_RANGED = re.compile(r"[-–—]\d")
_OF_ALL = re.compile(r"[ \t]*(?:of[ \t]|/[ \t]?)[ \t]*\d{1,3}(?![\d.])")
_CLOSED = re.compile(r"[*_~`]+(?=[ \t])")
"""What closes a mark ahead of the unit word, and so parts the id from the title."""
RANGE_ID = re.compile(rf"({_DOTTED})-({_DOTTED})")
"""The id of a unit that stands for several: ``2-4``."""
_ONLY_PAREN = re.compile(r"[(（][^()（）]*[)）][ \t]*[:：]?[ \t*_]*\Z")
_BOXES = re.compile(rf"(?:[-*+][ \t]+)?(?:{BOX}[ \t]*)+")
_PLACEHOLDER = r"[ \t]*(N(?:\+1)?|X|\{[^}]*\}|\[[^\]]*\]|<[^>]*>)(?=[ \t:.(—–-]|\Z)"
_SECTION = re.compile(r"(\d+(?:\.\d+)*|[IVX]{1,6})(?:[.):：]|(?<=\d)(?=[ \t]+`))[ \t]+(\S.*)")
_SEPARATOR = re.compile(
    r"[ \t*_]*(?:[:：—–|\uff5c·→»)\]]+|>(?=[ \t]*[^\W\d])|\.(?=[ \t]|\Z)|--?(?=[ \t]))(?:[ \t]|[*_]+(?=[ \t]|\Z))*"
)
_DRESS = re.compile(
    r"(?:<a [^<>]{0,80}>(?:</a>)?[ \t]*"
    r"|[\[(](?:done|complete|completed|finished|wip|in progress|todo|pending)[\])][ \t]*"
    r"|[一二三四五六七八九十]{1,3}、[ \t]*"
    r"|\d{1,3}(?:\.\d{1,3}){0,3}[.)]?[ \t]+(?=[^\W\d_]{2,}[ \t]*(?:\d|Group\b))|[`\[](?=[A-Za-z][a-z]+[ \t-]*\d))+",
    re.IGNORECASE,
)
"""What may stand ahead of the unit word: an anchor, a claim, the number of the section, an opening bracket."""
_ANCHOR = re.compile(r"[ \t]\{#[\w-]+\}\Z")
_PAREN = re.compile(r"[ \t*_]*[(（]([^()（）]*(?:[(（][^()（）]*[)）][^()（）]*)*)[)）]")


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
    """Read one heading as a unit: decoration, unit word, id at once, separator and title."""
    if heading.level > _MAX_LEVEL or heading.text.startswith("~~"):
        return None
    text = _plain(heading.text)
    word, rest = _unit_word(text)
    if not word:
        section = _SECTION.match(text)
        return Hit(heading, index, NUMBERED, section[1], _title(section[2])) if section else None
    blank = re.match(_PLACEHOLDER, rest)
    if blank and _SEPARATOR.match(rest, blank.end()):
        return Hit(heading, index, word, blank[1], _title(rest[blank.end() :]), placeholder=True)
    return _with_id(heading, index, word, rest)


def _with_id(heading: Heading, index: int, word: str, rest: str) -> Hit | None:
    several = _RANGE.match(rest)
    found = several or re.match(_CODED, rest) or _ID.match(rest)
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
    title = _title(rest[separator.end() :]) if separator else _title(rest) if inside else None if rest else ""
    return title or next(filter(None, map(_title, reversed(inside))), "" if inside else title)


def _identifier(raw: str) -> str | None:
    if any(char.isdigit() for char in raw):
        return raw
    if raw.lower() in SPELLED:
        return SPELLED[raw.lower()]
    return raw if raw.isascii() and raw.isupper() and (len(raw) == 1 or set(raw) <= set("IVX")) else None


def _plain(text: str) -> str:
    text = _ANCHOR.sub("", text)
    for decoration in (_BOXES, _DECORATION, _DRESS):
        found = decoration.match(text)
        text = text[found.end() :] if found else text
    return text


def _unit_word(text: str) -> tuple[str, str]:
    ordinal = re.match(_ORDINAL, text)
    if ordinal:
        return WORD_OF.get(ordinal[3], "phase"), ordinal[2] + text[ordinal.end() :]
    lowered = text[:_LONGEST].lower()
    if lowered[:1] not in _FIRST:
        return "", ""
    name = next((name for name in _LONGEST_FIRST if lowered.startswith(name)), "")
    rest = text[len(name) :]
    rest = rest[1:] if rest[:1] == "s" and _RANGE.match(rest, 1) else rest
    joined = rest[:1].isalpha() and name.isascii()
    return ("", "") if joined or not name else (WORD_OF[name], rest)


_FINISHED = (
    "done|completed?|finished|terminée?s?|terminad[oa]|completad[oa]|conclu[ií]d[oa]|abgeschlossen|erledigt"
    "|已?完成|完了|완료|готово|выполнено"
)
_CLAIMS = tuple(
    (
        re.compile(
            rf"{box}|[{signs}]\ufe0f?(?:[ \t]*(?:{words}|\*[^*]{{1,30}}\*)(?=[ \t]*(?:[(（]|\Z)))?"
            rf"|[(\[（](?:{words})[)\]）]|[ \t][—–-][ \t]+(?:{words})[ \t]*\Z",
            re.IGNORECASE,
        ),
        meaning,
    )
    for meaning, box, signs, words in (
        ("done", r"\[x\]", "✅✔☑", _FINISHED),
        (
            "in progress",
            r"\[~\]",
            "🚧🔄⏳",
            "in progress|wip|en cours|in arbeit|en curso|en progreso|em andamento|进行中|進行中|진행 ?중|в работе",
        ),
        ("", r"\[ \]", "⬜☐❌📋🔜", "not started|pending|todo|à faire|offen|pendiente|pendente|待开始|未着手|예정"),
    )
)
_MAY_CLAIM = re.compile(r"[\[(（✅✔☑🚧🔄⏳⬜☐❌📋🔜]|COMPLETE|DONE|FINISHED|[ \t][—–-][ \t]")
_SHOUTED = r"(?<=\w[ \t])([✅✔☑🚧🔄⏳⬜☐❌📋🔜])\ufe0f?[ \t]*[A-ZÀ-ÞА-ЯЁ]{3,}(?:[ \t]+[A-ZÀ-ÞА-ЯЁ]{2,})*\Z"
"""What a sign and words in capitals behind a title claim, in any language."""
_LOUD = r"(?:\*\*|\b)(?:COMPLETED?|DONE|FINISHED)\b[ \t!*]*(?:\([^()]*\d{4}-\d\d-\d\d[^()]*\))?\Z"
_LOUD_AHEAD = re.compile(r"[✅✔☑]?\ufe0f?[ \t]*(?:COMPLETED?|DONE|FINISHED)[ \t]*(?:[:—–-][ \t]*)")


def without_own_name(title: str, unit_id: str) -> str:
    """Return a title without the unit word and the id of the unit itself ahead: ``Phase 1: Core`` of unit 1."""
    hit = read_heading(Heading(1, 1, title))
    return hit.title if hit and hit.word != NUMBERED and hit.id == unit_id and hit.title else title


def strip_claim(text: str) -> tuple[str, str]:
    """Return the text without status marks, and the progress they claim."""
    claim = ""
    if not _MAY_CLAIM.search(text):
        return (" ".join(text.split()), claim)
    ahead = _LOUD_AHEAD.match(text)
    if ahead:
        text, claim = text[ahead.end() :], "done"
    text = re.sub(_SHOUTED, r"\1", text)
    loud = re.search(_LOUD, text)
    if loud:
        text, claim = text[: loud.start()].rstrip(" \t").removesuffix("✅").rstrip(" \t:—–-"), "done"
    for pattern, meaning in _CLAIMS:
        stripped = pattern.sub("", text)
        if stripped != text:
            text, claim = stripped, claim or meaning
    return " ".join(text.split()), claim


def _title(text: str) -> str:
    bare = strip_claim(text)[0]
    if not any(map(str.isalnum, bare)):
        return ""
    separator = _SEPARATOR.match(bare)
    if separator:
        bare = bare[separator.end() :]
    return _unwrapped(bare.strip(" \t"))


def _unwrapped(text: str) -> str:
    """Return a title without the marks around it; of an odd number, the first closes what began ahead of the title."""
    if text.count("**") % 2:
        text = text.replace("**", "", 1).strip()
    for marks in ("**", "__", "~~"):
        if text.startswith(marks) and text.endswith(marks) and text.count(marks) == 2:  # noqa: PLR2004 - a pair
            text = text[2:-2].strip()
    return text


def own_unit(heading: Heading, index: int) -> Hit | None:
    """Read a heading that a word of the plan's own and a number begin, or a code; what these letters ask is no work."""
    text = _plain(heading.text)
    named = _OTHER.match(text) if heading.level <= _MAX_LEVEL and not heading.text.startswith("~~") else None
    if named is None:
        return None
    version, own, number, code, issue = named.groups()
    as_written = named[0].strip("[]()`")
    letters = "." if code and as_written[1:2] == "." else code
    word = (version and VERSION) or (own and own.capitalize()) or (issue and ISSUE) or letters
    behind = text[named.end() :].lstrip("*_~`")
    title = title_after(behind.lstrip())
    if title is None and (code or issue) and behind[:1].isspace():
        title = _title(behind)
    lettered = number is not None and number.isalpha() and word not in PARTS
    if title is None or lettered or word.lower() in WORD_OF or word in ASKED:
        return None
    return Hit(heading, index, word, number or issue or as_written.rpartition(" ")[2], title)
