"""Comments of reviewers, out of the documents of others: what they say, where, and how much it matters."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_phasegate.core.criteria.feedback import (
    Comment,
    Feedback,
    Priority,
    as_lines,
    merged,
    read_comments,
    title_of,
)
from pytest_phasegate.core.criteria.feedback_import import remarks
from pytest_phasegate.core.project.plain_values import Foreign
from pytest_phasegate.errors import PhasegateError


def read(document: Any) -> tuple[Any, ...]:
    return remarks(Foreign(document, "review.json:"))


@pytest.mark.parametrize(
    ("body", "priority"),
    [
        ("_⚠️ Potential issue_\n\n**Missing return type.**", "P0"),
        ("_⚠️ Potential issue_ | _🔴 Critical_\n\n**Race.**", "P0"),
        ("_⚠️ Potential issue_ | _🟡 Minor_\n\n**Typo in a key.**", "P1"),
        ("_:warning: Potential issue_\n\nMissing await.", "P0"),
        ("_🎯 Functional Correctness_ | _🟠 Major_ | _⚡ Quick win_\n\n**Off by one.**", "P0"),
        ("_🛠️ Refactor suggestion_\n\n**Extract it.**", "P1"),
        ("_:broom: Nitpick (assertive)_\n\nRename.", "P2"),
        ("_🧹 Nitpick_ | _🔵 Trivial_\n\nRename.", "P2"),
        ("P0: Missing test", "P0"),
        ("![P1 Badge](https://img.shields.io/badge/P1-orange) Handle None", "P1"),
        ("issue (blocking): this loses data", "P0"),
        ("issue (non-blocking): this is slow", "P2"),
        ("nit: a blank", "P2"),
        ("suggestion: use a set", "P2"),
        ("todo: name the constant", "P1"),
        ("Must fix: the lock", "P0"),
        ("This is not critical, and P.0 is a book", "P1"),
        ("Rename `x`\n\n```\nP0 = 'potential issue'\n```", "P1"),
        ("Rename it.\n\na\nb\n\nsee the P0 of last week", "P1"),
    ],
)
def test_the_head_of_a_comment_says_how_much_it_matters(body: str, priority: str) -> None:
    assert [one.priority for one in read([{"body": body, "path": "src/a.py", "line": 3}])] == [priority]


def test_what_gh_prints_is_read_with_the_state_of_each_review() -> None:
    document = {
        "comments": [
            {"id": "IC_1", "author": {"login": "ada"}, "body": "Why a lock?", "url": "https://x/1", "createdAt": "1"},
            {"id": "IC_2", "body": "<!-- This is an auto-generated comment: summarize by coderabbit.ai -->\nWalk"},
            {"id": "IC_3", "author": None, "body": "Old", "isMinimized": True, "minimizedReason": "outdated"},
        ],
        "reviews": [
            {"id": "R_1", "author": {"login": "eve"}, "state": "CHANGES_REQUESTED", "submittedAt": "1", "body": ""},
            {"id": "R_2", "author": {"login": "bob"}, "state": "CHANGES_REQUESTED", "submittedAt": "2", "body": "No."},
            {"id": "R_3", "author": {"login": "bob"}, "state": "APPROVED", "submittedAt": "3", "body": ""},
            {"id": "R_4", "author": {"login": "kim"}, "state": "COMMENTED", "submittedAt": "4", "body": ""},
            {"id": "R_5", "author": {"login": "pat"}, "state": "DISMISSED", "submittedAt": "4", "body": "Never."},
        ],
    }

    found = {one.key: (one.priority, one.author, bool(one.closed)) for one in read(document)}

    assert found == {
        "R_1": ("P0", "eve", False),
        "R_2": ("P0", "bob", True),
        "R_5": ("P0", "pat", True),
        "IC_1": ("P2", "ada", False),
        "IC_3": ("P2", "", True),
    }


def test_what_coderabbit_folds_into_a_review_is_a_comment_each_with_file_and_line() -> None:
    body = (
        "**Actionable comments posted: 2**\n\n> [!CAUTION]\n> <details>\n> <summary>⚠️ Outside diff range comments (1)"
        "</summary><blockquote>\n>\n> <details>\n> <summary>src/b.py (1)</summary><blockquote>\n>\n> `7`: **No test.**"
        "\n> \n> </blockquote></details>\n>\n> </blockquote></details>\n\n<details>\n<summary>🧹 Nitpick comments (2)"
        "</summary><blockquote>\n\n<details>\n<summary>src/a.py (2)</summary><blockquote>\n\n`78-80`: **Rename.**\n\n"
        "Why.\n\n`90`: _⚠️ Potential issue_\n\n**Lock.**\n\n</blockquote></details>\n\n</blockquote></details>\n"
        "<details>\n<summary>📜 Review details</summary>\n\n`12`: nothing\n</details>"
    )
    document = {"reviews": [{"id": "R_1", "state": "COMMENTED", "submittedAt": "1", "body": body}]}

    found = [(one.path, one.line, one.priority, title_of(one.text)) for one in read(document)]

    assert found == [
        ("src/b.py", 7, "P1", "No test."),
        ("src/a.py", 78, "P2", "Rename."),
        ("src/a.py", 90, "P0", "Lock."),
    ]


def test_comments_of_the_rest_interface_and_plain_ones_are_read() -> None:
    document = [
        [
            {
                "id": 5,
                "node_id": "PRRC_5",
                "user": {"login": "ada"},
                "path": "a.py",
                "line": None,
                "original_line": 4,
                "body": "x",
            }
        ],
        [{"id": 6, "in_reply_to_id": 5, "body": "done"}],
        {"file": "src/b.py", "line": 9, "text": "Add a test", "priority": "blocker", "author": "kim"},
        "src/c.py:12: P0 Missing hint",
        "Say more in the README",
    ]

    found = [(one.path, one.line, one.priority, one.author) for one in read(document)]

    assert found == [
        ("a.py", 4, "P1", "ada"),
        ("src/b.py", 9, "P0", "kim"),
        ("src/c.py", 12, "P0", ""),
        ("", None, "P2", ""),
    ]


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({}, "review.json: expected the JSON of `gh pr view"),
        (3, "review.json: expected a list, got 3"),
        (None, "review.json: expected a list of comments, got nothing"),
        ("text", "review.json: expected a list, got a text"),
        ({"comments": {}}, "review.json: comments: expected a list, got an object"),
        ({"comments": [{"body": 3}]}, "review.json: comments[0].body: expected a text, got 3"),
        ({"comments": [7]}, "review.json: comments[0]: expected an object, got 7"),
        ([{"body": "x", "line": True}], "review.json: [0].line: expected a whole number from 1, got true or false"),
        ([{"body": "x", "path": "a", "line": -1}], "review.json: [0].line: expected a whole number from 1, got -1"),
        ([{"body": "x", "author": []}], "review.json: [0].author: expected an object, got a list"),
        ([{"body": "x", "priority": "P9"}], "review.json: [0].priority: expected P0, P1 or P2, got a text"),
        ({"reviews": [{"state": 1, "body": "x"}]}, "review.json: reviews[0].state: expected a text, got 1"),
        ([None], "review.json: [0]: expected an object, got nothing"),
    ],
)
def test_a_value_of_another_kind_is_named_with_its_place(document: Any, told: str) -> None:
    with pytest.raises(PhasegateError) as caught:
        read(document)
    assert caught.value.problem.startswith(told)


def test_importing_again_changes_nothing_and_keeps_what_a_person_said() -> None:
    first = read(["a.py:1: one", {"id": "K", "body": "nit: two"}])
    kept = merged((), first, "c1")

    edited = (kept[0], kept[1]._replace(priority=Priority.P0, by="Ada"))
    again = merged(edited, read([{"id": "K", "body": "nit: two, and three"}, "b.py:2: new"]), "c2")

    assert merged(kept, first, "c2") == kept
    assert [(one.number, one.priority, one.since) for one in again] == [
        (1, "P1", "c1"),
        (2, "P0", "c1"),
        (3, "P1", "c2"),
    ]
    assert again[1].text == "nit: two, and three"
    assert read_comments(as_lines(again)) == again


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "{}", '{"number": 1}', '{"number": 1, "priority": "P7"}', '{"number": 1, "priority": "P0", "text": 3}'],
)
def test_a_line_that_cannot_be_read_loses_no_comment(line: str) -> None:
    with pytest.raises(PhasegateError, match=r"feedback\.jsonl:2"):
        read_comments(as_lines([Comment(1, "k", "x", Priority.P0, "")]) + line)


def test_two_comments_of_one_number_are_told() -> None:
    one = Comment(1, "k", "x", Priority.P0, "")
    with pytest.raises(PhasegateError, match="two comments have the number 1"):
        read_comments(as_lines([one, one]))


def test_only_open_comments_of_the_highest_priority_block() -> None:
    ones = [
        Comment(n, str(n), "x", p, "", closed=c)
        for n, p, c in ((1, Priority.P0, ""), (2, Priority.P0, "no"), (3, Priority.P1, ""))
    ]
    feedback = Feedback((*ones, Comment(4, "4", "x", Priority.P0, "")), {4: ("abc",)})

    assert [one.number for one in feedback.blocking] == [1]
    assert feedback.told == "4 review comments, open: 1 P0, 1 P1, 0 P2"
    assert [feedback.state(one) for one in feedback.comments] == ["open", "closed", "open", "fixed"]


def test_a_hostile_comment_is_read_in_time() -> None:
    body = "<summary>" * 20000 + "_" * 20000 + "<!--" * 20000 + "`1`:" * 20000
    assert len(read([{"body": body}, body, {"state": "COMMENTED", "submittedAt": "x", "body": body}])) >= 2
    assert title_of("_" * 4000) is not None


def test_the_title_of_a_comment_keeps_the_names_of_code() -> None:
    assert title_of("_⚠️ Issue_ | _Major_\n`next_business_day` loops") == "`next_business_day` loops"
    assert title_of("`__init__` is _slow_ in `a_b_c`") == "`__init__` is _slow_ in `a_b_c`"
