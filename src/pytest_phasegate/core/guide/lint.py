"""What a guide that can be read still leaves to be wished: checks that warn before work begins."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_phasegate.core.commit import conventional
from pytest_phasegate.core.guide.markdown.labels import kind_of
from pytest_phasegate.core.guide.model import Action, Diagnostic
from pytest_phasegate.core.verdict.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pytest_phasegate.core.guide.model import DeclaredTest, Guide, Phase
    from pytest_phasegate.core.project.settings import Settings

_PERCENT = re.compile(r"(?<![\d.])(?:100(?:\.0+)?|\d{1,2}(?:\.\d+)?)[ \t]?[%％]")
_VAGUE = re.compile(
    r"\bworks? (?:well|fine|nicely|great|properly|correctly|as expected|as intended|smoothly)\b"
    r"|\b(?:fast|good|quick|stable|robust) enough\b|\b(?:good|acceptable|reasonable|decent) performance\b"
    r"|\b(?:is|are) (?:fast|clean|robust|intuitive|nice|performant|maintainable|readable|elegant)\b"
    r"|\bperforms? well\b|\blooks? good\b|\bhigh[- ]quality\b|\bclean code\b|\buser[- ]friendly\b|\beasy to use\b"
    r"|\bno (?:major|obvious|significant) (?:bugs?|issues?|problems?)\b|\bas needed\b|\bwhere appropriate\b",
    re.IGNORECASE,
)
_CHECKABLE = re.compile(r"`|\d|\btest_\w+")
_WITHOUT_TESTS = {"docs", "style", "refactor", "perf", "chore", "build", "ci", "revert", "test"}
_TESTS_OPTIONAL = {"spec-kit"}
"""Dialects whose own rules leave tests to the author."""
_TEST_NAME = re.compile(r"(?:test_.*|.*_test|conftest)\.py\Z")
_NOT_PRODUCTION = {"tests", "test", "docs", "doc", "examples", "example", "scripts", "benchmarks", "tools"}
_SINGLE_FILES = {"setup.py", "noxfile.py", "tasks.py", "fabfile.py", "dodo.py"}


def linted(guide: Guide, settings: Settings, length: int) -> Guide:
    """Return the guide with what lint has to say beside what reading found.

    Args:
        guide: The guide as read.
        settings: What the project asks of its guides.
        length: The number of its lines.
    """
    found = [*guide.diagnostics, *_budget(guide, settings, length)]
    owners: dict[str, Phase] = {}
    for phase in guide.phases:
        found += _phase(guide, phase, settings)
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
    budget = settings.guide_budget
    if budget is not None and length > budget:
        message = f"the guide has {length} lines, its budget is {budget}"
        yield _warning(guide, "PG123", budget + 1, message, "move reference material into a document of its own")


def _phase(guide: Guide, phase: Phase, settings: Settings) -> Iterator[Diagnostic]:
    yield from _untested(guide, phase)
    yield from _missing_sections(guide, phase, settings)
    yield from _vague_criteria(guide, phase)
    fault = (
        conventional.fault(phase.commit, settings.commit.types) if phase.commit and settings.commit.conventional else ""
    )
    if fault:
        message = f"the commit {phase.commit!r} is not conventional: {fault}"
        yield _warning(guide, "PG118", phase.line, message, "write it as 'feat(scope): what it brings'")


def _untested(guide: Guide, phase: Phase) -> Iterator[Diagnostic]:
    if guide.dialect in _TESTS_OPTIONAL:
        return
    subject = conventional.read_subject(phase.commit or "")
    if phase.tests or phase.kind in _WITHOUT_TESTS or (subject and subject.type in _WITHOUT_TESTS):
        return
    if any(each.action is Action.TEST or is_test_path(each.path) for each in phase.files):
        return
    made = [each for each in phase.files if each.action is not Action.DELETE and is_production(each.path)]
    if made:
        message = f"phase {phase.id} writes {made[0].path} and declares no test"
        yield _warning(guide, "PG115", made[0].line, message, "name its tests under '**Tests to write**'")


def is_test_path(path: str) -> bool:
    """Return whether a declared path is by its name a test's or a conftest."""
    return _TEST_NAME.match(path.rpartition("/")[2]) is not None or _parts(path)[0] in {"tests", "test"}


def is_production(path: str) -> bool:
    """Return whether a declared path is by its name production code."""
    *directories, name = _parts(path)
    aside = _NOT_PRODUCTION.intersection(directories[:1]) or "tests" in directories
    return name.endswith(".py") and not aside and not is_test_path(path) and name not in _SINGLE_FILES


def _parts(path: str) -> list[str]:
    return path.removeprefix("./").split("/")


def _missing_sections(guide: Guide, phase: Phase, settings: Settings) -> Iterator[Diagnostic]:
    present = {label.strip().casefold() for label in phase.labels}
    kinds = {kind_of(label) for label in phase.labels} | _kinds_said(phase)
    for section in settings.required_sections:
        if section.strip().casefold() not in present and kind_of(section) not in kinds - {""}:
            message = f"phase {phase.id} has no section {section!r}"
            fix = f"add '**{section}**:'"
            yield Diagnostic("PG121", Severity.ERROR, message, guide.path, phase.line, fix=fix)


def _kinds_said(phase: Phase) -> set[str]:
    said = {"tests": phase.tests, "criteria": phase.criteria, "commit": phase.commit, "goal": phase.goal}
    return {kind for kind, value in said.items() if value}


def _vague_criteria(guide: Guide, phase: Phase) -> Iterator[Diagnostic]:
    for each in phase.criteria:
        if each.kind == "coverage" and not _PERCENT.search(each.text):
            message = f"no percentage can be read in {each.text!r}"
            yield _warning(guide, "PG119", each.line, message, "write 'Coverage: 95%'")
        elif _VAGUE.search(each.text) and not _CHECKABLE.search(each.text):
            message = f"nothing can check {each.text!r}"
            yield _warning(guide, "PG120", each.line, message, "name a test, a command or a number")


def _against_earlier(guide: Guide, phase: Phase, owners: Mapping[str, Phase]) -> Iterator[Diagnostic]:
    """Yield the test files that an earlier phase declared first, by its files or for its tests."""
    for each in phase.files:
        if not is_test_path(each.path) or each.path.endswith("conftest.py"):
            continue
        owner = owners.get(each.path)
        if owner:
            message = f"{each.path} holds the tests of phase {owner.id}; phase {phase.id} edits it"
            yield _warning(guide, "PG122", each.line, message, "put the new tests into a file of their own")


def _shared_tests(guide: Guide) -> Iterator[Diagnostic]:
    first: dict[tuple[str, str | None, str | None], int] = {}
    for place, phase in enumerate(guide.phases):
        for test in phase.tests:
            owner = min((first.get((*_named(test), file), place) for file in _files_meant(test)), default=place)
            if owner < place:
                message = f"{test.name} is declared by phase {guide.phases[owner].id} and by phase {phase.id}"
                yield _warning(guide, "PG117", test.line, message, "declare it once, or name file and class of both")
            for file in (test.file or "", _ANY_FILE):
                first.setdefault((*_named(test), file), place)


_ANY_FILE = None


def _named(test: DeclaredTest) -> tuple[str, str | None]:
    return test.name, test.class_name


def _files_meant(test: DeclaredTest) -> tuple[str | None, ...]:
    """Return the files under which another may be this test: its own or none said; any, where it says none."""
    return (test.file, "") if test.file else (_ANY_FILE,)
