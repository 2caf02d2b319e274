"""What the verification of a range came to: the value that every output is rendered from."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from pytest_phasegate.core.redgreen.ranges import RangeVerdict
from pytest_phasegate.core.verdict.verdict import Ruling

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_phasegate.core.redgreen.verdict import CommitVerdict

LISTS = (
    "fail_to_pass",
    "fail_to_pass_unchanged",
    "pass_to_pass",
    "fail_to_fail",
    "pass_to_fail",
    "never_red",
    "flaky",
)
"""The lists of tests that a verdict on a commit has, by the names of its fields."""


@dataclass(frozen=True, slots=True)
class VerifiedCommit:
    """A commit's verdict, the cases of the tests in each of its lists, and what was done to run them.

    ``carried`` are files of a build that were brought into the trees, ``neutralised`` options taken out of ``addopts``.
    """

    verdict: CommitVerdict
    cases: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType[str, tuple[str, ...]]({}))
    carried: tuple[str, ...] = ()
    neutralised: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verification:
    """The verdict on a range and on each of its commits; ``part`` names the shard, if it is one.

    ``ended_by`` says what ended it before all of them were judged.
    """

    asked: str
    verdict: RangeVerdict
    commits: tuple[VerifiedCommit, ...]
    part: str = ""
    ended_by: str = ""


def not_judged(reason: str) -> Verification:
    """Return what is said of a change of which nothing was asked."""
    return Verification("", RangeVerdict(Ruling.NOT_EVALUATED, reason, ()), ())
