"""Under ``on_missing = "block"``: the commits of a push whose red nobody observed, whatever a replay shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_phasegate.app.redgreen.recorded_replay import was_seen_red
from pytest_phasegate.core.redgreen.verdict import CommitRuling

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pytest_phasegate.app.ports.ledger import Ledger
    from pytest_phasegate.app.ports.trees import Commit
    from pytest_phasegate.app.redgreen.change import ChangeReader
    from pytest_phasegate.app.redgreen.verification import Verification
    from pytest_phasegate.core.evidence.outcomes import TestId
    from pytest_phasegate.core.project.settings import RedGreenSettings
    from pytest_phasegate.core.redgreen.verdict import CommitVerdict


def never_observed(
    found: Verification,
    commits: Iterable[Commit],
    reader: ChangeReader,
    ledger: Ledger,
    settings: RedGreenSettings,
) -> Iterator[CommitVerdict]:
    """Yield the verdicts that passed by replay alone: no run has shown one of their tests red.

    Raises:
        LedgerError: The ledger cannot be believed or read.
    """
    by_id: Mapping[str, Commit] = {commit.sha: commit for commit in commits}
    for one in found.commits:
        verdict = one.verdict
        tests = _proving(verdict)
        commit = by_id.get(verdict.sha)
        if not tests or commit is None or commit.is_merge:
            continue
        before = commit.parents[0] if commit.parents else reader.repository.empty_tree()
        if not was_seen_red(reader.between(before, commit.tree), tests, ledger, settings):
            yield verdict


def _proving(verdict: CommitVerdict) -> tuple[TestId, ...]:
    """Return the tests on which a passed verdict rests; none where none was asked for."""
    passed = verdict.verdict is CommitRuling.PASSED
    return (*verdict.fail_to_pass, *verdict.fail_to_pass_unchanged) if passed else ()
