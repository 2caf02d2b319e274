"""``phasegate deploy`` on real repositories."""

from __future__ import annotations

import json
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from pytest_phasegate import cli
from pytest_phasegate.core.project.configuration import rules_of
from pytest_phasegate.core.verdict.judgement import Judgement
from pytest_phasegate.core.verdict.verdict import Ruling
from pytest_phasegate.wiring import projects, records
from support.guides import CACHE, CACHE_GUIDE, CACHE_TESTS, GUIDE_PATH, PYPROJECT

if TYPE_CHECKING:
    from support.project import Project

SCHEMA = Path(__file__).parents[2] / "docs/reference/schemas/phasegate.deploy.1.json"
STAGES = """
[tool.phasegate.stages]
staging = 70
production = 90

[[tool.phasegate.components]]
path = "src/app"
stage = "staging"
"""
HOSTILE = "Core \x1b[31m::error::cache \u202e<script>"


@pytest.fixture
def done(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project of one phase, committed."""
    one = CACHE_GUIDE.partition("### Phase 2")[0].replace("Core cache", HOSTILE, 1)
    project.write("pyproject.toml", PYPROJECT + STAGES).write(GUIDE_PATH, one)
    project.write("tests/test_cache.py", CACHE_TESTS).write("src/app/cache.py", CACHE)
    project.init_git().commit("feat(cache): add core cache")
    monkeypatch.chdir(project.root)
    return project


def judged(project: Project, ruling: Ruling = Ruling.PASSED) -> None:
    tree = projects.repository(project.root).content_tree()
    rules, gates = rules_of(projects.settings(project.root)), (("tests", str(ruling)), ("coverage", "passed"))
    gate = "" if ruling is Ruling.PASSED else "tests"
    one = Judgement(int(time()), "cache", "1", tree, ruling, "check", 2, 80.0, gate=gate, rules=rules, gates=gates)
    records.judgements(project.root).append([one])


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    capsys.readouterr()
    code = cli.main(words)
    captured = capsys.readouterr()
    return code, captured.out + captured.err


def test_what_head_holds_goes_to_a_stage_once_it_passed_as_it_stands(
    done: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    codes = [said(capsys, "deploy", "--stage", "staging")[0]]
    judged(done)
    codes += [said(capsys, "deploy", "--stage", stage)[0] for stage in ("staging", "production")]
    codes += [said(capsys, "deploy", *words)[0] for words in ((), ("--promote",))]
    done.write("notes.txt", "of nobody\n")
    untracked = said(capsys, "deploy")
    done.remove("notes.txt").write("src/app/cache.py", CACHE + "# changed\n")
    judged(done)
    changed = said(capsys, "deploy")
    done.commit("docs(cache): a comment")
    codes += [said(capsys, "deploy")[0]]
    judged(done, Ruling.FAILED)
    codes += [said(capsys, "deploy")[0]]

    assert codes == [4, 0, 1, 0, 1, 0, 1]
    assert untracked[0] == changed[0] == 4
    assert "PG574 not as the commit has it: notes.txt" in untracked[1]
    assert "PG574 not as the commit has it: src/app/cache.py" in changed[1]
    assert "PG572" not in changed[1]


def test_a_plan_that_is_yet_to_come_is_left_out_by_name(done: Project, capsys: pytest.CaptureFixture[str]) -> None:
    done.write("docs/plans/later_implementation_guide.md", CACHE_GUIDE.replace("cache", "later"))
    done.commit("docs: plan what comes later")
    judged(done)
    whole, one = said(capsys, "deploy", "--stage", "staging"), said(capsys, "deploy", "--guide", "cache")

    assert (whole[0], one[0]) == (4, 0)
    assert "PHASEGATE_STAGE=staging phasegate check later:all" in whole[1]
    assert "phase cache:1  passed" in one[1]
    assert "may go: src/app to staging, by what cache asks" in one[1]
    assert json.loads(said(capsys, "deploy", "--guide", "cache", "--format", "json")[1])["guides"] == ["cache"]
    assert json.loads(said(capsys, "attest", "--guide", "cache")[1])["predicate"]["result"] == "PASSED"
    assert said(capsys, "attest")[0] == 4
    assert said(capsys, "deploy", "--guide", "x")[0] == 2


def test_the_answer_keeps_to_its_schema_and_is_one_of_plain_text(
    done: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    schema: Any = json.loads(SCHEMA.read_text(encoding="utf-8"))
    unjudged = json.loads(said(capsys, "deploy", "--format", "json")[1])
    judged(done)
    passed = json.loads(said(capsys, "deploy", "--format", "json")[1])
    text = said(capsys, "deploy")[1]

    for answer in (unjudged, passed):
        jsonschema.validate(answer, schema)
    assert (unjudged["verdict"], passed["verdict"]) == ("inconclusive", "passed")
    assert passed["parts"][0]["phases"][0]["title"] == HOSTILE
    assert not {"\x1b", "\u202e"}.intersection(text)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**passed, "verdict": "not-evaluated"}, schema)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--stage", "stagin"), "no stage is called 'stagin'\n  hint: the stages are: staging, production (--stage)"),
        (("--stage", "production", "--promote"), "'production' is the last stage"),
        (("--format", "html"), "no such format here: 'html'"),
    ],
)
def test_what_is_not_there_is_an_error_of_usage(
    done: Project, words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = said(capsys, "deploy", *words)

    assert code == 2
    assert told in text


def test_phases_of_no_component_want_a_stage_of_their_own(done: Project, capsys: pytest.CaptureFixture[str]) -> None:
    other = PYPROJECT + STAGES.replace("src/app", "src/other")
    done.write("pyproject.toml", other).commit("chore: components")
    without = said(capsys, "deploy")
    done.write("pyproject.toml", other.replace("[tool.phasegate]", '[tool.phasegate]\nstage = "production"'))
    done.commit("chore: a stage")
    judged(done)
    whole = said(capsys, "deploy")

    assert (without[0], whole[0]) == (2, 1)
    assert "1: no component has a file of theirs" in without[1]
    assert "PG572 no phase has a file below src/other: nothing is judged" in whole[1]
    assert "PG573 line coverage is 80.00 %, 90 % asked by production" in whole[1]
