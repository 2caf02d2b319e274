"""The verdict on one commit: what every output is rendered from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pytest_phasegate.core.evidence.outcomes import Grade, TestId
from pytest_phasegate.core.redgreen.change.changeset import ChangeKind
from pytest_phasegate.core.verdict.verdict import Finding, Ruling


class CommitRuling(StrEnum):
    """The word of a verdict on a commit; ``exempt`` where red before green asks nothing of it."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    EXEMPT = "exempt"
    WAIVED = "waived"

    @property
    def ruling(self) -> Ruling:
        """The same in the words of a gate."""
        return Ruling.NOT_EVALUATED if self is CommitRuling.EXEMPT else Ruling(self.value)

    @property
    def refuses(self) -> bool:
        """Whether the commit must not pass."""
        return self.ruling.refuses


@dataclass(frozen=True, slots=True)
class RedDetail:
    """Why a test was red."""

    test: TestId
    grade: Grade
    exception: str = ""


@dataclass(frozen=True, slots=True)
class CommitVerdict:
    """What red before green says of one commit.

    The lists hold test functions as pytest collects them. ``pass_to_pass`` holds ``never_red``: tests that are new and
    were green at once. ``open_red`` are tests that the commit leaves red. ``waiver`` is the reason of what waived it.
    ``written`` says of each new or changed test whether it names no code but its own.
    ``awaits_message`` says that the commit's type, not known yet, decides, ``left_to`` who runs what a hook did not.
    """

    kind: ChangeKind
    verdict: CommitRuling
    reason: str
    sha: str = ""
    subject: str = ""
    findings: tuple[Finding, ...] = ()
    fail_to_pass: tuple[TestId, ...] = ()
    fail_to_pass_unchanged: tuple[TestId, ...] = ()
    pass_to_pass: tuple[TestId, ...] = ()
    fail_to_fail: tuple[TestId, ...] = ()
    pass_to_fail: tuple[TestId, ...] = ()
    never_red: tuple[TestId, ...] = ()
    flaky: tuple[TestId, ...] = ()
    open_red: tuple[TestId, ...] = ()
    red: tuple[RedDetail, ...] = ()
    written: Mapping[TestId, bool] = field(default_factory=dict)
    waiver: str = ""
    awaits_message: bool = False
    left_to: str = ""
    seconds: float = 0.0
