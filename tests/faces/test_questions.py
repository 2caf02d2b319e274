"""Every question has numbered choices and a default, on a terminal and as JSON."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from pytest_phasegate import cli
from pytest_phasegate.cli.output import ask, words_of
from pytest_phasegate.errors import Choice, QuestionError
from support.guides import CACHE_GUIDE, GUIDE_PATH, PYPROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.project import Project

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/reference/schemas/phasegate.question.1.json").read_text())
STAGES = "[tool.phasegate.stages]\nstaging = 70\nproduction = 80\n"


@pytest.fixture
def two(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    project.write("pyproject.toml", PYPROJECT + STAGES).write(GUIDE_PATH, CACHE_GUIDE)
    other = CACHE_GUIDE.replace("# Cache", "# Tables \x1b[31m").replace("cache", "tables")
    project.write("docs/plans/tables_implementation_guide.md", other).init_git().commit("docs: plan")
    monkeypatch.chdir(project.root)
    return project


def as_json(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    capsys.readouterr()
    assert cli.main([*words, "--format", "json"]) == 2
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (("next",), ["cache", "tables"]),
        (("check", "1"), ["cache:1", "tables:1"]),
        (("check", "all"), ["cache:all", "tables:all"]),
        (("check",), ["cache:current", "tables:current"]),
        (("review", "2"), ["cache:2", "tables:2"]),
        (("review", "cache:all"), ["cache:1", "cache:2"]),
        (("show",), [GUIDE_PATH, "docs/plans/tables_implementation_guide.md"]),
        (("deploy",), ["staging", "production"]),
        (("init",), ["--yes", "--dry-run"]),
    ],
)
def test_what_has_several_readings_is_a_question_with_a_command_for_each(
    words: tuple[str, ...], values: list[str], two: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert two.root.is_dir()
    found = as_json(capsys, *words)

    jsonschema.validate(found, SCHEMA)
    assert [(one["number"], one["value"]) for one in found["choices"]] == list(enumerate(values, 1))
    assert 1 <= found["default"] <= len(values)
    for one in found["choices"]:
        assert shlex.split(one["command"])[0] == "phasegate"
        assert one["value"] in shlex.split(one["command"])


def test_a_chosen_command_asks_no_more(two: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert two.root.is_dir()
    for words in (("next",), ("show",), ("review", "2")):
        command = as_json(capsys, *words)["choices"][1]["command"]
        assert cli.main(shlex.split(command)[1:]) == 0


def test_without_a_terminal_the_choices_are_listed(two: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert two.root.is_dir()
    assert cli.main(["next"]) == 2
    told = capsys.readouterr().err

    assert "phasegate: several guides are open\n  1. cache: Cache Implementation Guide (default)\n  2. tables: " in told
    assert "\x1b" not in told


def test_a_completed_plan_as_json_asks_whether_to_write_it(two: Project, capsys: pytest.CaptureFixture[str]) -> None:
    two.write("docs/plans/x_implementation_plan.md", "# X plan\n\n## Phase 1: Prices\n\nUse `src/price.py`.\n")
    found = as_json(capsys, "plan", "complete", "docs/plans/x_implementation_plan.md")

    assert (found["written"], found["default"]) == (False, 2)
    assert [one["value"] for one in found["choices"]] == ["--yes", "--dry-run"]
    assert cli.main(shlex.split(found["choices"][1]["command"])[1:]) == 0


QUESTION = QuestionError("which?", choices=(Choice("a", "first"), Choice("b")), default=2, asked="1")


@pytest.mark.parametrize(
    ("said", "value"),
    [(["1"], "a"), (["2"], "b"), ([""], "b"), (["x", "0", "3", "-1", "99999", "1"], "a"), ([], None)],
)
def test_a_terminal_is_asked_until_there_is_an_answer(
    said: list[str], value: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers: Iterator[str] = iter(said)

    def answer(_: str) -> str:
        try:
            return next(answers)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", answer)
    chosen = ask(QUESTION)

    assert (chosen.value if chosen else None) == value
    assert "  1. a: first\n  2. b (default)\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "words"),
    [(["check", "1", "-q"], ["check", "b", "-q"]), (["check"], ["check", "b"])],
)
def test_a_choice_takes_the_place_of_what_was_asked(argv: list[str], words: list[str]) -> None:
    assert words_of(argv, QUESTION, QUESTION.choices[1]) == words
