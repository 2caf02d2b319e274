"""What one line of a task says: the files that it writes, and the tests that it names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pytest_phasegate.core.guide.markdown.document import Heading
from pytest_phasegate.core.guide.markdown.labels import heading_label, is_marked_file
from pytest_phasegate.core.guide.model import Action, DeclaredFile, DeclaredTest
from pytest_phasegate.core.project.paths import is_test_module
from pytest_phasegate.dialects.headings import read_heading
from pytest_phasegate.dialects.paths import (
    ADDS,
    JOINT,
    MOVES,
    PUTS,
    SURE,
    UNSPACED,
    Declared,
    declared_in,
    in_directory,
    is_aside,
    of_verb,
)
from pytest_phasegate.dialects.testnames import Place, place_in, tests_in_text
from pytest_phasegate.dialects.tokens import Path, read_path

_QUOTED = re.compile(r"`([^`]+)`")
_LETTER = rf"(?:(?!{UNSPACED})\w)"
_RUN = re.compile(rf"(?:{_LETTER}|[./{{}},*-])+")
_BEGIN = re.compile(rf"(?<![/`\\.~:@\]-])(?<!{_LETTER})\.{{0,2}}{_LETTER}")
_REST = re.compile(rf"(?:{_LETTER}|[./{{}},*-])*\.[a-z][A-Za-z0-9_]{{0,7}}(?!{_LETTER}|[/(])")
_BARE_TEST = r"(?<![\w/.`:])(test_\w+)(?:\(\))?(?![\w./:`])"
STEP = (
    rf"[*_]*([^\W\d_]+)(?:/[^\W\d_]+)?[*_]*[:：]?(?:[ \t]+|(?<={UNSPACED})(?=[`A-Za-z.]))"
    r"(?:(?:the|a|new|file|module|failing|tests?)[: \t]+){0,3}"
)
_CHANGES = r"\A(?:Updates?|Changes?|Edits?) (?:to|in) (?=`)"
_TEMPLATE = r"\{[^,{}]*\}"
"""What makes of a name the pattern of many: ``{id}.json``."""
_OF_TESTS = {"write", "test"}
_A_TEST_OF = r"(?i)(?:[\w-]+[ \t]){0,2}tests?\b(?![./_])"
_SAYS_TEST, _NAMES = r"(?i)\b(?:test(?:s|ing)?|cover(?:s|ing)?|red)\b", r"`[^`]*`|test_\w+"
WRITING = ADDS | {"create", "implement", "test"}
VERB = r"[*_]*([^\W\d_]+)"
_INTO = re.compile(
    r"\b(?:in|into|to|inside|within|в|dans|en|em|im)[ \t]+(?:(?:the|a|new|existing|root|file|module)[ \t]+){0,2}\Z"
)
_ADDS, _TO = r"(?i)[*_]*(?:add|append)[ \t]", r"\bto[ \t]+(?:the[ \t]+)?`?\Z"
_OUT_OF = re.compile(r"\b(?:out of|from)[ \t]+\Z")
"""What stands between a thing and the file that loses it; *from* only where it is removed."""
_ELSEWHERE = re.compile(
    r"\b(?:follow\w*|like|from|per|see|using|via|based|match\w*|mirror\w*|patterns?|similar|reus\w+|copy|as|with|by"
    r"|against|for|than|beside|without|not)\b|[.;:(](?:[ \t]|\Z)",
    re.IGNORECASE,
)
"""Words behind which a path is an example or a source, not what is written."""
_SOURCE = re.compile(
    r"(?:\b(?:per|see|from|like|via|following|than|against|loads?|reads?|calls?|calling|imports?|excludes?|excluding"
    r"|mirror\w*|alongside|beside|next to|matching|similar to|same as)[ \t]+(?:the[ \t]+)?(?:existing[ \t]+)?"
    r"|(?:从|從|加载|調用|调用|读取|参考|参照|排除|根据|按照)[ \t]*)\Z",
    re.IGNORECASE,
)
"""What stands right ahead of a path that a task only speaks of."""
_DESTINATION = re.compile(r"for\b[^.;:()]*|from\b(?:[^.;:()`]|`[^`]*`)*[ \t](?:in)?to[ \t]+(?:the[ \t]+)?")
"""What makes a path one that is written all the same: ``for the users in``, ``from the reference to``."""
_DOTFILE = re.compile(r"(?<![\w/`.@:\]-])\.[a-z][\w-]{1,40}(?:\.[a-z]\w{0,20}){0,3}(?![\w/(])")
_ENDING = r"\.(?:py|md|sh|(?!env|proto)[a-z]{3,5})\Z"
"""Endings that make a file of a bare word: of those of one or two letters many end names (``Node.js``)."""
_NODE = r"(?<![\w`/.-])([\w./-]+\.py)::((?:\w+::)*)(test_\w+)"
_ENDINGS = re.compile(
    r"`\.\w{1,5}`(?:,?[ \t](?:(?:and|or)[ \t])?`\.\w{1,5}`){0,9}[ \t]+(?:files|archives|extensions?|formats?)\b"
)
"""Endings of many files: ``.ovf`, `.zip` archives``."""
FILES = r"`[^`\s]+`(?:[ \t]*[,+&][ \t]*`[^`\s]+`)*"
_AND_THEN = r"[ \t]*[,+&][ \t]*"
_BARE_FILE = r"(?a:[\w./-]*\w\.[a-z]{2,5})"
_BARE_FILES = rf"(?:({_BARE_FILE}(?:{_AND_THEN}{_BARE_FILE})*)(?![\w/.])|\*\*({_BARE_FILE})\*\*)"
_TO_SEE = r"\bto ([a-z]+)\b"
"""What a test is written for: ``Write tests to verify …``."""
_COMMAND = r"\b(?:python3?|pytest|bash|sh|node)[ \t]\Z"

_FEW, _NEAR, _LONG, _ORDERS = 3, 5, 40, 1_000
"""How far words, files and characters may be from each other to belong together."""


def titled(title: str, line: int, *, whole: bool = False) -> Iterator[Declared]:
    """Yield the files that a title is sure to write; that of a ``whole`` unit may be a file, or end with one."""
    hit = read_heading(Heading(line, 1, title))
    title = re.sub(_CHANGES, "Modify ", hit.title if hit else title)
    verb, label = re.match(STEP, title), heading_label(title)
    if verb and (not whole or of_verb(verb[1].lower(), SURE) or verb[1].lower() in PUTS):
        return built(title, verb, line)
    named = whole and (label.value if label.kind in {"files", "tests"} else re.fullmatch(FILES, title) and title)
    return declared_in(title if is_marked_file(title) else named or "", line, Action.UNSPECIFIED)


def ticked(text: str) -> str:
    """Return an item with the files that it begins with in backticks."""
    lead = re.match(_BARE_FILES, text)
    bare = lead[1] or lead[2] if lead else ""
    files = bare if all(is_file(text, 0, each) for each in re.split(_AND_THEN, bare.strip())) else ""
    return re.sub(r"[^\s,+&]+", r"`\g<0>`", files) + text[lead.end() :] if lead and files else text


def in_parentheses(text: str, listed: str, line: int) -> Iterator[Declared]:
    """Yield files in parentheses, unless the words ahead only look at them."""
    word = verb[1].lower() if (verb := re.match(VERB, text)) else ""
    paths = ", ".join(f"`{token.strip(' `')}`" for token in listed.split(","))
    return iter(()) if is_aside(word) else declared_in(paths, line, done(word))


def built(text: str, verb: re.Match[str], line: int) -> Iterator[Declared]:
    """Yield the files a step is sure to write: the object of its verb, or that which something is put into."""
    word = verb[1].lower()
    sure = of_verb(word, SURE)
    paths = [each for each in paths_in(text, verb.end()) if is_file(text, *each)] if sure or word in PUTS else []
    if not paths:
        return
    at, token = paths[0]
    added = any(_is_added_to(text, each) for _, each in paths[1:_NEAR])
    if at == verb.end() and text.startswith("`", at) and word not in MOVES and word != "remove" and not added:
        yield from declared_in(text if sure else text[at:], line, done(word))
        return
    into = next((place for place, each in enumerate(paths[:_NEAR]) if _is_put_into(text, verb, each[0])), None)
    between = text[verb.end() : at].rstrip(" \t:：")
    looks = any(map(is_aside, re.findall(_TO_SEE, between)))
    if into is None and (looks or _ELSEWHERE.search(between) or word in {*MOVES, "remove"}):
        return
    object_of = sure or is_test_module(token) or (word in ADDS and (at == verb.end() or text.startswith("`", at)))
    if into is not None or (object_of and text.count(" ", verb.end(), at) <= _FEW):
        action = Action.MODIFY if sure is Action.DELETE and into is not None else done(word)
        yield from (_declare(each, text, line, action) for each in _joined(text, paths[into or 0 :]))


def _is_put_into(text: str, verb: re.Match[str], at: int) -> bool:
    """Return whether ``in`` or ``to`` stands ahead of a path, and no word that makes of it an example or a source."""
    if _OUT_OF.search(text, max(verb.end(), at - _LONG), at):
        return text[:at].rstrip().endswith("of") or verb[1].lower() == "remove"
    ahead = _INTO.search(text, verb.end(), at)
    said = _ELSEWHERE.search(text, verb.end(), at) if ahead else None
    return ahead is not None and (said is None or _DESTINATION.fullmatch(text, said.start(), at) is not None)


def done(word: str) -> Action:
    """Return what a verb does to a file."""
    return of_verb(word, SURE) or Action.UNSPECIFIED


def _joined(text: str, paths: Iterable[tuple[int, str]]) -> Iterator[Path]:
    """Yield the first path, and those that commas and ``and`` join to it."""
    end = 0
    for at, token in paths:
        path = read_path(token)
        if path is None or (end and not JOINT.fullmatch(text, end, at)):
            return
        yield path
        end = at + len(token) + text.startswith("`", at) * 2


def _declare(path: Path, text: str, line: int, action: Action) -> Declared:
    """Declare a file; what is added to it goes into one that is there."""
    place = in_directory(path.path, text.partition(path.path)[2]) if len(text) < _ORDERS else path.path
    return Declared(
        DeclaredFile(place, Action.TEST if is_test_module(place) else action, line, text, path.lines),
        path.fault,
        inside=_is_added_to(text, path.path),
    )


def _is_added_to(text: str, path: str) -> bool:
    """Return whether something is added to a file: ``Add a test to `tests/test_a.py` ``."""
    at = text.find(path)
    return re.match(_ADDS, text) is not None and re.search(_TO, text[max(0, at - _LONG) : at]) is not None


def is_file(text: str, at: int, token: str) -> bool:
    """Whether a word is the path of a file, and no other thing with a dot."""
    path = None if _ENDINGS.match(text, at) else read_path(token)
    if path is None or not text.startswith("`", at):
        return path is not None and ("/" in token or token.startswith(".") or re.search(_ENDING, token) is not None)
    name = path.path.rpartition("/")[2]
    return ("." in name or "*" in name or "/" not in path.path) and not re.search(_TEMPLATE, name)


def orders_tests(text: str, word: str) -> bool:
    """Return whether a task writes what it names: its verb says so, or it begins with the test (*Unit test test_x*)."""
    return word in WRITING or re.match(_A_TEST_OF, text) is not None


def tests_in(text: str, word: str, line: int) -> Iterator[DeclaredTest]:
    """Yield the tests a task names in backticks, and those it is to write by their bare names; a file beside them.

    A name such as ``test_url`` may be that of a field: a word or a test file beside it says that it is a test.
    """
    named = place_in(text) if ".py" in text else Place()
    place = named if named.file and is_test_module(named.file) else Place()
    if not (place.file or word in _OF_TESTS or re.search(_SAYS_TEST, re.sub(_NAMES, "", text))):
        return
    yield from tests_in_text(text, line, place)
    ordered = orders_tests(text, word)
    for node in re.finditer(_NODE, text) if ordered and "::" in text else ():
        path = read_path(node[1])
        if path and not path.fault:
            yield DeclaredTest(node[3], line, node[2].removesuffix("::") or None, path.path)
    if ordered:
        yield from (DeclaredTest(name, line, place.class_name, place.file) for name in re.findall(_BARE_TEST, text))


def files_in(text: str, line: int, action: Action) -> Iterator[Declared]:
    """Yield the files that a text names, whatever it says of them."""
    end = 0
    for at, token in paths_in(text):
        aside = _SOURCE.search(text, max(0, at - _LONG), at) or (end and JOINT.fullmatch(text, end, at))
        end = at + len(token) + 2 * text.startswith("`", at) if aside else 0
        path = read_path(token.partition("::")[0])
        if path is None or path.path == "~" or path.path.startswith("/") or not path.path.strip("./"):
            continue
        quoted = text.startswith("`", at) and not token.startswith(".")
        sure = quoted or "/" in token or token.endswith((".py", ".toml"))
        if sure and not aside and "." in path.path.rstrip("/").rpartition("/")[2]:
            yield _declare(path, text, line, action)


def paths_in(text: str, start: int = 0) -> Iterator[tuple[int, str]]:
    """Yield place and text of what may be a path, in order: what backticks hold, and what has the look of one.

    Of a run of its characters there is one: the last ending of a run is that of them all.
    """
    at = start
    for quoted in (*_QUOTED.finditer(text, start), None):
        for run in _RUN.finditer(text, at, quoted.start() if quoted else len(text)):
            begin = _BEGIN.search(text, run.start(), run.end())
            ending = _REST.match(text, begin.end()) if begin else None
            first = begin.start() if begin and ending else run.start()
            whole = ending or _DOTFILE.match(text, first)
            if whole and not re.search(_COMMAND, text[max(0, first - 9) : first]):
                yield first, text[first : whole.end()].rstrip(".,")
        if quoted:
            yield quoted.start(), quoted[1]
            at = quoted.end()
