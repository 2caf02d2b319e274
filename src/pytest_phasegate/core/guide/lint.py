"""What a guide that can be read still leaves to be wished: checks that warn before work begins."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from posixpath import basename

from pytest_phasegate.core.commit import conventional
from pytest_phasegate.core.guide.feature_documents import other_document
from pytest_phasegate.core.guide.markdown.labels import kind_of
from pytest_phasegate.core.guide.model import (
    Action,
    CoverageGoal,
    Criterion,
    DeclaredFile,
    Diagnostic,
    Guide,
    Phase,
)
from pytest_phasegate.core.project.paths import is_test_module
from pytest_phasegate.core.project.settings import Settings
from pytest_phasegate.core.project.source_roots import TOOL_MODULES, is_aside
from pytest_phasegate.core.verdict.verdict import AMONG_OTHERS, Severity, listed

_PERCENT = r"(?<![\d.])(?:100(?:\.0+)?|\d{1,2}(?:\.\d+)?)[ \t]?[%％]"
_VAGUE = (
    r"(?i)\bworks? (?:well|fine|nicely|great|properly|correctly|as expected|as intended|smoothly)\b"
    r"|\b(?:fast|good|quick|stable|robust) enough\b|\b(?:good|acceptable|reasonable|decent) performance\b"
    r"|\b(?:is|are) (?:fast|clean|robust|intuitive|nice|performant|maintainable|readable|elegant)\b"
    r"|\bperforms? well\b|\blooks? good\b|\bhigh[- ]quality\b|\bclean code\b|\buser[- ]friendly\b|\beasy to use\b"
    r"|\bno (?:major|obvious|significant) (?:bugs?|issues?|problems?)\b|\bas needed\b|\bwhere appropriate\b"
)
_CHECKABLE = r"`|\d|\btest_\w+"
_TESTS_OPTIONAL = {"spec-kit", "gsd", "bmad", "taskmaster", "memory-bank", "execplan", "task-list", "proposed-changes"}
"""Dialects whose own rules leave tests to the author, or whose units are so small that tests are one of their own."""
_TEST_IN_TEXT = r"\btest_\w+|\btests/|\bpytest\b"
_NAMED, _SEVERAL = 6, 2


def linted(guide: Guide, settings: Settings, length: int) -> Guide:
    """Return the guide with what lint has to say beside what reading found.

    Args:
        guide: The guide as read.
        settings: What the project asks of its guides.
        length: The number of its lines.
    """
    found = [*guide.diagnostics, *_budget(guide, settings, length)]
    untested = tuple(_untested_plan(guide))
    if guide.phases:
        found += tuple(_no_plan(guide)) or (*_nothing_to_ask(guide, settings), *untested)
    owners: dict[str, Phase] = {}
    for phase in guide.phases:
        found += _phase(guide, phase, settings)
        found += () if untested else _untested(guide, phase)
        found += _against_earlier(guide, phase, owners)
        for path in (*(each.path for each in phase.files), *(each.file for each in phase.tests if each.file)):
            owners.setdefault(path, phase)
    found += _shared_tests(guide)
    return replace(guide, diagnostics=tuple(sorted(found, key=lambda each: (each.line, each.code))))


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Return whether any of the remarks is an error."""
    return any(each.severity is Severity.ERROR for each in diagnostics)


def _warning(guide: Guide, code: str, line: int, message: str, fix: str = "") -> Diagnostic:
    return Diagnostic(code, Severity.WARNING, message, guide.path, line, fix=fix)


def _budget(guide: Guide, settings: Settings, length: int) -> Iterator[Diagnostic]:
    budget = settings.lint.budget
    if budget is not None and length > budget:
        message = f"the guide has {length} lines, its budget is {budget}"
        yield _warning(guide, "PG123", budget + 1, message, "move reference material into a document of its own")


def _no_plan(guide: Guide) -> Iterator[Diagnostic]:
    """Name what is no plan by its kind: it was read all the same, for somebody named it or a glob found it."""
    told = other_document(guide.path, guide.title)
    if told:
        yield _warning(guide, "PG128", 1, told, "take it out of `guides`")


def _nothing_to_ask(guide: Guide, settings: Settings) -> Iterator[Diagnostic]:
    """Yield one line for all phases of which no gate can ask anything."""
    lost = sorted(each.line for each in guide.diagnostics if each.code == "PG113")
    empty = [phase for phase in guide.phases if not (_asks_something(phase) or _holds(phase, lost))]
    if not empty:
        return
    ids = listed([phase.id for phase in empty], _NAMED, AMONG_OTHERS)
    every = len(guide.phases) > 1 and len(empty) == len(guide.phases)
    of = "this plan" if every else f"phase{'s' if len(empty) > 1 else ''} {ids}"
    message = (
        f"nothing can be asked of {of} but what {'its' if every or len(empty) == 1 else 'their'} commits bring"
        if settings.derive
        else f"nothing can be asked of {of}"
    )
    message += f"; to say more: phasegate plan complete {guide.path}"
    yield _warning(guide, "PG126", empty[0].line, message, "add '**Tests to write**' or '**Files to create**'")


def _holds(phase: Phase, lines: Sequence[int]) -> bool:
    """Whether one of these lines, in their order, stands in the phase."""
    at = bisect_left(lines, phase.line)
    return at < len(lines) and lines[at] <= phase.end_line


def _asks_something(phase: Phase) -> bool:
    declared = phase.tests or phase.files or phase.commit or phase.coverage != CoverageGoal()
    return bool(declared) or any(_can_be_judged(each) for each in phase.criteria)


def _can_be_judged(criterion: Criterion) -> bool:
    """Whether a run can judge a criterion; the others wait for a person."""
    return criterion.kind in {"tests", "commands"} or "`" in criterion.text


