"""What the verification of a range came to: the value that every output is rendered from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from pytest_phasegate.app.ports.ledger import Ledger
from pytest_phasegate.app.ports.repository import Commit
from pytest_phasegate.app.redgreen.change import ChangeReader
from pytest_phasegate.app.redgreen.recorded_replay import was_seen_red
from pytest_phasegate.core.project.settings import RedGreenSettings
from pytest_phasegate.core.redgreen.ranges import RangeVerdict
from pytest_phasegate.core.redgreen.verdict import CommitRuling, CommitVerdict
from pytest_phasegate.core.verdict.verdict import Ruling


class VerifiedCommit(NamedTuple):
    """A commit's verdict, the cases of the tests in each of its lists, and what was done to run them.

    ``carried`` are files of a build that were brought into the trees, ``neutralised`` options taken out of ``addopts``.
    """

    verdict: CommitVerdict
    cases: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    carried: tuple[str, ...] = ()
    neutralised: tuple[str, ...] = ()


class Verification(NamedTuple):
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


def never_observed(
    found: Verification, commits: Iterable[Commit], reader: ChangeReader, ledger: Ledger, settings: RedGreenSettings
) -> Iterator[CommitVerdict]:
    """Yield the verdicts that passed by replay alone: no run has shown one of their tests red.

    Raises:
        LedgerError: The ledger cannot be believed or read.
    """
    by_id: Mapping[str, Commit] = {commit.sha: commit for commit in commits}
    for one in found.commits:
        verdict = one.verdict
        passed = verdict.verdict is CommitRuling.PASSED
        tests = (*verdict.fail_to_pass, *verdict.fail_to_pass_unchanged) if passed else ()
        commit = by_id.get(verdict.sha)
        if not tests or commit is None or commit.is_merge:
            continue
        before = commit.parents[0] if commit.parents else reader.repository.empty_tree()
        if not was_seen_red(reader.between(before, commit.tree), tests, ledger, settings):
            yield verdict
