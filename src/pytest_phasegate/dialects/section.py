"""What every dialect of ours is, and one unit's section made into a phase."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import NamedTuple

from pytest_phasegate.core.criteria.asks import asks_for_passing_tests
from pytest_phasegate.core.guide.markdown.blocks import Mark
from pytest_phasegate.core.guide.markdown.document import Document
from pytest_phasegate.core.guide.markdown.labels import kind_of, read_label
from pytest_phasegate.core.guide.markdown.lexing import heading_level
from pytest_phasegate.core.guide.model import CHECKPOINT, MAX_PHASES, Action, CoverageGoal, Criterion, Guide, Phase
from pytest_phasegate.core.project.paths import ends_with, is_test_module
from pytest_phasegate.core.verdict.verdict import Severity
from pytest_phasegate.dialects.criteria import demand_in, goal_of
from pytest_phasegate.dialects.fields import commit_in_code, fences_in, speaks_of_others, tests_in_tables
from pytest_phasegate.dialects.gathered import ACTIONS, Gathered, add_files, add_tests
from pytest_phasegate.dialects.headings import strip_claim, without_own_name
from pytest_phasegate.dialects.outline import Outline
from pytest_phasegate.dialects.paths import Declared, declared_in
from pytest_phasegate.dialects.testnames import Place, place_in, tests_in_code


@dataclass(slots=True)
class BuiltIn:
    """A dialect of ours: how surely a document is of it, and how it is read."""

    name: str
    strength: Callable[[Document], float]
    reader: Callable[[Document], Guide]

    def read(self, document: Document, path: str) -> Guide:  # noqa: ARG002 - the document knows its path
        """Read the guide."""
        return self.reader(document)


_BLANK = r"[<>{}\[\]…]|\.\.\."
"""What a command holds in the place of a subject, where it shows how one is written."""
_OF_TESTS = re.compile(r"[ \t]*#[ \t]*(?:tests?\b|\S*\btest_\w+\.py\b)", re.IGNORECASE)
"""The comment that says of a block of code that it is tests."""
_OF_FILE = (
    r"(?i)[ \t]*(?:#|//|--|/\*|<!--)[ \t]*(?:in[ \t]+)?(?P<path>(?P<place>[\w./-]*/)?[\w.-]*\w\.[a-z]\w{0,9})"
    r"[ \t]*(?:\*/|-->|\((?:new|modified|updated)\)"
    r"|(?(place)[—–-][ \t](?!(?:before|current|existing|old|example|usage)\b).{1,60}))?\Z"
)
"""The comment that is the path of the file which a block of code shows; behind one with a directory, what it is."""
_LABELLED = r"([ \t]*(?:#|//|--)[ \t]*)([^\s:：][^:：]{0,20})[:：][ \t]*"
"""A comment with a label ahead of its path: ``# New file: src/a.py``."""
_DEFINED = r"[ \t]{0,4}(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)"
_TESTS = r"(?i)\btests?(?:\b|_)"
_OF_A_TEST = re.compile(r"test|Test|setup|teardown|setUp|tearDown")
_AS_IT_IS = r"(?i)\b(?:before|current(?:ly)?|today|existing|old|example|usage|pattern|instead|fails?|broken)\b"
"""Words above a block of code that is not to be written."""
_MARK = r"\A[ \t>]*(?:[-*+]|\d{1,3}[.)])?[ \t]+(?:\[.\][ \t]*)?"
_REQUIREMENTS = r"[ \t]*(?:[-*+][ \t]+)?_Requirements:.*_\Z"
_SHELL = {"", "bash", "sh", "shell", "console", "zsh", "text", "powershell", "cmd", "git"}


def commits_in_fences(document: Document, start: int, end: int) -> list[str]:
    """Return the subjects of ``git commit -m`` in the shell blocks of these lines."""
    codes = (code for _, info, code in fences_in(document, start, end) if info.partition(" ")[0].lower() in _SHELL)
    return [found for found in map(commit_in_code, codes) if found]


def _commits_in_prose(document: Document, start: int, end: int) -> list[str]:
    """Return the subjects of commands that stand in a line of text."""
    texts = (document.lines[line - 1] for line in range(start, end) if document.is_text(line))
    found = (commit_in_code([text]) for text in texts if "git commit" in text)
    return [subject for subject in found if subject and " " in subject and not re.search(_BLANK, subject)]


