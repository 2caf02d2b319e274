"""The requirements that specifications state, and where the phases of a guide name them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from pytest_phasegate.core.guide.markdown.document import Document, Heading
from pytest_phasegate.core.guide.model import Phase

_LETTERS = r"[A-Z]{1,8}(?:-[A-Z]{2,10}){0,2}"
_CODE = re.compile(rf"(?<![\w/.-])({_LETTERS})[-_#]?(\d{{1,4}}(?:\.\d{{1,3}}){{0,3}})(?![\w/]|[.-]\d)")
_KINDS = frozenset({"FR", "NFR", "REQ", "US", "AC", "SC", "UC", "BR"})
"""Letters that say *requirement* wherever they stand; others count where a specification or a mark has them."""
_ID = rf"(?:(?:{_LETTERS})[-_# ]?)?\d{{1,4}}(?:\.\d{{1,3}}){{0,3}}"
_ELEMENT = re.compile(rf"[\[(`]?({_ID})(?:[ \t]*(?:-|–|—|\.\.|to|through)[ \t]*({_ID}))?[\])`.]?")
_WRITTEN = re.compile(r"([a-z]+(?:-[a-z]+)*)[-_# ]*(\d+(?:\.\d+)*)")
_BETWEEN = re.compile(r"[,;、\uff0c]|[ \t](?:and|&|/)[ \t]")
_MOST = 200  # ids that a range may stand for
_WORDS = (
    r"Requirements?|Validates|Satisfies|Fulfil?ls|Implements|Verifies|Covers|Traces(?: to)?|需求|要件|要求|요구사항"
    r"|Anforderungen|Exigences|Requisitos|Требования"
)
_LABEL = re.compile(
    rf"[ \t>]*(?:[-*+][ \t]+)?(?P<mark>[*_]*)(?:{_WORDS})[*_]*[ \t]?[:：][*_]*[ \t]*(?P<ids>[^_\n]+)", re.IGNORECASE
)
_WORD_AHEAD = re.compile(rf"(?:{_WORDS})[ \t:：]*", re.IGNORECASE)
_ANSWERS = re.compile(r"\((?:AC|Acceptance Criteri(?:a|on))s?[:：]?[ \t]*([#\d][^()]{0,200})\)", re.IGNORECASE)
_STORY = re.compile(r"User Stor(?:y|ies)[ \t]+(\d{1,3})", re.IGNORECASE)
_QUOTED = re.compile(r"[`\"“]([^`\"”]{3,200})[`\"”]")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,4}[.)])?[ \t]*(?:\[.\][ \t]*)?(?:\d+(?:\.\d+)*\.?[ \t]+)?(.+)")
_NAMES = re.compile(r"(?:Requirement|Scenario)[ \t]*[:：][ \t]*(.+)", re.IGNORECASE)
_STATED = re.compile(
    r"(?:Requirement|需求|要件|要求|요구사항)[ \t]*(\d{1,3}(?:\.\d+)*)[ \t]*[:：.—–-]?[ \t]*(.*)", re.IGNORECASE
)
_STATED_CODE = re.compile(
    r"[ \t]*(?:\|[ \t]*|[-*+][ \t]+|\d{1,4}[.)][ \t]+)?(?:\[.\][ \t]*)?[*_`\[]*"
    rf"(?P<id>(?:{_LETTERS})[-_]?\d{{1,4}}(?:\.\d{{1,3}}){{0,3}})[*_`\]]*"
    r"[ \t]*(?:\([^()]{0,60}\)[ \t]*)?(?:[:：—–|-]|(?<=\*\*))[*_]*[ \t]*(?P<title>[^|]*)"
)
_NUMBERED = re.compile(r"(\d{1,3})[.)][ \t]+(\S.*)|(?:[-*+][ \t]+)?\*{0,2}(\d{1,3}\.\d{1,3})[.)]?\*{0,2}[ \t]+(\S.*)")
_ABOUT = re.compile(r"requirement|acceptance criteri|user stor|success criteri|scenario|需求|要件", re.IGNORECASE)
_CRITERIA = re.compile(r"[ \t*_#]*(?:acceptance criteri(?:a|on)|验收标准|受け入れ基準)\b", re.IGNORECASE)


class Requirement(NamedTuple):
    """What a specification asks for, and where; ``parent`` is the key of the one it is a part of."""

    id: str
    title: str
    path: str
    line: int
    parent: str = ""

    @property
    def key(self) -> str:
        """What it is known by, however it is written."""
        return key_of(self.id)


class Named(NamedTuple):
    """An id as a phase writes it, and the line."""

    id: str
    line: int


def key_of(written: str) -> str:
    """Return an id in the form that compares: ``FR-001`` is ``FR1``; a name is itself without regard to case."""
    text = " ".join(written.split()).casefold().rstrip(".:")
    found = _WRITTEN.fullmatch(text)
    return f"{found[1]}-{'.'.join(part.lstrip('0') or '0' for part in found[2].split('.'))}" if found else text


def family_of(key: str) -> str:
    """Return the letters of a key, a digit for one without, and nothing for a name."""
    if key[:1].isdecimal():
        return "0"
    letters, dash, _ = key.rpartition("-")
    return letters if dash else ""


def stated_in(document: Document, phases: Iterable[Phase] | None = None) -> tuple[Requirement, ...]:
    """Return the requirements that a document states, in order, each once.

    Args:
        document: A specification, or a guide.
        phases: The phases of a guide: it states requirements outside of them, in sections that are about such.
    """
    found: dict[str, Requirement] = {}
    for one in _Stating(document).read(None if phases is None else [(each.line, each.end_line) for each in phases]):
        found.setdefault(one.key, one)
    return tuple(found.values())


class _Stating:
    """One walk down a document: the requirement that holds a line, and whether its criteria are listed there."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.headings = {heading.line: heading for heading in document.headings}
        self.owner: Requirement | None = None
        self.level = self.about = 0
        self.listing = False

    def read(self, aside: list[tuple[int, int]] | None) -> Iterator[Requirement]:
        hidden = {line for start, end in aside or () for line in range(start, end + 1)}
        for line, text in enumerate(self.document.lines, 1):
            heading = self.headings.get(line)
            if line in hidden or not (heading or self.document.is_text(line)):
                continue
            if heading:
                self._enter(heading)
            if aside is None or self.about:
                yield from self._headed(heading) if heading else self._listed(text, line)

    def _enter(self, heading: Heading) -> None:
        if self.owner and heading.level <= self.level:
            self.owner = None
        if heading.level <= self.about:
            self.about = 0
        self.about = self.about or (heading.level if _ABOUT.search(heading.text) else 0)
        self.listing = _CRITERIA.match(heading.text) is not None

    def _headed(self, heading: Heading) -> Iterator[Requirement]:
        text = heading.text.strip("*_ ")
        numbered, story, named = _STATED.match(text), _STORY.match(text), _NAMES.match(text)
        coded = _STATED_CODE.match(text)
        if numbered:
            one = self._made(numbered[1], numbered[2], heading.line)
        elif story:
            one = self._made(
                f"US{story[1]}", text[story.end() :].strip(" -—–:：").partition(" (Priority")[0], heading.line
            )
        elif named:
            parent = self.owner.key if self.owner and text[:1] in "Ss" else ""
            one = self._made(named[1], self.owner.id if self.owner and parent else "", heading.line, parent)
        elif coded:
            one = self._made(coded["id"], coded["title"], heading.line)
        else:
            return
        if not one.parent:
            self.owner, self.level = one, heading.level
        yield one

    def _listed(self, text: str, line: int) -> Iterator[Requirement]:
        if _CRITERIA.match(text):
            self.listing = True
            return
        coded = _STATED_CODE.match(text)
        numbered = _NUMBERED.match(text.strip()) if self.listing and not text.startswith("  ") else None
        if coded and not coded["id"].startswith("T0"):
            yield self._made(coded["id"], coded["title"], line)
        elif numbered and (self.owner is None or self.owner.id[:1].isdecimal()):
            whole = numbered[3] or (f"{self.owner.id}.{numbered[1]}" if self.owner else f"AC{numbered[1]}")
            yield self._made(whole, numbered[2] or numbered[4], line, self.owner.key if self.owner else "")

    def _made(self, written: str, title: str, line: int, parent: str = "") -> Requirement:
        return Requirement(written.strip("*_` "), title.strip("*_` "), self.document.path, line, parent)


