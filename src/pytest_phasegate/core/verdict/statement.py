"""in-toto statements: what one says of a commit, and whether it can say that; no git, and no signature."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any, NamedTuple

from pytest_phasegate.core.project.plain_values import Foreign
from pytest_phasegate.errors import PhasegateError

STATEMENT = "https://in-toto.io/Statement/v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
RED_GREEN = "urn:uuid:febbe9d7-cba4-4256-8eda-d38372827027#phasegate.red-green/1"
"""Ours: an identifier that nobody registers and that leads nowhere, so that it claims no address."""

_DIGEST = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_KEPT = {"passed", "exempt"}
_VERDICTS = _KEPT | {"waived", "failed", "inconclusive"}


class Result(StrEnum):
    """The word of a test result."""

    PASSED = "PASSED"
    WARNED = "WARNED"  # passed, and something was waived
    FAILED = "FAILED"


class Statement(NamedTuple):
    """What a statement says: its result, of what, and of which commits after which base."""

    predicate_type: str
    result: Result
    subjects: tuple[tuple[str, str], ...]  # the commit and the tree of each subject; one of the two may be empty
    base: str | None = None
    commits: tuple[str, ...] = ()

    def is_about(self, commit: str, tree: str) -> bool:
        """Whether a subject is this commit: every digest that it has is the commit's."""
        return any(one in {commit, ""} and other in {tree, ""} for one, other in self.subjects)


def statement(predicate_type: str, commit: str, tree: str, predicate: dict[str, Any]) -> dict[str, Any]:
    """Return a statement about a commit as plain values."""
    return {
        "_type": STATEMENT,
        "subject": [{"digest": {"gitCommit": commit, "gitTree": tree}}],
        "predicateType": predicate_type,
        "predicate": predicate,
    }


def understood(document: Foreign) -> Statement:
    """Return what a statement says; what it holds beyond that is ignored, as in-toto asks.

    Raises:
        PhasegateError: It has another shape than in-toto's, is of a type that is not known here, or contradicts itself.
    """
    if document.at("_type").value != STATEMENT:
        raise document.at("_type").unfit(STATEMENT)
    predicate = document.at("predicateType")
    if predicate.value not in [TEST_RESULT, RED_GREEN]:
        raise PhasegateError(f"{predicate.place}: not known here: {predicate.value!r:.80}")
    subjects = tuple(filter(any, map(_digests, document.at("subject").items())))
    if not subjects:
        raise PhasegateError(f"{document.at('subject').place}: no commit and no tree of git")
    found = document.at("predicate")
    result = found.at("result")
    if result.value not in list(Result):
        raise result.unfit("PASSED, WARNED or FAILED")
    word = Result(result.value)
    if predicate.value == RED_GREEN:
        return _of_range(found, word, subjects)
    _refuse_contradiction(found, word)
    return Statement(TEST_RESULT, word, subjects)


def _digests(subject: Foreign) -> tuple[str, str]:
    digest = subject.at("digest")
    return _digest(digest.at("gitCommit")), _digest(digest.at("gitTree"))


def _digest(found: Foreign) -> str:
    if found.value is None:
        return ""
    if not isinstance(found.value, str) or not _DIGEST.fullmatch(found.value):
        raise found.unfit("the id of a git object in small hexadecimal letters")
    return found.value


def _refuse_contradiction(predicate: Foreign, result: Result) -> None:
    for key, allowed in (("failedTests", {Result.FAILED}), ("warnedTests", {Result.FAILED, Result.WARNED})):
        if any(predicate.at(key).items()) and result not in allowed:
            raise PhasegateError(f"{predicate.place}: {result} with {key}")


def _of_range(predicate: Foreign, result: Result, subjects: tuple[tuple[str, str], ...]) -> Statement:
    commits = tuple((_digest(one.at("sha")), one.text("verdict")) for one in predicate.at("commits").items())
    if not commits or not all(sha for sha, _ in commits):
        raise predicate.at("commits").unfit("the commits of a range")
    words = {verdict for _, verdict in commits}
    allowed = {Result.PASSED: _KEPT, Result.WARNED: _KEPT | {"waived"}, Result.FAILED: _VERDICTS}[result]
    if not words <= allowed:
        raise PhasegateError(f"{predicate.place}: {result} with a commit that is {min(words - allowed)!r:.40}")
    base = _digest(predicate.at("base")) or None
    return Statement(RED_GREEN, result, subjects, base=base, commits=tuple(sha for sha, _ in commits))
