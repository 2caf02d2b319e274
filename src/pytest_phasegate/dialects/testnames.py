"""Tests that a phase declares: functions in code, names in bullets, and the file and class they go to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pytest_phasegate.core.guide.model import DeclaredTest
from pytest_phasegate.core.project.paths import is_test_module
from pytest_phasegate.dialects.tokens import read_path

_DEF = re.compile(r"([ \t]*)(?:async[ \t]+)?def[ \t]+(test\w*)[ \t]*[(:\[]?")
_ANY_DEF = re.compile(r"([ \t]*)(?:async[ \t]+)?def[ \t]+\w+")
_FIXTURE = re.compile(r"[ \t]*@(?:\w+\.)*fixture\b")
_CLASS = re.compile(r"([ \t]*)class[ \t]+(\w+)[ \t]*(\([^)]*\))?[ \t]*:?")
_COMMENT = re.compile(r"[ \t]*#[ \t]*(.*)")
_QUOTED = re.compile(r"`([^`]+)`")
_THING = re.compile(
    r"\b(?:accepts?|has|takes)[ \t]+(?:an?[ \t]+|the[ \t]+)?`test_\w+`"
    r"|\b(?:existing|beside|alongside|mirroring|like)[ \t]+(?:the[ \t]+)?(?:existing[ \t]+)?`test_\w+(?:\(\))?`"
    r"|`test_\w+`[ \t]+(?:field|column|param(?:eter)?|argument|attribute|option|property|flag)\b"
)
"""What is called like a test and is none to write: a field, an option, a test that is there."""
_NAME = re.compile(
    r"(?:(?P<file>(?:tests?/[^:`]+|[^\s:`]+)\.py)::)?(?:(?P<cls>[A-Z]\w*(?:::\w+)*?)(?:::|\.))?(?P<name>test_?\w*)(?:\[[^\]]*\])?(?:\([^)]*\))?\Z"
)
_BARE = re.compile(
    r"[ \t]*(?:[-*+|]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?(?:\*\*)?(?:def[ \t]+)?"
    r"(?:(Test\w+)(?:::|\.))?(test_\w+)(?:\(\))?(?![\w./])"
)
_BY_FILE = re.compile(
    r"((?:[ \t]*(?:[-*+|]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?)?)`?([\w./-]+\.py)`?[ \t]*[:：—–-]"
    r"[ \t]+((?:(?:write|add|create)[ \t]|`test_\w+(?:\(\))?`).*)",
    re.IGNORECASE,
)
_BARE_NAME = re.compile(r"`?(?<![\w/.])(test_\w+)(?![\w./])(?:\(\))?`?")
_PLACE = re.compile(r"(?:\bin[ \t]+`([^`]+?\.py)|`?(?<![^\s`:()*])([^\s`:()*]+\.py))(?:::?([A-Za-z_]\w*))?`?")
"""Behind ``in``, what stands in backticks is all of it the path, blanks too; elsewhere it may be a command."""
_CLASS_WORD = re.compile(r"(?:class[ \t]+)?`?(Test[A-Z]\w*)`?")
AS_IT_IS = re.compile(
    r"\b(?:still|already|remove|delete)\b|\b(?:existing|exists|keeps?|unchanged|remains?|passes)\b"
    r"(?=[ \t]*(?:tests?\b|[,.;:)]|\Z))",
    re.IGNORECASE,
)
"""Words that say of a test that it is there."""
_COUNT = re.compile(r"\b(\d{1,4})(?:[ \t]+\w+){0,2}[ \t]+tests?\b|\btests?:[ \t]*(\d{1,4})\b", re.IGNORECASE)
_LONG_QUOTE = re.compile(r'"""|\'\'\'')
_OF = re.compile(r"\b(?:for|of)\b")
"""What stands in a comment ahead of the module that tests are for."""
_GONE = re.compile(r"\b(?:REMOVE|DELETE|KEEP)\b")
_BACK = re.compile(r"\b(?:ADD|NEW|WRITE|CREATE)\b")


class Place(NamedTuple):
    """Where tests go: a file and a class, as far as they are named."""

    file: str | None = None
    class_name: str | None = None

    def refined(self, other: Place) -> Place:
        """Return this place with what another one names; a new file forgets the class."""
        if other.file:
            return other
        return Place(self.file, other.class_name or self.class_name)


