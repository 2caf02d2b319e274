"""What criteria and fields ask: their kind, and the goals of coverage, figure by figure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pytest_phasegate.core.guide.markdown.labels import read_label
from pytest_phasegate.core.guide.model import CoverageGoal, Criterion

_NUMBER = r"\d{1,4}(?:\.\d{1,4})?"
_GROUP = re.compile(rf"(?<![\d.+]){_NUMBER}(?:[ \t]?[%％]?[ \t]?/[ \t]?{_NUMBER}){{0,8}}\+?[ \t]?(?:[%％]|percent\b)")
_UP_TO = re.compile(rf"(?<![\d.])({_NUMBER})[ \t]?[%％]?[ \t]?[-–][ \t]?{_NUMBER}[ \t]?[%％]")
_REACHED = re.compile(
    r"\d[\d.]{0,7}[ \t]?[%％](?=[^%％()]{0,20}(?:\((?:target|goal|required|exceeds)\b|\bexceeding\b))", re.IGNORECASE
)
"""A figure that the one which is asked for follows in parentheses: ``82% (target: 80%)``."""
_MESSAGE = re.compile(
    r"[\"“`](?=[^\"“”`]*\bcoverage\b)(?:[^\s\"“”`]{1,40}[ \t]+){3,30}[^\s\"“”`]{1,40}[\"”`]", re.IGNORECASE
)
"""What something says of coverage, in quotes or backticks."""
_NUMBERS, _NARROW = re.compile(_NUMBER), re.compile("[\u00a0\u202f]")
_WORD = (
    r"\bcoverage\b|覆盖率|覆蓋率|カバレッジ|커버리지|\b(?:test|code|zeilen|zweig)?abdeckung\b|\bcouverture\b|\bcobertura\b"
    r"|\b\u043f\u043e\u043a\u0440\u044b\u0442\u0438[\u0435\u044f\u044e]\b"
)
_SPEAKS = re.compile(rf"{_WORD}|\bcovered\b", re.IGNORECASE)
_NAMES_IT = re.compile(_WORD, re.IGNORECASE)
_CODE = re.compile(
    r"\b(?:lines?|branch(?:es)?|statements?|functions?|code|modules?|files?)\b|`|/|\.py\b", re.IGNORECASE
)
_DIFFERENCE = re.compile(
    r"\bcoverage[ \t]+(?:gaps?|drops?(?! below)|loss(?:es)?|(?:de|in)creases?|delta|changes?|differences?|tolerance)\b",
    re.IGNORECASE,
)
_COVERED = re.compile(r"\bcovered\b", re.IGNORECASE)
_OF_NO_CODE = re.compile(
    r"\b((?:(?:js)?doc(?:string|umentation)?|scenario|typ(?:e|ing)(?:[ -](?:hint|annotation))?|annotation|mutation"
    r"|requirement|feature|translation|data|market|language|platform|browser|device)s?) coverage\b",
    re.IGNORECASE,
)
"""A share of what no run of tests measures."""
_KIND = re.compile(r"\b(line|statement|branch|function)(?:s|es)?\b", re.IGNORECASE)
_ONE = r"(?:line|statement|branch|function)(?:s|es)?"
_KINDS = rf"{_ONE}(?:(?: and |, | & | ?/ ?| \+ ){_ONE})*"
_AHEAD = re.compile(
    rf"\b({_KINDS})\b(?:[ \t:=≥>≤~()*–-]|\b(?:coverage|of|is|at least|above|over|minimum|min)\b)*\Z", re.IGNORECASE
)
_BEHIND = re.compile(rf"[ \t]?\+?[ \t]?({_KINDS})\b", re.IGNORECASE)
_ENDS = re.compile(r"[,;()|/—–]|\.(?:\s|\Z)|\d")
_LISTED = re.compile(r"[ \t]*(?:,|/|\bor\b|\band\b)(?:[ \t]*(?:or|and)\b)?[ \t]*\Z", re.IGNORECASE)
_FROM = re.compile(
    r"\b(?:from|by|up|down|another|regress(?:es)?|drops?|falls?)(?: more than)?[ \t]+[~≈+>-]?\Z|[从從][ \t]*\Z",
    re.IGNORECASE,
)
_OF_THE = re.compile(r"\b(?:of|for)[ \t]+(?:the|a)[ \t]+\Z", re.IGNORECASE)
"""What makes of a figure the name of a thing: ``coverage of the 10% sample``."""
_NAMED = re.compile(
    r"(?:\A|[:(,;/|]|\bcoverage\b)[ \t]*([^\W\d_][\w-]*)[ \t]*[:=]?[ \t]*[≥>=~]*[ \t]*\Z", re.IGNORECASE
)
_LETTERS = re.compile(r"[^\W\d_][\w'-]*")
_SMALL = re.compile(
    r"(?:a|about|above|across|all|an|and|any|are|as|at|be|by|each|every|exceeds?|for|full|goal|greater|if|in|is|keep|least"
    r"|level|min|minimal|minimum|more|must|no|of|on|or|over|overall|per|reach|reaches|requirements?|shall|should|stays?|targets?"
    r"|than|the|threshold|to|total|via|when|where|with|within|without|\w+ed|确保|提升[到至]|提高[到至]|以上|达到|不低于|至少|目标|保持)",
    re.IGNORECASE,
)
"""Words that say nothing of whose figure it is; participles (``maintained``) say as little."""
_REACH = 80
"""So many characters at each side of a figure may say what it is a figure of."""


class CoverageFigure(NamedTuple):
    """One percentage of coverage: of ``line``, ``branch`` or ``function``, and what it is called (``production``)."""

    kind: str
    percent: float
    name: str = ""


class _Group(NamedTuple):
    """Figures that stand side by side (``60%/70%/80%``), with the words ahead and behind, up to the next mark."""

    numbers: tuple[float, ...]
    kinds: tuple[str, ...]
    lead: str
    trail: str
    name: str
    listed: bool
    """Whether the next figure follows in the same list, so that its words are those of both."""

    @property
    def direct(self) -> bool:
        return not _DIFFERENCE.search(self.lead) and bool(
            _NAMES_IT.search(self.lead)
            or _KIND.search(self.lead)
            or (_COVERED.search(self.lead) and _CODE.search(self.lead))
        )

    @property
    def said_behind(self) -> bool:
        if _COVERED.search(self.trail) and not _NAMES_IT.search(self.trail):
            return bool(_CODE.search(self.trail)) or not _strange(_COVERED.sub("", self.trail))
        apart = re.match(r"[ \t]*(?:while|when|during|and(?= coverage))\b", self.trail)
        named = _NAMES_IT.search(self.trail) and not apart
        return bool(named or _BEHIND.match(self.trail))


def figures(text: str) -> tuple[CoverageFigure, ...]:
    """Return the figures of coverage in one line, in their order, up to 100 percent: 0 asks for nothing."""
    text = _OF_NO_CODE.sub(r"\1", text)
    own = _MESSAGE.sub("", text)
    text = own if len(_LETTERS.findall(own)) > 1 else text
    if not _SPEAKS.search(text):
        return ()
    text = _UP_TO.sub(
        r"\1%", _REACHED.sub("", _OTHERS.sub("", _NARROW.sub(" ", text)))
    )  # of a range the lower end is what is asked for
    groups = tuple(_groups(text))
    whole = _NAMES_IT.search(text) is not None and not _DIFFERENCE.search(text)
    belongs: list[bool] = []
    for place in range(len(groups) - 1, -1, -1):
        following = bool(belongs) and belongs[-1]
        belongs.append(_belongs(groups, place, following, whole=whole))
    ours = (group for group, own in zip(groups, reversed(belongs), strict=True) if own)
    return tuple(
        CoverageFigure(kind, each, group.name) for group in ours for each in group.numbers for kind in group.kinds
    )


def _belongs(groups: tuple[_Group, ...], place: int, following: bool, *, whole: bool) -> bool:
    """Return whether figures are those of coverage; ``whole`` says that the line speaks of coverage at all."""
    group = groups[place]
    if _FROM.search(group.lead) or _DIFFERENCE.search(group.lead):
        return False
    if group.direct:
        of_a_thing = _OF_THE.search(group.lead) is not None and _belongs_elsewhere(group.trail)
        return not of_a_thing and (_TESTS.search(group.lead) is not None or not _is_of_others(group.trail))
    if group.listed and not group.trail.strip():
        return following
    if group.said_behind:
        return True
    alike = bool(group.name and groups[0].name and groups[0].direct)
    return whole and (alike or not _strange(group.lead)) and not _belongs_elsewhere(group.trail)


def _strange(words: str) -> bool:
    """Return whether words name something of their own."""
    return not all(map(_SMALL.fullmatch, _LETTERS.findall(words)))


def _belongs_elsewhere(trail: str) -> bool:
    """Return whether the words behind a figure say what it is a figure of; ``for the core`` says where it holds."""
    first = _LETTERS.search(trail)
    if first is None:
        return False
    return _is_of_others(trail) if first[0].lower() == "of" else _strange(first[0])


def _is_of_others(trail: str) -> bool:
    """Return whether a figure is a share of what no run of tests measures: ``95% of operations``."""
    return trail.lstrip(" +").startswith("of ") and _strange(trail) and not _CODE.search(trail)


def _groups(text: str) -> Iterator[_Group]:
    told = 0
    matches = list(_GROUP.finditer(text))
    for place, match in enumerate(matches):
        begin = max(told, match.start() - _REACH)
        after = matches[place + 1].start() if place + 1 < len(matches) else len(text)
        ahead = _AHEAD.search(text, begin, match.start())
        behind = None if ahead else _BEHIND.match(text, match.end())
        near = ahead or behind
        words = [found[1].lower() for found in _KIND.finditer(near[1])] if near else ["line"]
        between = text[match.end() : min(after, match.end() + _REACH)]
        window = text[begin : match.start()]
        named = _NAMED.search(window)
        name = named[1].lower() if named and not _says_nothing_new(named[1]) else ""
        numbers = tuple(float(number) for number in _NUMBERS.findall(match[0]))
        marks = [mark.end() for mark in re.finditer(r"[,;()|]|\.\s", window)]
        yield _Group(
            tuple(number for number in numbers if 0 < number <= 100),  # noqa: PLR2004 - percent
            tuple("line" if word == "statement" else word for word in words),
            window[marks[-1] :] if marks else window,
            _first_part(between),
            name,
            after < len(text) and _LISTED.match(text, match.end(), after) is not None,
        )
        told = max(match.end(), behind.end() if behind else 0)


def _says_nothing_new(word: str) -> bool:
    return any(pattern.search(word) for pattern in (_SPEAKS, _KIND)) or _SMALL.fullmatch(word) is not None


def _first_part(between: str) -> str:
    mark = _ENDS.search(between)
    return between[: mark.start()] if mark else between


_BULLET = re.compile(r"[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[(?P<box>[ xX])\][ \t]*)?(?P<text>.*)")
_OTHERS = re.compile(
    r"\d[\d.]{0,8}[ \t]?%[ \t]*(?:\+[ \t]*)?(?:of tests|(?:test )?pass(?:ing)?\b|pass rate|accuracy|precision|recall)",
    re.IGNORECASE,
)
_COMMANDS = re.compile(
    r"pre-?commit|mypy|pyright|ruff|black|lint|type[ -]?check|type errors?|hooks?|format", re.IGNORECASE
)
_TESTS = re.compile(r"\btests?\b|\bpytest\b", re.IGNORECASE)
_AS_IT_IS = re.compile(
    r"\A\W*(?:current|existing|baseline)\b[^:]*:|\b(?:current(?:ly)?|today|previous(?:ly)?|baseline)\b[^:.,;()]{0,30}\bcoverage\b"
    r"|\bcoverage (?:was|had been|is now|is currently|is today|now|today)\b|\bagainst\b[^:.,;()]{0,30}\d[^:,;()]{0,9}%",
    re.IGNORECASE,
)
_GROWN_FROM = re.compile(r"\bfrom[ \t]+[~≈]?\d{1,4}(?:\.\d+)?[ \t]?[%％]", re.IGNORECASE)
_ASKS = re.compile(rf"(?<!-)(?:{_WORD})", re.IGNORECASE)
_DEMAND = re.compile(
    r"(?:\A|[.;][ \t]+)(?:(?:the|its) )?(?:(?:test|line|code) )?coverage "
    r"(?:of (?:the )?(?:new|changed) (?:lines|code) )?(?:(?:must|should) (?:be|reach)\b|(?:of )?(?:at least|≥|>=))"
    r"|(?:\A|[.;][ \t]+)(?:[\w`.]+[ \t]){1,4}(?<!not )(?:needs?|requires?)[ \t]+(?:at least )?\d[\d.]*[ \t]?%"
    r"|\d[ \t]?%[ \t](?:\w+[ \t]){0,2}coverage is (?:required|needed)\b",
    re.IGNORECASE,
)
_NO_COVERAGE = re.compile(
    r"coverage (?:measure|adapt|improve|gap|analys|collect)\w*|coverage report|coverage data|coverage tool"
    r"|coverage\.py|--cov",
    re.IGNORECASE,
)


def read_criterion(line: str, number: int) -> Criterion | None:
    """Read a bullet of the success criteria; anything else is ``None``."""
    found = _BULLET.match(line)
    if not found or not found["text"].strip():
        return None
    text = found["text"].strip()
    return criterion(text, number, checked=(found["box"] or " ") in "xX")


def criterion(text: str, number: int, *, checked: bool = False) -> Criterion:
    """Return a criterion with its kind: ``coverage``, ``tests``, ``commands`` or ``other``."""
    kind = "commands" if _COMMANDS.search(text) else "tests" if _TESTS.search(text) else "other"
    return Criterion(text, checked, "coverage" if figures(text) or asks_for_coverage(text) else kind, number)


def asks_for_coverage(text: str) -> bool:
    """Return whether a criterion speaks of coverage as a goal, with or without a figure."""
    return _ASKS.search(_OF_NO_CODE.sub("", text)) is not None and not _NO_COVERAGE.search(text)


def demand_in(line: str) -> str:
    """Return what a list item or a labelled line outside of the criteria says, if it demands coverage with a figure.

    Of free prose only a sentence does that says how much it must be; what tells how things are (``current coverage is
    87%``) demands nothing.
    """
    if not _ASKS.search(line):
        return ""
    item, label = _BULLET.match(line), read_label(line)
    if not (item or label or line.rstrip().endswith((":", "：")) or _DEMAND.search(line)) or (
        label and label.kind == "status"
    ):
        return ""
    text = _GROWN_FROM.sub("", item["text"] if item else line)
    if text.lstrip("`").startswith("test_"):
        return ""
    return text if _ASKS.search(text) and not _AS_IT_IS.search(text) and figures(text) else ""


def goal_of(lines: Iterable[str]) -> CoverageGoal:
    """Return the goal of several lines: for each kind, the highest figure of the first line that has one.

    Lines that each name a figure (``development: 60%``, ``production: 80%``) are read as one.
    """
    found: dict[str, list[CoverageFigure]] = {}
    for line in lines:
        here: dict[str, list[CoverageFigure]] = {}
        for figure in figures(line):
            here.setdefault(figure.kind, []).append(figure)
        for kind, several in here.items():
            if kind not in found:
                found[kind] = several
            elif all(figure.name for figure in (*found[kind], *several)):
                found[kind] += several
    minimum, branch, function = (
        max((figure.percent for figure in found.get(kind, ())), default=None) for kind in ("line", "branch", "function")
    )
    return CoverageGoal(minimum, branch, function, _steps(found))


def _steps(found: Mapping[str, Sequence[CoverageFigure]]) -> tuple[tuple[str, float], ...]:
    lines = found.get("line", ())
    return tuple((figure.name, figure.percent) for figure in lines) if len(lines) > 1 else ()
