"""Reports of reviewers in ``reviews/*.json``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pytest_phasegate.core.criteria.reviews import critical_of, is_report, read_report
from pytest_phasegate.core.guide.model import Criterion, Guide, Phase
from pytest_phasegate.core.project.plain_values import Foreign
from pytest_phasegate.errors import PhasegateError

SCHEMA = json.loads((Path(__file__).parents[3] / "docs/reference/schemas/phasegate.reviewer.1.json").read_text())
HEAD = {"schema": "phasegate.reviewer/1", "reviewer": "architecture-reviewer", "content": "abc"}
TEXTS = ("Words read well", "Layers are kept", "No query in a loop")
PHASE = Phase("1", "Put", 1, 2, criteria=tuple(Criterion(text, False, "other", 3) for text in TEXTS))
GUIDE = Guide("docs/plans/box.md", "box", "Box", "canonical", "d", (PHASE,))


def read(**said: Any) -> Any:
    return read_report(Foreign({**HEAD, **said}, "reviews/a.json:"), "reviews/a.json")


def answers(**said: Any) -> dict[int, bool]:
    jsonschema.validate({**HEAD, **said}, SCHEMA)
    return {one.number: one.passed for one in read(**said).answers(GUIDE, PHASE, "abc", "")}


def test_what_passed_and_what_did_not_answers_the_criteria_it_names() -> None:
    flaw = {"severity": "minor", "message": "a query in a loop", "criterion": 3, "fix": "join"}

    assert answers(phase="1", passed=[1, {"criterion": 2}], findings=[flaw]) == {1: True, 2: True, 3: False}
    assert answers(passed=["layers  ARE kept", {"text": "Words read well"}]) == {1: True, 2: True}
    assert answers(phase="1", passed=[1], violations=[{**flaw, "criterion": 1}]) == {1: False}


@pytest.mark.parametrize(
    "said",
    [
        {"phase": "2", "passed": [1]},
        {"guide": "other", "phase": "1", "passed": [1]},
        {"passed": [1]},
        {"phase": "1", "passed": [4, "Nothing of that kind"]},
    ],
)
def test_what_names_no_criterion_of_the_phase_answers_nothing(said: dict[str, Any]) -> None:
    assert answers(**said) == {}


def test_what_is_critical_blocks_whatever_was_looked_at() -> None:
    flaws = [{"severity": word, "message": word, "path": "a.py", "line": 3} for word in ("critical", "major", "info")]
    found = critical_of([read(content="", findings=flaws)])

    assert [(one.text, one.place, one.author) for one in found] == [("critical", "a.py:3", "architecture-reviewer")]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"schema": "phasegate.reviewer/2"}, "schema: expected phasegate.reviewer/1, got a text"),
        ({"reviewer": " "}, "reviewer: expected the reviewer's name"),
        ({"reviewer": 3}, "reviewer: expected a text, got 3"),
        ({"findings": {}}, "findings: expected a list, got an object"),
        ({"findings": [{"severity": "critical"}]}, "findings[0].message: expected a text, got nothing"),
        ({"findings": [{"message": "x"}]}, "findings[0].severity: expected critical or major"),
        ({"violations": [{"message": "x", "severity": "bad"}]}, "violations[0].severity: expected critical or major"),
        ({"violations": [{"message": "x", "severity": "info", "line": 0}]}, "violations[0].line: expected a whole"),
        ({"passed": [0]}, "passed[0]: expected the number of a criterion, or its words, got 0"),
        ({"passed": [{}]}, "passed[0]: expected the number of a criterion, or its words, got an object"),
        ({"passed": [True]}, "passed[0]: expected the number of a criterion"),
    ],
)
def test_a_report_that_cannot_be_read_is_named_with_its_place(said: dict[str, Any], told: str) -> None:
    with pytest.raises(PhasegateError) as caught:
        read(**said)
    assert caught.value.problem.startswith(f"reviews/a.json: {told}")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**HEAD, **said}, SCHEMA)


def test_other_json_is_no_report_and_one_without_its_schema_is_not_passed_over() -> None:
    assert is_report(Foreign(HEAD, "x:"))
    assert not is_report(Foreign({"reviewer": "ada", "stars": 4}, "x:"))
    assert not is_report(Foreign([HEAD], "x:"))
    with pytest.raises(PhasegateError, match="a review without its schema"):
        is_report(Foreign({"reviewer": "x", "violations": []}, "x:"))