def named_in(document: Document, phase: Phase, known: Mapping[str, str]) -> tuple[Named, ...]:
    """Return the requirements that a phase names, each once.

    Args:
        document: The guide.
        phase: The phase.
        known: The keys of what specifications state and marks name.
    """
    found: dict[str, Named] = {}
    for line in range(phase.line, phase.end_line + 1):
        if document.is_text(line) or line == phase.line or document.lines[line - 1].lstrip().startswith("#"):
            for written in _names(document.lines[line - 1], known):
                found.setdefault(key_of(written), Named(written, line))
    return tuple(found.values())


def _names(text: str, known: Mapping[str, str]) -> Iterator[str]:
    label = _LABEL.match(text)
    if label:
        yield from _of_list(label["ids"], sure="_" in label["mark"])
    for answer in _ANSWERS.finditer(text):
        yield from (f"AC{each}" for each in _of_list(answer[1].replace("#", ""), sure=True) if each[0].isdecimal())
    for code in _CODE.finditer(text):
        if _KINDS.intersection(code[1].split("-")) or key_of(code[0]) in known:
            yield code[0]
    yield from (f"US{story[1]}" for story in _STORY.finditer(text))
    item = _ITEM.match(text.lstrip("# "))
    said = (*_QUOTED.findall(text), *((item[1], *_NAMES.findall(item[1])) if item else ()))
    yield from (known[key] for each in said if (key := key_of(each.strip("*_` "))) in known and not family_of(key))


def _of_list(text: str, *, sure: bool) -> Iterator[str]:
    """Yield the ids of a list; where the label alone does not tell, nothing but ids may stand in it."""
    ahead = _WORD_AHEAD.match(text)
    elements = [each.strip(" \t*_") for each in _BETWEEN.split(text[ahead.end() :] if ahead else text)]
    read = [_ELEMENT.fullmatch(each) for each in elements if each]
    if sure or all(read):
        for each in filter(None, read):
            yield from _range(each[1], each[2]) if each[2] else (each[1],)


def _range(first: str, last: str) -> Iterator[str]:
    head, start = _last_number(first)
    tail, end = _last_number(last)
    if tail not in {head, ""} or not int(start) < int(end) < int(start) + _MOST:
        yield from (first, last)
        return
    yield from (f"{head}{number:0{len(start)}}" for number in range(int(start), int(end) + 1))


def _last_number(written: str) -> tuple[str, str]:
    digits = re.search(r"\d+\Z", written)
    assert digits is not None  # noqa: S101 - the pattern of an id ends with a number
    return written[: digits.start()], digits[0]
