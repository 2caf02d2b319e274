"""The lists and blocks of tests in one field: the tests they name, the files of these, and what is no test."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from functools import lru_cache

from pytest_phasegate.core.guide.markdown.document import Document
from pytest_phasegate.core.guide.markdown.lexing import BOX
from pytest_phasegate.core.guide.model import Action, DeclaredTest
from pytest_phasegate.core.project.paths import is_test_module
from pytest_phasegate.core.verdict.verdict import Severity, listed
from pytest_phasegate.dialects.fields import Field, bullet_lines, fences_in, list_lines, named_lines
from pytest_phasegate.dialects.gathered import Gathered, add_files, add_tests, report_path
from pytest_phasegate.dialects.paths import ADDS, SURE, Declared, declared_in, unlinked
from pytest_phasegate.dialects.testnames import (
    Place,
    by_file,
    faults_in,
    place_in,
    stated_count,
    tests_in_code,
    tests_in_text,
)

_MODULE = re.compile(r"\b(test_\w+)\.py\b(?!::)")
_NAME_ALONE = (
    rf"[ \t>]*(?:[-*+]|\d{{1,9}}[.)])[ \t]+(?:{BOX}[ \t]+)?`([A-Za-z]\w*[a-z0-9](?:_|(?=[A-Z]))\w+)(?:\(\))?`[ \t]*"
)
_NAME_FIRST = (
    rf"(?:[ \t>]*(?:[-*+]|\d{{1,9}}[.)])[ \t]+(?:{BOX}[ \t]+)?`?|(?:async )?def (?!test))"
    r"([a-z][a-z0-9]*_\w+)(?:\(\))?`?[ \t]*(?:[:：(—–-].*)?"
)
_ITEM_LABEL = r"\A(?:\w+ )?\w+[*_]*:[*_]*[ \t]+"
_FEW_NAMES = 3


def read_tests(gathered: Gathered, each: Field) -> None:
    """Take over the tests of a field, and the test files where it names none; remark on what is none."""
    named = place_in(each.hint).refined(place_in(each.text))
    place = named.refined(place_in(each.value))
    for path, fault in faults_in(f"{each.hint} {each.text}"):
        report_path(gathered, path, fault, each.line)
    before = len(gathered.tests)
    add_tests(gathered, tests_in_text(each.value, each.line, place))
    if each.value and len(gathered.tests) == before:
        add_files(gathered, declared_in(each.value, each.line, Action.TEST))
    add_tests(gathered, _tests_in_body(gathered, each, place))
    add_files(gathered, list(_listed_files(gathered, each)))
    if named.file and is_test_module(named.file) and len(gathered.tests) == before:
        alone = rf"(?:\A|\bin |[—–:-] )`?{re.escape(named.file)}"
        said = any(re.search(alone, text) for text in (each.hint, each.text))
        add_files(gathered, declared_in(f"`{named.file}`", each.line, Action.TEST) if said else ())
    _tell_uncollected(gathered, each, none=len(gathered.tests) == before)
    count = stated_count(f"{each.text} ({each.hint}) {each.value}") if each.kind == "tests" else None
    found = len(gathered.tests) - before
    if count is not None and found and count != found:
        message = f"the label says {count} tests, the list has {found}"
        gathered.report("PG114", Severity.WARNING, message, each.line, "correct the number, or name the missing tests")


def _tell_uncollected(gathered: Gathered, each: Field, *, none: bool) -> None:
    """Remark on items of a list of tests that are a name of several words, and none that pytest collects.

    Where the list names no test, also on functions in its code, and on names with a word on each.
    """
    texts = [text for _, text in list_lines(gathered.document, each)]
    code = (text for _, _, lines in fences_in(gathered.document, each.line + 1, each.end) for text in lines)
    more = [f"- {said.strip()}" for said in each.value.split(",")] if each.value else []
    found = (re.fullmatch(_NAME_ALONE, text) for text in texts)
    also = (re.fullmatch(_NAME_FIRST, text) for text in ((*more, *texts, *code) if none else ()))
    names = list(dict.fromkeys(name[1] for name in (*found, *also) if name and name[1] not in gathered.named))
    if names:
        message = f"{listed([f'`{name}`' for name in names], _FEW_NAMES)}: no such name is that of a test"
        fix = "pytest collects functions called test_…, and those of a class as TestA::test_…"
        gathered.report("PG114", Severity.WARNING, message, each.line, fix)


def _listed_files(gathered: Gathered, each: Field) -> Iterator[Declared]:
    """Yield the test files that items of the field name alone: no test was read for them."""
    for line, text in named_lines(gathered.document, each):
        if ".py" in text and "test" in text:
            for found in declared_in(text, line, Action.TEST):
                bare = re.sub(BOX, "", text, count=1).lstrip(" \t>-*+`[|0123456789.)")
                said = re.sub(_ITEM_LABEL, "", unlinked(bare))
                word, _, behind = said.partition(" ")
                item = (behind if word.lower() in SURE.keys() | ADDS else said).lstrip("`")
                if (
                    is_test_module(found.file.path)
                    and found.file.path not in gathered.named
                    and item.startswith(found.file.path)
                ):
                    yield found


def _tests_in_body(gathered: Gathered, each: Field, place: Place) -> Iterator[DeclaredTest]:
    """Yield the tests of prose and code, line by line; a line that names a file or class moves the place."""
    document = gathered.document
    modules = _test_modules(document)
    fences = deque(fences_in(document, each.line + 1, each.end))
    for line, text in ((line, by_file(text)) for line, text in bullet_lines(document, each)):
        while fences and fences[0][0] <= line:
            yield from _in_fence(*fences.popleft(), place)
        moves = ".py" in text or ("Test" in text and "test_" not in text and ("`" in text or "class " in text))
        named = place_in(text) if moves else Place()
        item = text.lstrip(" \t>")[:1] in set("-*+|0123456789")
        own = [test for test in tests_in_text(text, line, place.refined(named)) if item or test.name not in modules]
        place = place if own else place.refined(named)
        yield from own
    for fence in fences:
        yield from _in_fence(*fence, place)


@lru_cache(maxsize=1)
def _test_modules(document: Document) -> frozenset[str]:
    """Return the names of the test files that a document names: said without their ending, they are no tests."""
    texts = (text for text in document.lines if "test_" in text and ".py" in text)
    return frozenset(name for text in texts for name in _MODULE.findall(text))


def _in_fence(first: int, info: str, code: Sequence[str], place: Place) -> Iterator[DeclaredTest]:
    python = info.partition(" ")[0].lower() in {"", "py", "pycon"} or "python" in info.lower()
    return tests_in_code(code, first, place) if python else iter(())