def phase_of(gathered: Gathered, unit_id: str, title: str, start: int, end: int) -> Phase:
    """Make a phase of what was gathered between the unit's heading and the line before ``end``."""
    _read_blocks(gathered, title, start, end)
    found = gathered.commits or commits_in_fences(gathered.document, start + 1, end)
    commits = list(dict.fromkeys(found or _commits_in_prose(gathered.document, start + 1, end)))
    if len(commits) > 1:
        message = f"the phase declares {len(commits)} commits; the last one counts: {commits[-1]}"
        gathered.report("PG124", Severity.WARNING, message, start, "declare one commit a phase")
    criteria = (each.text for each in gathered.criteria if each.kind == "coverage")
    goal = goal_of([*gathered.coverage, *criteria, *_demands(gathered.document, start + 1, end)])
    declares = gathered.files or gathered.tests or gathered.criteria or commits or goal != CoverageGoal()
    asked = "" if declares or gathered.kind else asks_for_passing_tests([title, *_own_words(gathered, start + 1, end)])
    if asked:
        gathered.kind = CHECKPOINT
        gathered.criteria.append(Criterion(asked, checked=False, kind="tests", line=start))
    return Phase(
        id=unit_id,
        title=title,
        line=start,
        end_line=last_line(gathered.document, start, end),
        goal=gathered.goal,
        duration=gathered.duration,
        files=tuple(gathered.files.values()),
        tests=tuple(gathered.tests.values()),
        criteria=tuple(gathered.criteria),
        coverage=goal,
        commit=commits[-1] if commits else None,
        claim=gathered.claim or strip_claim(gathered.document.lines[start - 1])[1],
        kind=gathered.kind,
        labels=tuple(label for label in gathered.labels if label.strip("-*_")),
        digest=digest_of(gathered.document, start, end, title, gathered.claims),
    )


def _read_blocks(gathered: Gathered, title: str, start: int, end: int) -> None:
    """Take over the tests of tables, and the files and tests that blocks of code show."""
    open_lines = (line for line in range(start + 1, end) if line not in gathered.settled)
    add_tests(gathered, tests_in_tables(gathered.document, open_lines))
    known = {test.name for test in gathered.tests.values()}
    for first, info, code in fences_in(gathered.document, start + 1, end):
        action, code = _without_label(code)  # noqa: PLW2901 - the same block
        add_files(gathered, _shown(gathered, first, info, code, action))
        if "py" in info and first not in gathered.settled:
            place = said_above(gathered.document, first - 2)
            told = place.file or any(map(_OF_TESTS.match, code[:1]))
            if told or _shows_tests(gathered.document, first - 2, title, code):
                add_tests(gathered, (test for test in tests_in_code(code, first, place) if test.name not in known))


def _shows_tests(document: Document, above: int, title: str, code: Sequence[str]) -> bool:
    """Return whether a block is nothing but tests, and title or words above speak of such, not of what is there."""
    defined = [found[1] for text in code if (found := re.match(_DEFINED, text))]
    said = document.lines[_words_above(document, above) - 1]
    told = re.search(_TESTS, f"{title} {said}") is not None and not re.search(_AS_IT_IS, said)
    return told and bool(defined) and all(map(_OF_A_TEST.match, defined))


def _without_label(code: tuple[str, ...]) -> tuple[Action, tuple[str, ...]]:
    """Return what the label in a block's first comment does to the file that it names, and the block without it."""
    said = re.match(_LABELLED, code[0]) if code else None
    if not (said and (kind := kind_of(said[2])) in {*ACTIONS, "tests"}):
        return Action.UNSPECIFIED, code
    return ACTIONS.get(kind, Action.UNSPECIFIED), (said[1] + code[0][said.end() :], *code[1:])


def _shown(gathered: Gathered, first: int, info: str, code: Sequence[str], action: Action) -> Iterator[Declared]:
    """Yield the file that a block of code shows: its path alone is the comment that the block begins with."""
    named = re.match(_OF_FILE, code[0]) if code and info.partition(" ")[0].lower() not in _SHELL else None
    if named is None or first in gathered.settled or any(ends_with(known, named["path"]) for known in gathered.files):
        return
    yield from declared_in(code[0][named.start("path") :], first, action)