def place_in(text: str) -> Place:
    """Read a place from a label, its parenthesis or a comment: ``tests/test_cache.py:TestCache``."""
    for found in _PLACE.finditer(text):
        path = read_path(found[1] or found[2], spaced=True)
        if path and not path.fault:
            cls = found[3] if found[3] and not found[3].startswith("test") else None
            return Place(path.path, cls or _class_in(text[found.end() :]))
    return Place(None, _class_in(text))


def faults_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield the paths of a label that may not be used, and why."""
    for found in _PLACE.finditer(text):
        path = read_path(found[1] or found[2], spaced=True)
        if path and path.fault:
            yield path.path, path.fault


def _class_in(text: str) -> str | None:
    found = set(_CLASS_WORD.findall(text))
    return found.pop() if len(found) == 1 else None


def stated_count(text: str) -> int | None:
    """Return how many tests a label claims, if it does."""
    found = _COUNT.search(text)
    return int(found[1] or found[2]) if found else None


def tests_in_code(code: Sequence[str], first: int, place: Place) -> Iterator[DeclaredTest]:
    """Yield the test functions of a code block: at module or class level, nested functions never.

    Args:
        code: The lines of the block.
        first: The number of its first line in the guide.
        place: Where its tests go unless the code says otherwise.
    """
    shown = _outside_strings(code)
    gone = False
    classes: list[tuple[int, str]] = []
    closed = -1
    fixture = False
    for offset, line in enumerate(code):
        if not shown[offset] or not line.strip():
            continue
        comment = _COMMENT.match(line)
        fixture = fixture or _FIXTURE.match(line) is not None
        if comment:
            gone = bool(_GONE.search(comment[1])) or (gone and not _BACK.search(comment[1]))
            place = _by_comment(comment[1], place)
            continue
        indent = len(line) - len(line.lstrip(" \t"))
        closed = -1 if indent <= closed else closed
        while classes and indent <= classes[-1][0]:
            classes.pop()
        opened = _CLASS.match(line)
        if opened and closed < 0:
            classes.append((indent, opened[2] + (opened[3] or "")))
        found = _DEF.match(line)
        stays = not (fixture or gone or _GONE.search(line.partition("#")[2])) and closed < 0
        if found and stays and all(name.startswith("Test") or "TestCase" in name for _, name in classes):
            within = "::".join(name.partition("(")[0] for _, name in classes)
            yield DeclaredTest(found[2], first + offset, within or place.class_name, place.file)
        if _ANY_DEF.match(line):
            closed, fixture = indent if closed < 0 else closed, False


def _by_comment(comment: str, place: Place) -> Place:
    named = place_in(comment) if ".py" in comment else Place()
    others = named.file is None or (_OF.search(comment) is not None and not is_test_module(named.file))
    return place if others else place.refined(named)


def _outside_strings(code: Sequence[str]) -> Sequence[bool]:
    """Say of each line whether it starts outside of a multi-line string."""
    shown: list[bool] = []
    opened = ""
    for line in code:
        shown.append(not opened)
        for quote in _LONG_QUOTE.findall(line):
            if not opened:
                opened = quote
            elif quote == opened:
                opened = ""
    return shown


def by_file(text: str) -> str:
    """Return an item that its test file begins, ``tests/test_a.py: write test_x``, with the file behind its tests."""
    found = _BY_FILE.match(text) if "test_" in text and ".py" in text else None
    if found is None or not is_test_module(found[2]) or (found[3].startswith("`") and AS_IT_IS.search(found[3])):
        return text
    order = "Write " * found[3].startswith("`")
    return found[1] + order + _BARE_NAME.sub(r"`\1`", found[3]) + f" in `{found[2]}`"


def tests_in_text(text: str, line: int, place: Place) -> Iterator[DeclaredTest]:
    """Yield the tests a line of prose names: ``test_x``, ``test_x()``, ``tests/a.py::TestX::test_x``, in backticks."""
    found_any = False
    for quoted in _QUOTED.findall(_THING.sub("", text)):
        for test in _named(quoted.removeprefix("def ").rstrip(": ."), line, place):
            found_any = True
            yield test
    bare = None if found_any else _BARE.match(text)
    if bare:
        yield DeclaredTest(bare[2], line, bare[1] or place.class_name, place.file)


def _named(quoted: str, line: int, place: Place) -> Iterator[DeclaredTest]:
    found = _NAME.match(quoted)
    if not found or not found["name"].startswith("test_"):
        return
    path = read_path(found["file"], spaced=True) if found["file"] else None
    if path and path.fault:
        return
    file = path.path if path else place.file
    yield DeclaredTest(found["name"], line, found["cls"] or (None if path else place.class_name), file)
