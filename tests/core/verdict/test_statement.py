"""What a statement must hold to say anything, and what of it is ignored."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_phasegate.core.project.plain_values import json_document
from pytest_phasegate.core.verdict.statement import (
    RED_GREEN,
    TEST_RESULT,
    Result,
    statement,
    understood,
)
from pytest_phasegate.errors import PhasegateError

COMMIT, TREE = "c" * 40, "d" * 40
TESTED: dict[str, Any] = {
    "result": "PASSED",
    "configuration": [{"uri": "pkg:pypi/x"}],
    "passedTests": ["g:1/tests"],
    "warnedTests": [],
}
PROVED: dict[str, Any] = {"result": "PASSED", "base": "b" * 40, "commits": [{"sha": COMMIT, "verdict": "passed"}]}


def read(document: Any) -> Any:
    return understood(json_document(json.dumps(document).encode(), "a.json"))


def of_tests(**changes: Any) -> dict[str, Any]:
    return statement(TEST_RESULT, COMMIT, TREE, {**TESTED, **changes})


def of_range(**changes: Any) -> dict[str, Any]:
    return statement(RED_GREEN, COMMIT, TREE, {**PROVED, **changes})


def test_a_statement_tells_its_commit_and_its_result() -> None:
    tested, proved = read(of_tests()), read(of_range())

    assert tested.result is Result.PASSED
    assert (proved.result, proved.base, proved.commits) == (Result.PASSED, "b" * 40, (COMMIT,))
    assert tested.is_about(COMMIT, TREE)
    assert not tested.is_about(COMMIT, "f" * 40)
    assert not tested.is_about("f" * 40, TREE)


@pytest.mark.parametrize(
    "document",
    [
        {**of_tests(), "more": 1, "subject": [{"digest": {"gitCommit": COMMIT, "md5": "?"}, "name": "x"}]},
        {**of_tests(), "subject": [{"digest": {"gitTree": TREE}}, {"digest": {"sha256": "0"}}]},
        of_tests(result="WARNED", warnedTests=["g:1/coverage"]),
        of_tests(result="FAILED", failedTests=["g:1/tests"]),
        of_range(result="WARNED", commits=[{"sha": COMMIT, "verdict": "waived"}]),
        of_range(result="FAILED", commits=[{"sha": COMMIT, "verdict": "inconclusive"}]),
        of_range(base=None),
    ],
)
def test_what_in_toto_allows_is_understood(document: dict[str, Any]) -> None:
    assert read(document).is_about(COMMIT, TREE)


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ([], "expected an object, got a list"),
        (
            {**of_tests(), "_type": "https://in-toto.io/Statement/v0.1"},
            "_type: expected https://in-toto.io/Statement/v1",
        ),
        ({**of_tests(), "predicateType": "https://slsa.dev/provenance/v1"}, "predicateType: not known here"),
        ({**of_tests(), "predicateType": []}, "predicateType: not known here"),
        ({**of_tests(), "subject": []}, "subject: no commit and no tree of git"),
        ({**of_tests(), "subject": {}}, "subject: expected a list"),
        ({**of_tests(), "subject": [{"digest": {"sha256": "0"}}]}, "subject: no commit and no tree of git"),
        ({**of_tests(), "subject": [{"digest": {"gitCommit": "HEAD"}}]}, "gitCommit: expected the id of a git object"),
        ({**of_tests(), "subject": [{"digest": {"gitTree": "C" * 40}}]}, "gitTree: expected the id of a git object"),
        ({**of_tests(), "predicate": None}, "predicate: expected an object"),
        (of_tests(result="passed"), "result: expected PASSED, WARNED or FAILED"),
        (of_tests(result=["PASSED"]), "result: expected PASSED, WARNED or FAILED"),
        (of_tests(failedTests=["g:1/tests"]), "PASSED with failedTests"),
        (of_tests(warnedTests=["g:1/tests"]), "PASSED with warnedTests"),
        (of_tests(result="WARNED", failedTests=["x"]), "WARNED with failedTests"),
        (of_range(commits=[]), "commits: expected the commits of a range"),
        (of_range(commits=[{"verdict": "passed"}]), "commits: expected the commits of a range"),
        (of_range(base="HEAD~1"), "base: expected the id of a git object"),
        (of_range(commits=[{"sha": COMMIT, "verdict": "failed"}]), "PASSED with a commit that is 'failed'"),
        (of_range(commits=[{"sha": COMMIT, "verdict": "waived"}]), "PASSED with a commit that is 'waived'"),
        (of_range(result="FAILED", commits=[{"sha": COMMIT, "verdict": "splendid"}]), "a commit that is 'splendid'"),
    ],
)
def test_what_says_nothing_or_contradicts_itself_is_refused_with_its_place(document: Any, told: str) -> None:
    with pytest.raises(PhasegateError) as caught:
        read(document)
    assert told in caught.value.problem


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[" * 200_000, b"1" * 5_000])
def test_what_is_no_json_is_no_document(content: bytes) -> None:
    with pytest.raises(PhasegateError, match=r"^a\.json:[0-9:]* no JSON"):
        json_document(content, "a.json")
