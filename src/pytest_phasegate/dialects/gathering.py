"""The fields of one section read in order: what they say of files, tests, criteria and a commit."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from pytest_phasegate.core.guide.markdown.document import Document
from pytest_phasegate.core.guide.markdown.labels import read_label
from pytest_phasegate.core.guide.markdown.lexing import BOX
from pytest_phasegate.core.guide.model import Action, Criterion, DeclaredFile, DeclaredTest, Diagnostic
from pytest_phasegate.core.verdict.verdict import Severity, listed
from pytest_phasegate.dialects.criteria import criterion, read_criterion
from pytest_phasegate.dialects.dependencies import NONE
from pytest_phasegate.dialects.fields import (
    Field,
    bullet_lines,
    commit_in_code,
    commit_in_value,
    fences_in,
    is_table_head,
    speaks_of_others,
)
from pytest_phasegate.dialects.paths import (
    ADDS,
    LOCAL,
    OF_AUTHOR,
    SURE,
    Declared,
    declared_in,
    path_fault,
    read_path,
    unlinked,
)
from pytest_phasegate.dialects.testnames import (
    Place,
    by_file,
    faults_in,
    is_test_path,
    place_in,
    stated_count,
    tests_in_code,
    tests_in_text,
)

_ABSOLUTE = re.compile(r"(?<![\w/.~:])(?:~|[A-Za-z]:)?(?:/[\w.@+-]+){2,40}")
_MODULE = re.compile(r"\b(test_\w+)\.py\b(?!::)")
_DIRECTORY = re.compile(r"in[ \t]+`((?:[\w.-]+/)*[\w-]*)`")
_DRAWN = re.compile(r"[ \t│├└─]*([\w.-]*\w[\w./-]*)")
_NAME_ALONE = (
    rf"[ \t>]*(?:[-*+]|\d{{1,9}}[.)])[ \t]+(?:{BOX}[ \t]+)?`([A-Za-z]\w*[a-z0-9](?:_|(?=[A-Z]))\w+)(?:\(\))?`[ \t]*"
)
_NAME_FIRST = (
    rf"(?:[ \t>]*(?:[-*+]|\d{{1,9}}[.)])[ \t]+(?:{BOX}[ \t]+)?`?|(?:async )?def (?!test))"
    r"([a-z][a-z0-9]*_\w+)(?:\(\))?`?[ \t]*(?:[:：(—–-].*)?"
)
_ITEM_LABEL = r"\A(?:\w+ )?\w+[*_]*:[*_]*[ \t]+"
_FEW_NAMES = 3
_MAX_TOLD = 200
IN_REPOSITORY = "paths here are those of the author's machine; they are read as files of this repository"
ACTIONS = {"files": Action.UNSPECIFIED} | {each.value: each for each in (Action.CREATE, Action.MODIFY, Action.DELETE)}


_OWN_ID = r"(?:[A-Z]\w+ )?ID: [*`]*([A-Z]\w*(?:-\w+)+)[*`]*"
"""A label that gives a unit an id of its own: ``Story ID: ENH-2-S1``."""


@dataclass(slots=True)
class Gathered:
    """What the fields of one section said, before it becomes a phase.

    ``named`` are the names, classes and files of its tests, ``settled`` the lines whose
    tables of tests have been read, or are not to be.
    """

    document: Document
    files: dict[str, DeclaredFile] = field(default_factory=dict)
    tests: dict[tuple[str | None, str | None, str], DeclaredTest] = field(default_factory=dict)
    named: set[str | None] = field(default_factory=set)
    criteria: list[Criterion] = field(default_factory=list)
    coverage: list[str] = field(default_factory=list)
    commits: list[str] = field(default_factory=list)
    depends: list[tuple[str, int]] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    goal: str = ""
    duration: str = ""
    kind: str = ""
    claim: str = ""
    labels: list[str] = field(default_factory=list)
    claims: set[int] = field(default_factory=set)
    settled: set[int] = field(default_factory=set)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def report(self, code: str, severity: Severity, message: str, line: int, fix: str = "") -> None:
        """Remember a remark about a line."""
        self.diagnostics.append(Diagnostic(code, severity, message, self.document.path, line, fix=fix))


def gather(document: Document, fields: Iterable[Field]) -> Gathered:
    """Read the fields of one section in order."""
    gathered = Gathered(document)
    level_of_tests = 0
    for each in fields:
        gathered.labels.append(each.text)
        if own := re.fullmatch(_OWN_ID, f"{each.text}: {each.value}"):
            gathered.aliases.append(own[1])
        if each.kind in {"tests", "aside"} or speaks_of_others(each.text):
            gathered.settled.update(range(each.line, each.end))
        reader = _READERS.get(each.kind)
        if reader:
            reader(gathered, each)
            level_of_tests = each.level if each.kind == "tests" else level_of_tests
        if (not reader or reader is _files) and level_of_tests and (each.level > level_of_tests or not each.level):
            gathered.settled.update(range(each.line, each.end))
            _tests(gathered, each)
        if each.level and each.level <= level_of_tests and each.kind != "tests":
            level_of_tests = 0
    return gathered


def add_files(gathered: Gathered, found: Iterable[Declared]) -> None:
    """Take over declared files; one that could leave the repository becomes an error and is never opened."""
    for file, fault, goes_inside in found:
        inside = _inside(gathered.document, file.path) if fault in OF_AUTHOR else ""
        if fault:
            _report_path(gathered, file.path, fault, file.line, found=bool(inside))
        if inside or not fault:
            file = file._replace(path=inside or file.path)  # noqa: PLW2901 - the same file, as this repository names it
            if goes_inside and file.action in {Action.CREATE, Action.TEST} and gathered.document.exists(file.path):
                file = file._replace(action=Action.MODIFY)  # noqa: PLW2901 - the same file
            known = gathered.files.get(file.path)
            if known is None or (known.action is Action.UNSPECIFIED and file.action is not Action.UNSPECIFIED):
                gathered.files[file.path] = file if known is None else known._replace(action=file.action)


def add_listed(gathered: Gathered, paths: Iterable[str], line: int) -> None:
    """Take over the files of a list that holds nothing but paths, each with a note behind a blank."""
    for path, _, note in (each.strip("`-* \t\n").partition(" ") for each in paths):
        action = Action.TEST if is_test_path(path) else Action.UNSPECIFIED
        add_files(gathered, declared_in(f"`{path.rstrip('`')}` {note}", line, action))


def _report_path(gathered: Gathered, path: str, fault: str, line: int, *, found: bool = False) -> None:
    message = f"the path {path!r} {fault}; a guide names files inside the repository"
    message = IN_REPOSITORY if found else message
    severity = Severity.WARNING if fault in OF_AUTHOR else Severity.ERROR
    gathered.report("PG113", severity, message, line, "write it relative to the repository's root")


def _inside(document: Document, path: str) -> str:
    """Return the end of an author's absolute path that is a file of this repository, or lies below the root of one."""
    found = _existing_end(document, path)
    root = "" if found else _root_of_author(document)
    below = path.removeprefix(root) if root and path.startswith(root) else ""
    return found or ("" if path_fault(below) else below)