def said_above(document: Document, line: int) -> Place:
    """Return the test file that the prose right above a fence names (``Append to `tests/test_a.py`:``)."""
    line = _words_above(document, line)
    text = document.lines[line - 1] if document.is_text(line) else ""
    place = place_in(text) if ".py" in text and not speaks_of_others(text) else Place()
    return place if place.file and is_test_module(place.file) else Place()


def _words_above(document: Document, line: int) -> int:
    """Return the nearest line, up from this one, that is not blank."""
    return next((at for at in range(line, 1, -1) if document.lines[at - 1].strip()), 1)


class Unit(NamedTuple):
    """A unit that no heading of a series is: its first line, its id and its title."""

    line: int
    id: str
    title: str


def stops_of(document: Document, lines: Sequence[int], end: int = 0) -> list[int]:
    """Return where what begins at these lines has ended: at the next, at a heading above it, at the end of a fence."""
    stops = zip(lines, [*lines[1:], end or len(document.lines) + 1], strict=False)
    return [min(stop, _stop(document, line, stop)) for line, stop in stops]


def _stop(document: Document, line: int, stop: int) -> int:
    mark = document.marks[line - 1]
    if mark == Mark.CODE:
        return next((at for at in range(line + 1, stop) if document.marks[at - 1] == Mark.FENCE), stop)
    return document.section_end(line, heading_level(document.lines[line - 1].strip(" ")) if mark == Mark.HEADING else 6)


def guide_of_units(
    document: Document,
    dialect: str,
    units: Sequence[Unit],
    gather: Callable[[Document, int, int], Gathered],
    word: str = "task",
) -> Guide:
    """Make a guide of units that end where the next one begins, each read between two lines."""
    ends = zip(units, stops_of(document, [unit.line for unit in units]), strict=True)
    read = ((gather(document, unit.line, end), unit.id, unit.title, unit.line, end) for unit, end in ends)
    return guide_of(document, dialect, read, word)


def guide_of(
    document: Document, dialect: str, units: Iterable[tuple[Gathered, str, str, int, int]], word: str = "task"
) -> Guide:
    """Make a guide of units: of each what was gathered, its id and title, its line and that where it has ended."""
    outline = Outline(document, word)
    for gathered, unit_id, title, start, end in islice(units, MAX_PHASES + 1):
        outline.add(phase_of(gathered, unit_id, without_own_name(title, unit_id), start, end), gathered)
    return outline.guide(dialect)


def _own_words(gathered: Gathered, start: int, end: int) -> Iterator[str]:
    """Yield the lines of a unit, without their marks, that are more than its state, its order and its requirements."""
    for line in range(start, end):
        text, label = gathered.document.lines[line - 1], read_label(gathered.document.lines[line - 1])
        of_order = line in gathered.claims or (label and label.kind in {"depends", "duration"})
        if not of_order and not re.match(_REQUIREMENTS, text):
            yield re.sub(_MARK, "", text)


def _demands(document: Document, start: int, end: int) -> Iterator[str]:
    """Yield the coverage demanded by items and fields under no label of ours: a figure unread would never be held."""
    lines = (demand_in(document.lines[line - 1]) for line in range(start, end) if document.is_text(line))
    return filter(None, lines)


def last_line(document: Document, start: int, end: int) -> int:
    """Return the last line of a section that is not blank."""
    return next((line for line in range(end - 1, start, -1) if document.lines[line - 1].strip()), start)


def digest_of(document: Document, start: int, end: int, title: str, claims: set[int]) -> str:
    """Digest a section with white space, boxes, status fields and the heading's own claims set aside."""
    body = [line for number, line in enumerate(document.lines[start : end - 1], start + 1) if number not in claims]
    packed = "".join("\n".join([title, *body]).split())
    plain = packed.replace("[x]", "[]").replace("[X]", "[]").replace("✅", "").replace("☑", "").replace("---", "")
    return f"sha256:{sha256(plain.encode('utf-8', 'surrogatepass')).hexdigest()}"