def _untested_plan(guide: Guide) -> Iterator[Diagnostic]:
    """Say once of a plan that names no test at all what it is silly to say of each of its phases."""
    lacking = [phase for phase in guide.phases if _lacks_tests(guide, phase)]
    if any(phase.tests or _has_test_file(phase) for phase in guide.phases) or len(lacking) < _SEVERAL:
        return
    message = f"{len(lacking)} phases write production code and the plan names no test: those that come with them count"
    fix = "end the commits of a phase with the trailer 'Phase: 2', or name its tests under '**Tests to write**'"
    yield _warning(guide, "PG115", lacking[0].line, message, fix)


def _phase(guide: Guide, phase: Phase, settings: Settings) -> Iterator[Diagnostic]:
    yield from _missing_sections(guide, phase, settings)
    yield from _vague_criteria(guide, phase)
    asked = phase.commit if settings.commit.conventional else None
    if asked and (fault := conventional.fault(asked, settings.commit.types)):
        message = f"the commit {phase.commit!r} is not conventional: {fault}"
        yield _warning(guide, "PG118", phase.line, message, "write it as 'feat(scope): what it brings'")


def _untested(guide: Guide, phase: Phase) -> Iterator[Diagnostic]:
    if _lacks_tests(guide, phase):
        made = _production(phase)[0]
        message = f"phase {phase.id} writes {made.path} and declares no test"
        yield _warning(guide, "PG115", made.line, message, "name its tests under '**Tests to write**'")


def _lacks_tests(guide: Guide, phase: Phase) -> bool:
    """Whether a phase writes production code and says nothing of tests, in no field and no criterion."""
    subject = conventional.read_subject(phase.commit or "")
    without = phase.needs_no_red or (subject is not None and phase._replace(kind=subject.type).needs_no_red)
    if guide.dialect in _TESTS_OPTIONAL or without or phase.tests or _has_test_file(phase):
        return False
    named = any(re.search(_TEST_IN_TEXT, criterion.text) for criterion in phase.criteria)
    return not named and bool(_production(phase))


def _has_test_file(phase: Phase) -> bool:
    return any(each.action is Action.TEST or is_test_module(each.path) for each in phase.files)


def _production(phase: Phase) -> list[DeclaredFile]:
    """Return the production files that a phase writes code into; an ``__init__.py`` is there to be imported."""
    written = (each for each in phase.files if each.action is not Action.DELETE)
    return [each for each in written if is_production(each.path) and not each.path.endswith("__init__.py")]


def is_production(path: str) -> bool:
    """Return whether a declared path is by its name production code."""
    top, _, below = path.removeprefix("./").partition("/")
    aside = (below and is_aside(top)) or basename(path) in TOOL_MODULES
    return path.endswith(".py") and not aside and not is_test_module(path)


def _missing_sections(guide: Guide, phase: Phase, settings: Settings) -> Iterator[Diagnostic]:
    present = {label.strip().casefold() for label in phase.labels}
    said = {"tests": phase.tests, "criteria": phase.criteria, "commit": phase.commit, "goal": phase.goal}
    kinds = {kind_of(label) for label in phase.labels} | {kind for kind, value in said.items() if value}
    for section in settings.lint.sections:
        if section.strip().casefold() not in present and kind_of(section) not in kinds - {""}:
            message = f"phase {phase.id} has no section {section!r}"
            fix = f"add '**{section}**:'"
            yield Diagnostic("PG121", Severity.ERROR, message, guide.path, phase.line, fix=fix)


def _vague_criteria(guide: Guide, phase: Phase) -> Iterator[Diagnostic]:
    for each in phase.criteria:
        if each.kind == "coverage" and not re.search(_PERCENT, each.text):
            message = f"no percentage can be read in {each.text!r}"
            yield _warning(guide, "PG119", each.line, message, "write 'Coverage: 95%'")
        elif re.search(_VAGUE, each.text) and not re.search(_CHECKABLE, each.text):
            message = f"nothing can check {each.text!r}"
            yield _warning(guide, "PG120", each.line, message, "name a test, a command or a number")


def _against_earlier(guide: Guide, phase: Phase, owners: Mapping[str, Phase]) -> Iterator[Diagnostic]:
    """Yield the test files of an earlier phase that this one edits or deletes without a test of its own to add."""
    adds = {test.file for test in phase.tests}
    for each in phase.files:
        if not is_test_module(each.path) or each.path.endswith("conftest.py"):
            continue
        if each.action is not Action.DELETE and guide.dialect in _TESTS_OPTIONAL:
            continue  # small units share a test file, and name no test
        owner = owners.get(each.path)
        adding = each.action is not Action.MODIFY or not adds.isdisjoint({each.path, None})
        if owner and (each.action is Action.DELETE or not adding):
            message = f"{each.path} holds the tests of phase {owner.id}; phase {phase.id} edits it"
            yield _warning(guide, "PG122", each.line, message, "say which tests it adds there")


def _shared_tests(guide: Guide) -> Iterator[Diagnostic]:
    """Yield the tests that an earlier phase declares, too: in the same file, or where one of both names none."""
    first: dict[tuple[str, str | None, str | None], int] = {}
    for place, phase in enumerate(guide.phases):
        for test in phase.tests:
            named = (test.name, test.class_name)
            owner = min(first.get((*named, file), place) for file in ((test.file, "") if test.file else (None,)))
            if owner < place:
                message = f"{test.name} is declared by phase {guide.phases[owner].id} and by phase {phase.id}"
                yield _warning(guide, "PG117", test.line, message, "declare it once, or name file and class of both")
            for file in (test.file or "", None):  # under ``None``, whatever its file
                first.setdefault((*named, file), place)