def _existing_end(document: Document, path: str) -> str:
    parts = path.split("/")
    ends = ("/".join(parts[at:]) for at in range(1, len(parts) - 1))
    return next((end for end in ends if end and not path_fault(end) and document.exists(end)), "")


@lru_cache(maxsize=1)
def _root_of_author(document: Document) -> str:
    """Return where the repository lies on its author's machine, as a path tells that ends like a file which is here."""
    told = (each for text in document.lines if "/" in text for each in _ABSOLUTE.findall(LOCAL.sub("", text)))
    ends = ((path, _existing_end(document, path)) for path in islice(told, _MAX_TOLD))
    return next((path.removesuffix(end) for path, end in ends if end), "")


def add_tests(gathered: Gathered, found: Iterable[DeclaredTest]) -> None:
    """Take over declared tests, each once."""
    for test in found:
        gathered.tests.setdefault((test.file, test.class_name, test.name), test)
        gathered.named |= {test.name, test.file, *(test.class_name or "").split("::")}


def _goal(gathered: Gathered, each: Field) -> None:
    below = (text.strip() for _, text in islice(bullet_lines(gathered.document, each), 3))
    gathered.goal = gathered.goal or each.value or " ".join(below)  # a sentence, not a chapter


def _duration(gathered: Gathered, each: Field) -> None:
    gathered.duration = gathered.duration or each.value or each.hint


