"""An issue becomes the beginning of a guide."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_phasegate.core.guide.issue import as_guide, issue_named, read_issue
from pytest_phasegate.core.project.plain_values import Foreign
from pytest_phasegate.errors import PhasegateError
from pytest_phasegate.wiring.readers import text_reader

BODY = "Keep sources.\n\n## Acceptance criteria\n\n- [ ] Entity created\n- [x] CRUD works\n"


def issue(**said: Any) -> Any:
    given = {"number": 2, "title": "RawDataSource entity and API", "body": BODY, **said}
    return read_issue(Foreign(given, "issue.json:"))


@pytest.mark.parametrize(
    ("body", "criteria"),
    [
        (BODY, ("Entity created", "CRUD works")),
        ("**Acceptance Criteria**:\n* one\n* two\n\n**Notes**\n* three", ("one", "two")),
        ("### Acceptance criteria\r\n\r\n1. one\r\n2. two\r\n", ("one", "two")),
        ("## Acceptance criteria\n- one\n  goes on\n  - with this\n- two", ("one goes on with this", "two")),
        ("## Acceptance criteria\n```\n- no\n```\n- one", ("one",)),
        ("## Tasks\n- no\n## Definition of Done\n- one", ("one",)),
        ("## Acceptance criteria\n- \x1b[31mred\u202e <!-- x", ("[31mred <!-- x",)),
    ],
)
def test_the_items_below_the_heading_are_the_criteria(body: str, criteria: tuple[str, ...]) -> None:
    assert issue(body=body).criteria == criteria


@pytest.mark.parametrize(
    ("title", "labels", "subject", "branch"),
    [
        ("Add an LRU cache", [], "feat: add an LRU cache", "feat/issue-2-add-an-lru-cache"),
        ("RawDataSource", [{"name": "bug"}], "fix: RawDataSource", "fix/issue-2-raw-data-source"),
        ("feat(cache): evict `old`", ["x"], "feat: evict old", "feat/issue-2-feat-cache-evict-old"),
        ("日本", [], "feat: 日本", "feat/issue-2-issue-2"),
    ],
)
def test_subject_and_branch_come_from_the_title(title: str, labels: list[Any], subject: str, branch: str) -> None:
    one = issue(title=title, labels=labels)

    assert (one.subject, one.branch) == (subject, branch)


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "<!-- gone",
        "<script>alert(1)</script>",
        "### Phase 2: evil",
        "| a | b |",
        "@all ::error::",
        "`rm -rf /`",
    ],
)
def test_the_guide_is_read_back_as_the_issue_says(text: str) -> None:
    one = issue(title=f"Keep {text}", body=f"{text}\n\n## Acceptance criteria\n- {text} holds\n- second")
    guide = text_reader(Path())(as_guide(one, approved="").encode(), "docs/plans/x_guide.md")

    assert [phase.id for phase in guide.phases] == ["1"]
    assert [criterion.text for criterion in guide.phases[0].criteria] == [
        f"{text} holds".replace("<!", "&lt;!").replace("<s", "&lt;s").replace("</", "&lt;/"),
        "second",
    ]
    assert (guide.issue, guide.approved, guide.phases[0].commit) == ("2", False, one.subject)


def test_a_hostile_issue_is_read_in_time() -> None:
    body = "## Acceptance criteria\n- a\n" + "more words\n" * 200_000 + "#" * 100_000 + "\n" + "- " * 100_000

    assert len(issue(body=body).criteria[0]) < 3000


def test_an_approved_issue_makes_an_approved_guide() -> None:
    text = as_guide(issue(), approved="issue #2, label `approved`")

    assert text_reader(Path())(text.encode(), "x_guide.md").approved


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"number": None}, "issue.json: number: expected the issue's number, got nothing"),
        ({"number": "2"}, "issue.json: number: expected a whole number from 1, got a text"),
        ({"title": " "}, "issue.json: title: expected the issue's title"),
        ({"body": None}, "issue.json: body: expected a list below the heading `Acceptance criteria`, got nothing"),
        ({"body": "- [ ] lone"}, "issue.json: body: expected a list below the heading"),
        ({"labels": {}}, "issue.json: labels: expected a list, got an object"),
        ({"labels": [3]}, "issue.json: labels[0]: expected an object, got 3"),
    ],
)
def test_an_issue_that_cannot_be_read_is_named_with_its_place(said: dict[str, Any], told: str) -> None:
    with pytest.raises(PhasegateError) as caught:
        issue(**said)
    assert caught.value.problem.startswith(told)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("**Issue**: #12", "12"),
        ("> **Issue:** GH-12 (https://x)", "12"),
        ("issue: ABC-12", "ABC-12"),
        ("Issues we know: 12", ""),
        ("**Issue**: none", ""),
    ],
)
def test_the_head_of_a_guide_names_its_issue(line: str, named: str) -> None:
    assert issue_named(["# Title", line]) == named
