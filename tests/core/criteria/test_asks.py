"""What success criteria ask: judged by a run where every word is understood, else by a person."""

from __future__ import annotations

import pytest

from pytest_phasegate.core.criteria.asks import By, asks_of
from pytest_phasegate.core.project.settings import CriteriaSettings, Settings

NOTHING = Settings()
SETTINGS = Settings(
    commands={
        "format": "ruff format --check",
        "lint": "ruff check",
        "types": "mypy --strict src",
        "hooks": "pre-commit run --all-files",
        "docs": "mkdocs build --strict",
    },
    criteria=CriteriaSettings(run=("make test",)),
)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("All tests passing", "tests"),
        ("Both tests pass", "tests"),
        ("All three tests pass", "tests"),
        ("Verify that no test fails", "tests"),
        ("Both users log in", "person"),
        ("All tests pass (100%)", "tests"),
        ("All 8 tests pass", "tests"),
        ("Unit tests pass", "tests"),
        ("Full test suite passes", "tests"),
        ("Test suite: green", "tests"),
        ("**All tests pass**", "tests"),
        ("No regressions", "tests"),
        ("No failing tests", "tests"),
        ("`uv run pytest` passes", "tests"),
        ("All tests pass (`pytest -q`)", "tests"),
        ("Coverage: 100%", "coverage:100"),
        ("Test coverage ≥ threshold (60%/70%/80%)", "coverage:60 70 80"),
        ("Coverage meets threshold", "coverage"),
        ("Coverage: 90% line, 85% branch", "coverage:90 85"),
        ("≥ 95 % coverage of new code", "coverage:95"),
        ("Coverage of all changed lines: 90%", "coverage:90"),
        ("All tests pass with 100% coverage", "tests coverage:100"),
        ("Coverage: 95% (`pytest --cov=app`)", "coverage:95"),
        ("Pre-commit: passing", "command:hooks"),
        ("All pre-commit hooks passing", "command:hooks"),
        ("No linting errors", "command:lint"),
        ("Linting clean (ruff)", "command:lint"),
        ("Code formatted", "command:format"),
        ("No type errors", "command:types"),
        ("No type checking errors", "command:types"),
        ("mypy passes", "command:types"),
        ("`ruff check` is clean", "run:ruff check"),
        ("Ruff and mypy pass", "command:format+lint command:types"),
        ("Lint, types and all tests pass", "command:lint command:types tests"),
        ("Docs build succeeds", "command:docs"),
        ("`make test` passes", "run:make test"),
        ("`mkdocs build --strict` succeeds without errors", "run:mkdocs build --strict"),
        ("Tests pass: `make test`", "tests run:make test"),
        ("Linting clean: `make lint-sql`", "run:make lint-sql"),
        ("Tests pass: make test", "tests run:make test"),
        ("`docs/manual.md` exists", "path:docs/manual.md"),
        ("File `docs/api.md` created", "path:docs/api.md"),
    ],
)
def test_a_criterion_whose_every_word_is_understood_is_judged_by_a_run(text: str, asked: str) -> None:
    assert told(text) == asked


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Entity created with all required fields", "person"),
        ("CRUD API endpoints working", "person"),
        ("API documented in OpenAPI", "person"),
        ("Unique constraint on name", "person"),
        ("Plan is reviewed and approved", "person"),
        ("Type hints on all functions", "person"),
        ("Error handling implemented", "person"),
        ("All code paths tested", "person"),
        ("Integration tests included", "person"),
        ("All integration tests pass", "person"),
        ("Load tests pass", "person"),
        ("New tests added for expiry", "person"),
        ("All tests pass on Windows", "person"),
        ("All tests pass (`pytest -m integration`)", "tests run:pytest -m integration"),
        ("All tests pass (also against the real Redis)", "tests person"),
        ("All tests pass and the docs are updated", "tests person"),
        ("Test coverage (0.3% gap)", "coverage person"),
        ("≥ 95 % coverage of helpers", "coverage:95 person"),
        ("Coverage for `src/app.py` is 90%", "coverage:90 person"),
        ("Edge cases covered (0%, 100% win rates)", "person"),
        ("Coverage report is uploaded", "person"),
        ("`docs/manual.md` is updated", "person"),
        ("`LRUCache` is exported", "person"),
        ("Tests pass: make other", "person"),
        ("Documentation: make test", "person"),
        ("Old file: src/app/old.py", "person"),
        ("`/etc/passwd` exists", "person"),
        ("`../other/x.md` exists", "person"),
        ("GET answers in less than 50 ms", "person"),
        ("mypy is removed from the project", "person"),
        ("No type is renamed", "person"),
        ("The linter explains itself", "person"),
        ("Formats dates in ISO 8601", "person"),
        ("Monitoring configured", "person"),
        ("Deployed to target environment", "person"),
        ("Works", "person"),
        ("", "person"),
    ],
)
def test_anything_else_asks_a_person(text: str, asked: str) -> None:
    assert told(text) == asked


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Pre-commit: passing", 'pre-commit = "pre-commit run --all-files"'),
        ("No linting errors", 'lint = "ruff check"'),
        ("Type checking clean (pyright)", 'types = "pyright"'),
        ("mypy passes", 'types = "mypy ."'),
        ("Security scan clean", 'security = "detect-secrets-hook --baseline .secrets.baseline"'),
    ],
)
def test_a_quality_word_that_no_command_answers_to_says_what_to_configure(text: str, line: str) -> None:
    asks = asks_of(text, NOTHING)

    assert {ask.by for ask in asks} == {By.COMMAND}
    assert [ask.names for ask in asks] == [()] * len(asks)
    assert line in [ask.add for ask in asks]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("The docs read well", "no gate understands these words"),
        ("All tests pass and the docs are updated", "no gate understands 'the docs are updated'"),
        ("≥ 95 % coverage of helpers", "the coverage gate has one figure for the whole phase"),
        ("`docs/manual.md` is updated", "of a file, a gate knows only whether it exists"),
    ],
)
def test_what_asks_a_person_says_why(text: str, why: str) -> None:
    assert [ask.what for ask in asks_of(text, SETTINGS) if ask.by is By.PERSON] == [why]


def test_one_type_checker_does_not_answer_for_another() -> None:
    assert [ask.names for ask in asks_of("pyright passes", SETTINGS)] == [()]


def told(text: str) -> str:
    return " ".join(
        f"{ask.by}:{'+'.join(ask.names) if ask.by is By.COMMAND else ask.what}".rstrip(":")
        if ask.by in _WITH
        else str(ask.by)
        for ask in asks_of(text, SETTINGS)
    )


_WITH = {By.COMMAND, By.RUN, By.PATH, By.COVERAGE}