def _kind(gathered: Gathered, each: Field) -> None:
    gathered.kind = gathered.kind or each.value.strip("`* .").lower()


def _files(gathered: Gathered, each: Field) -> None:
    action = ACTIONS[each.kind]
    if each.value:
        said = f"Create: {each.value}" if each.kind == "create" and each.bullet else each.value
        add_files(gathered, _inside_named(each, declared_in(said, each.line, action)))
    if each.value and each.level:
        return  # a heading that is a file: what stands below tells of it
    for line, text in _named_lines(gathered.document, each):
        if is_table_head(gathered.document, line):
            continue
        add_files(gathered, _inside_named(each, _declared(gathered, text, line, action)))


def _inside_named(each: Field, found: Iterable[Declared]) -> Iterator[Declared]:
    """Yield files with the directory that the label names (``Files in `src/` ``), where they name none."""
    named = _DIRECTORY.fullmatch(each.hint)
    for one in found:
        path = f"{named[1].rstrip('/')}/{one.file.path}" if named and "/" not in one.file.path else one.file.path
        yield one._replace(file=one.file._replace(path=path))


def _declared(gathered: Gathered, text: str, line: int, action: Action) -> Iterator[Declared]:
    """Read an item of a file list; ``- Test: `test_x``` names a test, not a file."""
    named = list(tests_in_text(text, line, Place())) if "test_" in text and "est:" in text else []
    add_tests(gathered, named)
    return iter(()) if named else declared_in(text, line, action)


def _named_lines(document: Document, each: Field) -> Iterator[tuple[int, str]]:
    """Yield the lines of a list of files, which may be a block that holds nothing but their paths."""
    yield from _list_lines(document, each)
    for first, info, code in () if each.value else fences_in(document, each.line + 1, each.end):
        paths = map(read_path, code)
        if info in {"", "text"} and all(path and path.path == text for path, text in zip(paths, code, strict=True)):
            yield from enumerate(code, first)
        elif each.kind == "create" and any(mark in text for text in code for mark in "├└"):
            yield from _drawn(code, first)


def _drawn(code: Sequence[str], first: int) -> Iterator[tuple[int, str]]:
    """Yield the lines of a drawn tree that are files, each with the directories above it."""
    above: list[tuple[int, str]] = [(-1, "")]
    for line, text in enumerate(code, first):
        if name := _DRAWN.match(text):
            above = [each for each in above if each[0] < name.start(1)]
            path = above[-1][1] + name[1]
            if path.endswith("/"):
                above.append((name.start(1), path))
            else:
                yield line, f"`{path}` {text[name.end() :]}"


def _list_lines(document: Document, each: Field) -> Iterator[tuple[int, str]]:
    """Yield the lines of a list: bullets, their continuations and table rows, up to a paragraph of its own."""
    previous = each.line
    seen_item = False
    for line, text in bullet_lines(document, each):
        bold = text.startswith("**")
        item = not bold and (text.lstrip(" \t>")[:1] in set("-*+|0123456789") or text[:1] in {" ", "\t"})
        apart = line > previous + 1 and (seen_item or line > previous + 2)
        if not item and (apart or (bold and (seen_item or each.value))):
            return
        seen_item = seen_item or item
        previous = line
        yield line, text


def _tests(gathered: Gathered, each: Field) -> None:
    named = place_in(each.hint).refined(place_in(each.text))
    place = named.refined(place_in(each.value))
    for path, fault in faults_in(f"{each.hint} {each.text}"):
        _report_path(gathered, path, fault, each.line)
    before = len(gathered.tests)
    add_tests(gathered, tests_in_text(each.value, each.line, place))
    if each.value and len(gathered.tests) == before:
        add_files(gathered, declared_in(each.value, each.line, Action.TEST))
    add_tests(gathered, _tests_in_body(gathered, each, place))
    add_files(gathered, list(_listed_files(gathered, each)))
    if named.file and is_test_path(named.file) and len(gathered.tests) == before:
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
    texts = [text for _, text in _list_lines(gathered.document, each)]
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
    for line, text in _named_lines(gathered.document, each):
        if ".py" in text and "test" in text:
            for found in declared_in(text, line, Action.TEST):
                bare = re.sub(BOX, "", text, count=1).lstrip(" \t>-*+`[|0123456789.)")
                said = re.sub(_ITEM_LABEL, "", unlinked(bare))
                word, _, behind = said.partition(" ")
                item = (behind if word.lower() in SURE.keys() | ADDS else said).lstrip("`")
                if (
                    is_test_path(found.file.path)
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


def _criteria(gathered: Gathered, each: Field) -> None:
    if each.value:
        gathered.criteria.append(criterion(each.value, each.line))
    for line, text in _list_lines(gathered.document, each):
        found = read_criterion(text, line)
        subject = _subject_asked(found.text) if found else None
        if subject:
            gathered.commits.append(subject)
        elif found:
            gathered.criteria.append(found)


def _subject_asked(text: str) -> str | None:
    """Return the subject that a criterion asks of the commit: in code, or conventional; other words are no subject."""
    label = read_label(text)
    said = commit_in_value(label.value) if label and label.kind == "commit" else None
    return said if said and label and ("`" in label.value or ": " in said) else None


def _coverage(gathered: Gathered, each: Field) -> None:
    if each.value:
        gathered.coverage.append(f"coverage {each.value}")
    gathered.coverage += [f"coverage {text}" for _, text in _list_lines(gathered.document, each)]


def _commit(gathered: Gathered, each: Field) -> None:
    said = commit_in_value(each.value) if each.value else None
    code = next((code for _, _, code in fences_in(gathered.document, each.line + 1, each.end)), ())
    said = said or commit_in_code(code) or next(filter(None, map(str.strip, code)), None)
    said = said or next((commit_in_value(text) for _, text in bullet_lines(gathered.document, each)), None)
    if said:
        gathered.commits.append(said)


def _status(gathered: Gathered, each: Field) -> None:
    gathered.claims.add(each.line)
    gathered.claim = gathered.claim or claim_of(each.value)


def _depends(gathered: Gathered, each: Field) -> None:
    said = each.value or (each.hint if NONE.match(each.hint) else "")
    listed = [] if said else _list_lines(gathered.document, each)
    gathered.depends += [(said, each.line)] if said else [(text.strip(" \t-*+"), line) for line, text in listed]


_READERS = {
    "goal": _goal,
    "duration": _duration,
    "kind": _kind,
    **dict.fromkeys(ACTIONS, _files),
    "tests": _tests,
    "criteria": _criteria,
    "coverage": _coverage,
    "commit": _commit,
    "status": _status,
    "depends": _depends,
}

_DONE = ("complete", "done", "finished", "implemented", "merged", "shipped", "✅", "[x]")
_DOING = ("in progress", "in-progress", "started", "wip", "ongoing", "🚧", "🔄")
_NOT = ("not ", "incomplete", "pending", "todo", "planned")


def claim_of(value: str) -> str:
    """Return what a status field claims: ``done``, ``in progress`` or nothing."""
    lowered = value.lower()
    if lowered.startswith(_NOT) or any(word in lowered for word in ("not started", "incomplete", "not done")):
        return ""
    if any(word in lowered for word in _DOING):
        return "in progress"
    return "done" if any(word in lowered for word in _DONE) else ""
